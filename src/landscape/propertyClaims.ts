/**
 * What has to hold for a property of a structure (docs/theory.md §9), as conditions on polynomials made anew from the
 * structure, and whether given evidence shows a verdict. Works with the checker alone, never with the prover.
 */
import {
  add,
  constantPolynomial,
  evaluateExact,
  isZero,
  mul,
  type Polynomial,
  scale,
  sub,
  variablePolynomial
} from "../logic/polynomial.ts"
import { ratioName, swapResponses } from "../logic/proposition.ts"
import { rational, signRational } from "../logic/rational.ts"
import type { AnyStructure, Semantics } from "../logic/structure.ts"
import {
  antisymmetryOf,
  type Counts,
  certifies,
  countsOf,
  dualityOf,
  type ExactPoint,
  formSignAt,
  isPolicy,
  ledForm,
  oddsAt,
  type PolicyForm,
  policyPolynomial,
  rateForm,
  scalingOf,
  slopeBy
} from "./claims.ts"

/** A polynomial that is to be ≥ 0 everywhere, in any of several coordinates, with its sign at a point of probabilities. */
interface SignCondition {
  readonly goal: "nonnegative"
  readonly claim: string
  readonly polynomials: () => ReadonlyArray<Polynomial>
  readonly signAt: (point: ExactPoint) => number
}

/** A polynomial that is to be zero, or not to be zero, identically: seen at sight once it is made. */
interface IdentityCondition {
  readonly goal: "zero" | "nonzero"
  readonly claim: string
  readonly polynomial: Polynomial
}

type Condition = SignCondition | IdentityCondition

interface Subject {
  readonly structure: AnyStructure
  readonly semantics: Semantics
  readonly counts: Counts
  /** All probabilities, with the swapped partner of each, and those of the pair. */
  readonly names: ReadonlyArray<string>
}

const subjectOf = (structure: AnyStructure, semantics: Semantics): Subject => {
  const own = structure.propositions
  const names = [...new Set(["p_w", "p_l", ...own.map(ratioName), ...own.map((p) => ratioName(swapResponses(p)))])]
  return { structure, semantics, counts: countsOf(structure), names }
}

const slopeCondition = ({ counts, semantics }: Subject, name: string, claim: string, sign: 1 | -1): SignCondition => {
  const polynomial = scale(slopeBy(counts, name), rational(sign))
  const odds = (point: ExactPoint) => oddsAt(point, [...new Set(namesIn(polynomial))], semantics)
  return {
    goal: "nonnegative",
    claim,
    polynomials: () => [polynomial],
    signAt: (point) => signRational(evaluateExact(polynomial, odds(point)))
  }
}

const namesIn = (a: Polynomial): ReadonlyArray<string> =>
  [...a.terms.values()].flatMap((term) => term.powers.map(([name]) => name))

const monotone = (subject: Subject): ReadonlyArray<Condition> => [
  slopeCondition(subject, "p_w", "d rho/d p_w >= 0", 1),
  slopeCondition(subject, "p_l", "d rho/d p_l <= 0", -1)
]

const identity = (claim: string, polynomial: Polynomial, goal: "zero" | "nonzero" = "zero"): IdentityCondition => ({
  goal,
  claim: `${claim} (difference of both sides)`,
  polynomial
})

const formCondition = (subject: Subject, claim: string, form: PolicyForm): SignCondition => {
  const { counts, semantics, names } = subject
  return {
    goal: "nonnegative",
    claim,
    polynomials: () => [false, true].map((exact) => policyPolynomial(counts, names, semantics, exact, form)),
    signAt: (point) => {
      if (!isPolicy(point)) throw new RangeError("the witness is no policy: probabilities of a model exceed 1")
      return formSignAt(counts, names, semantics, form, point)
    }
  }
}

const rates =
  (target: string, direction: 1 | -1) =>
  (subject: Subject): ReadonlyArray<Condition> => {
    const never = `log ${target} never ${direction > 0 ? "falls" : "rises"}`
    return [
      formCondition(subject, `${never}, the rest spread over many arms`, rateForm(target, direction, "thin")),
      formCondition(subject, `${never}, one other arm`, rateForm(target, direction, "single"))
    ]
  }

const withPrefix = (names: ReadonlyArray<string>, prefix: string): ReadonlyArray<string> =>
  names.filter((name) => name.startsWith(prefix))

/** The probabilities that carry the reference: its own, or all odds p/r in the relative reading. */
const referenceNames = ({ names, semantics }: Subject): ReadonlyArray<string> =>
  withPrefix(names, semantics === "relative" ? "p_" : "r_")

const conditions: Readonly<Record<string, (subject: Subject) => ReadonlyArray<Condition>>> = {
  "preference-monotone": monotone,
  "strictly-monotone": (subject) => [
    ...monotone(subject),
    ...["p_w", "p_l"].map((name) => identity(`rho depends on ${name}`, slopeBy(subject.counts, name), "nonzero"))
  ],
  "swap-antisymmetric": ({ structure }) => [identity("rho(l, w) = -rho(w, l)", antisymmetryOf(structure))],
  "complement-swap-self-dual": ({ structure }) => [identity("rho is its own dual", dualityOf(structure))],
  "chosen-safe": rates("p_w", 1),
  "rejected-safe": rates("p_l", -1),
  "chosen-led": (subject) => [
    formCondition(subject, "2 a_w - a_l >= 0", ledForm(-1)),
    formCondition(subject, "2 a_w + a_l >= 0", ledForm(1))
  ],
  "level-invariant": ({ counts, names, semantics }) => [
    identity(
      "rho is unchanged when all policy probabilities are multiplied by one factor",
      scalingOf(counts, withPrefix(names, "p_"), semantics)
    )
  ],
  "reference-invariant": (subject) => [
    identity(
      "rho is unchanged when all reference probabilities are multiplied by one factor",
      scalingOf(subject.counts, referenceNames(subject), subject.semantics)
    )
  ],
  "reference-free": (subject) =>
    referenceNames(subject).map((name) =>
      identity(`rho does not depend on ${name.replace("p_", "r_")}`, slopeBy(subject.counts, name))
    )
}

/** `rho + log(r_w / r_l)`: N times `o_w (1 + o_l)`, D times `o_l (1 + o_w)` of the reference. */
const withoutReference = ({ ticks, crosses }: Counts): Counts => {
  const side = (own: string, other: string) =>
    mul(variablePolynomial(own), add(constantPolynomial(1), variablePolynomial(other)))
  return { ticks: mul(ticks, side("r_w", "r_l")), crosses: mul(crosses, side("r_l", "r_w")) }
}

/** The two forms in which a reference can enter rho, as identities; whoever claims one must have all its parts zero. */
const referenceForms = ({ counts, names, semantics }: Subject): ReadonlyArray<IdentityCondition> => {
  const lifted = withoutReference(counts)
  const responses = [...new Set(names.map((name) => name.slice(1)))]
  const added = withPrefix(names, "r_").map((name) => slopeBy(lifted, name))
  const relative = responses.map((response) => scalingOf(counts, [`p${response}`, `r${response}`], semantics))
  const first = (parts: ReadonlyArray<Polynomial>): Polynomial =>
    parts.find((part) => !isZero(part)) ?? constantPolynomial(0)
  return [
    identity("rho + log(r_w / r_l) does not depend on the reference", first(added)),
    identity("rho depends on p/r alone", first(relative))
  ]
}

/** `bound D - N` or `bound N - D` for the rational bound that a claim names: every such claim bounds rho. */
const boundPolynomials = ({ counts }: Subject, claim: string, swapped: boolean): ReadonlyArray<Polynomial> => {
  const match = /^(?:(\d+) )?D - (?:(\d+) )?N >= 0$/.exec(claim)
  if (match === null) return []
  const times = (a: Polynomial, factor: string | undefined) => mul(constantPolynomial(rational(BigInt(factor ?? 1))), a)
  const bound = (n: Polynomial, d: Polynomial) => sub(times(d, match[1]), times(n, match[2]))
  const upper = bound(counts.ticks, counts.crosses)
  return swapped ? [upper, bound(counts.crosses, counts.ticks)] : [upper]
}

/** A verdict with its evidence, as documents carry it. */
export interface Evidence {
  readonly verdict: string
  readonly certificates: ReadonlyArray<unknown>
  readonly witness?: ExactPoint
}

/** What examining evidence came to: how much of it was checked, or why it does not show the verdict. */
export type Examined =
  | { readonly shown: true; readonly certificates: number; readonly witnesses: number; readonly identities: number }
  | { readonly shown: false; readonly reason: string }

const shown = (certificates: number, witnesses: number, identities: number): Examined => ({
  shown: true,
  certificates,
  witnesses,
  identities
})
const refused = (reason: string): Examined => ({ shown: false, reason })

const claimOf = (certificate: unknown): string => {
  const { claim } = (typeof certificate === "object" && certificate !== null ? certificate : {}) as { claim?: unknown }
  return typeof claim === "string" ? claim : ""
}

/** Whether the certificates are about the conditions, and every condition holds by one of them or at sight. */
const examineProof = (conditions: ReadonlyArray<Condition>, certificates: ReadonlyArray<unknown>): Examined => {
  let identities = 0
  for (const condition of conditions) {
    if (condition.goal !== "nonnegative") {
      if (isZero(condition.polynomial) !== (condition.goal === "zero")) return refused(`not ${condition.claim}`)
      identities++
      continue
    }
    const own = certificates.filter((certificate) => claimOf(certificate) === condition.claim)
    // A derivative that is zero needs no certificate: the structure does not speak of that probability.
    if (own.length === 0 && !condition.polynomials().some(isZero))
      return refused(`no certificate of "${condition.claim}"`)
  }
  for (const certificate of certificates) {
    const condition = conditions.find(({ claim }) => claim === claimOf(certificate))
    if (condition === undefined)
      return refused(`a certificate claims "${claimOf(certificate)}", which is not asked for`)
    const polynomials = condition.goal === "nonnegative" ? condition.polynomials() : [condition.polynomial]
    if (!certifies(certificate, polynomials)) return refused(`the certificate of "${condition.claim}" does not show it`)
  }
  return shown(certificates.length, 0, identities)
}

/** Whether the condition fails at the point. @throws RangeError when the point does not name what the condition asks for */
const failsAt = (condition: Condition, point: ExactPoint, semantics: Semantics): boolean => {
  if (condition.goal === "nonnegative") return condition.signAt(point) < 0
  if (condition.goal === "nonzero") return isZero(condition.polynomial)
  return (
    signRational(evaluateExact(condition.polynomial, oddsAt(point, namesIn(condition.polynomial), semantics))) !== 0
  )
}

const examineRefutation = (
  conditions: ReadonlyArray<Condition>,
  semantics: Semantics,
  witness: ExactPoint | undefined
): Examined => {
  if (witness === undefined) {
    const failing = conditions.filter(
      ({ goal, ...rest }) => "polynomial" in rest && isZero(rest.polynomial) !== (goal === "zero")
    )
    return failing.length > 0 ? shown(0, 0, failing.length) : refused("no witness")
  }
  try {
    return conditions.some((condition) => failsAt(condition, witness, semantics))
      ? shown(0, 1, 0)
      : refused("the witness does not refute it")
  } catch (error) {
    if (error instanceof RangeError) return refused(`the witness does not refute it: ${error.message}`)
    throw error
  }
}

const examineBound = (subject: Subject, certificates: ReadonlyArray<unknown>, swapped: boolean): Examined => {
  const wrong = certificates.find(
    (certificate) => !certifies(certificate, boundPolynomials(subject, claimOf(certificate), swapped))
  )
  return wrong === undefined
    ? shown(certificates.length, 0, 0)
    : refused(`the certificate of "${claimOf(wrong)}" does not show it`)
}

/**
 * Whether the evidence shows the verdict on a property: by name, of a structure that is not degenerate.
 * @returns undefined for a property or verdict that rests on no certificate or witness
 */
export const examineEvidence = (
  structure: AnyStructure,
  semantics: Semantics,
  property: string,
  { verdict, certificates, witness }: Evidence
): Examined | undefined => {
  const subject = subjectOf(structure, semantics)
  if (certificates.length > 0) {
    if (property === "unbounded-margin" && verdict === "refuted") return examineBound(subject, certificates, false)
    if (property === "reference-form" && verdict === "proved") {
      const claimed = certificates.map(claimOf)
      return examineProof(
        referenceForms(subject).filter(({ claim }) => claimed.includes(claim)),
        certificates
      )
    }
    if (property === "margin-range" && verdict === "proved") return examineBound(subject, certificates, true)
  }
  const conditionsOf = Object.hasOwn(conditions, property) ? conditions[property] : undefined
  const decided = verdict === "proved" || verdict === "refuted"
  if (conditionsOf === undefined || !decided)
    return certificates.length > 0 ? refused("certificates of a verdict that rests on none") : undefined
  return verdict === "proved"
    ? examineProof(conditionsOf(subject), certificates)
    : examineRefutation(conditionsOf(subject), semantics, witness)
}
