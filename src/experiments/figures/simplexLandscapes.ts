/**
 * @file Figure: the landscape of each loss over the policies of a three-armed bandit, side by side: a triangle whose corners
 * are the policies that always play one arm, the expected loss as filled contours, and the path of gradient descent.
 */
import * as Result from "effect/Result"
import { fullBatch } from "../../bandit/batch.ts"
import { makeEnvironment } from "../../bandit/environments/registry.ts"
import { resolveFamily } from "../../bandit/families.ts"
import { createObjective, type Objective } from "../../bandit/objective.ts"
import { klOptimum } from "../../bandit/optima.ts"
import { gradientDescent } from "../../bandit/optimizer.ts"
import { exactPairs } from "../../bandit/pairs.ts"
import { Rng } from "../../random/rng.ts"
import { type ContourPanel, contourSpec, type Grid, type Levels } from "./drawing/contourPanel.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { drawnLoss } from "./drawing/lossSurface.ts"
import { number } from "./drawing/notation.ts"
import type { Label, Primitive, Shape } from "./drawing/scene.ts"
import { classTag, legendRow, symbolPath } from "./drawing/symbols.ts"
import { fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { mappedLosses } from "./lossMaps.ts"
import { behaviourClassOf, type Records } from "./records.ts"

/** The world of the figure: arm a is best, the reference prefers c; labels are Bradley–Terry on the rewards. */
const world = {
  kind: "bradley-terry",
  rewards: [2, 1, 0],
  reference: [0.2, 0.3, 0.5],
  beta: 1
} as const

const environment = makeEnvironment(world, Rng.fromSeed(0))
const batchOf = () => fullBatch(exactPairs(environment))

/** Loss above its smallest value on the triangle, nats. */
const levels: Levels = {
  thresholds: [0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6],
  floor: "#ffffff",
  colours: ["#eef3f8", "#dde7f1", "#cad9e8", "#b5c9de", "#9fb8d2", "#88a6c5", "#7194b8"]
}

const side = 205
const tall = (side * Math.sqrt(3)) / 2
const frame = { left: 14, top: 46, gapX: 36, gapY: 72 } as const
const mostPanels = 9
const descent = { rate: 0.1, steps: 6000 } as const

type Policy = readonly [number, number, number]

const round = (value: number): number => Math.round(value * 100) / 100

/** Corners: a at the top, b at the lower left, c at the lower right. */
const place = ([a, , c]: Policy): readonly [number, number] => [round(side * (c + a / 2)), round(tall * (1 - a))]

/** The policy at a point of the panel; outside the triangle, and on its edge, the nearest with some mass on every arm. */
const policyAt = (x: number, y: number): Policy => {
  const a = 1 - y / tall
  const c = x / side - a / 2
  const least = 0.002
  const [pa, pb, pc] = [Math.max(a, least), Math.max(1 - a - c, least), Math.max(c, least)]
  const sum = pa + pb + pc
  return [pa / sum, pb / sum, pc / sum]
}

/** A loss's expected value over all pairs of the world, and where gradient descent on the logits leads. */
export interface Landscape {
  readonly loss: string
  readonly grid: Grid
  readonly path: readonly Policy[]
}

const columns = 80
const rows = Math.round((columns * tall) / side)

const gridOf = (objective: Objective): Grid => {
  const batch = batchOf()
  const gradient = new Float64Array(3)
  const values: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const policy = policyAt(((column + 0.5) * side) / columns, ((row + 0.5) * tall) / rows)
      values.push(objective.lossAndGradientInto(batch, Float64Array.from(policy, Math.log), gradient))
    }
  }
  const least = Math.min(...values)
  return { columns, rows, values: values.map((value) => value - least) }
}

const pathOf = (objective: Objective): readonly Policy[] => {
  const batch = batchOf()
  const optimizer = gradientDescent(descent.rate)
  const logits = Float64Array.from(environment.reference, Math.log)
  const gradient = new Float64Array(3)
  const path: Policy[] = []
  let last: readonly [number, number] | undefined
  for (let step = 0; step <= descent.steps; step++) {
    objective.lossAndGradientInto(batch, logits, gradient)
    const policy = [...objective.prob] as unknown as Policy
    const here = place(policy)
    if (last === undefined || step === descent.steps || Math.hypot(here[0] - last[0], here[1] - last[1]) > 2) {
      path.push(policy)
      last = here
    }
    optimizer.stepInPlace(logits, gradient)
  }
  return path
}

/** The landscape of a LOSS; undefined when it names none or does not run on a bandit's pairs. */
export const landscapeOf = (loss: string): Landscape | undefined => {
  const drawn = drawnLoss(loss)
  if (drawn === undefined) return undefined
  const family = resolveFamily(drawn.loss.spec, environment)
  if (Result.isFailure(family)) return undefined
  const objective = createObjective(family.success, 1, 3)
  const grid = gridOf(objective)
  return grid.values.every(Number.isFinite) ? { loss, grid, path: pathOf(objective) } : undefined
}

const known = new WeakMap<Records, readonly Landscape[]>()

const landscapes = (records: Records): readonly Landscape[] => {
  const before = known.get(records)
  if (before !== undefined) return before
  const made: Landscape[] = []
  for (const loss of mappedLosses(records)) {
    const landscape = made.length < mostPanels ? landscapeOf(loss) : undefined
    if (landscape !== undefined) made.push(landscape)
  }
  known.set(records, made)
  return made
}

const trianglePath = `M${side / 2},0L${side},${round(tall)}L0,${round(tall)}Z`

const pathShapes = (path: readonly Policy[]): readonly Shape[] => {
  const points = path.map(place)
  const line = `M${points.map(([x, y]) => `${x},${y}`).join("L")}`
  return [
    { kind: "shape", x: 0, y: 0, path: line, stroke: ink.paper, strokeWidth: 4 },
    { kind: "shape", x: 0, y: 0, path: line, stroke: okabeIto.vermilion, strokeWidth: 2 }
  ]
}

const mark = (policy: Policy, shape: string, size: number, fill: string): Shape => {
  const [x, y] = place(policy)
  return {
    kind: "shape",
    x,
    y,
    path: symbolPath(shape, size),
    fill,
    stroke: fill === ink.paper ? ink.text : ink.paper,
    strokeWidth: 1.2
  }
}

const cornerLabels = (): readonly Label[] => {
  const [a, b, c] = world.rewards
  return [
    { kind: "label", x: side / 2, y: -12, text: `a (R = ${a})`, align: "center", size: fontSize.small },
    { kind: "label", x: -4, y: tall + 11, text: `b (R = ${b})`, align: "left", size: fontSize.small },
    { kind: "label", x: side + 4, y: tall + 11, text: `c (R = ${c})`, align: "right", size: fontSize.small }
  ]
}

/** The policy that maximises expected reward minus β KL(π ‖ π_ref) in the figure's world. */
export const optimum = (): Policy => [...klOptimum(environment).policy] as unknown as Policy

const panelOf = (landscape: Landscape, name: string, index: number, perRow: number, records: Records): ContourPanel => {
  const look = behaviourClassOf(records, landscape.loss)
  return {
    x: frame.left + (index % perRow) * (side + frame.gapX),
    y: frame.top + Math.floor(index / perRow) * (tall + frame.gapY),
    width: side,
    height: tall,
    grid: landscape.grid,
    levels,
    clipPath: trianglePath,
    over: pathShapes(landscape.path),
    around: [
      { kind: "shape", x: 0, y: 0, path: trianglePath, stroke: ink.axis, strokeWidth: 1 },
      mark(environment.reference as unknown as Policy, "circle", 8, ink.paper),
      mark(landscape.path.at(-1) as Policy, "square", 13, okabeIto.vermilion),
      mark(optimum(), "star", 10, ink.text),
      ...cornerLabels(),
      { kind: "label", x: 0, y: -28, text: name, weight: "bold", size: fontSize.label },
      ...(look === undefined ? [] : classTag(look, side, -28))
    ]
  }
}

const legend = (y: number): readonly Primitive[] => {
  const line: Shape = { kind: "shape", x: 0, y: 0, path: "M-9,0H9", stroke: okabeIto.vermilion, strokeWidth: 2 }
  const at = (shape: string, size: number, fill: string): Shape => ({
    ...mark([0, 0, 0], shape, size, fill),
    x: 0,
    y: 0
  })
  const entries = legendRow(
    [
      { sign: [at("circle", 8, ink.paper)], signWidth: 10, text: "reference (start)" },
      { sign: [line], signWidth: 18, text: "gradient descent" },
      {
        sign: [at("square", 13, okabeIto.vermilion)],
        signWidth: 10,
        text: `after ${descent.steps.toLocaleString("en-US")} steps`
      },
      { sign: [at("star", 10, ink.text)], signWidth: 14, text: "KL-regularised optimum" }
    ],
    frame.left,
    y
  )
  return [...entries.filter((one) => one.kind === "shape"), ...entries.filter((one) => one.kind === "label")]
}

/** Landscapes of the losses over three-armed policies. */
export const simplexLandscapesFigure: Figure = {
  id: "simplex-landscapes",
  title: "Landscapes over the policies of a three-armed bandit",
  needs: ["landscape"],
  applies: (records) => landscapes(records).length > 0,
  caption: (records) => {
    const drawn = landscapes(records)
    const best = optimum()
      .map((value) => number(value))
      .join(", ")
    return (
      "Each triangle holds all policies over three arms a, b, c: a corner plays its arm always, the centre all alike. Filled" +
      ` contours show the expected loss above its smallest value on the triangle, at ${levels.thresholds.join(", ")} nats. The world` +
      ` is a Bradley–Terry bandit with rewards ${world.rewards.join(", ")}, all pairs compared equally often, and reference` +
      ` ${world.reference.join(", ")}; the star is the policy that maximises expected reward minus the KL divergence from the` +
      ` reference (β = 1), (${best}). Paths are ${descent.steps} steps of gradient descent on the logits, rate ${descent.rate}. Losses` +
      ` (${drawn.length}) are drawn with the logistic link, β = 1, whatever the study trains with. Exact expectations: no seeds` +
      " and no intervals are involved."
    )
  },
  alt: (records) =>
    `Contour plots over the triangle of three-armed policies for ${landscapes(records).length} losses, each with the path of gradient descent.`,
  draw: (records) => {
    const drawn = landscapes(records)
    const names = lossNames(
      records,
      drawn.map((landscape) => landscape.loss)
    )
    const perRow = Math.min(3, drawn.length)
    const width = frame.left + perRow * (side + frame.gapX) - frame.gapX + 14
    const height = frame.top + Math.ceil(drawn.length / perRow) * (tall + frame.gapY)
    const panels = drawn.map((landscape, index) =>
      panelOf(landscape, names.get(landscape.loss) ?? landscape.loss, index, perRow, records)
    )
    return { kind: "vega", spec: contourSpec(width, height, panels, legend(height - 20)) }
  }
}
