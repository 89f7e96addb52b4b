/** Figures that a study file describes: what is refused, what is shown, and that it is drawn the same every time. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { beforeAll, describe, expect, it } from "vitest"
import { axisScale, placeOn, valueAt } from "../../src/experiments/figures/plots/axes.ts"
import { divergingColour, rampColour, seriesLooks } from "../../src/experiments/figures/plots/looks.ts"
import { type Plot, PlotSpec } from "../../src/experiments/figures/plots/plot.ts"
import { plotFigure } from "../../src/experiments/figures/plots/plotFigure.ts"
import { channelValues, plotPoints } from "../../src/experiments/figures/plots/points.ts"
import { emptyRecords, type Records } from "../../src/experiments/figures/records.ts"
import { renderFigure } from "../../src/experiments/figures/render.ts"
import { loadConfig } from "../../src/experiments/load.ts"
import { renderFigures, runStudy } from "../../src/experiments/run.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { banditRow, banditRuns } from "./fixtures/banditRuns.ts"
import { inNode, resultInNode, sharedFolder, temporaryFolder, writeInto } from "./toy/harness.ts"

const plotOf = (fields: object): Plot =>
  Schema.decodeUnknownSync(PlotSpec)({
    id: "p",
    title: "P",
    caption: "Seen.",
    mark: "line",
    x: "step",
    y: "entropy",
    ...fields
  })

const recordsOf = (...runs: ReadonlyArray<ReturnType<typeof banditRuns>>): Records => ({
  ...emptyRecords,
  bandit: runs.flat()
})

/** Three losses, three seeds, three checkpoints. */
const records = recordsOf(
  ...[0.1, 1, 10].map((beta, i) =>
    banditRuns(
      [0, 1, 2].map((seed) => [0, i + 1, i + 2 + seed / 10]),
      { loss: `dpo?beta=${beta}`, environment: "grid b=3", armProbabilities: [0.5, 0.25, 0.25] }
    )
  )
)

describe("the points of a plot", () => {
  it("are means over seeds at every checkpoint, each path a condition", () => {
    const points = plotPoints(plotOf({ y: "expectedReward", colour: "beta" }), records, "step")
    expect(points.map(({ series, x, seeds }) => [series.label, x, seeds])).toEqual(
      ["0.1", "1", "10"].flatMap((beta) => [0, 10, 20].map((step) => [beta, step, 3]))
    )
    expect(new Set(points.map(({ path }) => path)).size).toBe(3)
    const last = points[2]!
    expect(last.mean).toBeCloseTo(2.1, 12)
    // t(0.05, 2) s/√3 of 2, 2.1, 2.2.
    expect(last.high - last.mean).toBeCloseTo((4.302652729911275 * 0.1) / Math.sqrt(3), 9)
  })

  it("or one a condition where a reading is asked for; a series is then one path", () => {
    const plot = plotOf({ mark: "line", at: "max", x: "beta", y: "expectedReward", colour: "family", row: "study" })
    const points = plotPoints(plot, records, "beta")
    expect(points.map(({ x, mean, row }) => [x, Number(mean.toFixed(6)), row.label])).toEqual([
      [0.1, 2.1, "grid"],
      [1, 3.1, "grid"],
      [10, 4.1, "grid"]
    ])
    expect(new Set(points.map(({ path }) => path)).size).toBe(1)
  })

  it("leave out runs that broke off, and conditions that are not selected", () => {
    const broken = [...records.bandit, ...banditRuns([[1, 2]], { loss: "ipo?tau=1", failure: "diverged" })]
    const plot = plotOf({ of: { where: { beta: [1, 10] } } })
    expect(plotPoints(plot, { ...records, bandit: broken }, "step").length).toBe(6)
    const all = plotOf({})
    expect(plotPoints(all, { ...records, bandit: broken }, "step").length).toBe(9)
    expect(plotFigure(all).caption({ ...records, bandit: broken })).toContain("Left out: 1 run in which")
  })

  it("have a panel row a measure, unless the measure is a channel", () => {
    const y = ["expectedReward", { value: "arm0 - arm1", name: "gap" }]
    const rows = plotPoints(plotOf({ y }), records, "step").map(({ row }) => row.label)
    expect([...new Set(rows)]).toEqual(["expected gold reward", "gap"])
    const coloured = plotPoints(plotOf({ y, colour: "measure" }), records, "step")
    expect([...new Set(coloured.map(({ series, row }) => `${series.label}|${row.label}`))]).toEqual([
      "expected gold reward|",
      "gap|"
    ])
  })

  it("take their names from the study", () => {
    const plot = plotOf({
      colour: "family",
      row: "study",
      column: "b",
      labels: { dpo: "direct", grid: "the grid", 3: "three" }
    })
    const [point] = plotPoints(plot, records, "step")
    expect([point!.series.label, point!.row.label, point!.column.label]).toEqual(["direct", "the grid", "three"])
  })

  it("numbers come in order, names as they appear", () => {
    const value = (key: string, number?: number) => ({ key, label: key, ...(number === undefined ? {} : { number }) })
    expect(channelValues([value("10", 10), value("2", 2), value("10", 10)]).map(({ key }) => key)).toEqual(["2", "10"])
    expect(channelValues([value("b"), value("a")]).map(({ key }) => key)).toEqual(["b", "a"])
  })
})

describe("axes and colours", () => {
  it("places and values are inverse to each other on every scale", () => {
    for (const scale of ["linear", "log", "sqrt"] as const) {
      const axis = axisScale({ value: "step", scale }, [0.5, 8], 0.1)
      for (const value of [0.5, 1, 3, 8]) expect(valueAt(axis, placeOn(axis, value))).toBeCloseTo(value, 12)
      expect(axis.domain[0]).toBeLessThan(0.5)
      expect(axis.domain[1]).toBeGreaterThan(8)
    }
    expect(axisScale({ value: "step", scale: "log" }, [0, 1, 10], 0).domain.map((x) => Number(x.toFixed(9)))).toEqual([
      1, 10
    ])
    expect(axisScale({ value: "step", domain: [-1, 3] }, [0, 1], 0).domain).toEqual([-1, 3])
  })

  it("numbers take an ordered scale whose lightness rises, names colours far apart", () => {
    const grey = (colour: string) =>
      [1, 3, 5].reduce(
        (sum, from, i) => sum + [0.2126, 0.7152, 0.0722][i]! * Number.parseInt(colour.slice(from, from + 2), 16),
        0
      )
    const shades = Array.from({ length: 11 }, (_, i) => grey(rampColour(i / 10)))
    expect(shades).toEqual(shades.toSorted((a, b) => a - b))
    expect([divergingColour(0), divergingColour(0.5), divergingColour(1)]).toEqual(["#2166ac", "#f7f7f7", "#b35806"])
    const numbers = seriesLooks([1, 2, 3].map((number) => ({ key: `${number}`, label: `${number}`, number })))
    expect([...numbers.values()].map(({ colour }) => colour)).toEqual([rampColour(0), rampColour(0.5), rampColour(1)])
    const named = seriesLooks([{ key: "IPO", label: "IPO" }])
    const other = seriesLooks([
      { key: "IPO", label: "IPO" },
      { key: "DPO", label: "DPO" }
    ])
    expect(named.get("IPO")).toEqual(other.get("IPO"))
    expect(other.get("DPO")!.colour).not.toBe(other.get("IPO")!.colour)
  })
})

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)</g)].map((match) => match[1]!)

describe("drawn plots", () => {
  const plots = {
    line: plotOf({
      y: "expectedReward",
      colour: "beta",
      references: [
        { y: "arm0", label: "half" },
        { x: 10, label: "ten" }
      ]
    }),
    fitted: plotOf({
      x: "sqrt(klToReference)",
      y: "expectedReward",
      colour: "beta",
      fit: { form: "square", floor: 0.1 }
    }),
    points: plotOf({
      mark: "points",
      x: { value: "beta", scale: "log" },
      y: { value: "expectedReward", title: "gain" },
      references: [{ curve: "2 + beta/10", label: "theory" }]
    }),
    panels: plotOf({ y: ["expectedReward", "klToReference"], column: "beta", sharedAxes: false }),
    dots: plotOf({ mark: "points", x: "loss", y: "expectedReward", references: [{ x: 2, label: "two" }] }),
    bars: plotOf({ mark: "bars", x: "beta", y: ["expectedReward", "arm0"], column: "measure" }),
    cells: plotOf({
      mark: "cells",
      x: "beta",
      y: "b",
      fill: { value: "expectedReward", scheme: "diverging", domain: [0, 4] }
    })
  }

  for (const [name, plot] of Object.entries(plots)) {
    it(`${name}: the same bytes twice, in all three formats`, async () => {
      const figure = plotFigure(plot)
      const [a, b] = [await renderFigure(figure, records), await renderFigure(figure, records)]
      expect(Buffer.compare(Buffer.from(a.pdf), Buffer.from(b.pdf))).toBe(0)
      expect(Buffer.compare(Buffer.from(a.png), Buffer.from(b.png))).toBe(0)
      expect(a.svg).toBe(b.svg)
      expect(a.svg).not.toMatch(/NaN|undefined|Infinity/)
    })
  }

  it("say what they show: titles, key, references, numbers", async () => {
    const svg = async (plot: Plot) => texts((await renderFigure(plotFigure(plot), records)).svg)
    expect(await svg(plots.line)).toEqual(expect.arrayContaining(["half", "ten", "0.1", "10", "update step"]))
    expect(await svg(plots.points)).toEqual(expect.arrayContaining(["theory", "gain", "β", "0.1"]))
    expect(await svg(plots.panels)).toEqual(expect.arrayContaining(["expected gold reward", "KL(π ‖ reference), nats"]))
    expect(await svg(plots.cells)).toEqual(expect.arrayContaining(["2.10", "3.10", "4.10", "β"]))
    expect(await svg(plots.dots)).toEqual(expect.arrayContaining(["dpo (β = 0.1)", "two"]))
  })

  it("say in their caption what bands are, and what a logarithmic axis hides", () => {
    expect(plotFigure(plots.line).caption(records)).toBe(
      "Seen. Means; bands: Student's 95 % intervals over seeds 0 to 2."
    )
    expect(plotFigure(plots.cells).caption(records)).toContain("Numbers: means over seeds 0 to 2.")
    const hidden = plotOf({ y: { value: "expectedReward", scale: "log" } })
    expect(plotFigure(hidden).caption(records)).toContain("3 of 9 points have no place on a logarithmic axis.")
    const single = { ...emptyRecords, bandit: [banditRow({ final: true })] }
    expect(plotFigure(plotOf({ mark: "points" })).caption(single)).toContain("One run only")
  })

  it("are left out where the records have nothing to show", () => {
    expect(plotFigure(plotOf({ y: "arm5" })).applies?.(records)).toBe(false)
    expect(plotFigure(plotOf({ y: "arm1" })).applies?.(records)).toBe(true)
  })
})

const study = (plot: string) =>
  [
    "version: 1",
    "study: plotted",
    "title: Plots",
    "seeds: [0, 1]",
    "bandit:",
    "  studies:",
    "    d1:",
    "      losses: [{loss: ipo, with: {tau: [0.5, 1]}}]",
    "      environment: {kind: deterministic, dataset: D1}",
    "      data: {mode: exact}",
    "      optimizer: {kind: gd, learningRate: 0.1}",
    "      steps: 10",
    "      checkpoints: 2",
    "figures:",
    "  only: []",
    "  plots:",
    `    - {id: mine, title: T, caption: C., ${plot}}`,
    ""
  ].join("\n")

describe("plots of a study file", () => {
  const problems = async (plot: string) => {
    const folder = temporaryFolder()
    const result = await resultInNode(loadConfig(ExperimentConfig, writeInto(folder, "s.yaml", study(plot))))
    return Result.isSuccess(result) ? "" : result.failure.message.replaceAll(`${folder}/`, "")
  }

  it("name only what the records will have, else the nearest is said with line and column", async () => {
    const wrong = {
      "mark: line, x: stp, y: regret": 'unknown name "stp"; nearest: step',
      "mark: line, x: step, y: [regret, regert]": 'unknown name "regert"; nearest: regret',
      "mark: line, x: step, y: regret, colour: tua": 'no run has "tua"; nearest: tau',
      "mark: bars, x: losss, y: regret": 'no run has "losss"; nearest: loss',
      "mark: cells, x: tau, y: study": "cells need a fill",
      "mark: line, x: step, y: regret, fill: {value: regret}": "only cells have a fill",
      "mark: cells, x: tau, y: study, fill: {value: regrets}": 'unknown name "regrets"',
      "mark: points, x: tau, y: regret, at: every": "every checkpoint is for lines",
      "mark: points, x: tau, y: regret, fit: {form: log}": "a fit is for lines",
      "mark: line, x: step, y: regret, of: {study: d2}": 'no run has study "d2"',
      "mark: line, x: step, y: regret, references: [{y: 1, x: 2}]": "needs exactly one of x, y, curve",
      "mark: line, x: tau, y: regret, references: [{curve: 1/beta}]":
        '"beta" is not the horizontal axis\'s own name (tau)',
      "mark: lines, x: step, y: regret": '"lines" is not allowed; nearest: line'
    }
    for (const [plot, expected] of Object.entries(wrong)) {
      const said = await problems(plot)
      expect(said).toContain(expected)
      expect(said).toMatch(/^s\.yaml:17:\d+: /)
    }
    expect(await problems("mark: line, x: tau, y: arm0, at: final, references: [{curve: 1/tau}]")).toBe("")
    expect(
      await problems(
        "mark: line, x: step, y: regret}\n    - {id: lattice, title: T, caption: C., mark: line, x: step, y: regret"
      )
    ).toContain('another figure is called "lattice"')
  })

  describe("in a run", () => {
    const out = sharedFolder()
    let folder = ""
    beforeAll(async () => {
      const file = writeInto(out, "s.yaml", study("mark: line, x: step, y: arm0, colour: tau"))
      folder = (await inNode(runStudy({ file, out: join(out, "runs"), workers: 1 }))).folder
    })

    it("are drawn, shown in the report, and drawn again byte for byte", async () => {
      const page = readFileSync(join(folder, "report.html"), "utf8")
      expect(page).toContain('<figure id="figure-mine">')
      expect((await inNode(renderFigures(folder, { check: true }))).files).toEqual(
        expect.arrayContaining(["figures/mine.svg", "figures/mine.pdf", "figures/mine.png"])
      )
      writeInto(join(folder, "figures"), "mine.svg", "<svg/>")
      const changed = await resultInNode(renderFigures(folder, { check: true }))
      expect(Result.isFailure(changed) && changed.failure.message).toContain("figures/mine.svg")
    })
  })
})
