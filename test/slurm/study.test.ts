/**
 * A study whose jobs go to a cluster, through the real command line: the records are those of the engine torch, whatever became
 * of the driver; status, logs and cancel see the queue.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { losslattice, root } from "../e2e/process.ts"
import { requires } from "../requirements.ts"
import { jobsKnown, slurm, type TestCluster, testCluster, until } from "./harness.ts"

let test: TestCluster
let configFile = ""
const bin = fileURLToPath(new URL("../../bin/losslattice.mjs", import.meta.url))
const small = ["select.alwaysInclude=[dpo]", "bandit.studies.clean.losses=[dpo]", "finetune.steps=90"]
const section = '  engine: slurm\n  slurm: {time: "5", signalBefore: 60, poll: 0.2, pollMost: 0.5, grace: 3}\n'

const argumentsOf = (out: string, config = configFile) => ["run", config, ...small, "--out", join(test.folder, out)]
const run = (out: string) => losslattice(...argumentsOf(out))
const runFolder = (out: string): string => globSync(join(test.folder, out, "llm-tiny", "*"))[0]!
const records = (out: string): string => readFileSync(join(runFolder(out), "records", "finetune.jsonl"), "utf8")
/** Number of the first line in which two records differ; undefined where none does. */
const firstDifference = (a: string, b: string): number | undefined => {
  const [x, y] = [a.split("\n"), b.split("\n")]
  const at = x.findIndex((line, i) => line !== y[i])
  return at < 0 && x.length === y.length ? undefined : at
}
const eventFiles = (out: string): ReadonlyArray<string> =>
  globSync(join(test.folder, out, ".cache", "work", "*", "*", "job", "events.jsonl"))

/** Starts the study and waits until each of its two jobs has told a few events. */
const startUntil = async (out: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [bin, ...argumentsOf(out)], { cwd: root, stdio: "ignore" })
  const told = (file: string) => readFileSync(file, "utf8").split("\n").length > 8
  await until(`two jobs of ${out}`, () => eventFiles(out).length === 2 && eventFiles(out).every(told))
  return child
}

const kill = async (child: ChildProcess): Promise<void> => {
  const ended = new Promise((done) => child.on("exit", done))
  child.kill("SIGKILL")
  await ended
}

describe.runIf(requires("slurm", "python"))("a study on the engine slurm", () => {
  let torch = ""
  beforeAll(async () => {
    test = await testCluster()
    // Another number of threads here than on the cluster: the study's own number is what counts.
    process.env.OMP_NUM_THREADS = "2"
    configFile = join(test.folder, "slurm.yaml")
    const text = readFileSync(join(root, "configs/llm/tiny.yaml"), "utf8")
    writeFileSync(configFile, text.replace("  engine: torch\n", section))
    expect(losslattice(...argumentsOf("torch", "configs/llm/tiny.yaml")).code).toBe(0)
    torch = records("torch")
  }, 600_000)
  afterAll(() => test?.end())

  it("plans with the script that it would submit", () => {
    const { code, out } = losslattice(...argumentsOf("planned"), "--dry-run")
    expect(code).toBe(0)
    expect(out).toContain("#SBATCH --job-name=dry-run")
    expect(out).toContain("#SBATCH --time=5")
  })

  it("refuses the section with another engine, and settings that are none", () => {
    const other = losslattice(...argumentsOf("other"), "finetune.engine=torch", "--dry-run")
    expect(other.code).toBe(2)
    expect(other.err).toContain("finetune.slurm: does nothing with engine torch")
    const wrong = losslattice(...argumentsOf("other"), "finetune.slurm.partition=a b", "--dry-run")
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain("finetune.slurm.partition: expected a name of letters")
  })

  it("gives the records of the engine torch, from one array, though its driver was killed", async () => {
    const child = await startUntil("killed")
    const before = jobsKnown()
    await kill(child)
    const state = JSON.parse(losslattice("status", runFolder("killed"), "--json").out)
    expect(state.status).toBe("interrupted")
    expect(state.jobs.map(({ queue }: { readonly queue: string }) => queue)).toEqual([
      expect.stringMatching(/^Slurm job \d+_0: /),
      expect.stringMatching(/^Slurm job \d+_1: /)
    ])
    expect(run("killed").code).toBe(0)
    expect(firstDifference(records("killed"), torch)).toBeUndefined()
    expect(jobsKnown()).toBe(before)
    const scripts = readdirSync(join(runFolder("killed"), "slurm")).filter((name) => name.endsWith(".sbatch"))
    expect(scripts).toHaveLength(1)
    expect(readFileSync(join(runFolder("killed"), "slurm", scripts[0]!), "utf8")).toContain("#SBATCH --array=0-1\n")
  }, 300_000)

  it("is cancelled, driver and queue, and goes on later", async () => {
    const child = await startUntil("cancelled")
    const ended = new Promise((done) => child.on("exit", done))
    const cell = "finetune/dpo/seed=1"
    expect(losslattice("logs", runFolder("cancelled"), "--job", cell).out).toContain("losslattice: Slurm job")
    const { code, err } = losslattice("cancel", runFolder("cancelled"))
    expect([code, err]).toEqual([0, expect.stringContaining("2 jobs have stopped")])
    await ended
    await until("an empty queue", () => slurm("squeue", "-h").trim() === "")
    // One of the two may have made its last update just before.
    expect(losslattice("status", runFolder("cancelled")).out).toMatch(
      /seed=(\d) +cancelled .*Slurm job \d+_\1: cancelled/
    )
    expect(run("cancelled").code).toBe(0)
    expect(firstDifference(records("cancelled"), torch)).toBeUndefined()
  }, 300_000)
})
