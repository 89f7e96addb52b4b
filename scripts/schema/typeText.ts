/** A part of a JSON Schema in words: what a value is, and which values are allowed. */
import { isMap, type Json, referenceOf } from "./json.ts"

const words: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true, false"
}

const unique = (texts: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(texts.filter((text) => text !== ""))
]

/** The alternatives of a part, if it has some. */
export const alternatives = (part: Json): ReadonlyArray<Json> | undefined =>
  Array.isArray(part.anyOf) ? part.anyOf : Array.isArray(part.oneOf) ? part.oneOf : undefined

/** What the values of a map with free names are. */
export const valuesOf = (part: Json): Json | undefined => {
  if (isMap(part.additionalProperties)) return part.additionalProperties
  return isMap(part.patternProperties) ? (Object.values(part.patternProperties)[0] as Json) : undefined
}

const listText = (part: Json, link: (name: string) => string): string =>
  Array.isArray(part.items)
    ? `[${(part.items as ReadonlyArray<Json>).map((item) => typeText(item, link)).join(", ")}]`
    : `list of ${isMap(part.items) ? typeText(part.items, link) : "anything"}`

/** What a value is. @param link a link to a definition */
export const typeText = (part: Json, link: (name: string) => string): string => {
  const reference = referenceOf(part)
  if (reference !== undefined) return link(reference)
  const some = alternatives(part)
  if (some !== undefined) return unique(some.map((one) => typeText(one, link))).join(" or ")
  if (part.type === "array") return listText(part, link)
  if (part.type === "object") {
    const values = valuesOf(part)
    return values === undefined ? "map" : `map of names to ${typeText(values, link)}`
  }
  return words[String(part.type)] ?? "anything"
}

const range = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Json): string => {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`
  return [
    ...(minimum === undefined ? [] : [`≥ ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`> ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`≤ ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`< ${exclusiveMaximum}`])
  ].join(", ")
}

/** Which values are allowed, as far as the type does not say so; "" when all are. */
export const allowedText = (part: Json): string => {
  if (Array.isArray(part.enum)) return part.enum.map((value) => `\`${value}\``).join(", ")
  const some = alternatives(part)
  if (some !== undefined) return unique(some.map(allowedText)).join("; ")
  const within = part.type === "array" && isMap(part.items) ? part.items : valuesOf(part)
  const inner = within === undefined ? "" : allowedText(within)
  const least = part.type === "array" && part.minItems === 1 ? "at least one" : ""
  const pattern = typeof part.pattern === "string" ? `\`${part.pattern}\`` : ""
  return unique([least, range(part), pattern, inner]).join("; ")
}
