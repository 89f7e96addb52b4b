/** What a profile may hold: any part of a study, in which nothing has to stand. */
import { type Document, everywhere, isMap, type Json, refer } from "./json.ts"

/** Definitions that a part refers to, directly. */
const namesIn = (part: unknown): ReadonlySet<string> => {
  const names = new Set<string>()
  everywhere(part, (one) => {
    if (typeof one.$ref === "string") names.add(one.$ref.replace("#/definitions/", ""))
    return one
  })
  return names
}

/** A map whose keys may all be missing, and so on inwards; lists are replaced as a whole, so their items stay what they are. */
const loosened = (part: Json, reference: (name: string) => Json): Json => {
  if (typeof part.$ref === "string") return { ...part, ...reference(part.$ref.replace("#/definitions/", "")) }
  const { required: _, ...rest } = part
  const inner = (value: unknown): unknown => (isMap(value) ? loosened(value, reference) : value)
  const mapped = (value: unknown): unknown =>
    isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)])) : value
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => {
      if (key === "properties" || key === "patternProperties") return [key, mapped(value)]
      if (key === "additionalProperties") return [key, inner(value)]
      if (key === "anyOf" || key === "oneOf" || key === "allOf")
        return [key, (value as ReadonlyArray<unknown>).map(inner)]
      return [key, value]
    })
  )
}

/** Name of the definition of a part of something. */
export const partOf = (name: string): string => `${name}Part`

/** The definitions that differ when nothing has to stand: those with something required, and those that refer to such. */
const differing = ({ definitions }: Document): ReadonlySet<string> => {
  const same = (name: string): Json => refer(name)
  const differ = new Set(
    Object.keys(definitions).filter(
      (name) => JSON.stringify(loosened(definitions[name]!, same)) !== JSON.stringify(definitions[name])
    )
  )
  for (let size = -1; size !== differ.size; ) {
    size = differ.size
    for (const [name, one] of Object.entries(definitions)) {
      if ([...namesIn(one)].some((inner) => differ.has(inner))) differ.add(name)
    }
  }
  return differ
}

/** A document in which nothing has to stand; definitions that stay as they are keep their names. */
export const partial = (document: Document): Document => {
  const differ = differing(document)
  const reference = (name: string): Json => refer(differ.has(name) ? partOf(name) : name)
  return {
    schema: loosened(document.schema, reference),
    definitions: Object.fromEntries(
      [...differ].map((name) => [partOf(name), loosened(document.definitions[name]!, reference)])
    )
  }
}
