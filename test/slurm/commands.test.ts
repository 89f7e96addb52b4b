/** What is read from the output of Slurm's commands. */
import { describe, expect, it } from "vitest"
import {
  type CommandEnd,
  makeSlurm,
  outerEnvironment,
  parseAccounting,
  parseQueue,
  parseShownJobs,
  parseSubmission,
  standsFor
} from "../../src/finetune/slurm/commands.ts"
import { slurmStatus } from "../../src/finetune/slurm/slurmStatus.ts"
import { isOver, knownStates, phaseOf, slurmPhases } from "../../src/finetune/slurm/states.ts"

const shown =
  "JobId=8 ArrayJobId=7 ArrayTaskId=1 JobName=sweep UserId=root(0) Priority=4 Account=(null) JobState=PENDING Reason=BeginTime " +
  "Dependency=(null) Requeue=1 Restarts=2 ExitCode=0:0 NodeList= Comment=JobState=FAILED Command=/a b/c"
const shownWaiting =
  "JobId=7 ArrayJobId=7 ArrayTaskId=2-4%2 JobName=sweep JobState=PENDING Reason=JobArrayTaskLimit ExitCode=0:0"
const ok = (stdout: string): CommandEnd => ({ code: 0, stdout, stderr: "" })
const bad = (stderr: string): CommandEnd => ({ code: 1, stdout: "", stderr })
const unknown = bad("slurm_load_jobs error: Invalid job id specified")

describe("Slurm's output", () => {
  it("sbatch --parsable", () => {
    expect(parseSubmission("12\n")).toEqual({ id: "12" })
    expect(parseSubmission("12;west\n")).toEqual({ id: "12", cluster: "west" })
    expect(parseSubmission("sbatch: a note\n12\n")).toEqual({ id: "12" })
    expect(parseSubmission("Submitted batch job 12")).toBeUndefined()
  })

  it("squeue", () => {
    expect(parseQueue("8|7|1|RUNNING|None|a|b\n12|12|N/A|PENDING|(Resources)|c\n\nCLUSTER: west\n")).toEqual([
      { id: "7_1", number: "8", state: "RUNNING", reason: "None", name: "a|b" },
      { id: "12", number: "12", state: "PENDING", reason: "(Resources)", name: "c" }
    ])
  })

  it("scontrol show job", () => {
    expect(parseShownJobs(`${shown}\n${shownWaiting}\n`)).toEqual([
      { id: "7_1", number: "8", state: "PENDING", reason: "BeginTime", exit: "0:0", restarts: 2 },
      { id: "7_2-4%2", number: "7", state: "PENDING", reason: "JobArrayTaskLimit", exit: "0:0" }
    ])
  })

  it("sacct", () => {
    expect(parseAccounting("12|CANCELLED by 1000|0:15\n7_1|COMPLETED|0:0\n")).toEqual([
      { id: "12", state: "CANCELLED", exit: "0:15" },
      { id: "7_1", state: "COMPLETED", exit: "0:0" }
    ])
    expect(parseAccounting("Slurm accounting storage is disabled")).toEqual([])
  })

  it("rows that stand for several tasks", () => {
    expect(standsFor("7_1", "7_1")).toBe(true)
    expect(standsFor("7_[2-4,9%2]", "7_3")).toBe(true)
    expect(standsFor("7_[2-4,9%2]", "7_9")).toBe(true)
    expect(standsFor("7_[0-8:4]", "7_4")).toBe(true)
    expect(standsFor("7_[0-8:4]", "7_5")).toBe(false)
    expect(standsFor("7_[2-4]", "8_3")).toBe(false)
    expect(standsFor("7_[2-4]", "7")).toBe(false)
  })
})

describe("asking Slurm", () => {
  const slurmOf = (ends: Readonly<Record<string, CommandEnd>>) => makeSlurm(async (command) => ends[command] ?? unknown)

  it("the queue knows, the controller remembers, nobody does, nobody answers", async () => {
    const queued = await slurmOf({ squeue: ok("12|12|N/A|RUNNING|None|c\n") }).job("12")
    expect(queued).toMatchObject({ _tag: "Known", job: { state: "RUNNING" } })
    const ended = await slurmOf({ scontrol: ok("JobId=12 JobState=TIMEOUT ExitCode=0:0") }).job("12")
    expect(ended).toMatchObject({ _tag: "Known", job: { state: "TIMEOUT" } })
    expect(await slurmOf({}).job("12")).toEqual({ _tag: "Unknown" })
    const down = bad("slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
    expect(await slurmOf({ squeue: down, scontrol: down }).job("12")).toMatchObject({ _tag: "Silent" })
  })

  it("an accounting that is not there knows nothing", async () => {
    const none = bad("Slurm accounting storage is disabled")
    expect(await slurmOf({ sacct: none }).accounted("12")).toEqual({ _tag: "Unknown" })
    const missing = { code: undefined, stdout: "", stderr: "spawn sacct ENOENT" }
    expect(await slurmOf({ sacct: missing }).accounted("12")).toEqual({ _tag: "Unknown" })
  })

  it("sbatch: taken, refused, or who knows", async () => {
    const submit = (end: CommandEnd) => slurmOf({ sbatch: end }).submit("a", "/")
    expect(await submit(ok("12\n"))).toEqual({ _tag: "Accepted", id: "12" })
    const refused = bad("sbatch: error: invalid partition specified: x\nsbatch: error: Batch job submission failed")
    expect(await submit(refused)).toMatchObject({ _tag: "Refused" })
    expect(await submit(bad("sbatch: error: Batch job submission failed: Socket timed out"))).toMatchObject({
      _tag: "Unanswered"
    })
    expect(await submit({ code: undefined, stdout: "", stderr: "timed out" })).toMatchObject({ _tag: "Unanswered" })
    expect(await submit({ code: undefined, stdout: "", stderr: "spawn sbatch ENOENT" })).toMatchObject({
      _tag: "Refused"
    })
  })

  it("a new job does not inherit what an enclosing one says of itself", () => {
    const env = outerEnvironment({ SLURM_JOB_ID: "1", SLURM_CONF: "/c", SLURMD_NODENAME: "n", PATH: "/bin" })
    expect(env).toEqual({ SLURM_CONF: "/c", PATH: "/bin", LC_ALL: "C" })
  })
})

describe("what doctor says", () => {
  const status = (ends: Readonly<Record<string, CommandEnd>>) =>
    slurmStatus(async (command) => ends[command] ?? { code: undefined, stdout: "", stderr: "spawn ENOENT" })

  it("names partitions, or what is missing", async () => {
    expect(await status({})).toMatchObject({ available: false, reason: "there is no sbatch on the path" })
    const unset = bad(
      "sbatch: error: DNS SRV lookup failed\nsbatch: fatal: Could not establish a configuration source\n"
    )
    expect(await status({ sbatch: unset })).toMatchObject({
      available: false,
      reason: "sbatch is there, and says: sbatch: fatal: Could not establish a configuration source"
    })
    const sbatch = ok("slurm-wlm 22.05.8\n")
    const down = bad("slurm_load_partitions: Unable to contact slurm controller (connect failure)")
    expect(await status({ sbatch, sinfo: down })).toMatchObject({
      available: false,
      reason: expect.stringContaining("slurm-wlm 22.05.8: slurm_load_partitions: Unable to contact")
    })
    expect(await status({ sbatch, sinfo: ok("main 4 gpu:2\ncpu 1 (null)\n") })).toMatchObject({
      available: true,
      device: "slurm-wlm 22.05.8; main: 4 nodes with gpu:2; cpu: 1 node"
    })
  })
})

describe("states", () => {
  it("every state has a phase; those that end a job are told from those that do not", () => {
    for (const state of knownStates) expect(slurmPhases).toContain(phaseOf(state))
    for (const state of ["PENDING", "RUNNING", "COMPLETING", "REQUEUED", "SOMETHING_NEW"]) {
      expect(isOver(phaseOf(state))).toBe(false)
    }
    for (const state of ["COMPLETED", "FAILED", "TIMEOUT", "NODE_FAIL", "CANCELLED by 0", "CANCELLED+", "PREEMPTED"]) {
      expect(isOver(phaseOf(state))).toBe(true)
    }
  })
})
