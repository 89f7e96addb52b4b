/**
 * The settings of a section as fields of a form, read off the program's own Schemas: names, ranges, choices and descriptions
 * are those that a study file is checked against.
 */
import * as Schema from "effect/Schema"
import { DataSpec, OptimizerSpec } from "../../bandit/cellSchema.ts"
import { EnvironmentSpec } from "../../bandit/environments/registry.ts"
import { PolicySpec } from "../../bandit/policySpec.ts"
import { RegimeSpec } from "../../bandit/regimes/registry.ts"
import type { Section } from "./settings.ts"

/** How a setting is entered. `text`: JSON (a list, a map) or words, for what is no single number or choice. */
export type Control =
  | { readonly kind: "number"; readonly whole: boolean; readonly minimum?: number; readonly maximum?: number }
  | { readonly kind: "choice"; readonly options: ReadonlyArray<string> }
  | { readonly kind: "switch" }
  | { readonly kind: "text"; readonly suggestions: ReadonlyArray<string> }
  /** A section of its own: the environment inside another. */
  | { readonly kind: "section"; readonly form: () => Form }

/** One setting. */
export interface Field {
  readonly name: string
  readonly description: string
  readonly required: boolean
  readonly control: Control
}

/** A section: which kinds there are, and the fields of each. A section of one kind has no `selector`. */
export interface Form {
  /** The setting that says the kind: `kind`, `mode`. */
  readonly selector?: string
  readonly kinds: ReadonlyArray<{ readonly value: string; readonly fields: ReadonlyArray<Field> }>
}

/** What is used of JSON Schema. */
interface Json {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly description?: string
  readonly anyOf?: ReadonlyArray<Json>
  readonly allOf?: ReadonlyArray<Json>
  readonly properties?: Readonly<Record<string, Json>>
  readonly required?: ReadonlyArray<string>
  readonly minimum?: number
  readonly maximum?: number
}

interface Document {
  readonly schema: Json
  readonly definitions: Readonly<Record<string, Json>>
}

const documentOf = (schema: Schema.Top): Document => Schema.toJsonSchemaDocument(schema) as unknown as Document

const resolved = ({ definitions }: Document, json: Json): Json => {
  const name = json.$ref?.split("/").at(-1)
  return name === undefined ? json : (definitions[name] ?? {})
}

const descriptionOf = (json: Json): string =>
  json.description ?? json.allOf?.map(({ description }) => description).find((text) => text !== undefined) ?? ""

/** Names that a setting may have, if it may have no other text. */
const optionsOf = (json: Json): ReadonlyArray<string> | undefined => {
  if (json.type === "string" && json.enum !== undefined) return json.enum.map(String)
  return undefined
}

const isObject = (document: Document, json: Json): boolean => {
  const { anyOf, properties } = resolved(document, json)
  return properties !== undefined || (anyOf?.every((member) => isObject(document, member)) ?? false)
}

const controlOf = (document: Document, json: Json): Control => {
  const options = optionsOf(json)
  if (options !== undefined) return { kind: "choice", options }
  if (json.type === "boolean") return { kind: "switch" }
  if (json.type === "number" || json.type === "integer") {
    const { minimum, maximum } = json
    return {
      kind: "number",
      whole: json.type === "integer",
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum })
    }
  }
  return isObject(document, json)
    ? { kind: "section", form: () => formOf(document, resolved(document, json)) }
    : { kind: "text", suggestions: json.anyOf?.flatMap((member) => optionsOf(member) ?? []) ?? [] }
}

const fieldsOf = (document: Document, json: Json, selector: string | undefined): ReadonlyArray<Field> =>
  Object.entries(json.properties ?? {})
    .filter(([name]) => name !== selector)
    .map(([name, property]) => ({
      name,
      description: descriptionOf(property),
      required: json.required?.includes(name) ?? false,
      control: controlOf(document, property)
    }))

const formOf = (document: Document, json: Json): Form => {
  const members = json.anyOf?.map((member) => resolved(document, member))
  if (members === undefined) return { kinds: [{ value: "", fields: fieldsOf(document, json, undefined) }] }
  const selector = Object.keys(members[0]?.properties ?? {}).find((name) =>
    members.every(({ properties }) => properties?.[name]?.enum?.length === 1)
  )
  return {
    ...(selector === undefined ? {} : { selector }),
    kinds: members.map((member) => ({
      value: String(member.properties?.[selector ?? ""]?.enum?.[0] ?? ""),
      fields: fieldsOf(document, member, selector)
    }))
  }
}

const schemas: { readonly [S in Section]: Schema.Top } = {
  environment: EnvironmentSpec,
  data: DataSpec,
  optimizer: OptimizerSpec,
  policy: PolicySpec,
  regime: RegimeSpec
}

const known = new Map<Section, Form>()

/** The form of a section. */
export const formOfSection = (section: Section): Form => {
  const made = known.get(section)
  if (made !== undefined) return made
  const document = documentOf(schemas[section])
  const form = formOf(document, resolved(document, document.schema))
  known.set(section, form)
  return form
}
