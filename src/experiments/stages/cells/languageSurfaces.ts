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
import { filterNormaliseInPlace, type Normalise } from "../../../surface/slices.ts"
import { spectrumEnds, traceEstimate } from "../../../surface/spectrum.ts"
import type { SharpnessRow, SurfacesRow } from "../../figures/drawing/surfaceRows.ts"
import { finetuneLoss } from "../../finetuneStudy.ts"
import type { CellTools } from "../../Stage.ts"
import type { LanguageSurfaces } from "../../surfacesStudy.ts"
import { makeData } from "./finetune.ts"
import { nineDigits } from "./nineDigits.ts"
import { pathRows, planeSlices, randomSlices, sharpnessRow, type Trained, type WindowRanges } from "./trainedRows.ts"

/** One seed of a study of finetuned models. */
export interface LanguageSpecOfCell extends LanguageSurfaces {
  readonly part: "language"
  readonly study: string
  readonly seed: number
}

type Finetuned = Trained<LanguageSurface>

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

const ranges: WindowRanges = (places) => {
  const range = (axis: 0 | 1): readonly [number, number] => {
    const along = places.map((place) => place[axis])
    return [nineDigits(Math.min(...along) - 0.5), nineDigits(Math.max(...along) + 0.5)]
  }
  return { a: range(0), b: range(1) }
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
    ...pathRows(spec, models, bezier),
    ...(spec.slice > 0
      ? [...randomSlices(spec, models, normalise, spec.reach), ...planeSlices(spec, models, ranges)]
      : [])
  ]
  for (const [, job] of jobs) disposePrepared(job)
  return rows
}
