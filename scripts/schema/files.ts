/** What `npm run schema` writes: the JSON Schemas of study files and of queries, and the reference page of study files. */
import { DeriveQuerySchema } from "../../src/derive/index.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { type Document, type Json, jsonSchemaOf, refer } from "./json.ts"
import { withNames } from "./names.ts"
import { configPage } from "./page.ts"
import { partial } from "./partial.ts"

const dialect = "http://json-schema.org/draft-07/schema#"
const limits =
  "Written by `npm run schema`. It accepts more than the program does, which also holds settings against each other."

const defaults: Json = {
  description: "Study files laid under this one in order, named relative to it; what this file says wins.",
  anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }]
}

const profiles: Json = {
  description: "Settings laid over the study's, by name: `--profile NAME`, `--small` for `small`.",
  type: "object"
}

/** The keys of a map of which a definition has the whole. */
const borrowed = (schema: Json, definition: string): Json => ({
  ...schema,
  properties: Object.fromEntries(
    Object.keys(schema.properties as Json).map((key) => [key, refer(`${definition}/properties/${key}`)])
  )
})

/** A file holds the study's keys, and those that say what it is composed of. */
const file = (schema: Json, profile: Json = refer("Profile")): Json => ({
  ...schema,
  properties: {
    defaults,
    ...(schema.properties as Json),
    profiles: { ...profiles, additionalProperties: profile }
  }
})

/** The JSON Schema of study files: a whole study, or one that builds on others and may leave out what these say. */
const studySchema = (whole: Document): Json => {
  const part = partial(whole)
  return {
    $schema: dialect,
    title: "losslattice study",
    description: limits,
    type: "object",
    if: { required: ["defaults"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: refer("StudyPart"),
    else: refer("Study"),
    definitions: {
      Study: file(whole.schema),
      StudyPart: file(borrowed(part.schema, "Profile")),
      Profile: part.schema,
      ...whole.definitions,
      ...part.definitions
    }
  }
}

/** The JSON Schema of the queries of `losslattice derive`. */
const querySchema = (): Json => {
  const { schema, definitions } = withNames(jsonSchemaOf(DeriveQuerySchema))
  return { $schema: dialect, title: "losslattice query", description: limits, allOf: [schema], definitions }
}

const text = (schema: Json): string => `${JSON.stringify(schema, null, 1)}\n`

/** The files by their paths in the repository. */
export const schemaFiles = (): Readonly<Record<string, string>> => {
  const whole = withNames(jsonSchemaOf(ExperimentConfig))
  return {
    "docs/config.schema.json": text(studySchema(whole)),
    "docs/query.schema.json": text(querySchema()),
    "docs/config.md": configPage({ ...whole, schema: file(whole.schema, { type: "object" }) })
  }
}
