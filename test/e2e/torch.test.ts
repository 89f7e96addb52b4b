/**
 * A study that trains with PyTorch through the real command line: undisturbed; with its driver killed; with a worker killed;
 * cancelled. All end with the same records.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isAlive, lastWorker } from "../../src/finetune/workerFolder.ts"
import { requires } from "../requirements.ts"
import { losslattice, root } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-torch-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bin = fileURLToPath(new URL("../../bin/losslattice.mjs", import.meta.url))
// One loss and one seed: what is asked here is asked of every job alike.
const overrides = ["select.alwaysInclude=[dpo]", "bandit.studies.clean.losses=[dpo]", "seeds=[0]", "finetune.steps=120"]
const runArguments = (out: string) => ["run", "configs/llm/tiny.yaml", ...overrides, "--out", join(folder, out)]
const run = (out: string) => losslattice(...runArguments(out))

const records = (out: string): string => {
  const [file] = globSync(join(folder, out, "llm-tiny", "*", "records", "finetune.jsonl"))
  return file === undefined ? "" : readFileSync(file, "utf8")
}
const runFolder = (out: string): string => globSync(join(folder, out, "llm-tiny", "*"))[0]!
const jobFolder = (out: string): string | undefined =>
  globSync(join(folder, out, ".cache", "work", "*", "*", "job", "worker.json")).map((file) => join(file, ".."))[0]

/** Starts the study and waits until its job has written `count` lines of events. */
const startUntil = async (out: string, count: number): Promise<{ child: ChildProcess; job: string }> => {
  const child = spawn(process.execPath, [bin, ...runArguments(out)], { cwd: root, stdio: "ignore" })
  for (let i = 0; i < 2000; i++) {
    const job = jobFolder(out)
    const file = job === undefined ? "" : join(job, "events.jsonl")
    if (job !== undefined && existsSync(file) && readFileSync(file, "utf8").split("\n").length > count) {
      return { child, job }
    }
    await new Promise((done) => setTimeout(done, 50))
  }
  child.kill("SIGKILL")
  throw new Error("the job wrote no events")
}

const ended = (child: ChildProcess): Promise<unknown> => new Promise((done) => child.on("exit", done))

describe.runIf(requires("python"))("a study on the engine torch", () => {
  let undisturbed = ""
  beforeAll(() => {
    const { code, err } = run("undisturbed")
    expect([code, code === 0 ? "" : err]).toEqual([0, ""])
    undisturbed = records("undisturbed")
  }, 300_000)

  it("has a row for every update and evaluation", () => {
    const rows = undisturbed
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(rows.filter(({ kind }) => kind === "step")).toHaveLength(120)
    const evaluated = rows.filter(({ kind }) => kind === "evaluation").map(({ step }) => step)
    expect(evaluated).toEqual(Array.from({ length: 41 }, (_, i) => 3 * i))
  })

  it("agrees with the embedded engine on the same study", () => {
    const arguments_ = runArguments("embedded")
    const file = join(folder, "embedded.yaml")
    const text = readFileSync(join(root, "configs/llm/tiny.yaml"), "utf8")
    writeFileSync(file, text.replace("  engine: torch\n  torch: {device: cpu}\n", ""))
    const { code } = losslattice("run", file, ...arguments_.slice(2))
    expect(code).toBe(0)
    const lossesOf = (lines: string): ReadonlyArray<number> =>
      lines
        .trim()
        .split("\n")
        .flatMap((line) => {
          const row = JSON.parse(line)
          return row.kind === "step" && row.step <= 20 ? [row["loss/train"] as number] : []
        })
    const [torch, embedded] = [lossesOf(undisturbed), lossesOf(records("embedded"))]
    expect(torch).toHaveLength(20)
    const worst = Math.max(...torch.map((loss, i) => Math.abs(loss / embedded[i]! - 1)))
    expect(worst).toBeLessThan(1e-4)
  })

  it("survives the death of its driver: the job goes on, is shown, and its records are the same", async () => {
    const { child, job } = await startUntil("driver", 8)
    child.kill("SIGKILL")
    await ended(child)
    const who = lastWorker(job)!
    expect(isAlive(who)).toBe(true)
    const state = JSON.parse(losslattice("status", runFolder("driver"), "--json").out)
    expect(state.status).toBe("interrupted")
    expect(state.jobs).toMatchObject([{ cell: "finetune/dpo/seed=0", steps: 120 }])
    expect(["running", "finished"]).toContain(state.jobs[0].state)
    expect(run("driver").code).toBe(0)
    expect(records("driver")).toBe(undisturbed)
  }, 300_000)

  it("survives the death of a worker: the run says so, and the next one goes on from the checkpoint", async () => {
    const { child, job } = await startUntil("worker", 8)
    process.kill(lastWorker(job)!.pid, "SIGKILL")
    await ended(child)
    expect(child.exitCode).toBe(1)
    const { out } = losslattice("status", runFolder("worker"))
    expect(out).toContain("finetune/dpo/seed=0: engine torch: the worker was killed")
    expect(out).toMatch(/finetune\/dpo\/seed=0 +lost/)
    expect(losslattice("logs", runFolder("worker"), "--job", "nothing").err).toContain("open jobs: finetune/dpo/seed=0")
    expect(losslattice("logs", runFolder("worker"), "--job", "finetune/dpo/seed=0").code).toBe(0)
    expect(run("worker").code).toBe(0)
    expect(records("worker")).toBe(undisturbed)
  }, 300_000)

  it("is cancelled with its job, and goes on later", async () => {
    const { child, job } = await startUntil("cancelled", 8)
    expect(losslattice("cancel", runFolder("cancelled"))).toMatchObject({ code: 0 })
    await ended(child)
    expect(isAlive(lastWorker(job)!)).toBe(false)
    expect(losslattice("status", runFolder("cancelled")).out).toMatch(/finetune\/dpo\/seed=0 +cancelled/)
    expect(run("cancelled").code).toBe(0)
    expect(records("cancelled")).toBe(undisturbed)
  }, 300_000)

  it("has its job cancelled when the driver is gone", async () => {
    const { child, job } = await startUntil("orphan", 8)
    child.kill("SIGKILL")
    await ended(child)
    const stopped = losslattice("cancel", runFolder("orphan"))
    expect(stopped).toMatchObject({ code: 0, err: expect.stringContaining("one job has stopped") })
    expect(isAlive(lastWorker(job)!)).toBe(false)
  }, 300_000)

  it("refuses settings that its engine has not", () => {
    const { code, err } = losslattice("run", "configs/llm/tiny.yaml", "finetune.engine=tfjs-wasm", "--dry-run")
    expect(code).toBe(2)
    expect(err).toContain("finetune.torch: does nothing with engine tfjs-wasm, which trains in this process")
  })

  it("is listed by doctor", () => {
    const { engines } = JSON.parse(losslattice("doctor", "--json").out)
    const torch = engines.find(({ id }: { readonly id: string }) => id === "torch")
    expect(torch).toMatchObject({ available: true, device: expect.stringContaining("PyTorch 2.") })
  })
})

describe("the engine torch where it is not set up", () => {
  it("is listed by doctor with what to do", () => {
    const { LOSSLATTICE_PYTHON: _named, ...env } = process.env
    const child = spawn(process.execPath, [bin, "doctor", "--json"], {
      env: { ...env, LOSSLATTICE_CACHE: join(folder, "none") },
      stdio: ["ignore", "pipe", "ignore"]
    })
    let out = ""
    child.stdout.on("data", (text) => (out += text))
    return ended(child).then(() => {
      expect(JSON.parse(out).engines).toContainEqual(
        expect.objectContaining({
          id: "torch",
          available: false,
          reason: expect.stringContaining("npm run setup:torch")
        })
      )
    })
  })
})
