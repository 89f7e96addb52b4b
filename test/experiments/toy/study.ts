/** A study of milliseconds with the machinery of the real one: squares → total → text, and a stage beside them. */
import { appendFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Row } from "../../../src/experiments/records.ts"
import { doneValues, recordFiles, type Stage } from "../../../src/experiments/Stage.ts"
import type { StudyKind } from "../../../src/experiments/study.ts"

export const ToyConfig = Schema.Struct({
  version: Schema.Literal(1),
  study: Schema.NonEmptyString,
  numbers: Schema.NonEmptyArray(Schema.Int),
  milliseconds: Schema.Int.pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(0))),
  fault: Schema.Struct({ kind: Schema.Literals(["none", "throw", "exit"]), at: Schema.Int }).pipe(
    Schema.withDecodingDefaultTypeKey(Effect.succeed({ kind: "none" as const, at: 0 }))
  ),
  factor: Schema.Finite.pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(1))),
  title: Schema.optionalKey(Schema.String),
  words: Schema.optionalKey(Schema.String)
})
export type ToyConfig = typeof ToyConfig.Type

/** Where work leaves its marks, if anywhere. */
const trace = (): string => process.env.TOY_TRACE ?? ""
const mark = (text: string): void => {
  if (trace() !== "") appendFileSync(trace(), `${text}\n`)
}

const squares: Stage<ToyConfig> = {
  _tag: "Cells",
  id: "squares",
  sources: [import.meta.url, new URL("./cell.ts", import.meta.url).href],
  inputs: ({ numbers, fault, milliseconds }) => ({
    config: { numbers, fault: fault.kind, at: fault.at, milliseconds },
    upstream: []
  }),
  cellModule: new URL("./cell.ts", import.meta.url).href,
  keepsCheckpoints: true,
  cells: async ({ config }) =>
    config.numbers.map((n) => ({
      id: `squares/${n}`,
      spec: { n, milliseconds: config.milliseconds, fault: n === config.fault.at ? config.fault.kind : "none" },
      resources: { trace: trace() }
    })),
  collect: async (_context, results) => {
    mark("collect squares")
    return recordFiles("squares", doneValues(results) as unknown as ReadonlyArray<Row>)
  }
}

const total: Stage<ToyConfig> = {
  _tag: "Direct",
  id: "total",
  sources: [import.meta.url],
  inputs: ({ factor }) => ({ config: { factor }, upstream: ["squares"] }),
  run: async ({ config, rows }) => {
    mark("run total")
    const sum = (await rows("squares")).reduce((all, row) => all + Number(row.square), 0)
    return recordFiles("total", [{ sum, scaled: sum * config.factor }])
  }
}

const words: Stage<ToyConfig> = {
  _tag: "Direct",
  id: "words",
  sources: [import.meta.url],
  inputs: ({ words }) => (words === undefined ? undefined : { config: null, upstream: [], files: [words] }),
  run: async ({ configFolder, config }) => {
    mark("run words")
    return recordFiles("words", [{ folder: configFolder !== "", file: config.words ?? "" }])
  }
}

const text: Stage<ToyConfig> = {
  _tag: "Direct",
  id: "text",
  sources: [import.meta.url],
  inputs: ({ title }) => ({ config: { title: title ?? "" }, upstream: ["total", "words"] }),
  run: async ({ config, rows }) => {
    mark("run text")
    const [row] = await rows("total")
    const others = await rows("words")
    return [{ path: "text.txt", content: `${config.title ?? "untitled"}: ${row?.sum} ${others.length}\n` }]
  }
}

export const toyKind: StudyKind<typeof ToyConfig> = {
  schema: ToyConfig,
  stages: [squares, total, words, text],
  name: ({ study }) => study,
  seeds: ({ numbers }) => numbers
}
