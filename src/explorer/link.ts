/** The page's links, `#/<view>?<key>=<value>&…`: reading and writing them. */

/** The state of one view: texts by key. */
export type LinkState = Readonly<Record<string, string>>

/** Changes of a state; undefined takes a key out. */
export type Patch = Readonly<Record<string, string | undefined>>

/** A link in parts. `view` is empty where the link names none. */
export interface Link {
  readonly view: string
  readonly state: LinkState
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone % that someone typed stands for itself.
    return text
  }
}

/** Characters that a fragment may hold as they are, so that formulas stay readable in a link. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%(?:3A|2F|2C|3B|40|3F)/g, (code) => decodeURIComponent(code))

/** The parts of `#/view?key=value&…`; of a key that comes twice the last value counts. A `+` stands for itself. */
export const parseLink = (hash: string): Link => {
  const [, view = "", query = ""] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash) ?? []
  const entries = query
    .split("&")
    .filter((piece) => piece !== "")
    .map((piece) => {
      const at = piece.indexOf("=")
      return at < 0
        ? ([decoded(piece), ""] as const)
        : ([decoded(piece.slice(0, at)), decoded(piece.slice(at + 1))] as const)
    })
  return { view: decoded(view), state: Object.fromEntries(entries) }
}

/** The link of a view in a state: the inverse of {@link parseLink}. */
export const linkOf = (view: string, state: LinkState = {}): string => {
  const query = Object.entries(state).map(([key, value]) => `${encoded(key).replaceAll("?", "%3F")}=${encoded(value)}`)
  return `#/${encodeURIComponent(view)}${query.length === 0 ? "" : `?${query.join("&")}`}`
}

/** A state with changes made; keys keep their order. */
export const patched = (state: LinkState, patch: Patch): LinkState => {
  const next: Record<string, string> = { ...state }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) delete next[key]
    else next[key] = value
  }
  return next
}
