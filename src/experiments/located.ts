/** @file YAML as data that remembers where it was written, so that a problem found late still names file, line and column. */
import * as Result from "effect/Result"
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml"

/** Where a value was written: a spot in a file (1-based; line 0 is the file as a whole), or an argument of the command line. */
export type Place =
  | { readonly _tag: "File"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly _tag: "Argument"; readonly argument: string }

/** One problem of a configuration. */
export interface ConfigIssue {
  readonly place: Place
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** `file:line:column`, the file alone where it is wrong as a whole (line 0), or the argument as typed. */
export const placeText = (place: Place): string =>
  place._tag === "File"
    ? place.line === 0
      ? place.file
      : `${place.file}:${place.line}:${place.column}`
    : `argument ${JSON.stringify(place.argument)}`

/** A value with the place of each of its parts; for map entries the key's place too. */
export type Located =
  | { readonly _tag: "Map"; readonly place: Place; readonly entries: ReadonlyMap<string, LocatedEntry> }
  | { readonly _tag: "List"; readonly place: Place; readonly items: ReadonlyArray<Located> }
  | { readonly _tag: "Scalar"; readonly place: Place; readonly value: string | number | boolean | null }

export interface LocatedEntry {
  readonly keyPlace: Place
  readonly value: Located
}

// Aliases may repeat a subtree; a file that unfolds to more than this is a mistake or an attack ("billion laughs").
const maximumNodes = 200_000
const maximumDepth = 100

/** What one conversion carries: how to place an offset, how many nodes are left, and the problems so far. */
interface Conversion {
  readonly placeAt: (offset: number) => Place
  readonly resolve: (node: Node) => Node | undefined
  readonly issues: Array<ConfigIssue>
  remaining: number
}

const convertScalar = (value: unknown, place: Place, conversion: Conversion): Located => {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { _tag: "Scalar", place, value }
  }
  conversion.issues.push({ place, path: [], message: `a value of type ${typeof value} is not supported` })
  return { _tag: "Scalar", place, value: null }
}

/** What `<<: *anchor` brings into a map: the entries of the map, or of the maps of a list, that it names. */
const mergedEntries = (value: Located, conversion: Conversion): ReadonlyArray<readonly [string, LocatedEntry]> => {
  if (value._tag === "Map") return [...value.entries]
  if (value._tag === "List") return value.items.toReversed().flatMap((item) => mergedEntries(item, conversion))
  conversion.issues.push({ place: value.place, path: [], message: "<< expects a map, or a list of maps" })
  return []
}

const convertMap = (node: YAMLMap, place: Place, conversion: Conversion, depth: number): Located => {
  const merged: Array<readonly [string, LocatedEntry]> = []
  const own: Array<readonly [string, LocatedEntry]> = []
  for (const pair of node.items) {
    const key = pair.key as Node | null
    const keyPlace = key?.range ? conversion.placeAt(key.range[0]) : place
    const name = isScalar(key) ? String(key.value) : undefined
    if (name === undefined) {
      conversion.issues.push({ place: keyPlace, path: [], message: "a key has to be a plain name" })
      continue
    }
    const value = convert(pair.value as Node | null, keyPlace, conversion, depth + 1)
    if (name === "<<") merged.push(...mergedEntries(value, conversion))
    else own.push([name, { keyPlace, value }])
  }
  // A map's own entries win over those it takes in.
  return { _tag: "Map", place, entries: new Map([...merged, ...own]) }
}

const convert = (node: Node | null, fallback: Place, conversion: Conversion, depth: number): Located => {
  if (node === null) return { _tag: "Scalar", place: fallback, value: null }
  const place = node.range ? conversion.placeAt(node.range[0]) : fallback
  if (conversion.remaining === 0 || depth > maximumDepth) {
    // Said once: one alias too many is met again at every place that repeats it.
    if (conversion.remaining > 0) {
      const message = `aliases unfold to more than ${maximumDepth} levels`
      conversion.issues.push({ place, path: [], message })
    }
    conversion.remaining = 0
    return { _tag: "Scalar", place, value: null }
  }
  conversion.remaining--
  if (conversion.remaining === 0) {
    conversion.issues.push({ place, path: [], message: `the file unfolds to more than ${maximumNodes} values` })
  }
  if (isAlias(node)) return convert(conversion.resolve(node) ?? null, place, conversion, depth + 1)
  if (isSeq(node)) {
    return {
      _tag: "List",
      place,
      items: node.items.map((item) => convert(item as Node | null, place, conversion, depth + 1))
    }
  }
  if (isMap(node)) return convertMap(node, place, conversion, depth)
  return convertScalar(isScalar(node) ? node.value : undefined, place, conversion)
}

/** The YAML document of a file. Fails with every syntax error and repeated key, each with line and column. */
export const parseLocated = (file: string, text: string): Result.Result<Located, ReadonlyArray<ConfigIssue>> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { _tag: "File", file, line, column: col }
  }
  // What the parser only warns of, such as a tag that it does not know, it also passes over.
  const issues: Array<ConfigIssue> = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    place: placeAt(pos[0]),
    path: [],
    message: code === "MULTIPLE_DOCS" ? "expected one document, found another" : message
  }))
  if (issues.length > 0) return Result.fail(issues)
  const conversion: Conversion = {
    placeAt,
    resolve: (node) => (isAlias(node) ? (node.resolve(document) as Node | undefined) : undefined),
    issues,
    remaining: maximumNodes
  }
  const located = convert(document.contents as Node | null, placeAt(0), conversion, 0)
  return issues.length > 0 ? Result.fail(issues) : Result.succeed(located)
}

/** `over` laid on `base`: maps merge key by key, everything else is replaced. Keys keep the base's order. */
export const mergeLocated = (base: Located, over: Located): Located => {
  if (base._tag !== "Map" || over._tag !== "Map") return over
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)
    entries.set(key, below ? { keyPlace: entry.keyPlace, value: mergeLocated(below.value, entry.value) } : entry)
  }
  return { _tag: "Map", place: over.place, entries }
}

/** The map without some of its keys. */
export const withoutKeys = (located: Located, keys: ReadonlyArray<string>): Located =>
  located._tag === "Map"
    ? { ...located, entries: new Map([...located.entries].filter(([key]) => !keys.includes(key))) }
    : located

/** The entry of a map, if it is one and has it. */
export const entryOf = (located: Located, key: string): Located | undefined =>
  located._tag === "Map" ? located.entries.get(key)?.value : undefined

/** The value alone. */
export const plainOf = (located: Located): unknown => {
  if (located._tag === "Scalar") return located.value
  if (located._tag === "List") return located.items.map(plainOf)
  return Object.fromEntries([...located.entries].map(([key, entry]) => [key, plainOf(entry.value)]))
}

/** Where the value at a path stands; the nearest enclosing value where the path leads to nothing. `atKey` asks for its key. */
export const placeOf = (located: Located, path: ReadonlyArray<PropertyKey>, atKey = false): Place => {
  let here = located
  let place = located.place
  for (const step of path) {
    if (here._tag === "Map") {
      const entry = here.entries.get(String(step))
      if (!entry) return place
      here = entry.value
      place = atKey ? entry.keyPlace : entry.value.place
    } else if (here._tag === "List") {
      const item = here.items[Number(step)]
      if (!item) return place
      here = item
      place = item.place
    } else return place
  }
  return place
}
