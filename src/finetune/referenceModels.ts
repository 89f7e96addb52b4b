/**
 * @file The reference models and prompts that come with the package, see `scripts/pretrain.ts`.
 */

import { readFileSync } from "node:fs"
import { join } from "node:path"

/** Names of the models, by size. */
export const referenceModels = ["sotu-0.2m", "sotu-0.9m"] as const
/** One of {@link referenceModels}. */
export type ReferenceModel = (typeof referenceModels)[number]

/** `src/finetune` and `dist/finetune` lie equally deep. */
const assets = join(import.meta.dirname, "..", "..", "assets", "reference")

/** The folder of a model. */
export const referenceModelFolder = (name: ReferenceModel): string => join(assets, name)

/** The file of {@link referencePrompts}: an input of whatever is made from them. */
export const referencePromptsFile: string = join(assets, "prompts.json")

/** Beginnings of sentences that no reference model was trained on, lower-cased. */
export const referencePrompts = (): ReadonlyArray<string> =>
  (JSON.parse(readFileSync(referencePromptsFile, "utf8")) as { readonly prompts: ReadonlyArray<string> }).prompts
