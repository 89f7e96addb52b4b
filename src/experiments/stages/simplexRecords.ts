/** @file Landscapes of three-armed worlds as records have them. */
import type { Environment } from "../../bandit/environment.ts"
import { metrics } from "../../surface/field.ts"
import { landmarks, type SimplexLandscape } from "../../surface/landscape.ts"
import type { AttractorRow, SimplexRow, SurfaceWorldRow } from "../figures/drawing/surfaceRows.ts"
import { nineDigits } from "./cells/nineDigits.ts"
import { classField } from "./lossFacts.ts"

const policyList = (policy: Float64Array): readonly number[] => [...policy].map(nineDigits)

/** Points of a path at least 0.4 % of the triangle apart, the last one always. */
const thinned = (path: ReadonlyArray<Float64Array>): readonly (readonly number[])[] => {
  const kept: Array<readonly number[]> = []
  for (const [k, logp] of path.entries()) {
    const policy = logp.map(Math.exp)
    const last = kept.at(-1)
    const moved = last === undefined || policy.some((p, i) => Math.abs(p - last[i]!) > 0.004)
    if (moved || k === path.length - 1) kept.push([...policy].map((p) => Math.round(p * 1e5) / 1e5))
  }
  return kept
}

/** Values, paths from the reference, and where each start leads. */
export const simplexRow = (
  { world, grid, starts }: Pick<SimplexRow, "world" | "grid" | "starts">,
  landscape: SimplexLandscape
): SimplexRow => ({
  kind: "simplex",
  world,
  loss: landscape.loss,
  ...classField(landscape.loss),
  grid,
  values: landscape.values.map(nineDigits),
  paths: {
    softmax: thinned(landscape.fromReference.softmax.path),
    natural: thinned(landscape.fromReference.natural.path)
  },
  starts,
  ends: { softmax: landscape.basins.softmax.ends, natural: landscape.basins.natural.ends }
})

/** Where the flows of one loss end. */
export const attractorRows = (world: string, { loss, basins }: SimplexLandscape): ReadonlyArray<AttractorRow> =>
  metrics.flatMap((metric) =>
    basins[metric].attractors.map((attractor, index) => ({
      kind: "attractor",
      world,
      loss,
      metric,
      attractor: index,
      end: attractor.kind,
      policy: policyList(attractor.policy),
      vanishing: attractor.vanishing,
      value: nineDigits(attractor.loss),
      spread: nineDigits(attractor.spread),
      share: nineDigits(attractor.share)
    }))
  )

/** A world and its marks. */
export const worldRow = (world: string, environment: Environment): SurfaceWorldRow => ({
  kind: "world",
  world,
  rewards: [...environment.reward].map(nineDigits),
  landmarks: Object.fromEntries(
    Object.entries(landmarks(environment)).map(([name, policy]) => [name, policyList(policy)])
  )
})
