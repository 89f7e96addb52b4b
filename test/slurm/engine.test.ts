/** The Slurm engine on a real cluster, with a worker that trains nothing but keeps the contract. */
import { spawn } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { encodeJob, type TrainingJob } from "../../src/finetune/job.ts"
import { placeJob } from "../../src/finetune/slurm/place.ts"
import { readRecord, writeRecord } from "../../src/finetune/slurm/record.ts"
import { requires } from "../requirements.ts"
import {
  drive,
  jobsKnown,
  numberOf,
  settingsOf,
  slurm,
  standInJob,
  standInOptions,
  startsOf,
  type TestCluster,
  testCluster,
  textOf,
  until,
  untilStep
} from "./harness.ts"

/** Events of a job of 40 updates that nothing disturbed; every disturbed one has to leave the same bytes. */
let undisturbed = ""
let test: TestCluster

const folderOf = (name: string): string => join(test.folder, name)
/** The options of a test; scripts are kept in the job's own folder, or in `scripts`. */
const options = (changes: Record<string, unknown> = {}, scripts?: string) =>
  standInOptions(scripts === undefined ? undefined : folderOf(scripts), changes)

/** The driver saw each line of the job's file once, in order, and the file is that of an undisturbed run. */
const expectUndisturbed = (job: TrainingJob, events: ReadonlyArray<{ readonly event: string }>): void => {
  expect(textOf(job, "events.jsonl")).toBe(undisturbed)
  expect(events.map(({ event }) => event)).toEqual(
    undisturbed
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).event)
  )
}

describe.runIf(requires("slurm"))("the Slurm engine", () => {
  beforeAll(async () => {
    test = await testCluster()
    const job = standInJob(folderOf("first"))
    const { events, error } = await drive(options(), job)
    expect(error).toBeUndefined()
    expect(events.at(-1)?.event).toBe("finished")
    undisturbed = textOf(job, "events.jsonl")
    expect(events).toHaveLength(undisturbed.trim().split("\n").length)
  }, 600_000)
  afterAll(() => test?.end())

  it("finished jobs are told again without a submission", async () => {
    const job = standInJob(folderOf("first"))
    const before = jobsKnown()
    const { events } = await drive(options(), job)
    expectUndisturbed(job, events)
    expect(jobsKnown()).toBe(before)
    expect(startsOf(job)).toHaveLength(1)
  })

  it("keeps the script in the job's folder", () => {
    const [script] = readdirSync(join(folderOf("first"), "slurm")).filter((name) => name.endsWith(".sbatch"))
    const text = readFileSync(join(folderOf("first"), "slurm", script!), "utf8")
    expect(text).toContain("#SBATCH --signal=B:USR1@60")
    expect(text).toContain(`'${folderOf("first")}'`)
  })

  it("folders with quotes, spaces, percent signs and commands in their names", async () => {
    const job = standInJob(folderOf("it's 100%j $(touch injected) `touch injected` \"; touch injected; #\nnew"))
    const { error } = await drive(options(), job)
    expect(error).toBeUndefined()
    expect(textOf(job, "events.jsonl")).toBe(undisturbed)
    const all = readdirSync(test.folder, { recursive: true }).map(String)
    expect(all.filter((path) => path.endsWith("injected"))).toEqual([])
  })

  it("a whole sweep is one array, at most throttle at once", async () => {
    const jobs = [0, 1, 2, 3, 4].map((i) => standInJob(folderOf(`sweep/${i}`), { sleep: 0.05 }))
    const scripts = options({ throttle: 2 }, "sweep/scripts")
    const driving = Promise.all(jobs.map((job) => drive(scripts, job)))
    const ids = await Promise.all(jobs.map(numberOf))
    expect(new Set(ids.map((id) => id.split("_")[0])).size).toBe(1)
    expect(ids.map((id) => Number(id.split("_")[1]))).toEqual([0, 1, 2, 3, 4])
    expect(readdirSync(folderOf("sweep/scripts")).filter((name) => name.endsWith(".sbatch"))).toHaveLength(1)
    let most = 0
    const watching = setInterval(() => {
      const running = slurm("squeue", "-h", "-r", "-t", "running", "-j", ids[0]!.split("_")[0]!, "-o", "%A")
      most = Math.max(most, running.split("\n").filter((line) => line !== "").length)
    }, 300)
    const ends = await driving
    clearInterval(watching)
    expect(ends.map(({ error }) => error)).toEqual(jobs.map(() => undefined))
    for (const [i, job] of jobs.entries()) expectUndisturbed(job, ends[i]!.events)
    expect(most).toBe(2)
  })

  it("a failed job's reason is the worker's, and the next run tries again", async () => {
    const job = standInJob(folderOf("failing"), { fail_at: 15 })
    const first = await drive(options(), job)
    expect(first.error?.reason).toMatchObject({ _tag: "NonFiniteLoss", step: 15, rows: [3] })
    writeFileSync(join(job.output!, "stand-in.json"), "{}")
    const second = await drive(options(), job)
    expect(second.error).toBeUndefined()
    expectUndisturbed(job, second.events)
    expect(startsOf(job)).toHaveLength(2)
  })

  it("a worker that is killed is submitted again, as often as it may be", async () => {
    const once = standInJob(folderOf("killed-once"), { exit_at: [25, 137] })
    const [a, always] = await Promise.all([
      drive(options(), once),
      drive(options({ retries: 0 }), standInJob(folderOf("killed"), { exit_at: [25, 137] }))
    ])
    expect(a.error).toBeUndefined()
    expectUndisturbed(once, a.events)
    expect(readRecord(once.output!)?.attempts.map(({ outcome }) => outcome)).toEqual(["interrupted", "finished"])
    expect(always.error?.reason._tag).toBe("JobLost")
    expect(always.error?.message).toContain("ended with code 137")
  })

  it("a cancelled job", async () => {
    const job = standInJob(folderOf("cancelled"), { sleep: 0.1 })
    const running = drive(options(), job)
    await untilStep(job, 12)
    slurm("scancel", await numberOf(job))
    const { error } = await running
    expect(error?.reason._tag).toBe("JobCancelled")
    const again = await drive(options(), job)
    expectUndisturbed(job, again.events)
  })

  it("a refused submission says what sbatch said", async () => {
    const { error } = await drive(options({ partition: "nowhere" }), standInJob(folderOf("refused")))
    expect(error?.reason._tag).toBe("SubmissionRefused")
    expect(error?.message).toMatch(/invalid partition/i)
  })

  it("a requeued job goes on from its checkpoint", async () => {
    const job = standInJob(folderOf("requeued"), { sleep: 0.1 })
    const running = drive(options(), job)
    await untilStep(job, 15)
    slurm("scontrol", "requeue", await numberOf(job))
    const { events, error } = await running
    expect(error).toBeUndefined()
    expectUndisturbed(job, events)
    const starts = startsOf(job)
    expect(starts).toHaveLength(2)
    expect(starts[0]!.id).toBe(starts[1]!.id)
  })

  it("a job that is warned of its time limit writes a checkpoint and goes back into the queue by itself", async () => {
    const job = standInJob(folderOf("warned"), { sleep: 0.1 })
    const running = drive(options(), job)
    await untilStep(job, 15)
    slurm("scancel", "--batch", "--signal=USR1", await numberOf(job))
    const { events, error } = await running
    expect(error).toBeUndefined()
    expectUndisturbed(job, events)
    expect(startsOf(job)).toHaveLength(2)
    expect(readRecord(job.output!)?.attempts).toHaveLength(1)
  })

  it("a killed driver: the next one takes up where the job is, without a second submission", async () => {
    const job = standInJob(folderOf("dead-driver"), { sleep: 0.1 })
    const [jobFile, optionsFile] = [join(job.output!, "for-driver.json"), join(job.output!, "options.json")]
    writeFileSync(jobFile, JSON.stringify(encodeJob(job)))
    writeFileSync(optionsFile, JSON.stringify(options()))
    const driver = spawn(process.execPath, [join(import.meta.dirname, "driver.ts"), jobFile, optionsFile])
    await untilStep(job, 12)
    const before = jobsKnown()
    driver.kill("SIGKILL")
    const { events, error } = await drive(options(), job)
    expect(error).toBeUndefined()
    expectUndisturbed(job, events)
    expect(jobsKnown()).toBe(before)
    expect(startsOf(job)).toHaveLength(1)
  })

  it("a driver that died between sbatch and writing down the number", async () => {
    const job = standInJob(folderOf("no-number"), { sleep: 0.1 })
    const running = drive(options(), job)
    const id = await numberOf(job)
    const before = jobsKnown()
    const { id: _id, ...attempt } = readRecord(job.output!)!.attempts[0]
    writeRecord(job.output!, { ...readRecord(job.output!)!, attempts: [attempt] })
    const second = await drive(options(), job)
    expectUndisturbed(job, second.events)
    expectUndisturbed(job, (await running).events)
    expect(readRecord(job.output!)?.attempts[0].id).toBe(id)
    expect(jobsKnown()).toBe(before)
  })

  it("a driver that died before sbatch: submitted after the grace, as the same attempt", async () => {
    const model = standInJob(folderOf("asked"))
    const job = standInJob(folderOf("never-asked"))
    const before = jobsKnown()
    await drive(options(), model)
    const { hash } = placeJob(job, settingsOf())
    const { script } = readRecord(model.output!)!.attempts[0]
    const asked = new Date().toISOString()
    writeRecord(job.output!, { version: 1, job: hash, attempts: [{ name: "never-submitted", script, asked }] })
    const { error, events } = await drive(options(), job)
    expect(error).toBeUndefined()
    expectUndisturbed(job, events)
    expect(readRecord(job.output!)?.attempts).toHaveLength(1)
    expect(Date.parse(readRecord(job.output!)!.attempts[0].asked) - Date.parse(asked)).toBeGreaterThan(2900)
    expect(jobsKnown()).toBe(before + 2)
  })

  it("two submissions of one attempt: one trains, the other steps back", async () => {
    const job = standInJob(folderOf("twice"), { sleep: 0.1 })
    const running = drive(options(), job)
    await untilStep(job, 3)
    const [script] = readdirSync(join(job.output!, "slurm")).filter((name) => name.endsWith(".sbatch"))
    const second = slurm("sbatch", "--parsable", "--output=/dev/null", join(job.output!, "slurm", script!)).trim()
    const { events } = await running
    expectUndisturbed(job, events)
    await until("the second to end", () =>
      slurm("squeue", "-h", "-t", "all", "-j", second, "-o", "%T").includes("COMPLETED")
    )
    expect(startsOf(job)).toHaveLength(1)
    expect(textOf(job, `slurm/${second}.log`)).toContain("has this attempt")
  })
})
