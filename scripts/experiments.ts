/**
 * Writes docs/bandit.md: runs every study of configs/bandit that claims something (in full, from the cache where it is there), and
 * puts down what each asked, what of its claims stands, and one of its figures. `npm run experiments`, or with names of studies:
 * `npm run experiments -- E4 E6` runs these again and leaves the others' sections as they were.
 */
import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { loadConfig } from "../src/experiments/load.ts"
import { makeProgress, type RunClaim, runClaims, runStudy, stderrOutput } from "../src/experiments/run.ts"
import { ExperimentConfig } from "../src/experiments/schema.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const page = join(root, "docs", "bandit.md")
const pictures = join(root, "docs", "bandit")

/** E2 before E10. */
const byNumber = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true })
const studies = globSync("configs/bandit/*.yaml", { cwd: root })
  .map((file) => basename(file, ".yaml"))
  .sort(byNumber)

/** Studies of half an hour, which are run when asked for; see scripts/studySummary.ts. */
const long: ReadonlySet<string> = new Set(["E14"])

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const claimsTable = (claims: ReadonlyArray<RunClaim>): ReadonlyArray<string> => [
  "| verdict | claim | source |",
  "| --- | --- | --- |",
  ...claims.map(
    ({ text, says, source, evidence, because }) =>
      `| ${text} | ${cell(says)}${because === undefined ? "" : ` *${cell(because)}*`}<br>${cell(evidence)} | ${cell(source)} |`
  )
]

const section = Effect.fnUntraced(function* (name: string) {
  const file = join("configs", "bandit", `${name}.yaml`)
  const { config } = yield* loadConfig(ExperimentConfig, join(root, file))
  if ((config.claims ?? []).length === 0) return undefined
  const progress = makeProgress(stderrOutput())
  const { folder } = yield* runStudy({ file: join(root, file), out: join(root, "runs"), workers: 2, progress })
  const claims = yield* runClaims(folder)
  const [plot] = config.figures.plots ?? []
  if (plot !== undefined) copyFileSync(join(folder, "figures", `${plot.id}.svg`), join(pictures, `${name}.svg`))
  return [
    `## ${name}. ${config.title}`,
    "",
    config.question ?? "",
    "",
    `\`losslattice run ${file}\` (${config.seeds.length} seeds)`,
    "",
    ...claimsTable(claims),
    ...(plot === undefined ? [] : ["", `![${plot.title}](bandit/${name}.svg)`, "", `*${plot.title}.* ${plot.caption}`]),
    "",
    ...config.limits.map((limit) => `- ${limit}`)
  ].join("\n")
})

const opening = `# The experiments on bandits

Written by \`npm run experiments\` from the full runs of the studies in \`configs/bandit\`. A claim holds where a 95 % interval over
seeds says so; *refuted, as expected* is a published claim or a guess of ours that is false here, with the reason. The numbers
behind a verdict are those of the part that decides it. E14, the long one, has a page of its own: [studies/e14](studies/e14/README.md).`

/** Sections of the page as it is, by study. */
const sectionsOfPage = (): Map<string, string> => {
  let text = ""
  try {
    text = readFileSync(page, "utf8")
  } catch {
    return new Map()
  }
  const parts = text.split(/^(?=## )/m).slice(1)
  return new Map(parts.map((part) => [/^## (\S+)\./.exec(part)?.[1] ?? "", part.trimEnd()] as const))
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !studies.includes(name))
if (unknown !== undefined) throw new Error(`no study ${unknown}; there are ${studies.join(", ")}`)
mkdirSync(pictures, { recursive: true })
const sections = sectionsOfPage()
for (const name of asked.length === 0 ? studies.filter((name) => !long.has(name)) : asked) {
  const text = await Effect.runPromise(Effect.provide(section(name), NodeServices.layer))
  if (text !== undefined) sections.set(name, text)
  const ordered = [...sections].sort(([a], [b]) => byNumber(a, b)).map(([, part]) => part)
  writeFileSync(page, `${[opening, ...ordered].join("\n\n")}\n`)
}
console.error("wrote docs/bandit.md")
