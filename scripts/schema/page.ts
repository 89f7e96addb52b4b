/** docs/config.md: every key of a study file with type, default, allowed values and meaning, from its JSON Schema. */
import { type Document, isMap, type Json, referenceOf } from "./json.ts"
import { allowedText, alternatives, typeText, valuesOf } from "./typeText.ts"

const opening = `# Study files, key by key

Written by \`npm run schema\` from the Schemas that the program checks study files with, as is [config.schema.json](config.schema.json),
by which an editor completes and checks them: a file of \`configs/\` names it in its first line, \`# yaml-language-server: $schema=…\`.

How a study is composed, later layers over earlier ones:

1. \`defaults: [base.yaml]\`: other study files, in order, each relative to the file that names it, which may have defaults itself;
2. the file itself. Maps are merged key by key; lists and values replace what they are laid over;
3. \`--profile NAME\`: what stands under \`profiles.NAME\`, any part of a study (\`--small\` is \`--profile small\`);
4. \`key=value\` on the command line, in order: \`seeds=1,2 bandit.studies.clean.steps=100 finetune.engine=torch\`.

YAML's anchors and merge keys (\`<<: *name\`) work within a file. What has a default may be left out; a section that is left out
leaves its stage out. Unknown keys are refused. The program checks more than a schema can: that losses and formulas can be read,
that sections agree with each other. \`losslattice run FILE --dry-run\` reports every problem at once, with line and column.`

const escaped = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, "")
    .replaceAll(" ", "-")

const link = (name: string): string => `[${name}](#${anchor(name)})`

/** A map that a table is made of: the part, or what a list or a map of free names holds; undefined for what has no keys. */
const tableOf = (part: Json): Json | undefined => {
  if (isMap(part.properties)) return part
  const within = part.type === "array" && isMap(part.items) ? part.items : valuesOf(part)
  return within === undefined || referenceOf(within) !== undefined ? undefined : tableOf(within)
}

/** Where keys within a part are, as a heading names it. */
const below = (path: string, part: Json): string => {
  if (isMap(part.properties)) return path
  return part.type === "array" ? `${path}[]` : `${path}.NAME`
}

const row = (key: string, part: Json, required: boolean, target: string | undefined): string => {
  const type =
    target === undefined ? typeText(part, link) : typeText(part, link).replace(/map$/, `[map](#${anchor(target)})`)
  const standard = "default" in part ? `\`${JSON.stringify(part.default)}\`` : required ? "**required**" : ""
  const meaning = typeof part.description === "string" ? part.description : ""
  return `| \`${key}\` | ${[type, standard, allowedText(part), meaning].map(escaped).join(" | ")} |`
}

/** The table of a map, and after it those of the maps in it. */
const tables = (path: string, level: number, part: Json): ReadonlyArray<string> => {
  const properties = Object.entries(part.properties as Record<string, Json>)
  const required = new Set((part.required ?? []) as ReadonlyArray<string>)
  const full = (key: string): string => (path === "" ? key : `${path}.${key}`)
  const inner = properties.map(([key, one]) => ({ key, one, table: tableOf(one), kinds: kindsOf(one) }))
  const heading = (key: string, one: Json): string => below(full(key), one)
  return [
    "| key | type | default | allowed | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...inner.map(({ key, one, table }) => row(key, one, required.has(key), table && heading(key, one))),
    ...inner.flatMap(({ key, one, table, kinds }) => [
      ...(table === undefined
        ? []
        : section(heading(key, one), level, one.description, tables(heading(key, one), level + 1, table))),
      ...(kinds.length === 0 ? [] : section(full(key), level, one.description, kindTables(full(key), level + 1, kinds)))
    ])
  ]
}

const section = (
  title: string,
  level: number,
  description: unknown,
  content: ReadonlyArray<string>
): ReadonlyArray<string> => [
  "",
  `${"#".repeat(Math.min(level, 5))} ${title}`,
  "",
  ...(typeof description === "string" ? [description, ""] : []),
  ...content
]

/** The maps among the alternatives of a part. */
const kindsOf = (part: Json): ReadonlyArray<Json> =>
  (alternatives(part) ?? []).filter((one) => isMap(one.properties) && Object.keys(one.properties).length > 0)

/** How one of several maps is told from the others: by its kind, or by its keys that have to stand. */
const kindName = (part: Json): string => {
  const [[key, first] = ["", {}]] = Object.entries(part.properties as Record<string, Json>)
  return Array.isArray(first.enum) && first.enum.length === 1 ? `${key}: ${first.enum[0]}` : `with ${key}`
}

const kindTables = (path: string, level: number, kinds: ReadonlyArray<Json>): ReadonlyArray<string> =>
  kinds.flatMap((kind, i) => [
    ...(i === 0 ? [] : [""]),
    `**${path}, ${kindName(kind)}.**${typeof kind.description === "string" ? ` ${kind.description}` : ""}`,
    "",
    ...tables("", level, kind)
  ])

/** A definition: a table, tables by kind, or what may be written. */
const definition = (name: string, part: Json): ReadonlyArray<string> => {
  const table = tableOf(part)
  const kinds = kindsOf(part)
  const examples = (part.examples ?? []) as ReadonlyArray<unknown>
  return section(name, 3, part.description, [
    ...(table === undefined ? [] : tables("", 4, table)),
    ...(kinds.length === 0 ? [] : kindTables(name, 4, kinds)),
    ...(table === undefined && kinds.length === 0 ? [`Type: ${typeText({ ...part, allOf: undefined }, link)}.`] : []),
    ...(examples.length === 0
      ? []
      : ["", `For instance ${examples.map((one) => `\`${escaped(String(one))}\``).join(", ")}.`])
  ])
}

/** The page. */
export const configPage = ({ schema, definitions }: Document): string =>
  [
    opening,
    ...section("Keys of a study", 2, undefined, tables("", 3, schema)),
    ...section("Kinds of settings", 2, "What several sections share.", []).slice(0, -1),
    ...Object.entries(definitions).flatMap(([name, part]) => definition(name, part)),
    ""
  ].join("\n")
