/** JSON Schema (draft 7, which the YAML language server reads) of a Schema as files have it, tidied for editors. */
import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"

/** A JSON Schema, or a part of one. */
export interface Json {
  readonly [key: string]: unknown
}

/** A JSON Schema with the definitions that it refers to. */
export interface Document {
  readonly schema: Json
  readonly definitions: Readonly<Record<string, Json>>
}

/** Whether a value is a map, of which a schema is made. */
export const isMap = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A schema with `change` made in each part, inner parts first. Defaults and examples are no schemas. */
export const everywhere = (value: unknown, change: (part: Json) => Json): unknown => {
  if (Array.isArray(value)) return value.map((item) => everywhere(item, change))
  if (!isMap(value)) return value
  const inner = Object.entries(value).map(([key, part]) => [
    key,
    key === "default" || key === "examples" || key === "enum" ? part : everywhere(part, change)
  ])
  return change(Object.fromEntries(inner))
}

const annotations: ReadonlySet<string> = new Set(["description", "default", "examples"])
const isAnnotation = (part: Json): boolean => Object.keys(part).every((key) => annotations.has(key))

/** What is said of a key stands beside what its value has to be, not in an `allOf` of its own. */
const folded = (part: Json): Json => {
  if (!Array.isArray(part.allOf)) return part
  const { allOf, ...rest } = part
  const parts = allOf as ReadonlyArray<Json>
  const others = parts.filter((one) => !isAnnotation(one))
  return Object.assign({}, ...parts.filter(isAnnotation), rest, others.length > 0 ? { allOf: others } : {})
}

/** A list of at least one is written as a list with `minItems`. */
const plainList = (part: Json): Json => {
  const { prefixItems, ...rest } = part
  const repeated =
    Array.isArray(prefixItems) &&
    prefixItems.length === 1 &&
    JSON.stringify(prefixItems[0]) === JSON.stringify(part.items)
  return repeated ? rest : part
}

/** Whole numbers need not be told that they are below 2^53. */
const plainNumber = (part: Json): Json => {
  const { minimum, maximum, ...rest } = part
  return {
    ...rest,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum })
  }
}

/** A key with a default may be left out. */
const requiredOnly = (part: Json): Json => {
  if (!Array.isArray(part.required) || !isMap(part.properties)) return part
  const { required, ...rest } = part
  const properties = part.properties
  const needed = (required as ReadonlyArray<string>).filter((key) => {
    const property = properties[key]
    return !(isMap(property) && "default" in property)
  })
  return needed.length > 0 ? { ...rest, required: needed } : rest
}

/** Draft 7 as {@link JsonSchema} makes it closes no tuple, whose further items `maxItems` refuses anyway. */
const tidied = (part: Json): Json => requiredOnly(plainNumber(plainList(folded(part))))

/** The JSON Schema of what a file may hold. Checks that JSON Schema has no words for are left out: it accepts more. */
export const jsonSchemaOf = (schema: Schema.Constraint): Document => {
  // The decoded side has the annotations; a decoded study has the keys of its file.
  const document = Schema.toJsonSchemaDocument(Schema.toType(schema as Schema.Top), { onExcessProperty: "error" })
  const tidy = everywhere(document, (part) => tidied(part)) as typeof document
  const { schema: root, definitions } = JsonSchema.toDocumentDraft07(tidy)
  return { schema: root as Json, definitions: definitions as Document["definitions"] }
}

const prefix = "#/definitions/"

/** The name of the definition that a part refers to. */
export const referenceOf = (part: Json): string | undefined => {
  const [only] = Array.isArray(part.allOf) && part.allOf.length === 1 ? (part.allOf as ReadonlyArray<Json>) : [part]
  return typeof only?.$ref === "string" ? only.$ref.slice(prefix.length) : undefined
}

/** A part that is a definition. */
export const refer = (name: string): Json => ({ $ref: prefix + name })
