/**
 * Writes docs/studies/<study> from a finished run folder: its claims, what its regressions found in sentences, their tables and
 * figures, and which source made them. Of a study that puts its figures in an order: all of them, each with what is said under it.
 * `node scripts/studySummary.ts runs/e14/<hash>`.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { parse } from "yaml"
import { applicableFigures } from "../src/experiments/figures/index.ts"
import { type FigureChoice, studyFigures } from "../src/experiments/figures/studyFigures.ts"
import { rowsFromJsonLines } from "../src/experiments/records.ts"
import { figureFindings } from "../src/experiments/report/figureFindings.ts"
import { regressionFindings } from "../src/experiments/report/regressionFindings.ts"
import { runClaims } from "../src/experiments/run.ts"
import { gatherRecords, recordPaths } from "../src/experiments/runRecords.ts"

/** Those that show what the study is about. */
const isShown = (id: string): boolean => /^(outcome|surface)-/.test(id)
const tables = ["claims", "regression-models", "regression-shares"]

const [run] = process.argv.slice(2)
if (run === undefined) throw new Error("which run? node scripts/studySummary.ts runs/e14/<hash>")

interface Manifest {
  readonly study: string
  readonly configFile: string
  readonly commit?: string
  readonly seeds: ReadonlyArray<number>
  readonly started: string
  readonly stages: ReadonlyArray<{ readonly id: string; readonly cells?: { readonly total: number } }>
}

const manifest = JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")) as Manifest
const folder = fileURLToPath(new URL(`../docs/studies/${manifest.study}`, import.meta.url))
mkdirSync(folder, { recursive: true })

const paths = recordPaths(run)
const records = await gatherRecords((name) =>
  Promise.resolve(existsSync(paths[name]) ? rowsFromJsonLines(readFileSync(paths[name], "utf8")) : [])
)
const claims = await Effect.runPromise(Effect.provide(runClaims(run), NodeServices.layer))
const kept = (names: ReadonlyArray<string>, from: string, ending: string): ReadonlyArray<string> =>
  names.filter((name) => {
    const file = join(run, from, `${name}.${ending}`)
    if (existsSync(file)) copyFileSync(file, join(folder, `${name}.${ending}`))
    return existsSync(file)
  })
const config = readFileSync(join(run, "config.yaml"), "utf8")
const { figures: choice } = parse(config) as { readonly figures: FigureChoice }
const isOrdered = choice.order !== undefined
if (isOrdered) writeFileSync(join(folder, "config.yaml"), config)
/** Figures with the names of their files. */
const shown = isOrdered
  ? studyFigures(records, choice).map((figure) => ({ ...figure, file: figure.task.file }))
  : applicableFigures(records)
      .filter(({ id }) => isShown(id))
      .map((figure) => ({ ...figure, file: figure.id }))
const pictures = new Set(
  kept(
    shown.map(({ file }) => file),
    "figures",
    "svg"
  )
)
const sheets = kept(tables, "tables", "csv")
const findings = regressionFindings(records)
/** Claims that no figure says. */
const listed = claims.filter(({ figure }) => !isOrdered || figure === undefined)
const bandit = manifest.stages.find(({ id }) => id === "bandit")

writeFileSync(
  join(folder, "README.md"),
  `${[
    `# ${manifest.study}: the full run`,
    "",
    `\`losslattice run ${manifest.configFile}\`, ${manifest.seeds.length} seeds${
      bandit?.cells === undefined ? "" : `, ${bandit.cells.total} trained policies`
    }, source ${manifest.commit?.slice(0, 10) ?? "unknown"}, ${manifest.started.slice(0, 10)}. Written by \`node scripts/studySummary.ts\`.`,
    "",
    ...(listed.length === 0 ? [] : ["## Claims", ""]),
    ...listed.map(
      ({ text, says, evidence, because }) =>
        `- **${text}**: ${says}${because === undefined ? "" : ` ${because}`} ${evidence}.`
    ),
    ...(findings.length === 0 ? [] : ["", "## What predicts the outcomes", "", ...findings.map((one) => `- ${one}`)]),
    ...(sheets.length === 0 ? [] : ["", `Tables: ${sheets.map((name) => `[${name}.csv](${name}.csv)`).join(", ")}.`]),
    ...shown
      .filter(({ file }) => pictures.has(file))
      .flatMap((figure) => [
        ...(isOrdered ? ["", `## ${figure.file.replace(/-.*/, "")}. ${figure.title}`] : []),
        "",
        `![${figure.title}](${figure.file}.svg)`,
        "",
        `*${figure.title}.* ${figure.caption(records)}`,
        ...(isOrdered ? ["", ...figureFindings(figure, records).map((one) => `- ${one}`)] : [])
      ])
  ].join("\n")}\n`
)
console.error(`wrote ${folder}`)
