/** The finetune stage: what is selected is trained, what is refused is not, and a killed run ends with the same bytes. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { runStudy } from "../../src/experiments/run.ts"
import { inNode, lastingFiles, resultInNode, temporaryFolder, writeInto } from "./toy/harness.ts"

const study = (require: string): string => `
version: 1
study: tiny
title: Finetuning in seconds
seeds: [0]
baseline: dpo
validate: {losses: [cpo_core, uncpo, dpo], properties: [P9]}
bandit:
  studies:
    clean:
      losses: [cpo_core, uncpo]
      environment: {kind: bradley-terry, arms: 4}
      data: {mode: exact}
      optimizer: {kind: adam, learningRate: 0.05}
      steps: 20
      checkpoints: 2
select:
  rank: {study: clean, metric: rankingAccuracy, direction: max}
  require: {P9: ${require}}
  alwaysInclude: [uncpo, dpo]
finetune:
  data: {trainingPrompts: 24, heldOutPrompts: 8, evaluationPrompts: 4, completionsPerPrompt: 4, maxTokens: 8}
  steps: 12
  batchSize: 4
  learningRate: 0.0005
  evalEvery: 6
  maxTokens: 8
  checkpointEvery: 1
figures: {only: [training-dynamics]}
`

const rowsOf = (folder: string, name: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(join(folder, "records", `${name}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe("finetuning", () => {
  it("trains what the selection lets pass and no more, and says why", async () => {
    const folder = temporaryFolder()
    const file = writeInto(folder, "tiny.yaml", study("[proved, held]"))
    const out = join(folder, "runs")
    const strict = await inNode(runStudy({ file, out, workers: 2 }))
    const refused = rowsOf(strict.folder, "select").find(({ loss }) => loss === "uncpo")
    expect(refused).toMatchObject({ selected: false, forced: false })
    // unCPO can push the chosen answer down; the small bandit on which it does comes with the refusal.
    expect(String(refused?.counterexample).length).toBeGreaterThan(20)
    const trained = rowsOf(strict.folder, "finetune")
    expect(new Set(trained.map(({ loss }) => loss))).toEqual(new Set(["dpo"]))
    expect(trained.filter(({ kind }) => kind === "step").length).toBe(12)
    expect(trained.filter(({ kind }) => kind === "evaluation").map(({ step }) => step)).toEqual([0, 6, 12])
    expect(trained[0]).toMatchObject({ cell: "finetune/dpo/seed=0", spec: "dpo", step: 0, kl: 0 })
    expect(rowsOf(strict.folder, "summary").map(({ metric }) => metric)).toContain(
      "gold/reward − reference, over prompts"
    )

    const forced = await inNode(runStudy({ file, out, workers: 2, force: true }))
    expect(rowsOf(forced.folder, "select").find(({ loss }) => loss === "uncpo")).toMatchObject({
      selected: true,
      forced: true
    })
    const both = rowsOf(forced.folder, "finetune")
    expect([...new Set(both.map(({ spec }) => spec))]).toEqual(["uncpo?lengthNormalised=true", "dpo"])
    // The data and the run on DPO are the first study's.
    expect(forced.manifest.stages.find(({ id }) => id === "finetune")?.cells).toEqual({ total: 3, ran: 1, cached: 2 })
  })

  it("trains each loss with each weight of the cross-entropy term, and records who wins against the baseline", async () => {
    const folder = temporaryFolder()
    const file = writeInto(folder, "tiny.yaml", study("[proved, held, refuted]"))
    const overrides = ["finetune.ceWeight=[0,0.3]", "finetune.samplesPerPrompt=2", "finetune.learningRate=0.005"]
    const run = await inNode(runStudy({ file, out: join(folder, "runs"), workers: 2, overrides }))
    const rewards = rowsOf(run.folder, "rewards")
    expect(rewards.length).toBe(2 * 2 * 4 * 2)
    expect(rewards[3]).toMatchObject({
      cell: "finetune/uncpo/ce=0/seed=0",
      loss: "uncpo",
      ceWeight: 0,
      prompt: 1,
      sample: 1
    })
    const rates = rowsOf(run.folder, "win-rates").filter(({ over }) => over === "prompts")
    const [plain, held] = rates
    expect(rates.map(({ loss, ceWeight, against }) => [loss, ceWeight, against])).toEqual([
      ["uncpo", 0, "dpo"],
      ["uncpo", 0.3, "dpo"]
    ])
    const of = (loss: string, ceWeight: number) =>
      rewards.filter((row) => row.loss === loss && row.ceWeight === ceWeight).map(({ reward }) => Number(reward))
    const wins = of("uncpo", 0.3).filter((reward, i) => reward > of("dpo", 0.3)[i]!).length
    expect(held?.wins).toBe(wins / 8)
    expect(plain?.comparisons).toBe(8)
    // The table that a reader sees has them, one row for each weight and interval.
    const table = readFileSync(join(run.folder, "tables", "win-rates.csv"), "utf8")
      .trim()
      .split("\n")
    expect(table).toHaveLength(1 + 4)
    expect(readFileSync(join(run.folder, "report.html"), "utf8")).toContain("Win rates against dpo")
    // The term is trained: the last update's chosen answers are likelier with it.
    const last = (ceWeight: number) =>
      rowsOf(run.folder, "finetune").findLast((row) => row.loss === "uncpo" && row.ceWeight === ceWeight)
    expect(Number(last(0.3)?.["logps/chosen"])).toBeGreaterThan(Number(last(0)?.["logps/chosen"]))
    // Figures, the summary and its sentences are about the plain condition.
    expect(rowsOf(run.folder, "summary").find(({ metric }) => metric === "kl")).toMatchObject({ seeds: 1 })
  })

  it("runs on the engine that the study names, and says why when that one is not there", async () => {
    const folder = temporaryFolder()
    const text = study("[proved, held]").replace("  evalEvery: 6", "  evalEvery: 6\n  engine: tfjs-gpu")
    const run = runStudy({ file: writeInto(folder, "tiny.yaml", text), out: join(folder, "runs"), workers: 2 })
    await expect(inNode(run)).rejects.toThrow("engine tfjs-gpu is not available: Cannot find package")
    const unknown = writeInto(folder, "unknown.yaml", text.replace("tfjs-gpu", "tfjs-webgl"))
    await expect(inNode(runStudy({ file: unknown, out: join(folder, "runs"), workers: 2 }))).rejects.toThrow(
      /tfjs-wasm/
    )
  })

  it("without a single pair says so once, and trains nothing", async () => {
    const folder = temporaryFolder()
    const file = writeInto(folder, "tiny.yaml", study("[proved, held]"))
    const overrides = ["trainingPrompts", "heldOutPrompts", "evaluationPrompts", "maxTokens"].map(
      (name) => `finetune.data.${name}=1`
    )
    const failed = await resultInNode(runStudy({ file, out: join(folder, "runs"), workers: 2, overrides }))
    const message = Result.isFailure(failed) ? failed.failure.message.split("\n") : []
    expect(message.length).toBe(3)
    expect(message[1]).toMatch(/finetune\/data: no training pairs: .*trainingPrompts/)
    expect(message[2]).toMatch(/finetune\/dpo\/seed=0: it needs finetune\/data, which failed/)
  })

  it("killed between two updates goes on from its checkpoint and ends with the same bytes", async () => {
    const folder = temporaryFolder()
    const file = writeInto(folder, "tiny.yaml", study("[proved, held, refuted]"))
    const undisturbed = await inNode(runStudy({ file, out: join(folder, "undisturbed"), workers: 2 }))
    const out = join(folder, "runs")
    const entry = fileURLToPath(new URL("./toy/realMain.ts", import.meta.url))
    const child = spawn(process.execPath, [entry, file, out], { stdio: "ignore" })
    const checkpoints = (): number => globSync(".cache/work/*/*/job/checkpoint*", { cwd: out }).length
    const closed = once(child, "close")
    while (checkpoints() === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2))
    child.kill("SIGKILL")
    expect((await closed)[1]).toBe("SIGKILL")
    const resumed = await inNode(runStudy({ file, out, workers: 2 }))
    expect(resumed.manifest.stages.find(({ id }) => id === "finetune")?.status).toBe("ran")
    expect(lastingFiles(resumed.folder)).toEqual(lastingFiles(undisturbed.folder))
    // Checkpoints go with the end of their cell.
    expect(globSync(".cache/work/*/*/job/*", { cwd: out })).toEqual([])
  })
})
