/**
 * Speed of the generated DPO kernel (value and both derivatives, 1e6 pairs, double precision) against a loop written by hand
 * for DPO alone, and against PyTorch on CPU (eager, float64, value and gradients) where Python has it. The sides take turns,
 * so that what slows one round slows both; ratios are medians over rounds. Prints one JSON document.
 *
 *     node bench/kernel.ts [--pairs 1000000] [--rounds 21]
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import { compileKernel, type KernelOutput } from "../src/loss/kernel.ts"
import { resolveLoss } from "../src/loss/resolve.ts"
import { Rng } from "../src/random/rng.ts"

const option = (name: string, standard: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  const value = at < 0 ? standard : Number(process.argv[at + 1])
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} must be a positive integer`)
  return value
}

const pairs = option("pairs", 1_000_000)
const rounds = option("rounds", 21)

type Columns = Readonly<Record<"lw" | "ll" | "rw" | "rl", Float64Array>>

const makeColumns = (): Columns => {
  const rng = Rng.fromSeed(1)
  const column = (spread: (i: number) => number): Float64Array =>
    Float64Array.from({ length: pairs }, (_, i) => spread(i))
  const rw = column(() => -20 - 200 * rng.uniform())
  const rl = column(() => -20 - 200 * rng.uniform())
  return { rw, rl, lw: column((i) => rw[i]! + 4 * rng.normal()), ll: column((i) => rl[i]! + 4 * rng.normal()) }
}

const makeOutput = (): KernelOutput => ({
  loss: new Float64Array(pairs),
  dlw: new Float64Array(pairs),
  dll: new Float64Array(pairs)
})

/** DPO as one would write it: stable, one exponential per pair. */
const byHand = ({ lw, ll, rw, rl }: Columns, { loss, dlw, dll }: KernelOutput, beta: number, count: number): void => {
  for (let i = 0; i < count; i++) {
    const z = beta * (lw[i]! - rw[i]! - (ll[i]! - rl[i]!))
    const e = Math.exp(-Math.abs(z))
    loss[i] = (z < 0 ? -z : 0) + Math.log1p(e)
    const slope = (beta * (z < 0 ? 1 : e)) / (1 + e)
    dlw[i] = -slope
    dll[i] = slope
  }
}

const seconds = (work: () => void): number => {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

const torchScript = `
import json, struct, sys, time
try:
    import torch
except ImportError as error:
    print(json.dumps({"available": False, "reason": str(error)}))
    sys.exit(0)
pairs, rounds = int(sys.argv[2]), int(sys.argv[3])
data = torch.frombuffer(bytearray(open(sys.argv[1], "rb").read()), dtype=torch.float64).reshape(4, pairs)
lw, ll, rw, rl = (row.clone() for row in data)
lw.requires_grad_(); ll.requires_grad_()
times = []
for _ in range(rounds):
    lw.grad = ll.grad = None
    start = time.perf_counter()
    loss = -torch.nn.functional.logsigmoid(0.1 * ((lw - rw) - (ll - rl)))
    loss.sum().backward()
    times.append(time.perf_counter() - start)
times.sort()
print(json.dumps({"available": True, "version": torch.__version__, "threads": torch.get_num_threads(),
                  "pairsPerSecond": pairs / times[len(times) // 2], "meanLoss": loss.mean().item()}))
`

const torch = (columns: Columns): unknown => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-bench-"))
  try {
    const file = join(folder, "columns.bin")
    const { lw, ll, rw, rl } = columns
    writeFileSync(file, Buffer.concat([lw, ll, rw, rl].map((c) => Buffer.from(c.buffer, c.byteOffset, c.byteLength))))
    const run = spawnSync(
      process.env.LOSSLATTICE_PYTHON ?? "python3",
      ["-c", torchScript, file, String(pairs), String(rounds)],
      { encoding: "utf8" }
    )
    if (run.error !== undefined) return { available: false, reason: "python3 is not installed" }
    if (run.status !== 0) return { available: false, reason: run.stderr.trim().split("\n").at(-1) }
    return JSON.parse(run.stdout)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const columns = makeColumns()
const [ours, hand] = [makeOutput(), makeOutput()]
const beta = 0.1
const { run } = compileKernel(Result.getOrThrow(resolveLoss(`dpo?beta=${beta}`)).program)
const kernelTimes: Array<number> = []
const handTimes: Array<number> = []
for (let round = 0; round < rounds + 3; round++) {
  const [kernel, loop] =
    round % 2 === 0
      ? [seconds(() => run(columns, ours, pairs)), seconds(() => byHand(columns, hand, beta, pairs))]
      : ([seconds(() => byHand(columns, hand, beta, pairs)), seconds(() => run(columns, ours, pairs))].reverse() as [
          number,
          number
        ])
  // The first rounds are the compiler's.
  if (round < 3) continue
  kernelTimes.push(kernel)
  handTimes.push(loop)
}
const largest = ours.loss.reduce(
  (most, value, i) => Math.max(most, Math.abs(value - hand.loss[i]!), Math.abs(ours.dlw[i]! - hand.dlw[i]!)),
  0
)
if (!(largest < 1e-13)) throw new Error(`the two loops disagree by ${largest}`)

const report = {
  bench: "kernel",
  loss: "dpo",
  pairs,
  rounds,
  machine: { cpu: cpus()[0]?.model ?? "unknown", node: process.version },
  kernel: { pairsPerSecond: pairs / median(kernelTimes) },
  handWritten: { pairsPerSecond: pairs / median(handTimes) },
  ratio: median(handTimes.map((time, i) => time / kernelTimes[i]!)),
  required: 0.8,
  torch: torch(columns)
}
console.log(JSON.stringify(report, undefined, 2))
