/**
 * Cost of a bandit training step: 1,000 cells of 10 arms, 1,000 full-batch Adam steps each (exact expectation, 90 ordered
 * pairs), per loss, beside the same step written with arrays of objects and hand-written derivatives in plain
 * probabilities (which lose digits where the program's log-space forms do not, and skip the loss value).
 * Run: `node bench/bandit.ts [cells]`. Prints JSON; times are CPU time of one thread, medians of five rounds.
 */
import { cellEnvironment, runBanditCell } from "../src/bandit/cell.ts"
import type { BanditCellSpec } from "../src/bandit/cellSchema.ts"
import type { Environment } from "../src/bandit/environment.ts"
import { exactPairs } from "../src/bandit/pairs.ts"
import { sigmoid } from "../src/bandit/preferences.ts"

const arms = 10
const steps = 1000
const learningRate = 0.02

const cellSpec = (loss: string, seed: number): BanditCellSpec => ({
  loss,
  environment: { kind: "bradley-terry", arms, reference: "normal" },
  data: { mode: "exact" },
  optimizer: { kind: "adam", learningRate },
  steps,
  checkpoints: 1,
  seed
})

/** CPU time of this thread: a busy machine lengthens the wall clock, not this. */
const seconds = (work: () => void): number => {
  const start = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1e6
}

interface NaivePair {
  readonly chosen: number
  readonly rejected: number
  readonly weight: number
  readonly rw: number
  readonly rl: number
}

interface NaiveParameter {
  readonly value: number
  readonly m: number
  readonly v: number
}

const naivePairs = (environment: Environment): ReadonlyArray<NaivePair> => {
  const { count, chosen, rejected, weight, rw, rl } = exactPairs(environment)
  return Array.from({ length: count }, (_, i) => ({
    chosen: chosen[i]!,
    rejected: rejected[i]!,
    weight: weight[i]!,
    rw: rw[i]!,
    rl: rl[i]!
  }))
}

type Evaluate = (point: { readonly lw: number; readonly ll: number; readonly rw: number; readonly rl: number }) => {
  readonly dlw: number
  readonly dll: number
}

/** dlw and dll of `-log σ(scale · rho)` from the derivatives of rho. */
const logistic = (rho: number, byLw: number, byLl: number, scale = 1) => {
  const slope = -scale * sigmoid(-scale * rho)
  return { dlw: slope * byLw, dll: slope * byLl }
}

/** Derivatives as one writes them by hand, p_w = e^lw and p_l = e^ll where the loss wants probabilities. */
const handWritten: Readonly<Record<string, Evaluate>> = {
  "dpo?beta=0.5": ({ lw, ll, rw, rl }) => logistic(lw - rw - (ll - rl), 1, -1, 0.5),
  "ipo?tau=0.5": ({ lw, ll, rw, rl }) => {
    const slope = 2 * (lw - rw - (ll - rl) - 1)
    return { dlw: slope, dll: -slope }
  },
  cpo_core: ({ lw, ll }) => logistic(lw - ll, 1, -1),
  orpo_seq: ({ lw, ll }) => {
    const [w, l] = [Math.exp(lw), Math.exp(ll)]
    return logistic(Math.log((w * (1 - l)) / (l * (1 - w))), 1 / (1 - w), -1 / (1 - l))
  },
  ccpo: ({ lw, ll }) => {
    const w = Math.exp(lw)
    return logistic(lw - ll - Math.log(1 - w), 1 / (1 - w), -1)
  },
  uncpo: ({ lw, ll }) => {
    const w = Math.exp(lw)
    const crosses = (1 - w) * Math.exp(ll)
    const ticks = 1 - crosses
    return logistic(Math.log(ticks / crosses), (w * Math.exp(ll)) / ticks + w / (1 - w), -1 / ticks)
  }
}

/** One Adam step as one would first write it: new arrays and objects all along. */
const naiveStep = (
  parameters: ReadonlyArray<NaiveParameter>,
  pairs: ReadonlyArray<NaivePair>,
  evaluate: Evaluate,
  step: number
): ReadonlyArray<NaiveParameter> => {
  const top = Math.max(...parameters.map(({ value }) => value))
  const logSum = top + Math.log(parameters.reduce((sum, { value }) => sum + Math.exp(value - top), 0))
  const logp = parameters.map(({ value }) => value - logSum)
  const byLogp = parameters.map(() => 0)
  for (const { chosen, rejected, weight, rw, rl } of pairs) {
    const { dlw, dll } = evaluate({ lw: logp[chosen]!, ll: logp[rejected]!, rw, rl })
    byLogp[chosen]! += weight * dlw
    byLogp[rejected]! += weight * dll
  }
  const total = byLogp.reduce((sum, g) => sum + g, 0)
  return parameters.map((parameter, k) => {
    const g = byLogp[k]! - Math.exp(logp[k]!) * total
    const m = 0.9 * parameter.m + 0.1 * g
    const v = 0.999 * parameter.v + 0.001 * g * g
    const rate = learningRate / (1 - 0.9 ** step)
    return { value: parameter.value - (rate * m) / (Math.sqrt(v / (1 - 0.999 ** step)) + 1e-8), m, v }
  })
}

/** Runs `count` naive steps of seed 0 and returns the policy. */
const naiveRun = (loss: string, count: number): ReadonlyArray<number> => {
  const environment = cellEnvironment(cellSpec(loss, 0))
  const pairs = naivePairs(environment)
  const evaluate = handWritten[loss]!
  let parameters: ReadonlyArray<NaiveParameter> = Array.from(environment.reference, (p) => ({
    value: Math.log(p),
    m: 0,
    v: 0
  }))
  for (let step = 1; step <= count; step++) parameters = naiveStep(parameters, pairs, evaluate, step)
  const weights = parameters.map(({ value }) => Math.exp(value))
  const total = weights.reduce((sum, w) => sum + w, 0)
  return weights.map((w) => w / total)
}

const rounds = 5

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Both loops warm and in agreement, then alternating rounds, so that a busy machine slows both. */
const benchLoss = (loss: string, cells: number) => {
  for (let seed = 0; seed < 20; seed++) runBanditCell(cellSpec(loss, seed))
  const { policy } = runBanditCell(cellSpec(loss, 0))
  const naive = naiveRun(loss, steps)
  const disagreement = Math.max(...policy.map((p, i) => Math.abs(p - naive[i]!)))
  if (!(disagreement < 1e-9)) throw new Error(`${loss}: the two steps disagree by ${disagreement}`)
  const perRound = Math.ceil(cells / rounds)
  const times = Array.from({ length: rounds }, (_, round) => ({
    cell: seconds(() => {
      for (let seed = 0; seed < perRound; seed++) runBanditCell(cellSpec(loss, round * perRound + seed))
    }),
    naive: seconds(() => {
      for (let run = 0; run < 5; run++) naiveRun(loss, steps)
    })
  }))
  const nsPerStep = times.map(({ cell }) => (cell * 1e9) / (perRound * steps))
  const alternative = times.map((time) => (time.naive * 1e9) / (5 * steps))
  return {
    loss,
    arms,
    pairs: arms * (arms - 1),
    cells: perRound * rounds,
    steps,
    seconds: times.reduce((sum, { cell }) => sum + cell, 0),
    nsPerStep: median(nsPerStep),
    alternative: "arrays of objects, derivatives written by hand in plain probabilities, no loss value",
    alternativeNsPerStep: median(alternative),
    ratio: median(alternative.map((ns, i) => ns / nsPerStep[i]!))
  }
}

/** One row per loss. */
export const benchBandit = (cells: number) => Object.keys(handWritten).map((loss) => benchLoss(loss, cells))

if (import.meta.main) {
  const cells = Number(process.argv[2] ?? 1000)
  if (!(Number.isInteger(cells) && cells >= 1)) {
    throw new RangeError(`cells must be a positive integer, got ${process.argv[2]}`)
  }
  process.stdout.write(
    `${JSON.stringify({ bench: "bandit", node: process.version, results: benchBandit(cells) }, null, 2)}\n`
  )
}
