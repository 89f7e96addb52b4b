/** The playground's settings: in a link, in a form, in a study file; and the worker's training beside the command line's. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import type { BanditCellSpec } from "../../src/bandit/cellSchema.ts"
import { environments } from "../../src/bandit/environments/registry.ts"
import { metrics } from "../../src/bandit/metrics/registry.ts"
import { banditCells } from "../../src/experiments/banditStudy.ts"
import { loadConfig } from "../../src/experiments/load.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { type CellState, columnOf, curveOf, rowsCsv } from "../../src/explorer/bandit/curves.ts"
import { type Field, type Form, formOfSection } from "../../src/explorer/bandit/fields.ts"
import type { Order, Report } from "../../src/explorer/bandit/protocol.ts"
import { cellsOf, mostCells, readSetting, sectionOf, sectionPatch } from "../../src/explorer/bandit/settings.ts"
import { studyName, studyYaml } from "../../src/explorer/bandit/study.ts"
import { Trainer } from "../../src/explorer/bandit/trainer.ts"
import type { LinkState } from "../../src/explorer/link.ts"
import { inNode } from "../experiments/toy/harness.ts"

const settingOf = (state: LinkState) => Result.getOrThrow(readSetting(state))
const problemsOf = (state: LinkState): ReadonlyArray<string> => {
  const read = readSetting(state)
  return Result.isFailure(read) ? read.failure : []
}

const folder = mkdtempSync(join(tmpdir(), "losslattice-playground-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The cells that the command line makes of the study file of a setting. */
const studyCells = async (state: LinkState): Promise<ReadonlyArray<BanditCellSpec>> => {
  const file = join(folder, "study.yaml")
  writeFileSync(file, studyYaml(settingOf(state)))
  const { config } = await inNode(loadConfig(ExperimentConfig, file))
  return banditCells(studyName, config.bandit!.studies[studyName]!, [], config.seeds).map(({ spec }) => spec)
}

const states: Readonly<Record<string, LinkState>> = {
  "the default": {},
  "sampled pairs in minibatches": {
    loss: "cpo_core\nrows:TF,TT/FT",
    seeds: "3,5",
    "data.mode": "sampled",
    "data.pairs": "50",
    "data.noise": "0.2",
    "data.coverage": "[0, 1, 2]",
    "optimizer.kind": "gd",
    "optimizer.learningRate": "1e-1",
    "optimizer.batchSize": "8",
    "optimizer.batching": "epochs",
    steps: "12",
    checkpoints: "3"
  },
  "rewards by hand, a wrapper, another policy": {
    seeds: "0",
    reference: "true",
    loss: "cpo_core",
    ceWeight: "0.1",
    "environment.kind": "noise",
    "environment.rate": "0.1",
    "environment.of.kind": "bradley-terry",
    "environment.of.rewards": "[[1, 0, -1], [0, 0.5, 2]]",
    "environment.of.reference": "zipf",
    "policy.kind": "linear",
    "policy.dimension": "2",
    "regime.kind": "online"
  },
  "a text that is no JSON": { "environment.kind": "deterministic", "environment.dataset": "D3'" }
}

describe("a setting", () => {
  it.each(Object.keys(states))("%s: its study file has the page's cells", async (name) => {
    const cells = cellsOf(settingOf(states[name]!))
    const fromStudy = await studyCells(states[name]!)
    const plain = (cell: BanditCellSpec) => JSON.parse(JSON.stringify({ reference: false, ceWeight: 0, ...cell }))
    expect(fromStudy.map(plain)).toEqual(cells.map(plain))
  })

  it("of which the link names a part is the default in all other sections, and nothing in that one", () => {
    const { shared } = settingOf({ "environment.kind": "copg", other: "ignored", page: "3" })
    expect(shared.environment).toEqual({ kind: "copg" })
    expect(shared.optimizer).toEqual(settingOf({}).shared.optimizer)
  })

  it.each<[LinkState, ReadonlyArray<string>]>([
    [{ loss: "\n" }, []],
    [{ steps: "many" }, ['steps: expected a number, found "many"']],
    [{ seeds: "0-x" }, ['seeds: expected numbers such as 0,1,2 or 0-7, found "0-x"']],
    [{ seeds: "0-99" }, [`seeds: 3 losses times 100 seeds are 300 trainings, at most ${mostCells} in the page`]],
    [{ checkpoints: "5000" }, ["checkpoints: at most 1000 in the page, found 5000"]],
    [{ "environment.kind": "copg", "environment.armz": "3" }, ['environment: unknown key "armz"']],
    [{ "data.mode": "exact", "data.noise": "2" }, ["data.noise: expected a value between 0 and 1, found 2"]],
    [{ "environment.__proto__.kind": "x" }, ['environment: missing key "kind"']],
    [
      { "optimizer.kind": "sgd", "optimizer.learningRate": "-1" },
      ['optimizer.kind: expected "adam" or "gd"', "optimizer.learningRate: expected a value greater than 0"]
    ]
  ])("%o is refused with every problem", (state, expected) => {
    const problems = problemsOf(state)
    for (const problem of expected) expect(problems).toContainEqual(expect.stringContaining(problem))
    expect(problems.length >= expected.length).toBe(true)
  })

  it("changes a section as a whole", () => {
    const state = { "environment.kind": "tree", "environment.depth": "2", steps: "5" }
    const patch = sectionPatch(state, "environment", { kind: "copg" })
    expect(patch).toEqual({ "environment.kind": "copg", "environment.depth": undefined })
    expect(sectionOf({}, "data")).toEqual({ mode: "exact" })
  })
})

/** Every field of a form, of the forms in it too, once. */
const allFields = (form: Form, depth = 0): ReadonlyArray<Field> =>
  form.kinds.flatMap(({ fields }) =>
    fields.flatMap((field) =>
      field.control.kind === "section" && depth < 1 ? [field, ...allFields(field.control.form(), depth + 1)] : [field]
    )
  )

describe("the form", () => {
  it("has every kind of environment, with its settings", () => {
    const { selector, kinds } = formOfSection("environment")
    expect(selector).toBe("kind")
    expect(kinds.map(({ value }) => value)).toEqual(Object.keys(environments))
    const bradleyTerry = new Map(kinds[0]!.fields.map((field) => [field.name, field]))
    expect(bradleyTerry.get("arms")).toMatchObject({
      control: { kind: "number", whole: true, minimum: 2, maximum: 10_000 }
    })
    expect(bradleyTerry.get("reference")?.control).toEqual({ kind: "text", suggestions: ["uniform", "normal", "zipf"] })
    const noise = kinds.find(({ value }) => value === "noise")!.fields
    expect(noise.map(({ name, required }) => [name, required])).toEqual([
      ["rate", true],
      ["of", true]
    ])
    const inner = noise[1]!.control
    expect(inner.kind === "section" && inner.form().kinds.length).toBe(kinds.length)
  })

  it("of the other sections is complete too", () => {
    expect(formOfSection("data").kinds.map(({ value }) => value)).toEqual(["exact", "sampled"])
    expect(formOfSection("optimizer").selector).toBeUndefined()
    expect(formOfSection("optimizer").kinds[0]!.fields.map(({ name }) => name)).toEqual([
      "kind",
      "learningRate",
      "batchSize",
      "batching"
    ])
    expect(formOfSection("policy").kinds.length).toBe(4)
    expect(formOfSection("regime").kinds.length).toBe(6)
    for (const section of ["environment", "data", "optimizer", "policy", "regime"] as const) {
      expect(allFields(formOfSection(section)).every(({ name }) => name !== "")).toBe(true)
    }
  })
})

/** A trainer whose clock goes on by one at each look, and everything that it reported. */
const trainerWith = () => {
  const reports: Array<Report> = []
  let [time, pending] = [0, 0]
  const trainer = new Trainer({
    post: (some) => reports.push(...some),
    now: () => time++,
    breathe: () => {
      pending++
      return new Promise((resolve) => setImmediate(resolve))
    }
  })
  const ended = (count: number) =>
    expect.poll(() => reports.filter(({ type }) => type === "ended" || type === "refused").length).toBe(count)
  return { reports, ended, breaths: () => pending, tell: (order: Order) => trainer.handle(order) }
}

const rowsOf = (reports: ReadonlyArray<Report>, cell: number) =>
  reports.flatMap((report) => (report.type === "row" && report.cell === cell ? [report] : []))

describe("the trainer", () => {
  const cells = cellsOf(settingOf({ loss: "dpo?beta=0.5\nuncpo", seeds: "0,1", steps: "60", checkpoints: "20" }))

  it("trains to what the command line's cells give, digit for digit, and lets messages in", async () => {
    const { reports, ended, breaths, tell } = trainerWith()
    tell({ type: "start", cells, playing: true })
    await ended(cells.length)
    expect(breaths()).toBeGreaterThan(2)
    for (const [i, cell] of cells.entries()) {
      const { trajectory, policy } = runBanditCell(cell)
      const rows = rowsOf(reports, i)
      expect(rows.map(({ row }) => row)).toEqual(trajectory)
      expect([...rows.at(-1)!.policy!]).toEqual(policy)
    }
  })

  it("waits, takes steps, goes on, and starts anew", async () => {
    const { reports, ended, tell } = trainerWith()
    tell({ type: "start", cells, playing: false })
    expect(cells.map((_, i) => rowsOf(reports, i).map(({ row }) => row.step))).toEqual([[0], [0], [0], [0]])
    tell({ type: "step" })
    expect(rowsOf(reports, 3).map(({ row }) => row.step)).toEqual([0, 3])
    tell({ type: "play" })
    tell({ type: "pause" })
    const before = reports.length
    await new Promise((resolve) => setTimeout(resolve, 30))
    // The slice that was under way may end; no further one begins.
    expect(reports.length - before).toBeLessThan(cells.length * 20)
    reports.length = 0
    tell({ type: "start", cells: cells.slice(0, 1), playing: true })
    await ended(1)
    expect(rowsOf(reports, 0).length).toBe(21)
  })

  it("says what is refused and what diverges, and trains the others on", async () => {
    const wild = { ...cells[0]!, loss: "gpo_exp?beta=50", optimizer: { kind: "gd" as const, learningRate: 1e6 } }
    const { reports, ended, tell } = trainerWith()
    tell({ type: "start", cells: [{ ...cells[0]!, loss: "no-such-loss" }, wild, cells[0]!], playing: true })
    await ended(3)
    expect(reports).toContainEqual({ type: "refused", cell: 0, issues: [expect.stringContaining("no-such-loss")] })
    const divergence = expect.stringMatching(/^step \d+: the (loss|gradient|parameter) is/)
    expect(reports).toContainEqual({ type: "ended", cell: 1, seconds: expect.any(Number), divergence })
    expect(rowsOf(reports, 2).length).toBe(21)
  })
})

describe("curves", () => {
  const cell = (loss: string, seed: number): CellState => ({
    rows: runBanditCell(cellsOf(settingOf({ loss, seeds: String(seed), steps: "20", checkpoints: "4" }))[0]!).trajectory
  })
  const [first, second] = [cell("dpo", 0), cell("dpo", 1)]

  it("are means over the seeds, as far as all of them came", () => {
    const curve = curveOf([first!, { rows: second!.rows.slice(0, 3) }], "regret")
    expect(curve.map(({ x, n }) => [x, n])).toEqual([
      [0, 2],
      [5, 2],
      [10, 2]
    ])
    const mean = (first!.rows[2]!.regret + second!.rows[2]!.regret) / 2
    expect(curve[2]!.mean).toBeCloseTo(mean, 14)
    expect(curve[2]!.low!).toBeLessThan(mean)
    expect(curveOf([first!], "no-such-column")).toEqual([])
  })

  it("have the metrics' own titles, and their numbers go into a file with all digits", () => {
    for (const { id, title } of metrics) expect(columnOf(id).title).toBe(title)
    expect(columnOf("rewards.proxy").title).toBe("expected reward (proxy)")
    const text = rowsCsv([{ loss: 'a,"b"', seed: 7, rows: first!.rows }])
    const [head, ...lines] = text.trimEnd().split("\n")
    const columns = head!.split(",")
    expect(columns.slice(0, 3)).toEqual(["loss", "seed", "step"])
    const last = lines.at(-1)!.replace('"a,""b"""', "x").split(",")
    expect(Number(last[columns.indexOf("regret")])).toBe(first!.rows.at(-1)!.regret)
  })
})
