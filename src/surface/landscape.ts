/**
 * @file The whole landscape of one loss over three-armed policies: values on a triangle, both flows from the reference and from
 * a grid of starts, where they end, and what the loss is compared with (optima in closed form, other losses' fields).
 */
import * as Result from "effect/Result"
import type { Environment } from "../bandit/environment.ts"
import { BanditSpecError } from "../bandit/errors.ts"
import { ipoOptimum, klOptimum } from "../bandit/optima.ts"
import { nashPolicy } from "../bandit/solvers/nash.ts"
import type { Program } from "../loss/program.ts"
import type { Rng } from "../random/rng.ts"
import { type FieldAngle, fieldAngle } from "./angles.ts"
import { type Basins, basins, totalVariation } from "./attractors.ts"
import { flowField, type Metric, metrics } from "./field.ts"
import { type FlowRun, integrateFlow } from "./flow.ts"
import { drawPolicies, type Measure, triangleGrid } from "./simplex.ts"
import { surfaceProgram } from "./surface.ts"

/** Kinks are rounded over so many nats where a flow runs; values are those of the loss itself. */
export const flowRounding = 0.01

/** How finely a landscape is looked at. */
export interface LandscapeOptions {
  /** Values: triangle of so many divisions a side. */
  readonly grid: number
  /** Starts of flows, likewise. */
  readonly starts: number
}

/** Landscape of one loss. */
export interface SimplexLandscape {
  readonly loss: string
  /** Loss at the centres of the triangle's cells, in the order of `triangleGrid(grid)`, nats. */
  readonly values: ReadonlyArray<number>
  /** The flow from the reference, by metric. */
  readonly fromReference: Readonly<Record<Metric, FlowRun>>
  /** Flows from the grid of starts, by metric. */
  readonly basins: Readonly<Record<Metric, Basins>>
}

/** A loss ready for landscapes in one environment. */
export interface LandscapeLoss {
  readonly loss: string
  readonly program: Program
  /** With kinks rounded. */
  readonly smooth: Program
}

const refuse = (issue: string) => Result.fail(new BanditSpecError({ issues: [issue] }))

/** Fails for a loss without surface, or with no finite value or slope somewhere on a coarse grid of policies. */
export const landscapeLoss = (
  loss: string,
  environment: Environment
): Result.Result<LandscapeLoss, BanditSpecError> => {
  if (environment.contexts !== 1 || environment.arms !== 3) {
    const shape = `${environment.contexts} context(s) and ${environment.arms} arms`
    return refuse(`environment ${environment.id}: ${shape}; a simplex that can be drawn has one context and three arms`)
  }
  return Result.flatMap(surfaceProgram(loss), (program) =>
    Result.flatMap(surfaceProgram(loss, { rounding: flowRounding }), (smooth) => {
      const field = flowField(smooth, environment, { metric: "softmax" })
      const bad = triangleGrid(4).find(
        (logp) => !Number.isFinite(field.lossAt(logp)) || !field.velocityAt(logp).value.every(Number.isFinite)
      )
      if (bad === undefined) return Result.succeed({ loss, program, smooth })
      const at = [...bad].map((x) => Math.exp(x).toPrecision(3)).join(", ")
      return refuse(`loss "${loss}": no finite value and slope in environment ${environment.id} at policy (${at})`)
    })
  )
}

const byMetric = <A>(make: (metric: Metric) => A): Readonly<Record<Metric, A>> =>
  Object.fromEntries(metrics.map((metric) => [metric, make(metric)])) as Record<Metric, A>

/** Values, flows and basins of one loss. */
export const simplexLandscape = (
  { loss, program, smooth }: LandscapeLoss,
  environment: Environment,
  options: LandscapeOptions
): SimplexLandscape => {
  const exact = flowField(program, environment, { metric: "softmax" })
  const reference = environment.reference.map(Math.log)
  const starts = triangleGrid(options.starts)
  return {
    loss,
    values: triangleGrid(options.grid).map(exact.lossAt),
    fromReference: byMetric((metric) => integrateFlow(flowField(smooth, environment, { metric }), reference)),
    basins: byMetric((metric) => basins({ program: smooth, environment, metric }, starts))
  }
}

/**
 * Policies that a landscape is marked with: π_ref; π_ref e^(R/β); IPO's optimum at τ = β against π_ref; the Nash equilibrium of
 * the win-rate game (one of them, where there are several).
 */
export const landmarks = (environment: Environment): Readonly<Record<string, Float64Array>> => ({
  reference: Float64Array.from(environment.reference),
  "kl-optimum": klOptimum(environment).policy,
  "ipo-optimum": ipoOptimum(environment, environment.reference, environment.beta),
  nash: nashPolicy(environment)
})

/** Share of random starts that end at each attractor of a landscape; starts that end elsewhere are `other`. */
export const attractorShares = (
  { smooth }: LandscapeLoss,
  environment: Environment,
  metric: Metric,
  known: Basins,
  starts: ReadonlyArray<Float64Array>
): { readonly shares: ReadonlyArray<number>; readonly other: number } => {
  const found = basins({ program: smooth, environment, metric }, starts)
  const place = found.attractors.map((attractor) =>
    known.attractors.findIndex(
      (one) =>
        one.kind === attractor.kind &&
        one.vanishing.join() === attractor.vanishing.join() &&
        (one.kind !== "minimum" || totalVariation(one.policy, attractor.policy) < 0.02)
    )
  )
  const shareOf = (index: number): number =>
    found.attractors.reduce((sum, { share }, k) => sum + (place[k] === index ? share : 0), 0)
  return { shares: known.attractors.map((_, index) => shareOf(index)), other: shareOf(-1) }
}

/** Angles between all pairs of losses over one draw of policies, pairs in order (0, 1), (0, 2), …, (1, 2), … */
export const landscapeAngles = (
  losses: ReadonlyArray<LandscapeLoss>,
  environment: Environment,
  metric: Metric,
  measure: Measure,
  points: number,
  rng: Rng
): ReadonlyArray<{ readonly a: string; readonly b: string } & FieldAngle> => {
  const policies = drawPolicies(measure, environment.reference, points, rng)
  const fields = losses.map(({ smooth }) => flowField(smooth, environment, { metric }))
  return losses.flatMap((a, i) =>
    losses
      .slice(i + 1)
      .map((b, k) => ({ a: a.loss, b: b.loss, ...fieldAngle(fields[i]!, fields[i + 1 + k]!, policies) }))
  )
}
