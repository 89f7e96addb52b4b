/** What the figures of the paper are made from: the lattice as published, outcomes by class, dynamics of several worlds, sheets. */

import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import type { ClaimVerdictRow } from "../../src/experiments/claims/rows.ts"
import { decodeSource, elsewhereFile, elsewhereRuns } from "../../src/experiments/elsewhere.ts"
import { classOutcomes } from "../../src/experiments/figures/drawing/classOutcomes.ts"
import { dynamicsWorlds } from "../../src/experiments/figures/drawing/dynamicsRows.ts"
import { referenceCores } from "../../src/experiments/figures/drawing/referenceCores.ts"
import { figures } from "../../src/experiments/figures/index.ts"
import { panelFits } from "../../src/experiments/figures/plots/panelFits.ts"
import { type Plot, PlotSpec } from "../../src/experiments/figures/plots/plot.ts"
import { plotFigure } from "../../src/experiments/figures/plots/plotFigure.ts"
import { plotPoints } from "../../src/experiments/figures/plots/points.ts"
import { type Sheet, sheetFigure, sheetsProblems } from "../../src/experiments/figures/plots/sheet.ts"
import { aspectOf, triangleScales } from "../../src/experiments/figures/plots/triangle.ts"
import { emptyRecords, landscapeNodes, type Records } from "../../src/experiments/figures/records.ts"
import { renderFigure } from "../../src/experiments/figures/render.ts"
import { figureOfTask, studyFigures } from "../../src/experiments/figures/studyFigures.ts"
import { groupsOf, scopeOf } from "../../src/experiments/quantities/runs.ts"
import { rowsFromJsonLines } from "../../src/experiments/records.ts"
import { figureFindings } from "../../src/experiments/report/figureFindings.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { publishedEdges, publishedReferenceCores } from "../logic/publishedLattice.ts"
import { banditRuns } from "./fixtures/banditRuns.ts"
import { landscapeRows } from "./fixtures/landscape.ts"
import { svgTexts } from "./fixtures/svg.ts"
import { syntheticRecords } from "./fixtures/synthetic.ts"

const plotOf = (fields: object): Plot =>
  Schema.decodeUnknownSync(PlotSpec)({
    id: "p",
    title: "P",
    caption: "Seen.",
    mark: "line",
    x: "step",
    y: "regret",
    ...fields
  })

describe("the lattice of the paper", () => {
  const records: Records = { ...emptyRecords, landscape: landscapeRows }
  const lattice = figures.find(({ id }) => id === "lattice")!

  it("has exactly the published edges", () => {
    const drawn = lattice.draw(records)
    if (drawn.kind !== "graph") throw new Error("the lattice is no graph")
    const names = new Map(landscapeNodes(records).map(({ id, name }) => [id, name]))
    const edges = drawn.graph.edges.map(({ from, to }) => `${names.get(from)} > ${names.get(to)}`)
    expect(edges).toHaveLength(publishedEdges.length)
    expect(new Set(edges)).toEqual(new Set(publishedEdges))
  })

  it("names the published cores with a reference model, of every loss one", () => {
    const found = referenceCores(records).flatMap(({ names, core }) => names.map((name) => [name, core] as const))
    expect(Object.fromEntries(found)).toEqual(publishedReferenceCores)
    expect(found).toHaveLength(16)
  })
})

describe("outcomes by class", () => {
  it("are means over seeds of the plain condition, of worlds known by the end of their name", () => {
    const outcomes = classOutcomes(syntheticRecords)
    expect(outcomes.map(({ world, metric }) => `${world} ${metric}`)).toEqual([
      "clean rankingAccuracy",
      "clean entropy",
      "sparse unseenMassChange",
      "sparse entropy"
    ])
    const own = syntheticRecords.bandit.filter(
      (row) => row.environment === "sparse" && row.final && row.loss === "uncpo"
    )
    const mean = own.reduce((sum, row) => sum + Number(row.unseenMassChange), 0) / own.length
    expect(outcomes[2]!.means.get("uncpo")!.mean).toBeCloseTo(mean, 12)
  })

  it("leave out a world that lacks a loss", () => {
    const bandit = syntheticRecords.bandit.filter((row) => row.environment !== "clean" || row.loss !== "l14")
    expect(classOutcomes({ ...syntheticRecords, bandit }).map(({ world }) => world)).toEqual(["sparse", "sparse"])
  })
})

describe("the dynamics", () => {
  it("have a row for each world that has curves, never mixed", () => {
    const [tuned, elsewhere, ...rest] = dynamicsWorlds(syntheticRecords)
    expect(rest).toEqual([])
    expect([tuned!.title, elsewhere!.title]).toEqual(["Small language model", "A model"])
    expect(tuned!.ceWeights).toEqual([0, 0.01])
    expect(elsewhere!.ceWeights).toEqual([0])
    expect(elsewhere!.points.get("uncpo")!.every(({ seeds }) => seeds === 1)).toBe(true)
    expect(elsewhere!.intervals).toContain("One run only (seed 0)")
  })

  it("say of which loss there is one run only", () => {
    const elsewhere = [
      ...syntheticRecords.elsewhere,
      ...syntheticRecords.elsewhere
        .filter((row) => row.kind !== "source" && row.loss !== "uncpo")
        .map((row) => ({ ...row, seed: 1 }))
    ] as Records["elsewhere"]
    expect(dynamicsWorlds({ ...syntheticRecords, elsewhere }).at(-1)!.intervals).toContain("One run only of unCPO.")
  })
})

describe("rows of runs made elsewhere", () => {
  it.each(elsewhereRuns)("%s: a source, then rows with all that the dynamics read", (name) => {
    const [source, ...rows] = rowsFromJsonLines(readFileSync(elsewhereFile(name), "utf8"))
    const { jobs } = decodeSource(source)
    const runs = new Set(rows.map((row) => `${row.loss} ${row.ceWeight} ${row.seed}`))
    expect(runs.size).toBe(jobs)
    for (const row of rows) {
      expect(["step", "evaluation"]).toContain(row.kind)
      expect(Number(row["logps_per_token/chosen"])).toBeLessThan(0)
      expect(Number(row["logps_per_token/rejected"])).toBeLessThan(0)
    }
  })

  it("refuse a file that does not say where its rows are from", () => {
    expect(() => decodeSource({ kind: "step", loss: "dpo" })).toThrow(/source/)
  })
})

describe("averages over checkpoints", () => {
  const [group] = groupsOf(banditRuns([[4, 1, 1, 2]]))
  const [run] = group!.runs

  it("are those up to the checkpoint, the first among them", () => {
    expect(run!.rows.map((row) => scopeOf(run!, row)("average_expectedReward"))).toEqual([4, 2.5, 2, 2])
  })

  it("are nothing as soon as a checkpoint lacks the number", () => {
    expect(scopeOf(run!, run!.rows[2]!)("average_arm0")).toBeUndefined()
  })
})

describe("plots", () => {
  const records: Records = {
    ...emptyRecords,
    bandit: [
      ...banditRuns(
        [
          [0, 1, 2, 3, 4],
          [0, 1, 2, 3, 5]
        ],
        { environment: "game", armProbabilities: [0.2, 0.3, 0.5] }
      ),
      ...banditRuns(
        [
          [0, 0],
          [0, 0]
        ],
        { environment: "solution", loss: "nash", armProbabilities: [0.3, 0.3, 0.4] }
      )
    ]
  }
  const triangle = plotOf({
    of: { study: "game" },
    x: "arm1 + arm2/2",
    y: "arm2*sqrt(3)/2",
    triangle: ["a", "b", "c"],
    references: [{ point: ["arm1 + arm2/2", "arm2*sqrt(3)/2"], runs: { study: "solution" }, label: "Nash" }]
  })

  it("in a triangle keep its angles, whole or in a window", () => {
    expect(aspectOf(triangleScales(triangle))).toBeCloseTo(Math.sqrt(3) / 2, 12)
    const window = { ...triangle, x: { value: "arm1 + arm2/2", domain: [0.2, 0.4] as const } }
    expect(triangleScales(window).x.domain).toEqual([0.2, 0.4])
  })

  it("put a cross where other runs ended, and the names of the corners", async () => {
    const { svg, source } = await renderFigure(plotFigure(triangle), records)
    expect(svgTexts(svg)).toEqual(expect.arrayContaining(["a", "b", "c", "Nash"]))
    expect(source.extension).toBe("vl.json")
    expect(JSON.parse(source.text)).toMatchObject({ $schema: expect.stringMatching(/vega-lite\/v\d+\.json$/) })
    // Of [0.3, 0.3, 0.4]: x = 0.5 of the triangle's width.
    const { width } = (JSON.parse(source.text) as { vconcat: [{ hconcat: [{ width: number }] }] }).vconcat[0].hconcat[0]
    expect(svg).toContain(`translate(${width / 2},`)
  })

  it("fit several forms to the first measure, and say how well", () => {
    const plot = plotOf({
      of: { study: "game" },
      x: "sqrt(klToReference)",
      y: ["expectedReward", "entropy"],
      fit: { form: ["square", "line"] }
    })
    const points = plotPoints(plot, records, "sqrt(klToReference)")
    expect(
      panelFits(
        plot,
        points.filter(({ measure }) => measure.value === "expectedReward")
      ).map(({ form }) => form)
    ).toEqual(["square", "line"])
    expect(
      panelFits(
        plot,
        points.filter(({ measure }) => measure.value === "entropy")
      )
    ).toEqual([])
    expect(plotFigure(plot).caption(records)).toMatch(
      /Root mean squared errors of d\(α − βd\) and α \+ βd: .*0\.\d{3} and 0\.\d{3}\.$/
    )
  })

  it("refuse points of runs that there are not, and a triangle of bars", () => {
    const wrong = (fields: object) => () => plotOf(fields)
    expect(wrong({ mark: "bars", triangle: ["a", "b", "c"] })).toThrow(/only lines are drawn in a triangle/)
    expect(wrong({ references: [{ y: 1, runs: {} }] })).toThrow(/only a point is read from runs/)
    expect(wrong({ references: [{ y: 1, point: [1, 2] }] })).toThrow(/exactly one of x, y, curve, point/)
  })

  const sheet: Sheet = { id: "both", title: "Both", caption: "Two plots.", rows: [["left", "right"], ["gone"]] }
  const parts = [
    plotOf({ id: "left", title: "Left", y: "expectedReward" }),
    plotOf({ id: "right", title: "Right", y: "klToReference" }),
    plotOf({ id: "gone", title: "Gone", y: "arm7" })
  ]

  it("on a sheet are lettered, those that have nothing to show left out", async () => {
    const figure = sheetFigure(sheet, parts)
    const { svg } = await renderFigure(figure, records)
    expect(svgTexts(svg)).toEqual(expect.arrayContaining(["a   Left", "b   Right"]))
    expect(svgTexts(svg).join()).not.toContain("Gone")
    expect(figure.caption(records)).toMatch(/^Two plots\. \(a\) Left\. Seen\. .* \(b\) Right\. Seen\. /)
    const first = await renderFigure(figure, records)
    expect(first.svg).toBe(svg)
  })

  it("are refused on a sheet when there are none, and with a name that is taken", () => {
    expect(sheetsProblems([{ ...sheet, rows: [["lift"]] }], parts, []).map(({ issue }) => issue)).toEqual([
      'there is no plot "lift"; nearest: left'
    ])
    expect(sheetsProblems([{ ...sheet, id: "left" }], parts, []).map(({ issue }) => issue)).toEqual([
      'another figure is called "left"'
    ])
    expect(sheetsProblems([sheet, sheet], parts, [])).toHaveLength(1)
  })

  it("stand in the order of the study, numbered; one that cannot be drawn keeps its number", () => {
    const choice = { plots: parts, order: ["right", "dynamics", "left"] as const }
    expect(studyFigures(records, choice as never).map(({ task }) => task.file)).toEqual(["1-right", "3-left"])
    expect(studyFigures(records, { plots: parts, sheets: [sheet], only: [] }).map(({ task }) => task.file)).toEqual([
      "both"
    ])
    expect(studyFigures(records, { plots: parts, only: [] }).map(({ task }) => task.file)).toEqual(["left", "right"])
    expect(() => figureOfTask({ figure: "nothing", file: "nothing" })).toThrow(/no figure is called nothing/)
  })
})

describe("what is said under a figure", () => {
  const claim = { ...syntheticRecords.claims.find(({ kind }) => kind === "claim")! } as ClaimVerdictRow

  it("are its own findings, then the claims that it shows with what decides them", () => {
    const dynamics = figures.find(({ id }) => id === "dynamics")!
    const records = {
      ...syntheticRecords,
      claims: [{ ...claim, figure: "dynamics" }, ...syntheticRecords.claims.slice(1)]
    }
    const said = figureFindings(dynamics, records)
    expect(said[0]).toMatch(/^Small language model: mean change .*CPO −\d+\.\d and −\d+\.\d, with CE 0\.01: /)
    expect(said.at(-1)).toContain(claim.says)
    expect(said.at(-1)).toContain(claim.quantity)
    expect(figureFindings(figures.find(({ id }) => id === "lattice")!, records)).toEqual([])
  })
})

describe("the order of figures in a study file", () => {
  const problems = (figuresSection: object, more: object = {}): string => {
    const study = { version: 1, study: "s", title: "S", figures: figuresSection, ...more }
    const decoded = Schema.decodeUnknownResult(ExperimentConfig)(study)
    return Result.isFailure(decoded) ? String(decoded.failure) : ""
  }

  it("names figures, each once, and not beside `only`", () => {
    expect(problems({ order: ["lattice"] })).toBe("")
    expect(problems({ order: ["latice"] })).toMatch(/unknown figure "latice"; nearest: lattice/)
    expect(problems({ order: ["lattice", "lattice"] })).toMatch(/lattice has a place before/)
    const claims = [{ id: "c", says: "S.", source: "S", value: "regret", below: { than: 1 }, figure: "latice" }]
    expect(problems({}, { claims })).toMatch(/unknown figure "latice"; nearest: lattice/)
    expect(problems({ order: ["lattice"], only: ["lattice"] })).toMatch(/either `only` or `order`/)
  })
})
