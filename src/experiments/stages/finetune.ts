/** @file Stage finetune: a small language model trained with each selected loss. One cell a loss and seed, and one for the data. */
import { join } from "node:path"
import type { FinetuneCellResult } from "../../finetune/cell.ts"
import { trainingEngine } from "../../finetune/engines.ts"
import { isReferenceModel, modelSource, modelStamp } from "../../finetune/modelSource.ts"
import { packageLock, workerFolder } from "../../finetune/python.ts"
import { referencePromptsFile } from "../../finetune/referenceModels.ts"
import { dryScript } from "../../finetune/slurm/host.ts"
import { JOB_FOLDER } from "../../finetune/workerFolder.ts"
import { listOf } from "../fields.ts"
import { type FinetuneConfig, finetuneLoss } from "../finetuneStudy.ts"
import type { Row } from "../records.ts"
import { type Cell, type CellResult, recordFiles, type Stage, type StageContext } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"
import type { RewardRow } from "../winRates.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/finetune")

/** A training cell, with the loss under the name it was selected by and as it was trained. */
interface TrainingCell {
  readonly cell: Cell
  readonly loss: string
  readonly spec: string
  readonly ceWeight: number
  readonly seed: number
  readonly samplesPerPrompt: number
}

const dataId = "finetune/data"

/** What the data and the start of training are made from. */
const assetsOf = ({ model, engine }: FinetuneConfig) => ({
  ...(isReferenceModel(model) ? { [model]: modelSource(model) } : {}),
  prompts: referencePromptsFile,
  ...(trainingEngine(engine).separate ? { worker: workerFolder, packages: packageLock } : {})
})

/** Their hash, for the keys of cells. */
const modelHash = (context: StageContext<ExperimentConfig>, { model }: FinetuneConfig): string =>
  `${isReferenceModel(model) ? context.assetHash(model) : modelStamp(model)}/${context.assetHash("prompts")}`

/** The hash of the code that trains, for engines that train in processes of their own. */
const workerHash = (context: StageContext<ExperimentConfig>, { engine }: FinetuneConfig): { worker?: string } =>
  trainingEngine(engine).separate ? { worker: `${context.assetHash("worker")}/${context.assetHash("packages")}` } : {}

/** How jobs go to the cluster: their scripts stay with the run. */
const slurmOptions = (settings: FinetuneConfig["slurm"], runFolder: string) => ({
  scripts: join(runFolder, "slurm"),
  ...(settings === undefined ? {} : { settings })
})

const trainingCells = (
  context: StageContext<ExperimentConfig>,
  finetune: FinetuneConfig,
  losses: ReadonlyArray<string>
): ReadonlyArray<TrainingCell> => {
  const { model: name, data: _data, lengthNormalised, seeds: own, ceWeight: weights, ...rest } = finetune
  const { jobsAtOnce: _jobs, slurm, ...settings } = rest
  const cluster = finetune.engine === "slurm" ? { slurm: slurmOptions(slurm, context.runFolder) } : {}
  const seeds = own ?? context.config.seeds
  const hashes = { model: modelHash(context, finetune), ...workerHash(context, finetune) }
  const one = (loss: string, ceWeight: number, seed: number): TrainingCell => {
    const spec = finetuneLoss(loss, lengthNormalised)
    const cell: Cell = {
      id: `finetune/${loss}/${Array.isArray(weights) ? `ce=${ceWeight}/` : ""}seed=${seed}`,
      spec: { kind: "train", ...hashes, data: dataId, settings: { ...settings, loss: spec, ceWeight, seed } },
      needs: [dataId],
      resources: { model: modelSource(name), ...cluster },
      waits: trainingEngine(finetune.engine).separate
    }
    return { cell, loss, spec, ceWeight, seed, samplesPerPrompt: finetune.samplesPerPrompt }
  }
  return losses.flatMap((loss) => listOf(weights).flatMap((ceWeight) => seeds.map((seed) => one(loss, ceWeight, seed))))
}

/** The selected losses in the order of the ranking, and their cells. */
const planOf = async (context: StageContext<ExperimentConfig>) => {
  const { finetune } = context.config
  if (finetune === undefined) return []
  const selected = (await context.rows("select")).filter((row) => row.selected === true)
  const losses = selected.map((row) => String(row.loss))
  return losses.length === 0 ? [] : trainingCells(context, finetune, losses)
}

/** How the worker draws, where the embedded engine does not run the model. */
const workerSettings = ({ model, torch }: FinetuneConfig) =>
  isReferenceModel(model) ? {} : { worker: { dtype: torch?.dtype ?? "float32", device: torch?.device ?? "auto" } }

const dataCell = (context: StageContext<ExperimentConfig>, finetune: FinetuneConfig): Cell => {
  const worker = workerSettings(finetune)
  return {
    id: dataId,
    spec: {
      kind: "data",
      model: modelHash(context, finetune),
      ...("worker" in worker ? workerHash(context, finetune) : {}),
      settings: { ...finetune.data, ...worker }
    },
    resources: { model: modelSource(finetune.model) },
    waits: "worker" in worker
  }
}

/** The rows of one run; one that broke off says so in its last row. */
const rowsOf = (
  { cell, loss, spec, ceWeight, seed }: TrainingCell,
  { rows, failure }: FinetuneCellResult
): ReadonlyArray<Row> =>
  rows.map(({ loss: _loss, seed: _seed, step, kind, ...metrics }, i) => ({
    cell: cell.id,
    loss,
    spec,
    ceWeight,
    seed,
    step,
    kind,
    ...metrics,
    ...(failure && i === rows.length - 1 ? { failure: failure.message } : {})
  }))

/** Sample texts of the last evaluation of each run, for the reader: `records/samples.jsonl`. */
const sampleRows = ({ cell, loss, ceWeight, seed }: TrainingCell, result: FinetuneCellResult): ReadonlyArray<Row> =>
  result.samples.map(({ prompt, completion, reward }) => ({
    ...{ cell: cell.id, loss, ceWeight, seed },
    ...{ prompt, completion, reward }
  }))

/** Gold rewards of all samples of the last evaluation of each run: `records/rewards.jsonl`, what win rates are made of. */
const rewardRows = (
  { cell, loss, ceWeight, seed, samplesPerPrompt }: TrainingCell,
  { rewards }: FinetuneCellResult
): ReadonlyArray<RewardRow> =>
  rewards.map((reward, i) => ({
    ...{ cell: cell.id, loss, ceWeight, seed },
    prompt: Math.floor(i / samplesPerPrompt),
    sample: i % samplesPerPrompt,
    reward
  }))

const done = (results: ReadonlyArray<CellResult>): ReadonlyMap<string, FinetuneCellResult> =>
  new Map(
    results.flatMap((result) =>
      result._tag === "Done" ? [[result.cell.id, result.value as unknown as FinetuneCellResult] as const] : []
    )
  )

/** The section without what says how jobs are run, and changes no result. */
const withoutDispatch = ({ jobsAtOnce: _jobs, slurm: _slurm, ...rest }: FinetuneConfig) => rest

/** The state of a model that is no asset of the package. */
const stampOf = ({ model }: FinetuneConfig) => (isReferenceModel(model) ? {} : { modelStamp: modelStamp(model) })

/** The script that the stage would submit for its training cells; without cells, for one that is not known yet. */
const script = (
  config: ExperimentConfig,
  runFolder: string,
  workFolders: ReadonlyArray<string>
): string | undefined => {
  const { finetune } = config
  if (finetune?.engine !== "slurm") return undefined
  const folders = workFolders.length === 0 ? [join(runFolder, "a-cell")] : workFolders
  const jobs = folders.map((folder) => join(folder, JOB_FOLDER))
  return dryScript(slurmOptions(finetune.slurm, runFolder), jobs, finetune.torch?.processes ?? 1)
}

/** Finetunes the selected losses and no others; every refusal is in the select stage's records. */
export const finetuneStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "finetune",
  sources: [import.meta.url, cellModule],
  cellModule,
  keepsCheckpoints: true,
  jobsAtOnce: ({ finetune }) => finetune?.jobsAtOnce ?? trainingEngine(finetune?.engine).jobsAtOnce,
  script,
  inputs: ({ finetune, seeds }) =>
    finetune
      ? {
          config: { finetune: { ...withoutDispatch(finetune), ...stampOf(finetune) }, seeds },
          upstream: ["select"],
          assets: assetsOf(finetune)
        }
      : undefined,
  cells: async (context) => {
    const planned = await planOf(context)
    const { finetune } = context.config
    return finetune && planned.length > 0 ? [dataCell(context, finetune), ...planned.map(({ cell }) => cell)] : []
  },
  collect: async (context, results) => {
    const values = done(results)
    const finished = (await planOf(context)).flatMap((one) => {
      const result = values.get(one.cell.id)
      return result ? [{ one, result }] : []
    })
    return [
      ...recordFiles(
        "finetune",
        finished.flatMap(({ one, result }) => rowsOf(one, result))
      ),
      ...recordFiles(
        "samples",
        finished.flatMap(({ one, result }) => sampleRows(one, result))
      ),
      ...recordFiles(
        "rewards",
        finished.flatMap(({ one, result }) => rewardRows(one, result).map((row) => ({ ...row })))
      )
    ]
  }
}
