/** @file The maps cell: distances of losses, their clusters and their embedding, all of one measure. */
import * as Result from "effect/Result"
import type { Loss } from "../../../loss/loss.ts"
import { resolveLoss } from "../../../loss/resolve.ts"
import { type Geometry, geometries } from "../../../maps/directions.ts"
import { type DistanceMatrix, fieldDistances, groupsOfSame, submatrix } from "../../../maps/distance.ts"
import { averageLinkage } from "../../../maps/linkage.ts"
import { type Mapped, type MapSettings, mapLoss } from "../../../maps/mapped.ts"
import { drawPairs } from "../../../maps/measure.ts"
import { classicalScaling } from "../../../maps/scaling.ts"
import type { Json } from "../../canonical.ts"
import type {
  MapConvergenceRow,
  MapDistanceRow,
  MapLossRow,
  MapRefusalRow,
  MapsRow
} from "../../figures/drawing/mapsRows.ts"
import type { CellTools } from "../../Stage.ts"
import { behaviourClass } from "../lossFacts.ts"

type Matrices = Readonly<Record<Geometry, DistanceMatrix>>

/** Degrees to six digits after the point: beyond that, rounding of the fields shows. */
const degrees = (radians: number): number => Math.round((radians * 180e6) / Math.PI) / 1e6

const resolved = (spec: string): Loss => {
  const loss = resolveLoss(spec)
  if (Result.isFailure(loss)) throw loss.failure
  return loss.success
}

const mapAll = (losses: ReadonlyArray<Loss>, settings: MapSettings) => {
  const columns = drawPairs(settings)
  return losses.map((loss) => ({ loss, result: mapLoss(loss, columns, settings.arms) }))
}

const matricesOf = (mapped: ReadonlyArray<Mapped>): Matrices => ({
  "log-probability": fieldDistances(mapped.map(({ fields }) => fields["log-probability"])),
  softmax: fieldDistances(mapped.map(({ fields }) => fields.softmax))
})

const lossRow = ({ loss, shares }: Mapped, group: number): MapLossRow => {
  const behaviour = loss.structure === undefined ? undefined : behaviourClass(loss.structure)
  return {
    kind: "loss",
    loss: loss.spec,
    group,
    level: loss.level ?? "structure",
    ...(behaviour === undefined ? {} : { class: behaviour }),
    reference: loss.inputs.some((input) => input === "rw" || input === "rl"),
    lengthNormalised: loss.lengthNormalised,
    displacement: shares
  }
}

const distanceRows = (mapped: ReadonlyArray<Mapped>, matrices: Matrices): ReadonlyArray<MapDistanceRow> =>
  mapped.flatMap(({ loss: { spec: a } }, i) =>
    mapped.slice(i + 1).map(({ loss: { spec: b } }, k) => {
      const at = i * mapped.length + i + 1 + k
      return {
        kind: "distance" as const,
        a,
        b,
        "log-probability": degrees(matrices["log-probability"].values[at]!),
        softmax: degrees(matrices.softmax.values[at]!)
      }
    })
  )

/** Clusters and places of the groups in one geometry. */
const shapeRows = (matrix: DistanceMatrix, geometry: Geometry): ReadonlyArray<MapsRow> => {
  const { points, explained, stress } = classicalScaling(matrix, 2)
  return [
    ...averageLinkage(matrix).map((merge) => ({
      kind: "merge" as const,
      geometry,
      ...merge,
      height: degrees(merge.height)
    })),
    ...points.map(([x, y], group) => ({ kind: "place" as const, geometry, group, x: degrees(x!), y: degrees(y!) })),
    { kind: "scaling", geometry, explained, stress }
  ]
}

/** The same distances over other points, and by how much they differ. */
const convergenceRows = (
  mapped: ReadonlyArray<Mapped>,
  matrices: Matrices,
  settings: MapSettings,
  other: MapSettings
) => {
  const again = mapAll(
    mapped.map(({ loss }) => loss),
    other
  ).flatMap(({ result }) => (Result.isSuccess(result) ? [result.success] : []))
  // A gradient that is finite on one set of points only would be no number to compare with.
  if (again.length < mapped.length) throw new RangeError(`a loss has a map with seed ${settings.seed} only`)
  const others = matricesOf(again)
  return geometries.map((geometry): MapConvergenceRow => {
    const changes = matrices[geometry].values.map((d, k) => Math.abs(d - others[geometry].values[k]!))
    const pairs = mapped.length * (mapped.length - 1)
    return {
      kind: "convergence",
      geometry,
      points: other.points,
      seed: other.seed,
      largest: degrees(changes.reduce((most, change) => Math.max(most, change), 0)),
      mean: degrees(changes.reduce((sum, change) => sum + change, 0) / Math.max(1, pairs))
    }
  })
}

/** @param spec `{ losses: [LOSS], points, seed, reach, lengths, arms }` @returns the rows of `records/maps.jsonl` */
export const runCell = (spec: Json, tools: CellTools): ReadonlyArray<MapsRow> => {
  const { losses, ...settings } = spec as unknown as MapSettings & { readonly losses: ReadonlyArray<string> }
  const all = mapAll(losses.map(resolved), settings)
  tools.report(0.2, "distances")
  const mapped = all.flatMap(({ result }) => (Result.isSuccess(result) ? [result.success] : []))
  const refused = all.flatMap(
    ({ loss, result }): ReadonlyArray<MapRefusalRow> =>
      Result.isFailure(result) ? [{ kind: "refused", loss: loss.spec, reason: result.failure }] : []
  )
  const matrices = matricesOf(mapped)
  // The softmax's own step is a linear image of the step in log-probabilities: the same losses are at distance zero.
  const groups = groupsOfSame(matrices["log-probability"])
  const firsts = groups.map(([first]) => first!)
  tools.report(0.5, "convergence")
  const half = { ...settings, points: Math.max(1, Math.floor(settings.points / 2)) }
  return [
    { kind: "measure", ...settings },
    ...mapped.map((one, i) =>
      lossRow(
        one,
        groups.findIndex((group) => group.includes(i))
      )
    ),
    ...refused,
    ...distanceRows(mapped, matrices),
    ...geometries.flatMap((geometry) => shapeRows(submatrix(matrices[geometry], firsts), geometry)),
    ...convergenceRows(mapped, matrices, settings, half),
    ...convergenceRows(mapped, matrices, settings, { ...settings, seed: settings.seed + 1 })
  ]
}
