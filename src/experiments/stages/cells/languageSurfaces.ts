/**
 * @file The embedded language model, finetuned with each loss: slices around it, paths to the others, curvature. The rows are
 * those of policies (policySurfaces.ts); Hessian products are central differences of single-precision gradients.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { jobOfCell } from "../../../finetune/cell.ts"
import { disposePrepared, type PreparedJob, prepareJob } from "../../../finetune/tfjs/prepare.ts"
import { type LanguageSurface, languageSurface, rowGroups, trainedParameters } from "../../../finetune/tfjs/surface.ts"
import { Rng } from "../../../random/rng.ts"
import { differenceOperator } from "../../../surface/differences.ts"
import { bezierPath, linePath, profile, trainBezier } from "../../../surface/paths.ts"
import {
  filterNormaliseInPlace,
  type Normalise,
  type Plane,
  planeThrough,
  randomPlane,
  slice
} from "../../../surface/slices.ts"
import { spectrumEnds, traceEstimate } from "../../../surface/spectrum.ts"
import type { PathRow, SharpnessRow, SliceRow, SurfacesRow } from "../../figures/drawing/surfaceRows.ts"
import { finetuneLoss } from "../../finetuneStudy.ts"
import type { CellTools } from "../../Stage.ts"
import type { LanguageSurfaces } from "../../surfacesStudy.ts"
import { makeData } from "./finetune.ts"
import { nineDigits } from "./nineDigits.ts"
import { sharpnessRow } from "./sharpnessRow.ts"

/** One seed of a study of finetuned models. */
export interface LanguageSpecOfCell extends LanguageSurfaces {
  readonly part: "language"
  readonly study: string
  readonly seed: number
}

/** A model where the finetuning with its loss ended. */
interface Finetuned {
  readonly loss: string
  readonly surface: LanguageSurface
  readonly parameters: Float64Array
}

/**
 * Length of the step of a difference, in parameters: below 0.05 the rounding of single-precision gradients grows, above 0.4 the
 * third derivatives do (measured on the test model: products are good to about a hundredth of their length).
 */
const step = 0.2

/** Nodes and steps of the curve that is trained between two models. */
const bezier = { nodes: 4, steps: 6 } as const

const prepared = async (
  spec: LanguageSpecOfCell,
  tools: CellTools
): Promise<ReadonlyArray<readonly [string, PreparedJob]>> => {
  const { model } = tools.resources as { readonly model: string }
  const folder = tools.workFolder
  mkdirSync(folder, { recursive: true })
  const data = await makeData({ kind: "data", model, settings: spec.data }, model, folder)
  const pairsFile = join(folder, "language-pairs.jsonl")
  writeFileSync(pairsFile, data.pairs)
  const { steps, batchSize, learningRate, seed } = spec
  const found: Array<readonly [string, PreparedJob]> = []
  for (const loss of spec.losses) {
    const job = jobOfCell({
      ...{ loss: finetuneLoss(loss, spec.lengthNormalised), seed, steps, batchSize, learningRate, warmup: 10 },
      ...{ evalEvery: steps, modelDir: model, pairsFile }
    })
    const ready = await prepareJob(job, "tfjs-wasm")
    if (Result.isFailure(ready)) throw ready.failure
    found.push([loss, ready.success])
  }
  return found
}

const sharpness = (spec: LanguageSpecOfCell, { loss, surface, parameters }: Finetuned): SharpnessRow => {
  const rng = Rng.fromSeed(spec.seed).split("surfaces")
  const apply = differenceOperator(surface.gradientInto, parameters, step)
  const options = { count: spec.eigenvalues, iterations: spec.products, tolerance: 1e-3 }
  const { largest, smallest } = spectrumEnds(apply, surface.size, options, rng.split("lanczos"))
  const trace = traceEstimate(apply, surface.size, spec.probes, rng.split("trace"))
  const at = { value: surface.lossAt(parameters), parameters: surface.size }
  return sharpnessRow(spec, loss, at, { top: largest, smallest: smallest[0]!, trace })
}

const pathRows = (spec: LanguageSpecOfCell, models: ReadonlyArray<Finetuned>): ReadonlyArray<PathRow> => {
  const chosen = models.filter(({ loss }) => spec.connect.includes(loss))
  const rowsOf = (one: Finetuned, from: Finetuned, to: Finetuned): ReadonlyArray<PathRow> => {
    const { middle } = trainBezier(one.surface, from.parameters, to.parameters, bezier)
    const paths = {
      line: linePath(from.parameters, to.parameters),
      bezier: bezierPath(from.parameters, middle, to.parameters)
    } as const
    return (["line", "bezier"] as const).map((curve) => {
      const { losses, barrier } = profile(one.surface.lossAt, paths[curve], spec.pathPoints)
      return {
        ...{ kind: "path", study: spec.study, seed: spec.seed, loss: one.loss, from: from.loss, to: to.loss, curve },
        ...{ values: losses.map(nineDigits), barrier: nineDigits(barrier) }
      }
    })
  }
  return chosen.flatMap((from, i) =>
    chosen.slice(i + 1).flatMap((to) => [from, to].flatMap((one) => rowsOf(one, from, to)))
  )
}

const sliceRow = (
  spec: LanguageSpecOfCell,
  { loss, surface }: Finetuned,
  kind: SliceRow["plane"],
  plane: Plane,
  [a, b]: readonly [readonly [number, number], readonly [number, number]],
  marks: SliceRow["marks"]
): SliceRow => ({
  ...{ kind: "slice", study: spec.study, seed: spec.seed, loss, plane: kind, a, b, size: spec.slice },
  values: slice(surface.lossAt, plane, { a, b, size: spec.slice }).map(nineDigits),
  marks
})

const randomSlices = (spec: LanguageSpecOfCell, models: ReadonlyArray<Finetuned>, normalise: Normalise) =>
  models.map((one) => {
    const plane = randomPlane(one.parameters, normalise, Rng.fromSeed(spec.seed).split("slice"))
    const reach = [-spec.reach, spec.reach] as const
    return sliceRow(spec, one, "random", plane, [reach, reach], [{ loss: one.loss, a: 0, b: 0 }])
  })

/** The plane of the three models that `plane` names, under each of the three losses. */
const planeSlices = (spec: LanguageSpecOfCell, models: ReadonlyArray<Finetuned>): ReadonlyArray<SliceRow> => {
  const three = (spec.plane ?? []).map((loss) => models.find((one) => one.loss === loss)!)
  if (three.length !== 3) return []
  const [first, second, third] = three.map(({ parameters }) => parameters) as [Float64Array, Float64Array, Float64Array]
  const plane = planeThrough([first, second, third])
  const marks = three.map(({ loss }, k) => ({
    loss,
    a: nineDigits(plane.places[k]![0]),
    b: nineDigits(plane.places[k]![1])
  }))
  const range = (axis: 0 | 1): readonly [number, number] => {
    const along = plane.places.map((place) => place[axis])
    return [nineDigits(Math.min(...along) - 0.5), nineDigits(Math.max(...along) + 0.5)]
  }
  return three.map((one) => sliceRow(spec, one, "through three", plane, [range(0), range(1)], marks))
}

/** @returns the rows of one seed; a loss whose finetuning breaks off has a row that says so */
export const languageRows = async (spec: LanguageSpecOfCell, tools: CellTools): Promise<ReadonlyArray<SurfacesRow>> => {
  const jobs = await prepared(spec, tools)
  const refused: Array<SurfacesRow> = []
  const models: Array<Finetuned> = []
  for (const [loss, job] of jobs) {
    const parameters = trainedParameters(job)
    if (Result.isFailure(parameters)) {
      refused.push({ kind: "refused", place: spec.study, loss, reason: parameters.failure.message })
    } else models.push({ loss, surface: languageSurface(job, spec.pairs), parameters: parameters.success })
    tools.report(models.length / (2 * jobs.length))
  }
  const groups = rowGroups(jobs[0]![1].model.config)
  const normalise: Normalise = (direction, parameters) => filterNormaliseInPlace(direction, parameters, groups)
  const rows = [
    ...refused,
    ...models.map((one) => sharpness(spec, one)),
    ...pathRows(spec, models),
    ...(spec.slice > 0 ? [...randomSlices(spec, models, normalise), ...planeSlices(spec, models)] : [])
  ]
  for (const [, job] of jobs) disposePrepared(job)
  return rows
}
