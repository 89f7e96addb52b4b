/** @file Text as one word of a POSIX shell. */

/**
 * The text between single quotes, inside which a shell reads everything as it stands; a single quote itself becomes `'\''`.
 * @throws RangeError for a NUL character, which no argument or path can hold
 */
export const quoted = (text: string): string => {
  if (text.includes("\0")) throw new RangeError(`no shell word can hold a NUL character: ${JSON.stringify(text)}`)
  return `'${text.replaceAll("'", `'\\''`)}'`
}
