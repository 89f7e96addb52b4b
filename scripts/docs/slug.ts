/** The anchor of a heading as GitHub makes it, so that one link serves both: small letters, dashes for spaces, no punctuation. */
export const githubSlug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-")
