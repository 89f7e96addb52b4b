/**
 * @file Finetuning cells: `data` draws completions from the reference model and pairs them by gold reward; `train` finetunes
 * the model with one loss on those pairs, and continues from its last checkpoint after an interruption.
 */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { writeFileAtomic } from "../../../finetune/atomicFile.ts"
import { type FinetuneCellResult, type FinetuneCellSpec, runFinetuneCell } from "../../../finetune/cell.ts"
import { runSentimentCell, type SentimentCellSpec } from "../../../finetune/dataCell.ts"
import { trainingEngine } from "../../../finetune/engines.ts"
import type { SlurmOptions } from "../../../finetune/slurm/host.ts"
import { JOB_FOLDER } from "../../../finetune/workerFolder.ts"
import type { Json } from "../../canonical.ts"
import type { CellTools } from "../../Stage.ts"

/** The preference data of a study, whole: file contents rather than files, so that they travel with the result. */
export interface DataResult {
  readonly pairs: string
  readonly heldOut: string
  readonly prompts: string
  readonly counts: unknown
}

interface DataSpec {
  readonly kind: "data"
  /** Hash of the model and the prompts that the data is made from: part of the key, not used. */
  readonly model: string
  readonly settings: Omit<SentimentCellSpec, "modelDir" | "outDir">
}

interface TrainSpec {
  readonly kind: "train"
  readonly model: string
  readonly data: string
  /** Hash of the worker's code, for engines that have one: part of the key, not used. */
  readonly worker?: string
  readonly settings: Omit<FinetuneCellSpec, "modelDir" | "pairsFile" | "heldOutFile" | "promptsFile" | "workDir">
}

/** Draws the pairs of a study from its reference model. @throws RangeError when there are none */
export const makeData = async ({ settings }: DataSpec, modelDir: string, folder: string): Promise<DataResult> => {
  const { files, training, heldOut } = await runSentimentCell({ ...settings, modelDir, outDir: folder })
  for (const [name, { pairs }] of Object.entries({ training, "held-out": heldOut })) {
    if (pairs > 0) continue
    throw new RangeError(
      `no ${name} pairs: all completions of each prompt have the same gold reward; more prompts (finetune.data.trainingPrompts, heldOutPrompts), completionsPerPrompt or maxTokens bring some`
    )
  }
  const read = (file: string): string => readFileSync(file, "utf8")
  return {
    pairs: read(files.pairs),
    heldOut: read(files.heldOut),
    prompts: read(files.prompts),
    counts: { training, heldOut }
  }
}

/** What a cell has at hand: the model's folder, and how jobs go to a cluster. */
interface Resources {
  readonly model: string
  readonly slurm?: SlurmOptions
}

const train = (
  spec: TrainSpec,
  { model: modelDir, slurm }: Resources,
  tools: CellTools
): Promise<FinetuneCellResult> => {
  const data = tools.result(spec.data) as unknown as DataResult
  const write = (name: string, text: string): string => {
    const file = join(tools.workFolder, name)
    writeFileAtomic(file, text)
    return file
  }
  let done = 0
  const say = (text: string): void => tools.report(done, text)
  return runFinetuneCell(
    {
      ...spec.settings,
      modelDir,
      pairsFile: write("pairs.jsonl", data.pairs),
      heldOutFile: write("heldout.jsonl", data.heldOut),
      promptsFile: write("prompts.json", data.prompts),
      workDir: join(tools.workFolder, JOB_FOLDER),
      ...(tools.sharedFolder === undefined ? {} : { referenceCache: join(tools.sharedFolder, "reference") })
    },
    (fraction) => {
      done = fraction
      tools.report(fraction)
    },
    slurm === undefined ? undefined : trainingEngine("slurm").layer({ slurm: { ...slurm, say } }),
    tools.signal
  )
}

/** @param input a data or a train spec; its resources are {@link Resources} */
export const runCell = (input: Json, tools: CellTools): Promise<DataResult | FinetuneCellResult> => {
  const spec = input as unknown as DataSpec | TrainSpec
  const resources = tools.resources as unknown as Resources
  mkdirSync(tools.workFolder, { recursive: true })
  return spec.kind === "data" ? makeData(spec, resources.model, tools.workFolder) : train(spec, resources, tools)
}
