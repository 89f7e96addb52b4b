/** @file Stage surfaces: landscapes of losses in policy space. One cell a loss of a three-armed world, one for its angles, one a study and seed. */
import { referenceModelFolder } from "../../finetune/referenceModels.ts"
import type { Json } from "../canonical.ts"
import type { Row } from "../records.ts"
import { type Cell, doneValues, recordFiles, type Stage, type StageContext } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/surfaces")

/** Folders of the models that are finetuned, by name. */
const modelsOf = ({ language }: NonNullable<ExperimentConfig["surfaces"]>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.values(language).map(({ model }) => [model, referenceModelFolder(model)]))

const simplexCells = (
  { simplex }: NonNullable<ExperimentConfig["surfaces"]>,
  seeds: ReadonlyArray<number>
): ReadonlyArray<Cell> => {
  if (simplex === undefined) return []
  const { worlds, losses, grid, starts, points, draws } = simplex
  return Object.entries(worlds).flatMap(([world, environment]) => [
    {
      id: `surfaces/${world}/angles`,
      spec: { part: "angles", world, environment, losses, points, seeds } as unknown as Json
    },
    ...losses.map((loss) => ({
      id: `surfaces/${world}/${loss}`,
      spec: { part: "simplex", world, environment, loss, grid, starts, draws, seeds } as unknown as Json
    }))
  ])
}

const policyCells = (
  { policies }: NonNullable<ExperimentConfig["surfaces"]>,
  seeds: ReadonlyArray<number>
): ReadonlyArray<Cell> =>
  Object.entries(policies).flatMap(([study, settings]) =>
    seeds.map((seed, i) => ({
      id: `surfaces/${study}/seed=${seed}`,
      spec: { part: "policies", study, ...settings, slice: i === 0 ? settings.slice : 0, seed } as unknown as Json
    }))
  )

const languageCells = (
  { language }: NonNullable<ExperimentConfig["surfaces"]>,
  context: StageContext<ExperimentConfig>,
  seeds: ReadonlyArray<number>
): ReadonlyArray<Cell> =>
  Object.entries(language).flatMap(([study, settings]) =>
    seeds.map((seed, i) => ({
      id: `surfaces/${study}/seed=${seed}`,
      spec: {
        ...{ part: "language", study, ...settings, slice: i === 0 ? settings.slice : 0, seed },
        // Part of the key: other weights are another model.
        weights: context.assetHash(settings.model)
      } as unknown as Json,
      resources: { model: referenceModelFolder(settings.model) }
    }))
  )

/** The worlds and studies of `surfaces`, in the order of the file. */
export const surfacesStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "surfaces",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ surfaces, seeds }) =>
    surfaces ? { config: { surfaces, seeds } as unknown as Json, upstream: [], assets: modelsOf(surfaces) } : undefined,
  cells: async (context) => {
    const { surfaces, seeds } = context.config
    if (surfaces === undefined) return []
    const own = surfaces.seeds ?? seeds
    return [...simplexCells(surfaces, own), ...policyCells(surfaces, own), ...languageCells(surfaces, context, own)]
  },
  collect: async (_context, results) => recordFiles("surfaces", doneValues(results).flat() as ReadonlyArray<Row>)
}
