/**
 * @file Bandit training against vectorised NumPy and jitted JAX: 10 arms, 1,000 full-batch Adam steps, 1,000 seeds (exact
 * expectation over 90 ordered pairs), on as many threads as the machine has cores, two at most. Engines take turns, so that a busy machine
 * slows all; figures are medians of the rounds, ratios medians of the ratios within a round. NumPy and JAX do all seeds at once; NumPy
 * uses one core by nature. Then the cost of a step against the number of arms, on one thread: sampled data of 4 pairs per arm,
 * where a step is linear by nature, and the exact expectation, where it is quadratic (all pairs).
 *
 * Run: `node bench/training.ts [seeds]`. `LOSSLATTICE_PYTHON` names a Python with numpy and jax; what it lacks is reported missing.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { fullBatch } from "../src/bandit/batch.ts"
import { exactPairs } from "../src/bandit/pairs.ts"
import { machine, spread } from "./machine.ts"
import { generatedRun, sampledWorld, type TrainingTask, worldOf } from "./trainingTask.ts"

const arms = 10
const steps = 1000
const rounds = 5
const losses = [
  { name: "dpo", loss: "dpo?beta=0.5", required: 2, goal: 5 },
  { name: "uncpo", loss: "uncpo", required: 4, goal: 10 }
] as const

interface Timing {
  readonly wall: number
  readonly cpu: number
}

interface Timed extends Timing {
  readonly policies: Float64Array
}

/** Threads that share the seeds of a task. */
class Threads {
  readonly #workers: ReadonlyArray<Worker>
  constructor(count: number) {
    const url = new URL("./trainingWorker.ts", import.meta.url)
    this.#workers = Array.from({ length: count }, () => new Worker(url))
  }
  async run(task: TrainingTask): Promise<Timed> {
    const start = performance.now()
    const size = Math.ceil((task.to - task.from) / this.#workers.length)
    const parts = await Promise.all(
      this.#workers.map((worker, k) => {
        const from = task.from + k * size
        return new Promise<{ policies: Float64Array; cpu: number }>((resolve, reject) => {
          worker.removeAllListeners().once("message", resolve).once("error", reject)
          worker.postMessage({ ...task, from, to: Math.min(from + size, task.to) })
        })
      })
    )
    const wall = (performance.now() - start) / 1000
    const policies = Float64Array.from(parts.flatMap((part) => [...part.policies]))
    return { wall, cpu: parts.reduce((sum, { cpu }) => sum + cpu, 0), policies }
  }
  close(): Promise<unknown> {
    return Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

type Reply = Timed & { readonly version: string }

/** The Python process; one question at a time. */
class Python {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  constructor(data: string, seeds: number) {
    const script = fileURLToPath(new URL("reference/training.py", import.meta.url))
    const args = [script, data, String(seeds), String(arms), String(steps)]
    this.#process = spawn(process.env.LOSSLATTICE_PYTHON ?? "python3", args)
    this.#process.on("error", () => undefined)
    this.#process.stdin.on("error", () => undefined)
    this.#process.stderr.resume()
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }
  async ask(engine: string, loss: string): Promise<Reply | string> {
    this.#process.stdin.write(`${engine} ${loss}\n`)
    const { value, done } = await this.#lines.next()
    if (done === true) return "python3 with numpy is not installed"
    const answer = JSON.parse(value)
    if (answer.missing !== undefined) return answer.missing
    const bytes = readFileSync(answer.file)
    const policies = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    return { wall: answer.wall, cpu: answer.cpu, policies, version: answer.version }
  }
  close(): void {
    this.#process.stdin.end()
  }
}

/** Log references [seeds, arms], then the weights of all ordered pairs [seeds, arms, arms]. */
const writeData = (file: string, seeds: number): void => {
  const references = new Float64Array(seeds * arms)
  const weights = new Float64Array(seeds * arms * arms)
  for (let seed = 0; seed < seeds; seed++) {
    const environment = worldOf(arms, seed)
    references.set(environment.reference.map(Math.log), seed * arms)
    const { count, chosen, rejected, weight } = exactPairs(environment)
    for (let i = 0; i < count; i++) weights[(seed * arms + chosen[i]!) * arms + rejected[i]!] = weight[i]!
  }
  writeFileSync(file, Buffer.concat([references, weights].map((a) => Buffer.from(a.buffer))))
}

const largestDifference = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

const median = (values: ReadonlyArray<number>): number => spread(values).median

/** One engine's rounds, beside those of the generated loop. */
const compared = (ours: ReadonlyArray<Timed>, theirs: ReadonlyArray<Timed>, seeds: number) => {
  const perStep = (values: ReadonlyArray<number>) => (median(values) * 1e9) / (seeds * steps)
  const difference = largestDifference(ours[0]!.policies, theirs[0]!.policies)
  if (!(difference < 1e-7)) throw new Error(`two engines disagree by ${difference}`)
  return {
    nsPerCellStep: perStep(theirs.map(({ wall }) => wall)),
    cpuNsPerCellStep: perStep(theirs.map(({ cpu }) => cpu)),
    ratio: spread(theirs.map(({ wall }, i) => wall / ours[i]!.wall)),
    cpuRatio: spread(theirs.map(({ cpu }, i) => cpu / ours[i]!.cpu)),
    largestDifference: difference
  }
}

const benchLoss = async (threads: Threads, python: Python, seeds: number, entry: (typeof losses)[number]) => {
  const task = (how: TrainingTask["how"], to = seeds): TrainingTask => ({
    loss: entry.loss,
    arms,
    steps,
    from: 0,
    to,
    how
  })
  const few = Math.max(2, Math.floor(seeds / 10))
  const times = { generated: [] as Array<Timed>, cells: [] as Array<Timed>, plain: [] as Array<Timed> }
  const others = { numpy: [] as Array<Reply>, jax: [] as Array<Reply> }
  const missing: Record<string, string> = {}
  for (let round = -1; round < rounds; round++) {
    const made = {
      generated: await threads.run(task("generated")),
      cells: await threads.run(task("cells")),
      plain: await threads.run(task("plain", few))
    }
    // The first round is the compilers'.
    if (round >= 0) for (const how of ["generated", "cells", "plain"] as const) times[how].push(made[how])
    for (const engine of ["numpy", "jax"] as const) {
      if (missing[engine] !== undefined) continue
      const reply = await python.ask(engine, entry.name)
      if (typeof reply === "string") missing[engine] = reply
      else if (round >= 0) others[engine].push(reply)
    }
  }
  const plain = times.plain.map(({ wall, cpu }) => ({ wall: (wall * seeds) / few, cpu: (cpu * seeds) / few }))
  const engines = Object.fromEntries(
    (["numpy", "jax"] as const).map((engine) => [
      engine,
      others[engine].length === 0
        ? { missing: missing[engine] }
        : { version: others[engine][0]!.version, ...compared(times.generated, others[engine], seeds) }
    ])
  )
  const per = (list: ReadonlyArray<Timing>, key: keyof Timing) =>
    (median(list.map((one) => one[key])) * 1e9) / seeds / steps
  return {
    loss: entry.loss,
    required: entry.required,
    goal: entry.goal,
    generated: { nsPerCellStep: per(times.generated, "wall"), cpuNsPerCellStep: per(times.generated, "cpu") },
    wholeCells: { nsPerCellStep: per(times.cells, "wall"), cpuNsPerCellStep: per(times.cells, "cpu") },
    plainLoop: {
      cpuNsPerCellStep: per(plain, "cpu"),
      cpuRatio: median(plain.map(({ cpu }, i) => cpu / times.generated[i]!.cpu))
    },
    ...engines
  }
}

/** Processor time of a step on this thread, the least of five. */
const stepCost = (loss: string, { environment, table }: ReturnType<typeof sampledWorld>): number => {
  const run = generatedRun(loss, environment, fullBatch(table))
  const parameters = environment.reference.map(Math.log)
  const count = Math.max(10, Math.min(20_000, Math.ceil(2e7 / (table.count + environment.arms))))
  const seconds = (): number => {
    const start = process.threadCpuUsage()
    run.advance(parameters, count)
    const { user, system } = process.threadCpuUsage(start)
    return (user + system) / 1e6
  }
  seconds()
  return Math.min(...[0, 1, 2, 3, 4].map(seconds)) * (1e9 / count)
}

const scaling = (loss: string) => ({
  loss,
  sampled: [10, 30, 100, 300, 1000, 3000, 10_000].map((k) => {
    const world = sampledWorld(k, 4 * k)
    const nsPerStep = stepCost(loss, world)
    return { arms: k, pairs: world.table.count, nsPerStep, nsPerStepAndArm: nsPerStep / k }
  }),
  exact: [10, 30, 100, 300, 1000].map((k) => {
    const environment = worldOf(k, 0)
    const table = exactPairs(environment)
    const nsPerStep = stepCost(loss, { environment, table })
    return { arms: k, pairs: table.count, nsPerStep, nsPerStepAndPair: nsPerStep / table.count }
  })
})

const main = async (seeds: number): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-bench-"))
  const threads = new Threads(Math.min(2, availableParallelism()))
  const data = join(folder, "data.bin")
  writeData(data, seeds)
  const python = new Python(data, seeds)
  try {
    const results = []
    for (const entry of losses) results.push(await benchLoss(threads, python, seeds, entry))
    const report = {
      bench: "training",
      machine: machine(),
      /** Processes that wanted a core: above the number of cores the machine was shared, and wall clock means little. */
      load: loadavg()[0],
      threads: Math.min(2, availableParallelism()),
      arms,
      steps,
      seeds,
      rounds,
      results,
      stepAgainstArms: losses.map(({ loss }) => scaling(loss))
    }
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  } finally {
    python.close()
    await threads.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const seeds = Number(process.argv[2] ?? 1000)
if (!(Number.isInteger(seeds) && seeds >= 4)) throw new RangeError(`seeds must be at least 4, got ${process.argv[2]}`)
await main(seeds)
