/**
 * How PyTorch's engine handles its process, with a worker of a few lines in Python in place of the real one: what it does is in
 * the job's id. The real one is in test/e2e/torch.test.ts.
 */
import { spawn } from "node:child_process"
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { TrainEvent } from "../../src/finetune/events.ts"
import type { TrainingJob } from "../../src/finetune/job.ts"
import { pythonFolder } from "../../src/finetune/python.ts"
import { layer } from "../../src/finetune/TorchEngine.ts"
import { type EngineError, TrainingEngine } from "../../src/finetune/TrainingEngine.ts"
import { currentWorker, isAlive, lastWorker } from "../../src/finetune/workerFolder.ts"
import { requires } from "../requirements.ts"
import { temporaryFolder, tinyJob } from "./tiny.ts"

const folder = temporaryFolder()
afterAll(() => folder.remove())

const worker = `
import json, os, signal, sys, time
job = json.load(open(sys.argv[2]))
what = job["id"]
say = lambda event, **more: print(json.dumps({"version": 1, "job": what, "event": event, **more}), flush=True)
mark = os.path.join(job.get("output", "."), "starts")
if "output" in job:
    open(mark, "a").write("x")
    open(os.path.join(job["output"], "events.jsonl"), "w").write("")
step = lambda n: say("step", step=n, metrics={"loss": 0.5})
def finish():
    line = json.dumps({"version": 1, "job": what, "event": "finished", "step": 1})
    if "output" in job: open(os.path.join(job["output"], "events.jsonl"), "w").write(line + "\\n")
    print(line, flush=True)
step(1)
if what == "finishes": finish()
if what == "fails":
    say("failed", step=2, reason="non-finite-loss", message="loss is NaN", rows=[3]); sys.exit(1)
if what == "bad-job": print("losslattice_worker: job.json: steps: expected more", file=sys.stderr); sys.exit(2)
if what == "crashes": print("Traceback: it broke", file=sys.stderr); sys.exit(1)
if what == "killed": os.kill(os.getpid(), signal.SIGKILL)
if what == "chats": print("hello"); time.sleep(60)
if what == "half": sys.stdout.write('{"version": 1, "jo'); sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)
if what == "late-crash": say("finished", step=1); print("cannot close", file=sys.stderr); sys.exit(3)
if what == "waits":
    signal.signal(signal.SIGTERM, lambda *_: (open(os.path.join(job["output"], "stopped"), "w"), sys.exit(143)))
    while not os.path.exists(os.path.join(job["output"], "go")): time.sleep(0.02)
    finish()
if what == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)
`

const package_ = join(folder.path, "python", "losslattice_worker")
beforeAll(() => {
  mkdirSync(package_, { recursive: true })
  writeFileSync(join(package_, "__init__.py"), "")
  writeFileSync(join(package_, "__main__.py"), worker)
  cpSync(join(pythonFolder, "losslattice_worker", "hold.py"), join(package_, "hold.py"))
})

const engine = (more: Parameters<typeof layer>[0] = {}) =>
  layer({ command: "python3", environment: { PYTHONPATH: join(folder.path, "python") }, ...more })

const jobOf = (id: string, output?: string): TrainingJob =>
  tinyJob("/model", { id, ...(output === undefined ? {} : { output: join(folder.path, output) }) })

const stream = (job: TrainingJob) => Stream.unwrap(Effect.map(TrainingEngine, ({ train }) => train(job)))

/** The events that came, and the error if the stream ended in one. */
const run = async (job: TrainingJob, layers = engine()) => {
  const events: Array<TrainEvent> = []
  const end = await Stream.runForEach(stream(job), (event) => Effect.sync(() => events.push(event))).pipe(
    Effect.provide(layers),
    Effect.result,
    Effect.runPromise
  )
  const error: EngineError | undefined = end._tag === "Failure" ? end.failure : undefined
  return { kinds: events.map(({ event }) => event), reason: error?.reason, error }
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((done) => setTimeout(done, 20))
  expect(condition()).toBe(true)
}

describe.runIf(requires("python"))("the process of the engine torch", () => {
  it("streams the worker's events, with a folder and without", async () => {
    expect(await run(jobOf("finishes"))).toMatchObject({ kinds: ["step", "finished"], error: undefined })
    expect(await run(jobOf("finishes", "with"))).toMatchObject({ kinds: ["step", "finished"], error: undefined })
  })

  it("tells a job that is done again without a process", async () => {
    await run(jobOf("finishes", "again"))
    expect(await run(jobOf("finishes", "again"), engine({ command: "/nowhere" }))).toMatchObject({
      kinds: ["finished"]
    })
  })

  it.each([
    ["fails", ["step", "failed"], "NonFiniteLoss", "loss is NaN"],
    ["bad-job", ["step"], "InvalidJob", "job.json: steps: expected more"],
    [
      "crashes",
      ["step"],
      "JobFailed",
      "ended before its job was done (exit code 1); its last words: Traceback: it broke"
    ],
    ["killed", ["step"], "OutOfMemory", "was killed, as the system does when memory runs out"],
    ["half", ["step"], "OutOfMemory", "was killed"],
    ["chats", ["step"], "BadEvent", 'the worker printed "hello", which is no event'],
    ["late-crash", ["step"], "JobFailed", "(exit code 3); its last words: cannot close"]
  ])("gives a job that %s its typed reason", async (id, kinds, tag, message) => {
    const end = await run(jobOf(id))
    expect(end.kinds).toEqual(kinds)
    expect(end.reason?._tag).toBe(tag)
    expect(end.error?.message).toContain(message)
  })

  it("says when Python cannot be started, or has no worker", async () => {
    expect((await run(jobOf("finishes"), engine({ command: "/nowhere" }))).error?.message).toContain(
      "engine torch: /nowhere cannot be started"
    )
    const none = engine({ environment: { PYTHONPATH: "/nowhere" } })
    const end = await run(jobOf("finishes"), none)
    expect(end.reason?._tag).toBe("SpawnFailed")
    expect(end.error?.message).toContain("No module named")
  })

  it("stops the worker gently when the stream is left, and for good when that does not help", async () => {
    const job = jobOf("waits", "left")
    const first = Stream.runCollect(Stream.take(stream(job), 1)).pipe(Effect.provide(engine()))
    expect(await Effect.runPromise(first)).toHaveLength(1)
    expect(existsSync(join(job.output!, "stopped"))).toBe(true)
    expect(isAlive(lastWorker(job.output!)!)).toBe(false)
    const deaf = jobOf("deaf", "deaf")
    await Effect.runPromise(
      Stream.runCollect(Stream.take(stream(deaf), 1)).pipe(Effect.provide(engine({ grace: 200 })))
    )
    expect(isAlive(lastWorker(deaf.output!)!)).toBe(false)
  })

  it("stops the worker when the driver is interrupted", async () => {
    const job = jobOf("waits", "interrupted")
    const fiber = Effect.runFork(Stream.runDrain(stream(job)).pipe(Effect.provide(engine())))
    await until(() => existsSync(join(job.output!, "worker.json")))
    await until(() => readFileSync(join(job.output!, "worker.out"), "utf8") !== "")
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(Exit.hasInterrupts(await Effect.runPromise(Fiber.await(fiber)))).toBe(true)
    expect(existsSync(join(job.output!, "stopped"))).toBe(true)
  })

  it("lets two drivers of one job share one worker", async () => {
    const job = jobOf("waits", "shared")
    const [a, b] = [run(job), run(job)]
    await until(() => existsSync(join(job.output!, "worker.json")))
    setTimeout(() => writeFileSync(join(job.output!, "go"), ""), 300)
    // On a busy machine the second one may come when all is done: it is told the end then.
    for (const { kinds } of await Promise.all([a, b])) expect(["step,finished", "finished"]).toContain(kinds.join())
    expect(readFileSync(join(job.output!, "starts"), "utf8")).toBe("x")
  })

  it("leaves the worker alone when the driver is killed, and reads on with the next one", async () => {
    const job = jobOf("waits", "orphan")
    const script = join(folder.path, "driver.ts")
    const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
    writeFileSync(
      script,
      `import { layer } from ${url("../../src/finetune/TorchEngine.ts")}
       import { TrainingEngine } from ${url("../../src/finetune/TrainingEngine.ts")}
       import { decodeJob } from ${url("../../src/finetune/job.ts")}
       import * as Effect from ${JSON.stringify(import.meta.resolve("effect/Effect"))}
       import * as Stream from ${JSON.stringify(import.meta.resolve("effect/Stream"))}
       import { readFileSync } from "node:fs"
       const options = { command: "python3", environment: { PYTHONPATH: ${JSON.stringify(join(folder.path, "python"))} } }
       const job = JSON.parse(readFileSync(process.argv[2], "utf8"))
       const train = Effect.map(TrainingEngine, ({ train }) => train(job))
       await Effect.runPromise(Stream.runDrain(Stream.unwrap(train)).pipe(Effect.provide(layer(options))))`
    )
    const file = join(folder.path, "orphan.json")
    writeFileSync(file, JSON.stringify(job))
    const driver = spawn(process.execPath, [script, file], { stdio: "ignore" })
    await until(() => existsSync(join(job.output!, "worker.json")))
    driver.kill("SIGKILL")
    await new Promise((done) => driver.on("exit", done))
    const who = lastWorker(job.output!)!
    expect(await currentWorker(job.output!)).toEqual(who)
    expect((await run({ ...job, id: "another" })).error?.message).toContain(
      `process ${who.pid} trains another job there`
    )
    const next = run(job)
    setTimeout(() => writeFileSync(join(job.output!, "go"), ""), 200)
    expect(await next).toMatchObject({ kinds: ["step", "finished"], error: undefined })
    expect(readFileSync(join(job.output!, "starts"), "utf8")).toBe("x")
  })

  it("refuses a folder where another machine is at work", async () => {
    const job = jobOf("finishes", "elsewhere")
    mkdirSync(job.output!)
    writeFileSync(join(job.output!, "worker.json"), JSON.stringify({ pid: 1, host: "elsewhere" }))
    writeFileSync(join(job.output!, "status.json"), "{}")
    const end = await run(job)
    expect(end.reason?._tag).toBe("InvalidJob")
    expect(end.error?.message).toContain("a worker on elsewhere is at work there")
  })

  it("says when the folder cannot be written", async () => {
    writeFileSync(join(folder.path, "file"), "")
    chmodSync(join(folder.path, "file"), 0o400)
    const end = await run(jobOf("finishes", "file/below"))
    expect(end.error?.message).toMatch(/engine torch: .*file\/below/)
    expect(end.reason?._tag).toBe("InvalidJob")
  })
})
