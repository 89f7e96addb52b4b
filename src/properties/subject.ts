/**
 * A loss made ready for examination: its compiled kernel, the slow reading of its structure, and whether the two agree. An
 * exact decision is about the structure; it speaks for the program only where the program computes the structure's loss.
 */
import { propositionParts } from "../logic/proposition.ts"
import { compileKernel, type Kernel } from "../loss/kernel.ts"
import type { Loss } from "../loss/loss.ts"
import { inputDomains, pairInputs } from "./inputs.ts"
import { makeRatio, type Point, type Ratio } from "./ratio.ts"
import { inferredTemperature } from "./temperature.ts"

/** Value and derivatives by log π(w), log π(l), all other inputs fixed. */
export interface LossValue {
  readonly loss: number
  readonly dlw: number
  readonly dll: number
}

/** Everything the properties ask of one loss. */
export interface LossSubject {
  readonly loss: Loss
  /** The loss program at a point; names it does not read are ignored. */
  readonly at: (point: Point) => LossValue
  /** Whether the program reads the reference's log-probabilities, or its structure says that it should. */
  readonly usesReference: boolean
  /** Extra inputs that a bandit supplies (rewards, shifts), see inputs.ts. */
  readonly extras: ReadonlyArray<string>
  /** Inputs that one pair on a bandit does not have; empty for most losses. */
  readonly missing: ReadonlyArray<string>
  /** rho of the structure, row by row; absent when the loss has none. */
  readonly ratio?: Ratio
  /** Whether the program's value (named links) and derivatives are those of the structure, at fixed probe points. */
  readonly agrees: boolean
  /** Whether the link falls everywhere; else properties about steps ask only where it does. */
  readonly fallingLink: boolean
  /**
   * The KL temperature that the loss claims: the scale of rho, tau of a squared link; else its parameter beta or tau; else what
   * its slope says (temperature.ts), or 1.
   */
  readonly temperature: number
}

type NamedLink = Exclude<Loss["link"]["kind"], "custom">

/** f(t) of the named links, t = beta * rho - margin. */
export const linkValue: Readonly<Record<NamedLink, (t: number) => number>> = {
  logistic: (t) => Math.max(0, -t) + Math.log1p(Math.exp(-Math.abs(t))),
  hinge: (t) => Math.max(0, 1 - t),
  exponential: (t) => Math.exp(-t),
  squared: (t) => t * t
}

/** Whether the link never rises. A custom link is not known to. */
export const isFalling = (kind: Loss["link"]["kind"]): boolean => kind !== "squared" && kind !== "custom"

/** The value of a named link at rho, or undefined when the link is custom or depends on inputs. */
export const linkAt = (loss: Loss, rho: number): number | undefined => {
  const { kind, beta, margin } = loss.link
  if (kind === "custom" || typeof beta === "string" || typeof margin === "string") return undefined
  return linkValue[kind](beta * rho - margin)
}

const probes: ReadonlyArray<Point> = [
  [0.2, 0.3, 0.4, 0.1],
  [0.6, 0.1, 0.25, 0.5],
  [0.05, 0.55, 0.3, 0.3],
  [0.01, 0.02, 0.2, 0.05],
  [0.3, 0.3, 0.15, 0.6],
  [0.85, 0.05, 0.05, 0.85]
].map(([pw, pl, rw, rl]) => ({
  lw: Math.log(pw!),
  ll: Math.log(pl!),
  rw: Math.log(rw!),
  rl: Math.log(rl!),
  nw: 1,
  nl: 1
}))

const close = (a: number, b: number, scale: number): boolean => Math.abs(a - b) <= 1e-8 * (1 + Math.abs(scale))

const agreesWith = (loss: Loss, ratio: Ratio, at: LossSubject["at"], extras: ReadonlyArray<string>): boolean =>
  probes.every((probe, i) => {
    // Extra inputs take a different tabulated value at every probe.
    const extra = extras.map((name) => {
      const { values } = inputDomains[name]!
      return [name, values[i % values.length]!] as const
    })
    const point = { ...probe, ...Object.fromEntries(extra) }
    const { loss: value, dlw, dll } = at(point)
    const { rho, aw, al } = ratio(point)
    // Outside the domain of the loss (a logarithm of a negative reward gap) there is nothing to compare.
    if (!Number.isFinite(value)) return true
    const expected = linkAt(loss, rho)
    if (expected !== undefined && !close(value, expected, expected)) return false
    const scale = Math.hypot(dlw, dll) * Math.hypot(aw, al)
    const parallel = close(dlw * al, dll * aw, scale)
    return parallel && (!isFalling(loss.link.kind) || dlw * aw + dll * al <= 1e-12)
  })

const isReferenceInput = (name: string): boolean => name === "rw" || name === "rl"

const mentionsReference = ({ structure, weighted, semantics }: Loss): boolean =>
  (structure ?? weighted) !== undefined &&
  (semantics === "relative" || (structure ?? weighted)!.propositions.some((p) => propositionParts(p).model === "Ref"))

/** A squared link has its target at rho = margin / beta, where IPO's is 1 / (2 tau). */
const targetTemperature = ({ link: { beta, margin } }: Loss): number | undefined =>
  typeof beta === "number" && typeof margin === "number" && margin > 0 ? beta / (2 * margin) : undefined

const temperatureOf = (loss: Loss, at: LossSubject["at"], extras: ReadonlyArray<string>): number => {
  const { link, params } = loss
  const scale = typeof link.beta === "number" ? link.beta : undefined
  if (link.kind === "squared") return targetTemperature(loss) ?? scale ?? 1
  if (link.kind !== "custom" && scale !== undefined) return scale
  const named = params.beta ?? params.tau
  if (named !== undefined) return named
  // A formula that names no temperature: that of its slope, if it has one.
  const inputs = Object.fromEntries(extras.map((name) => [name, inputDomains[name]!.values[0]!]))
  return inferredTemperature((point) => at(point).dlw, inputs) ?? scale ?? 1
}

/** The compiled loop on columns of length one: no allocation beyond the result. */
const evaluator = ({ inputs, run }: Kernel): LossSubject["at"] => {
  const columns = Object.fromEntries(inputs.map((name) => [name, new Float64Array(1)]))
  const out = { loss: new Float64Array(1), dlw: new Float64Array(1), dll: new Float64Array(1) }
  return (point) => {
    for (const name of inputs) {
      const value = point[name]
      if (value === undefined) throw new RangeError(`properties: the point lacks ${name}`)
      columns[name]![0] = value
    }
    run(columns, out, 1)
    return { loss: out.loss[0]!, dlw: out.dlw[0]!, dll: out.dll[0]! }
  }
}

const noSlope: LossValue = { loss: Number.NaN, dlw: Number.NaN, dll: Number.NaN }

const makeSubject = (loss: Loss): LossSubject => {
  const at = evaluator(compileKernel(loss.program))
  const extras = loss.inputs.filter((name) => !pairInputs.includes(name) && Object.hasOwn(inputDomains, name))
  const missing = loss.inputs.filter((name) => !pairInputs.includes(name) && !Object.hasOwn(inputDomains, name))
  const structure = loss.structure ?? loss.weighted
  const ratio =
    structure === undefined || missing.length > 0
      ? undefined
      : makeRatio(structure, { semantics: loss.semantics, oddsBeta: loss.oddsBeta })
  return {
    loss,
    at,
    usesReference: loss.inputs.some(isReferenceInput) || mentionsReference(loss),
    extras,
    missing,
    ...(ratio === undefined ? {} : { ratio }),
    agrees: ratio !== undefined && agreesWith(loss, ratio, at, extras),
    fallingLink: isFalling(loss.link.kind),
    temperature: missing.length > 0 ? temperatureOf(loss, () => noSlope, []) : temperatureOf(loss, at, extras)
  }
}

const subjects = new WeakMap<Loss, LossSubject>()

/** The subject of a loss; made once per loss object. @throws RangeError when the program does not compile */
export const subjectOf = (loss: Loss): LossSubject => {
  const known = subjects.get(loss)
  if (known !== undefined) return known
  const subject = makeSubject(loss)
  subjects.set(loss, subject)
  return subject
}
