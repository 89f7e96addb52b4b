/**
 * Whether two loss programs are one function of the log-probabilities: proved where algebra says so, else the simplest input at
 * which the losses or their gradients part, or the number of inputs at which they did not.
 */
import { sameLoss } from "../landscape/equality.ts"
import { encodeProgram } from "../loss/codec.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Loss } from "../loss/loss.ts"
import { inputDomains, pairInputs } from "./inputs.ts"

/** Loss and its derivatives by the policy's log-probabilities of the two answers. */
export interface ProgramValue {
  readonly loss: number
  readonly dlw: number
  readonly dll: number
}

/** An input at which two programs differ, with both values. */
export interface ProgramDifference {
  readonly inputs: Readonly<Record<string, number>>
  readonly a: ProgramValue
  readonly b: ProgramValue
}

/** How two programs stand. */
export interface ProgramComparison {
  /** `same` is proved; `no difference found` is not. */
  readonly verdict: "same" | "differ" | "no difference found"
  /** What differs between the losses, in words: normalisation, link, scale, margin, reference, inputs, terms. */
  readonly because: ReadonlyArray<string>
  readonly difference?: ProgramDifference
  /** Where they differ: `loss_b = factor loss_a + constant` at all inputs tried. */
  readonly equalUpTo?: { readonly factor: number; readonly constant: number }
  readonly inputsTried: number
}

const values: Readonly<Record<string, ReadonlyArray<number>>> = {
  lw: [-2, -1, -4, -8],
  ll: [-2, -1, -4, -8],
  rw: [-2, -4],
  rl: [-2, -4, -1],
  nw: [1, 2, 4],
  nl: [1, 2, 4]
}

/** The values that are tried of an input, simplest first; tail sums, third answers and the like as log-probabilities. */
const domainOf = (name: string): ReadonlyArray<number> =>
  values[name] ?? inputDomains[name]?.values.slice(0, 3) ?? (name.startsWith("n") ? [1, 2] : [-1, -2])

/** Most inputs that are tried. */
const mostInputs = 20_000

/** All combinations, those first whose entries come earliest in their lists. */
const combinations = (names: ReadonlyArray<string>): ReadonlyArray<Readonly<Record<string, number>>> => {
  let list: Array<{ readonly cost: number; readonly inputs: Record<string, number> }> = [{ cost: 0, inputs: {} }]
  for (const name of names) {
    const domain = domainOf(name).slice(0, list.length > mostInputs / 4 ? 1 : undefined)
    list = list.flatMap(({ cost, inputs }) =>
      domain.map((value, place) => ({ cost: cost + place, inputs: { ...inputs, [name]: value } }))
    )
  }
  return list.sort((x, y) => x.cost - y.cost).map(({ inputs }) => inputs)
}

const isClose = (x: number, y: number): boolean =>
  x === y || Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x), Math.abs(y)) || (Number.isNaN(x) && Number.isNaN(y))

const evaluator = ({ program }: Loss): ((inputs: Readonly<Record<string, number>>) => ProgramValue) => {
  const kernel = compileKernel(program)
  return (inputs) => {
    const { loss, dlw, dll } = kernel.evaluate(inputs) as ProgramValue
    return { loss, dlw, dll }
  }
}

/** A linear relation of the values that holds at all inputs, from the first two that differ. */
const relationOf = (pairs: ReadonlyArray<readonly [number, number]>): ProgramComparison["equalUpTo"] => {
  const finite = pairs.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  const [first] = finite
  const second = finite.find(([x]) => first !== undefined && !isClose(x, first[0]))
  if (first === undefined || second === undefined) return undefined
  const factor = (second[1] - first[1]) / (second[0] - first[0])
  const constant = first[1] - factor * first[0]
  return finite.every(([x, y]) => isClose(factor * x + constant, y)) && factor !== 0
    ? {
        factor: Number(factor.toPrecision(12)),
        constant: Math.abs(constant) < 1e-12 ? 0 : Number(constant.toPrecision(12))
      }
    : undefined
}

const inputsText = (names: ReadonlyArray<string>): string => (names.length === 0 ? "nothing else" : names.join(", "))

const linkText = ({ kind, beta, margin, formula }: Loss["link"]): string =>
  kind === "custom" ? `custom ${formula ?? ""} with scale ${beta}` : `${kind}, beta ${beta}, margin ${margin}`

const hasRatio = ({ structure, weighted }: Loss): boolean => (structure ?? weighted) !== undefined

/**
 * What the log-probabilities of a loss are, where they are not those of one pair's whole answers although no input of its own
 * says so (AOT sorts the batch first): the same program is then another loss. Undefined for all others.
 */
export const pairInputsMean = ({ entry, inputs }: Loss): string | undefined =>
  inputs.every((name) => pairInputs.includes(name)) ? entry?.notRunnable : undefined

/** What the losses say of themselves that is not the same. */
const reasons = (a: Loss, b: Loss): ReadonlyArray<string> => {
  const found: Array<string> = []
  // Of an expression only its inputs say how it reads lengths.
  if (a.lengthNormalised !== b.lengthNormalised && hasRatio(a) && hasRatio(b)) {
    const words = (loss: Loss) => (loss.lengthNormalised ? "per-token means" : "sums over tokens")
    found.push(`normalisation: ${words(a)} of log-probabilities against ${words(b)}`)
  }
  const [own, other] = [a, b].map(({ inputs }) => inputs.filter((name) => !["lw", "ll"].includes(name)))
  if (own!.join() !== other!.join())
    found.push(`inputs besides lw, ll: ${inputsText(own!)} against ${inputsText(other!)}`)
  if (linkText(a.link) !== linkText(b.link)) found.push(`link: ${linkText(a.link)} against ${linkText(b.link)}`)
  const [x, y] = [a.structure ?? a.weighted, b.structure ?? b.weighted]
  if (x !== undefined && y !== undefined && a.semantics === b.semantics && !sameLoss(x, y))
    found.push("core ratio: another rho")
  if ((x === undefined) !== (y === undefined)) {
    const [lone, name] = x === undefined ? [a, "A"] : [b, "B"]
    found.push(`${name} is no single ratio: ${lone.refusal ?? "a sum of terms"}`)
  }
  if (a.oddsBeta !== b.oddsBeta) found.push(`every odds to the power ${a.oddsBeta} against ${b.oddsBeta}`)
  const [first, second] = [pairInputsMean(a), pairInputsMean(b)]
  if (first !== second) {
    const words = (meaning: string | undefined) => meaning ?? "it is one pair's"
    found.push(`what its numbers are: ${words(first)}, against ${words(second)}`)
  }
  const statistics = (loss: Loss) => Object.keys(loss.entry?.batchStatistics ?? {})
  if (statistics(a).join() !== statistics(b).join()) {
    found.push(`statistics of the batch: ${inputsText(statistics(a))} against ${inputsText(statistics(b))}`)
  }
  return found
}

const isProvedSame = (a: Loss, b: Loss): boolean => {
  if (pairInputsMean(a) !== pairInputsMean(b)) return false
  if (JSON.stringify(encodeProgram(a.program)) === JSON.stringify(encodeProgram(b.program))) return true
  const [x, y] = [a.structure ?? a.weighted, b.structure ?? b.weighted]
  return (
    x !== undefined &&
    y !== undefined &&
    a.link.kind !== "custom" &&
    a.link.kind === b.link.kind &&
    typeof a.link.beta === "number" &&
    typeof a.link.margin === "number" &&
    a.link.beta === b.link.beta &&
    a.link.margin === b.link.margin &&
    a.semantics === b.semantics &&
    a.oddsBeta === b.oddsBeta &&
    a.lengthNormalised === b.lengthNormalised &&
    sameLoss(x, y)
  )
}

/** Compares two losses as programs: inputs that one of them lacks are free, batch statistics and weights are inputs. */
export const comparePrograms = (a: Loss, b: Loss): ProgramComparison => {
  if (isProvedSame(a, b)) return { verdict: "same", because: [], inputsTried: 0 }
  const because = reasons(a, b)
  const names = [...new Set([...pairInputs, ...a.inputs, ...b.inputs])].filter(
    (name) => a.inputs.includes(name) || b.inputs.includes(name)
  )
  const [first, second] = [evaluator(a), evaluator(b)]
  const pairs: Array<readonly [number, number]> = []
  let difference: ProgramDifference | undefined
  const cases = combinations(names)
  for (const inputs of cases) {
    const [x, y] = [first(inputs), second(inputs)]
    pairs.push([x.loss, y.loss])
    const isSame = isClose(x.loss, y.loss) && isClose(x.dlw, y.dlw) && isClose(x.dll, y.dll)
    if (!isSame) difference ??= { inputs, a: x, b: y }
  }
  if (difference === undefined) {
    const verdict = pairInputsMean(a) === pairInputsMean(b) ? "no difference found" : "differ"
    return { verdict, because, inputsTried: cases.length }
  }
  const equalUpTo = relationOf(pairs)
  return {
    verdict: "differ",
    because,
    difference,
    ...(equalUpTo === undefined ? {} : { equalUpTo }),
    inputsTried: cases.length
  }
}
