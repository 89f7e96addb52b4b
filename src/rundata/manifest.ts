/** What a page says of a run's manifest.json and config.yaml, whatever state they are in. */
import { LineCounter, parseDocument } from "yaml"
import type { JsonValue, StageSummary } from "./format.ts"

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const textField = (fields: Fields, key: string): string | undefined =>
  typeof fields[key] === "string" ? fields[key] : undefined

const countField = (fields: Fields, key: string): number => (typeof fields[key] === "number" ? fields[key] : 0)

/** A manifest as far as it can be read. */
export interface ReadManifest {
  readonly manifest: JsonValue
  readonly id?: string
  readonly study?: string
  readonly status: string
  readonly stages: ReadonlyArray<StageSummary>
  /** Files that the stages wrote. */
  readonly files: ReadonlyArray<string>
  readonly problems: ReadonlyArray<string>
}

const unreadable = (problem: string): ReadManifest => ({
  manifest: null,
  status: "unknown",
  stages: [],
  files: [],
  problems: [problem]
})

const stageOf = (value: unknown): StageSummary => {
  const stage = fieldsOf(value)
  const cells = fieldsOf(stage.cells)
  return {
    id: textField(stage, "id") ?? "?",
    status: textField(stage, "status") ?? "unknown",
    seconds: typeof stage.seconds === "number" ? stage.seconds : null,
    cells: { total: countField(cells, "total"), ran: countField(cells, "ran"), cached: countField(cells, "cached") },
    failures: listOf(stage.failures).map((failure) => ({
      id: textField(fieldsOf(failure), "id") ?? "?",
      error: textField(fieldsOf(failure), "error") ?? "?"
    }))
  }
}

/** Line of a position in a text, from 1. */
const lineAt = (text: string, position: number): number => text.slice(0, position).split("\n").length

const syntaxProblem = (text: string, error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error)
  const position = /position (\d+)/.exec(message)?.[1]
  const line = position === undefined ? lineAt(text, text.length) : lineAt(text, Number(position))
  return `manifest.json:${line}: not JSON (${message.split(" (")[0]})`
}

/** Reads a manifest; `undefined` = there is no file. */
export const readManifestText = (text: string | undefined): ReadManifest => {
  if (text === undefined) return unreadable("manifest.json: there is none, this is no run folder or half of one")
  let manifest: JsonValue
  try {
    manifest = JSON.parse(text)
  } catch (error) {
    return unreadable(syntaxProblem(text, error))
  }
  const fields = fieldsOf(manifest)
  const [study, hash] = [textField(fields, "study"), textField(fields, "configHash")]
  const stages = listOf(fields.stages)
  const error = textField(fields, "error")
  return {
    manifest,
    ...(study === undefined ? {} : { study }),
    ...(study === undefined || hash === undefined ? {} : { id: `${study}/${hash.slice(0, 12)}` }),
    status: textField(fields, "status") ?? "unknown",
    stages: stages.map(stageOf),
    files: stages.flatMap((stage) =>
      listOf(fieldsOf(stage).files).flatMap((file) => textField(fieldsOf(file), "path") ?? [])
    ),
    problems: [
      ...(fields.version === 1
        ? []
        : [
            `manifest.json: version ${JSON.stringify(fields.version) ?? "missing"}, this program reads version 1; what it shows may lack something`
          ]),
      ...(error === undefined ? [] : [`the run ended with an error: ${error}`])
    ]
  }
}

/** What config.yaml says of the study. */
export interface ReadConfig {
  readonly title?: string
  readonly question?: string
  readonly limits: ReadonlyArray<string>
  readonly problems: ReadonlyArray<string>
}

/** Reads a configuration; `undefined` = there is no file. */
export const readConfigText = (text: string | undefined): ReadConfig => {
  if (text === undefined) return { limits: [], problems: ["config.yaml: there is none"] }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  // One mistake makes several errors.
  const problems = document.errors
    .slice(0, 1)
    .map(({ pos, message }) => `config.yaml:${lines.linePos(pos[0]).line}: not YAML (${message})`)
  const fields = fieldsOf(problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 1000 }))
  const [title, question] = [textField(fields, "title"), textField(fields, "question")]
  return {
    ...(title === undefined ? {} : { title }),
    ...(question === undefined ? {} : { question }),
    limits: listOf(fields.limits).filter((limit) => typeof limit === "string"),
    problems
  }
}
