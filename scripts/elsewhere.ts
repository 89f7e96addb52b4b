/**
 * Writes assets/studies/NAME.jsonl from the folder of a run that was made elsewhere, so that studies can show its rows beside their own
 * (`elsewhere: [NAME]`): `node scripts/elsewhere.ts RUN_FOLDER NAME MODEL MACHINE`. MODEL is how figures call it, MACHINE says on what,
 * and how, it was trained.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parse } from "yaml"
import { decodeSource, elsewhereFile } from "../src/experiments/elsewhere.ts"
import { rowsFromJsonLines, rowsToJsonLines } from "../src/experiments/records.ts"

/** What figures and tables read; all else stays in the run's folder. */
const columns = [
  "kind",
  "loss",
  "ceWeight",
  "seed",
  "step",
  "logps_per_token/chosen",
  "logps_per_token/rejected",
  "rewards/accuracies",
  "kl",
  "gold/reward"
]

const [folder, name, model, machine] = process.argv.slice(2)
if (folder === undefined || name === undefined || model === undefined || machine === undefined) {
  process.stderr.write("usage: node scripts/elsewhere.ts RUN_FOLDER NAME MODEL MACHINE\n")
  process.exit(2)
}

interface Manifest {
  readonly study: string
  readonly configHash: string
  readonly commit: string
  readonly program: { readonly version: string }
  readonly stages: readonly { readonly id: string; readonly failures: readonly unknown[] }[]
}

const read = (file: string): string => readFileSync(join(folder, file), "utf8")
const manifest = JSON.parse(read("manifest.json")) as Manifest
const { title } = parse(read("config.yaml")) as { readonly title: string }
const rows = rowsFromJsonLines(read("records/finetune.jsonl"))
const missingJobs = manifest.stages.find(({ id }) => id === "finetune")?.failures.length ?? 0
const source = decodeSource({
  kind: "source",
  ...{ origin: manifest.study, title, model, machine, configHash: manifest.configHash },
  program: manifest.program.version,
  commit: manifest.commit,
  jobs: new Set(rows.map(({ cell }) => cell)).size,
  missingJobs
})

const short = (value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
const file = elsewhereFile(name as Parameters<typeof elsewhereFile>[0])
mkdirSync(dirname(file), { recursive: true })
const kept = rows.map((row) =>
  Object.fromEntries(columns.flatMap((column) => (column in row ? [[column, short(row[column])]] : [])))
)
writeFileSync(file, rowsToJsonLines([source, ...kept]))
