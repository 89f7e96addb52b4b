/** The real stages, small: one loss from definition to figure and page, through the study file that comes with the package. */
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Result from "effect/Result"
import { beforeAll, describe, expect, it } from "vitest"
import { loadConfig } from "../../src/experiments/load.ts"
import { losslatticeStudy } from "../../src/experiments/losslatticeStudy.ts"
import { dryRun, type RunOptions, renderFigures, runStudy } from "../../src/experiments/run.ts"
import { inNode, lastingFiles, resultInNode, sharedFolder, temporaryFolder, writeInto } from "./toy/harness.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const hello = join(root, "configs/hello.yaml")
const overrides = [
  "bandit.studies.clean.steps=60",
  "bandit.studies.clean.checkpoints=3",
  "figures.only=[lattice, bandit-regret]"
]

const out = sharedFolder()
const run = (more: Partial<RunOptions> = {}) => inNode(runStudy({ file: hello, out, overrides, workers: 2, ...more }))
const statuses = ({ manifest }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(manifest.stages.map(({ id, status }) => [id, status]))

const stages = ["catalogue", "landscape", "validate", "bandit", "summary", "figures", "report"]
const all = (status: string) => Object.fromEntries(stages.map((id) => [id, status]))

describe("hello.yaml", () => {
  let first: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    first = await run()
  })
  const read = (path: string): string => readFileSync(join(first.folder, path), "utf8")
  const rows = (name: string) =>
    read(`records/${name}.jsonl`)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  it("leaves records, figures, tables and a page", () => {
    expect(statuses(first)).toEqual(all("ran"))
    expect(rows("catalogue").map(({ id, expressible }) => [id, expressible])).toEqual([
      ["cpo_core", true],
      ["dpo", true],
      ["kto", false]
    ])
    const landscape = rows("landscape")
    expect(landscape.filter(({ kind }) => kind === "node").length).toBe(16)
    expect(landscape.filter(({ kind }) => kind === "edge").length).toBe(32)
    expect(landscape.at(-1)).toMatchObject({ structures: 256, distinctLosses: 187, monotone: 41, admissible: 16 })
    expect(rows("validate").map(({ property, verdict }) => [property, verdict])).toEqual([
      ["P8", "proved"],
      ["P9", "proved"],
      ["P10", "proved"]
    ])
    const bandit = rows("bandit")
    expect(bandit.length).toBe(2 * 4)
    expect(bandit[0]).toMatchObject({ cell: "bandit/clean/cpo_core/seed=0", class: "neither", step: 0, final: false })
    expect(bandit.filter(({ final }) => final).length).toBe(2)
    expect(rows("bandit-summary").find(({ metric }) => metric === "expectedReward")).toMatchObject({
      seeds: 2,
      over: "seeds"
    })
    expect(existsSync(join(first.folder, "figures/lattice.svg"))).toBe(true)
    expect(read("report.html")).toContain("Hello: one loss from definition to figure")
    expect(globSync("{records,figures,tables}/*", { cwd: first.folder }).length).toBeGreaterThan(20)
  })

  it("names no clock, host or path outside manifest and log", () => {
    const year = new Date().toISOString().slice(0, 10)
    for (const [path, bytes] of Object.entries(lastingFiles(first.folder))) {
      const text = Buffer.from(bytes, "base64").toString("latin1")
      for (const secret of [root, out, year]) expect([path, text.includes(secret)]).toEqual([path, false])
    }
  })

  it("is there at once the second time, and again from its own config.yaml", async () => {
    const second = await run()
    expect(second.folder).toBe(first.folder)
    expect(statuses(second)).toEqual(all("cached"))
    const copy = await run({ file: join(first.folder, "config.yaml"), overrides: [] })
    expect(copy.folder).toBe(first.folder)
    expect(statuses(copy)).toEqual(all("cached"))
  })

  it("comes out the same on one thread, byte for byte", async () => {
    const alone = await run({ out: temporaryFolder(), workers: 1 })
    expect(lastingFiles(alone.folder)).toEqual(lastingFiles(first.folder))
  })

  it("runs a stage again whose records are gone, and that one alone", async () => {
    rmSync(join(first.folder, "records/validate.jsonl"))
    const again = await run()
    expect(statuses(again)).toEqual({ ...all("cached"), validate: "ran" })
    expect(again.manifest.stages.map(({ outputHash }) => outputHash)).toEqual(
      first.manifest.stages.map(({ outputHash }) => outputHash)
    )
  })

  it("has figures that its records give, which a check notices when they do not", async () => {
    const drawn = await inNode(renderFigures(first.folder, { check: true }))
    expect(drawn.changed).toEqual([])
    expect(drawn.files).toContain("figures/lattice.pdf")
    const file = join(first.folder, "figures/lattice.svg")
    const svg = readFileSync(file)
    writeFileSync(file, `${svg}\n`)
    writeInto(join(first.folder, "figures"), "stranger.svg", "")
    const refused = await resultInNode(renderFigures(first.folder, { check: true }))
    expect(refused).toMatchObject({ failure: { exitCode: 1 } })
    expect(Result.isFailure(refused) && refused.failure.message).toMatch(
      /figures\/lattice\.svg, figures\/stranger\.svg$/
    )
    rmSync(join(first.folder, "figures/stranger.svg"))
    expect((await inNode(renderFigures(first.folder, { check: false }))).changed).toEqual(["figures/lattice.svg"])
    expect(readFileSync(file)).toEqual(svg)
    expect(await resultInNode(renderFigures(out, { check: true }))).toMatchObject({ failure: { exitCode: 2 } })
  })

  it("has nothing to force, and says so of the flag", async () => {
    const refused = await resultInNode(dryRun({ file: hello, out, overrides, force: true }))
    expect(Result.isFailure(refused) && refused.failure.message).toBe(
      'argument "--force": the study has no select section'
    )
  })

  it("is planned without being run", async () => {
    const longer = await inNode(dryRun({ file: hello, out, overrides: [...overrides, "seeds=0,1,2"] }))
    expect(longer.stages.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "catalogue restorable",
      "landscape restorable",
      "validate restorable",
      "bandit run",
      "summary unknown",
      "figures unknown",
      "report unknown"
    ])
    expect(longer.stages[3]!.cells.map(({ cached }) => cached)).toEqual([true, true, false])
    expect(existsSync(longer.folder)).toBe(false)
  })
})

describe("a study file", () => {
  const problems = async (lines: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
    const folder = temporaryFolder()
    const file = writeInto(folder, "s.yaml", ["version: 1", "study: s", "title: S", ...lines, ""].join("\n"))
    const loaded = await resultInNode(loadConfig(losslatticeStudy.schema, file))
    return Result.isSuccess(loaded) ? [] : loaded.failure.message.replaceAll(`${folder}/`, "").split("\n")
  }

  it("with a mistyped loss, an unknown key and a wrong number has three problems, each with its line", async () => {
    const found = await problems([
      "catalogue:",
      "  losses: [dpo, uncop]",
      "validate:",
      "  losses: [lattice]",
      "  propertys: [P9]",
      "bandit:",
      "  studies:",
      "    clean:",
      "      losses: [dpo]",
      "      environment: {kind: bradley-terry, arms: 1}",
      "      data: {mode: exact}",
      "      optimizer: {kind: adam, learningRate: 0.1}",
      "      steps: 10",
      "      checkpoints: 2"
    ])
    expect(found.length).toBe(3)
    expect(found[0]).toMatch(/^s\.yaml:5:17: catalogue\.losses\[1\]: .*uncop.*uncpo/)
    expect(found[1]).toBe('s.yaml:8:3: validate: unknown key "propertys"; nearest: properties')
    expect(found[2]).toMatch(/^s\.yaml:13:48: bandit\.studies\.clean\.environment\.arms: expected .*2.*, found 1$/)
  })

  it("whose sections contradict each other is refused where they do", async () => {
    const study = [
      "bandit:",
      "  studies:",
      "    clean:",
      "      losses: [dpo, kto_pair_unknown, {loss: ipo, with: {tua: [1]}}]",
      "      environment: {kind: bradley-terry}",
      "      data: {mode: exact}",
      "      optimizer: {kind: adam, learningRate: 0.1}",
      "      steps: 10",
      "      checkpoints: [20]",
      "select:",
      "  rank: {study: claen, metric: regret, direction: min}",
      "  require: {P9: [proved]}"
    ]
    const found = await problems(study)
    expect(found.length).toBe(2)
    expect(found[0]).toMatch(/^s\.yaml:7:21: bandit\.studies\.clean\.losses\[1\]: .*kto_pair_unknown/)
    expect(found[1]).toMatch(/^s\.yaml:7:39: bandit\.studies\.clean\.losses\[2\]: .*tua.*tau/)
    const named = study.map((line) => line.replace(/\[dpo.*\]}}\]/, "[dpo]"))
    expect(await problems(named)).toEqual([
      "s.yaml:12:20: bandit.studies.clean.checkpoints: checkpoint 20 is after the last step 10"
    ])
    const right = named.map((line) => line.replace("[20]", "[5]"))
    const sections = await problems(right)
    expect(sections).toEqual([
      's.yaml:14:17: select.rank.study: there is no bandit study "claen"; nearest: clean',
      "s.yaml:15:17: select.require.P9: requirements need a validate section"
    ])
  })

  const study = [
    "validate: {losses: [dpo, lattice], properties: [P8, chosen-safe]}",
    "bandit:",
    "  studies:",
    "    clean:",
    "      losses: [dpo, cpo_core]",
    "      environment: {kind: bradley-terry}",
    "      data: {mode: exact}",
    "      optimizer: {kind: adam, learningRate: 0.1}",
    "      steps: 10",
    "      checkpoints: 2",
    "      ceWeight: [0, 0.1]",
    "      sweep: {optimizer.learningRate: [0.1, 0.2]}",
    'select: {rank: {study: "clean optimizer.learningRate=0.1", metric: regret, direction: min}}'
  ]
  const replacing = (line: string, by: string) => study.map((one) => (one.includes(line) ? by : one))

  it("whose select section is met by the studies is right", async () => {
    expect(await problems(study)).toEqual([])
  })

  it.each([
    [["seeds: [0, 1, 0]", ...study], "s.yaml:4:15: seeds[2]: 0 stands in the list already"],
    [
      replacing("ceWeight", "      ceWeight: [0.1, 0, 0.1]"),
      "s.yaml:14:26: bandit.studies.clean.ceWeight[2]: 0.1 stands in the list already"
    ],
    [
      replacing("sweep", "      sweep: {optimizer.learningRate: [0.1], seed: [1]}"),
      "s.yaml:15:52: bandit.studies.clean.sweep.seed: not to be swept; list the values in seeds"
    ],
    [
      replacing("sweep", "      sweep: {optimizer.learningRat: [0.1]}"),
      's.yaml:15:39: bandit.studies.clean.sweep.optimizer.learningRat[0]: optimizer: unknown key "learningRat"; nearest: learningRate'
    ],
    [
      replacing("select", "select: {rank: {study: clean, metric: regret, direction: min}}"),
      's.yaml:16:24: select.rank.study: there is no bandit study "clean"; nearest: clean optimizer.learningRate=0.1, clean optimizer.learningRate=0.2'
    ],
    [
      replacing(
        "select",
        'select: {rank: {study: "clean optimizer.learningRate=0.1", metric: regret, direction: min, ceWeight: 0.2}}'
      ),
      "s.yaml:16:102: select.rank.ceWeight: clean optimizer.learningRate=0.1 has no cells with ceWeight 0.2; it has 0, 0.1"
    ],
    [
      replacing("select", `${study.at(-1)!.slice(0, -1)}, require: {P9: [proved], P10: [proved]}}`),
      "s.yaml:16:122: select.require.P10: P10 is not among validate.properties, so no loss has a verdict on it"
    ],
    [
      replacing("validate", "validate: {losses: [dpo], expected: {ipo: {P8: proved}}}"),
      's.yaml:4:43: validate.expected.ipo: "ipo" is not among validate.losses; nearest: dpo'
    ]
  ])("that would run other cells than its author meant is refused (%#)", async (lines, problem) => {
    const found = await problems(lines)
    expect(found.length).toBe(1)
    expect(found[0]).toBe(problem)
  })

  it.each(globSync("configs/{*,bandit/*}.yaml", { cwd: root }))("%s is right, its profiles included", async (name) => {
    const loaded = await resultInNode(loadConfig(losslatticeStudy.schema, join(root, name), { profile: "small" }))
    expect(Result.isFailure(loaded) ? loaded.failure.message : "").toBe("")
  })
})
