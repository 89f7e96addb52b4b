/**
 * Numbers of docs/findings.md: each is read from the JSON that a command printed and links to that command, so that a reader (and
 * a test) can ask for it again.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** The answers of the commands, by the name that the page calls each command by. */
export type Answers = Readonly<Record<string, Json>>

const segment = /^(?<key>[^[#]*)(?<filters>(?:\[[^=\]]+=[^\]]*\])*)(?<count>#?)$/

const member = (value: Json, key: string): Json | undefined =>
  value !== null && typeof value === "object" ? (value as Readonly<Record<string, Json>>)[key] : undefined

const matches = (item: Json, path: string, wanted: string): boolean => {
  const found = path.split(".").reduce<Json | undefined>((at, key) => (at === undefined ? at : member(at, key)), item)
  return Array.isArray(found) ? found.includes(wanted) : String(found) === wanted
}

/**
 * The value at a place of a JSON answer: keys joined by `/`; each `[path=value]` keeps the members of a list whose value at the
 * dotted path is (or contains) that text; a final `#` counts. `/candidates[properties.chosen-safe=proved]#`.
 * @throws RangeError when there is nothing at the place
 */
export const valueAt = (answer: Json, place: string): Json => {
  let value = answer
  for (const text of place.split("/").slice(1)) {
    const { key = "", filters = "", count } = segment.exec(text)?.groups ?? {}
    const found = member(value, key)
    if (found === undefined) throw new RangeError(`valueAt: nothing at "${text}" of ${place}`)
    value = found
    for (const [, path, wanted] of filters.matchAll(/\[([^=\]]+)=([^\]]*)\]/g)) {
      value = (value as ReadonlyArray<Json>).filter((item) => matches(item, path!, wanted!))
    }
    if (count === "#") value = (Array.isArray(value) ? value : Object.keys(value as object)).length
  }
  return value
}

/** A number as the page prints it. */
export const shown = (value: Json): string =>
  typeof value === "number" ? value.toLocaleString("en-US") : String(value)

/** Writes values with their links. */
export interface Citer {
  /** `[34](#two "strictlyMonotone")`: the value at the place of a command's answer, linked to the command. */
  readonly cite: (command: string, place: string) => string
  /** The value alone, for what the text depends on. */
  readonly value: (command: string, place: string) => Json
}

/** A citer over answers. @throws RangeError (from its functions) for an unknown command or place */
export const makeCiter = (answers: Answers): Citer => {
  const value = (command: string, place: string): Json => {
    if (!(command in answers)) throw new RangeError(`makeCiter: no command is called ${command}`)
    return valueAt(answers[command]!, place)
  }
  return { value, cite: (command, place) => `[${shown(value(command, place))}](#${command} "${place}")` }
}

/** Every cited number of a page: what it shows, and where it says that it comes from. */
export const citations = (
  page: string
): ReadonlyArray<{ readonly text: string; readonly command: string; readonly place: string }> =>
  Array.from(page.matchAll(/\[([^\]]+)\]\(#([\w-]+) "([^"]+)"\)/g), ([, text, command, place]) => ({
    text: text!,
    command: command!,
    place: place!
  }))
