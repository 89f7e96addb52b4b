/** The real worker on a real cluster: one process, both launchers over two nodes, and what interrupts it. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { NodeName } from "../../scripts/slurmCluster.ts"
import type { TrainingJob } from "../../src/finetune/job.ts"
import { referenceModelFolder } from "../../src/finetune/referenceModels.ts"
import type { SlurmOptions } from "../../src/finetune/slurm/host.ts"
import { readRecord } from "../../src/finetune/slurm/record.ts"
import { tinyJob } from "../finetune/tiny.ts"
import { requires } from "../requirements.ts"
import { drive, numberOf, settingsOf, slurm, type TestCluster, testCluster, textOf, untilStep } from "./harness.ts"

let test: TestCluster
const folderOf = (name: string): string => join(test.folder, name)

const options = (changes: Record<string, unknown> = {}): SlurmOptions => ({ settings: settingsOf(changes) })

/** A job with checkpoints all 5 of its updates; `processes` of each node share the work. */
const jobOf = (name: string, steps = 10, processes = 1): TrainingJob =>
  tinyJob(referenceModelFolder("sotu-0.2m"), {
    output: folderOf(name),
    steps,
    checkpoint_every: 5,
    evaluation: { every: steps, max_tokens: 4 },
    torch: { device: "cpu", ...(processes > 1 ? { parallel: "ddp", processes } : {}) }
  })

const nodeOf = (id: string): NodeName => slurm("squeue", "-h", "-j", id, "-o", "%N").trim() as NodeName

describe.runIf(requires("slurm", "python"))("the worker on Slurm", () => {
  /** Events of a long job that nothing disturbed. */
  const long = 300
  let undisturbed = ""
  beforeAll(async () => {
    test = await testCluster()
    const job = jobOf("long", long)
    const { error, events } = await drive(options(), job)
    expect(error).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ event: "finished", step: long })
    undisturbed = textOf(job, "events.jsonl")
  }, 600_000)
  afterAll(() => test?.end())

  it("several processes without a way to share the work are refused", async () => {
    const { error } = await drive(options({ nodes: 2 }), jobOf("unfit"))
    expect(error?.reason._tag).toBe("InvalidJob")
    expect(error?.message).toContain("2 processes (slurm.nodes 2, torch.processes 1) need torch.parallel")
  })

  it("a job that the worker refuses", async () => {
    const job = { ...jobOf("refused"), model: folderOf("no-model") }
    const { error } = await drive(options(), job)
    expect(error?.reason._tag).toBe("InvalidJob")
    expect(readRecord(job.output!)?.attempts).toHaveLength(1)
  })

  it("an array of three, two at once", async () => {
    const jobs = [0, 1, 2].map((i) => jobOf(`array/${i}`, 5))
    const scripts = { ...options({ throttle: 2 }), scripts: folderOf("array/scripts") }
    const ends = await Promise.all(jobs.map((job) => drive(scripts, job)))
    expect(ends.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    const [first, ...rest] = jobs.map((job) => textOf(job, "events.jsonl"))
    for (const text of rest) expect(text).toBe(first)
  })

  it("requeued, then warned of the time limit, then its node dies: the events of an undisturbed run", async () => {
    const job = jobOf("disturbed", long)
    const running = drive(options(), job)
    const id = await numberOf(job)
    await untilStep(job, 40)
    slurm("scontrol", "requeue", id)
    await untilStep(job, 120)
    slurm("scancel", "--batch", "--signal=USR1", id)
    await untilStep(job, 220)
    const node = nodeOf(id)
    test.cluster.killNode(node)
    const { error, events } = await running
    await test.cluster.startNode(node)
    expect(error).toBeUndefined()
    expect(textOf(job, "events.jsonl")).toBe(undisturbed)
    expect(events).toHaveLength(undisturbed.trim().split("\n").length)
    const record = readRecord(job.output!)!
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["finished"])
    expect(readFileSync(join(job.output!, "slurm", `${id}.log`), "utf8")).toContain("restart 3, on")
  })

  it.each(["torchrun", "srun"])(
    "%s: two nodes with two processes each, warned, go on from their checkpoint",
    async (launcher) => {
      const job = jobOf(`warned-${launcher}`, 60, 2)
      const running = drive(options({ nodes: 2, launcher }), job)
      await untilStep(job, 12)
      slurm("scancel", "--batch", "--signal=USR1", await numberOf(job))
      const { error, events } = await running
      expect(error).toBeUndefined()
      expect(events.at(-1)).toMatchObject({ event: "finished", step: 60 })
      expect(JSON.parse(textOf(job, "status.json"))).toMatchObject({ state: "finished", world_size: 4, restart: 1 })
      expect(readRecord(job.output!)?.attempts).toHaveLength(1)
      expect(textOf(job, `slurm/${await numberOf(job)}.log`)).toContain("restart 1, on")
    }
  )
})
