/** The audit: calls of all kinds, compared with the loss, the smallest disagreement, and its likely causes. */
import * as Result from "effect/Result"
import type { Loss } from "../loss/loss.ts"
import { inRange } from "../loss/settings.ts"
import { Rng } from "../random/rng.ts"
import { type Adapter, AdapterError, parameterValue, type Resolved, resolveArguments } from "./adapter.ts"
import { type Measured, measured, type Observation, observationsOf } from "./compare.ts"
import type { Params } from "./expected.ts"
import { type Cause, guessCauses } from "./guess.ts"
import { type Batch, batches, type Domain, type Point, singles } from "./inputs.ts"
import { type Answer, type Ask, type Call, columnsOf, type Dtype, type TargetInfo } from "./protocol.ts"
import { shrunk } from "./shrink.ts"

/** A disagreement to show. */
export interface Disagreement {
  readonly call: Call
  /** What differs there: the losses and gradients, or the exception. */
  readonly numbers: ReadonlyArray<Observation>
  readonly error?: string
}

/** What an audit found. */
export interface AuditReport {
  readonly loss: Loss
  readonly info: TargetInfo
  readonly resolved: Resolved
  readonly agrees: boolean
  readonly calls: number
  /** Numbers that agree, of all. */
  readonly met: number
  readonly of: number
  readonly smallest?: Disagreement
  readonly causes: ReadonlyArray<Cause>
}

/** What is asked of an audit beside the loss and the target. */
export interface AuditOptions {
  readonly seed: number
  /** Types of the tensors; the adapter's own comes before. */
  readonly dtypes: ReadonlyArray<Dtype>
}

const base = ["lw", "ll", "rw", "rl", "nw", "nl"]

/** Inputs that a call must carry, and whether the code sees tokens. */
const domainOf = (loss: Loss, info: TargetInfo, { sources }: Resolved): Domain => {
  const meanings = Object.values(sources).flatMap((source) => ("input" in source ? [source.input] : []))
  const named = meanings.flatMap((text) => text.match(/\b(?:[lrn][wlg]|lp|np|s_[wl]|[a-z][a-z_0-9]*)\b/g) ?? [])
  const words = new Set([
    "tokens",
    "mask",
    "logits",
    "labels",
    "index",
    "model",
    "policy",
    "reference",
    "batch",
    "w",
    "l",
    "g"
  ])
  const byTokens =
    info.kind === "trainer" || meanings.some((text) => /^(?:batch|(?:tokens|mask|logits|labels|model)\()/.test(text))
  const whole = info.kind === "trainer" || meanings.includes("batch")
  const wanted = [...loss.inputs, ...named.filter((name) => !words.has(name)), ...(whole ? ["lp", "np"] : [])]
  const gold = info.kind === "trainer" && info.arguments.some(({ name }) => name === "tpo_alpha") ? ["ng", "lg"] : []
  return { others: [...new Set([...wanted, ...gold])].filter((name) => !base.includes(name)), byTokens }
}

/** Two further values of a parameter inside its range. */
const variations = (loss: Loss, name: string): ReadonlyArray<number> => {
  const spec = loss.entry?.params[name] ?? { default: 0 }
  const value = loss.program.params[name]!
  const tried = value === 0 ? [0.2, 0.35] : [value * 0.5, value * 2.6]
  return tried.filter((x) => inRange(x, spec))
}

const asFloat32 = (rows: ReadonlyArray<Point>): ReadonlyArray<Point> =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, x]) => [name, Math.fround(x)])))

/** All calls of an audit in a type: every family at the loss's own parameters, some at other values of those that are passed. */
const callsOf = (
  loss: Loss,
  domain: Domain,
  passed: ReadonlyArray<string>,
  dtype: Dtype,
  seed: number
): ReadonlyArray<Call> => {
  const rng = Rng.fromSeed(seed)
  const { params } = loss.program
  const call = ({ family, rows }: Batch, at: Params): Call => ({
    family,
    dtype,
    params: at,
    rows: dtype === "float32" ? asFloat32(rows) : rows
  })
  const alone = singles(rng, domain)
  const together = batches(rng, domain)
  if (dtype === "float32") {
    const tame = alone.filter(({ family }) =>
      ["simple", "typical", "zero margin", "reference shifted"].includes(family)
    )
    return [...tame, ...together.slice(0, 2)].map((one) => call(one, params))
  }
  const few = [...alone.slice(0, 2), ...alone.filter(({ family }) => family === "typical").slice(0, 5), together[1]!]
  return [
    ...[...alone, ...together].map((one) => call(one, params)),
    ...passed.flatMap((name) =>
      variations(loss, name).flatMap((value) => few.map((one) => call(one, { ...params, [name]: value })))
    )
  ]
}

/** Asks for calls and puts the answers beside the loss. */
const asker =
  (loss: Loss, { sources }: Resolved, adapter: Adapter, ask: Ask) =>
  async (calls: ReadonlyArray<Call>): Promise<ReadonlyArray<Measured>> => {
    if (calls.length === 0) return []
    const texts = Object.values(sources).flatMap((source) => ("param" in source ? [source.param] : []))
    const answers: ReadonlyArray<Answer> = await ask({
      arguments: sources,
      returns: adapter.returns,
      calls: calls.map(({ dtype, rows, params }) => ({
        dtype,
        rows: columnsOf(rows),
        params: Object.fromEntries(texts.map((text) => [text, parameterValue(text, params)!]))
      }))
    })
    return calls.map((call, k) => measured(loss.program, call, answers[k]!))
  }

/** Gradients of a call that reached the reference model. */
const leaked = ({ answer }: Measured): ReadonlyArray<Observation> =>
  ["rw", "rl", "rg"].flatMap((name) =>
    (answer.gradients?.[name] ?? []).flatMap((observed, row) =>
      observed === 0 ? [] : [{ call: 0, row, quantity: `d${name}`, observed, expected: 0, scale: 0, agrees: false }]
    )
  )

/** The cause that such gradients are. */
const leaks = (all: ReadonlyArray<Measured>): ReadonlyArray<Cause> => {
  const reached = all.filter((one) => leaked(one).length > 0)
  if (reached.length === 0) return []
  const evidence = { met: reached.length, of: all.length }
  return [{ id: "reference-gradient", says: "gradients flow through the reference model", evidence }]
}

const isOff = (one: Measured): boolean =>
  one.observed === undefined || leaked(one).length > 0 || observationsOf(one, 0).some(({ agrees }) => !agrees)

/** How simple a call is: few pairs, the first families first. */
const smallestFirst = (all: ReadonlyArray<Measured>): ReadonlyArray<Measured> =>
  all.filter(isOff).sort((a, b) => {
    const rank = ({ call, observed }: Measured): number =>
      call.rows.length * 10 +
      (call.family === "simple" ? 0 : 5) +
      (call.dtype === "float64" ? 0 : 2) +
      (observed === undefined ? 1 : 0)
    return rank(a) - rank(b)
  })

const disagreement = (one: Measured): Disagreement => ({
  call: one.call,
  numbers: [...observationsOf(one, 0).filter(({ agrees }) => !agrees), ...leaked(one)],
  ...(one.answer.error === undefined ? {} : { error: one.answer.error })
})

/** The smallest disagreement: a pair of small round numbers where one disagrees, else what shrinking comes to. */
const smallest = async (
  all: ReadonlyArray<Measured>,
  loss: Loss,
  domain: Domain,
  run: (calls: ReadonlyArray<Call>) => Promise<ReadonlyArray<Measured>>
): Promise<Disagreement | undefined> => {
  const [first] = smallestFirst(all)
  if (first === undefined) return undefined
  if (first.call.family === "simple" && first.call.dtype === "float64") return disagreement(first)
  const isAllowed = ({ lw, ll, rw, rl, nw, nl }: Point): boolean =>
    !domain.byTokens || [lw! / nw!, ll! / nl!, rw! / nw!, rl! / nl!].every((x) => x <= -0.05)
  const wasError = first.observed === undefined
  const call = await shrunk(first.call, loss.program.params, isAllowed, async (calls) =>
    (await run(calls)).map((one) => isOff(one) && (one.observed === undefined) === wasError)
  )
  const [found] = await run([call])
  return disagreement(found!)
}

/**
 * Audits a target against a loss.
 * @param settings  fixed arguments (settings of a trainer), which the adapter's own override
 * @returns a failure when an argument is not known, or when every call raises
 */
export const audit = async (
  loss: Loss,
  info: TargetInfo,
  adapter: Adapter,
  ask: Ask,
  { seed, dtypes }: AuditOptions
): Promise<Result.Result<AuditReport, AdapterError>> => {
  const found = resolveArguments(info, adapter, loss)
  if (Result.isFailure(found)) return Result.fail(found.failure)
  const resolved = found.success
  const domain = domainOf(loss, info, resolved)
  const passed = Object.keys(resolved.passed)
  const run = asker(loss, resolved, adapter, ask)
  const wanted = adapter.dtype === undefined ? dtypes : [adapter.dtype]
  const all: Array<Measured> = []
  for (const dtype of wanted) all.push(...(await run(callsOf(loss, domain, passed, dtype, seed))))
  const answered = all.filter(({ observed }) => observed !== undefined)
  if (answered.length === 0)
    return Result.fail(new AdapterError({ reason: `every call raises; the first: ${all[0]!.answer.error}` }))
  // Code for one type of tensors is judged in that type.
  const kept = all.filter(({ call }) => answered.some((one) => one.call.dtype === call.dtype))
  const seen = kept.flatMap((one, k) => observationsOf(one, k))
  const through = leaks(kept)
  const agrees = !kept.some(isOff)
  const common = {
    loss,
    info,
    resolved,
    agrees,
    calls: kept.length,
    met: seen.filter((one) => one.agrees).length,
    of: seen.length
  }
  if (agrees) return Result.succeed({ ...common, causes: [] })
  const least = await smallest(kept, loss, domain, run)
  const causes = [...through, ...guessCauses({ loss, passed: resolved.passed }, kept)]
  return Result.succeed({ ...common, causes, ...(least === undefined ? {} : { smallest: least }) })
}
