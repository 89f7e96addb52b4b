/**
 * What a gradient step on a tabular softmax does to the pair's own probabilities (docs/theory.md §9, P9 to P11). Ascending
 * rho on the logits changes log p_x at the rate `Σ_i a_i ([i = x] - p_x - p_i + S)`, with `a_i = d rho / d log p_i` over
 * the named responses i and S the sum of all squared arm probabilities. It is linear in S, and S ranges between
 * `Σ p_i²` (the rest spread over ever more arms) and that plus `(1 - Σ p_i)²` (one other arm): both ends are decided, in
 * simplex coordinates `u_i = p_i / (mass of the other arms)`, where the simplex is a positive orthant.
 */
import {
  addRational,
  compareRational,
  divideRational,
  multiplyRational,
  negateRational,
  one,
  type Rational,
  rational,
  subtractRational,
  zero
} from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import type { Certificate, SignProof } from "./certificate.ts"
import type { OddsCounts } from "./odds.ts"
import { add, constant, evaluate, multiply, type OddsPolynomial, scale, subtract, variable } from "./oddsPolynomial.ts"
import { type Frame, frameOf, sumOf, weightsIn } from "./policyFrame.ts"
import { makeRefuter, type Refuter, type WeightForms } from "./policyPoints.ts"
import { decideSign, proveAtSight } from "./sign.ts"
import { certificateOf, type ExactVerdict, witnessOf, witnessText } from "./verdict.ts"

/** A claim about the weights in coordinates: polynomials that are to be ≥ 0, and how a point that refutes it reads. */
interface Claims {
  readonly claims: ReadonlyArray<{ readonly claim: string; readonly polynomial: OddsPolynomial }>
  readonly refuted: (point: ReadonlyArray<Rational>) => string
}

const isInside = (frame: Frame, point: ReadonlyArray<Rational>): boolean =>
  frame.exact ||
  compareRational(
    sumOf(frame.probabilities(point).flatMap(([name, value]) => (name.startsWith("r_") ? [value] : []))),
    one
  ) < 0

const certified = (claims: Claims["claims"], proofs: ReadonlyArray<SignProof>): ReadonlyArray<Certificate> =>
  claims.map(({ claim, polynomial }, i) => certificateOf(claim, polynomial, { verdict: "holds", proof: proofs[i]! }))

const provedAtSight = ({ claims }: Claims): ReadonlyArray<Certificate> | undefined => {
  const proofs: Array<SignProof> = []
  for (const { polynomial } of claims) {
    const proof = proveAtSight(polynomial)
    if (proof === undefined) return undefined
    proofs.push(proof)
  }
  return certified(claims, proofs)
}

const decideIn = (frame: Frame, { claims, refuted }: Claims, proved: string): ExactVerdict | undefined => {
  const signs = claims.map(({ polynomial }) => decideSign(polynomial))
  const proofs = signs.flatMap((sign) => (sign.verdict === "holds" ? [sign.proof] : []))
  if (proofs.length === signs.length)
    return { verdict: "proved", explanation: proved, certificate: certified(claims, proofs) }
  for (const sign of signs) {
    if (sign.verdict !== "fails" || !isInside(frame, sign.witness)) continue
    const witness = witnessOf(frame.probabilities(sign.witness))
    return { verdict: "refuted", witness, explanation: `${refuted(sign.witness)} at ${witnessText(witness)}` }
  }
  return undefined
}

/** A claim about every policy: linear forms in the weights that are to be ≥ 0, as polynomials and at single policies. */
interface PolicyClaim {
  readonly proved: string
  readonly forms: (policy: ReadonlyArray<string>) => WeightForms
  readonly claims: (
    frame: Frame,
    weights: ReadonlyArray<OddsPolynomial>,
    policy: ReadonlyArray<string>
  ) => ReadonlyArray<{ readonly claim: string; readonly polynomial: OddsPolynomial }>
  /** What a policy shows at which the forms have these values (up to a positive factor). */
  readonly refuted: (values: ReadonlyArray<Rational>) => string
}

const refuters = new Map<PolicyClaim, Map<string, Refuter>>()

const refuterOf = (claim: PolicyClaim, variables: ReadonlyArray<string>, semantics: Semantics): Refuter => {
  const known = refuters.get(claim) ?? new Map<string, Refuter>()
  refuters.set(claim, known)
  const key = `${semantics} ${variables.join()}`
  const found =
    known.get(key) ?? makeRefuter(variables, semantics, claim.forms(variables.filter((name) => name.startsWith("p_"))))
  known.set(key, found)
  return found
}

/** Policies that are tried before a proof at sight: they refute most of what is false, and few are made for what is true. */
const triedFirst = 81

/** Decides a claim: at the most readable policies, in both frames at sight, at all readable policies, then by search. */
const decideOnPolicies = (counts: OddsCounts, semantics: Semantics, claim: PolicyClaim): ExactVerdict => {
  const { variables } = counts
  const refuter = refuterOf(claim, variables, semantics)
  const refutedAmong = (from: number, to: number): ExactVerdict | undefined => {
    const found = refuter(counts, from, to)
    if (found === undefined) return undefined
    const witness = witnessOf(found.probabilities)
    return { verdict: "refuted", witness, explanation: `${claim.refuted(found.values)} at ${witnessText(witness)}` }
  }
  const policy = variables.filter((name) => name.startsWith("p_"))
  // Free odds of the reference give fewer and lower terms; where they prove nothing at sight, its simplex often does.
  const claimsIn = (exact: boolean, reduce: boolean) => {
    const frame = frameOf(variables, semantics, exact)
    const claims = claim.claims(frame, weightsIn(frame, counts, semantics, reduce), policy)
    const refuted = (point: ReadonlyArray<Rational>) =>
      claim.refuted(claims.map(({ polynomial }) => evaluate(polynomial, point)))
    return { frame, claims: { claims, refuted } }
  }
  const provedIn = (reduce: boolean): ExactVerdict | undefined => {
    for (const exact of [false, true]) {
      const certificate = provedAtSight(claimsIn(exact, reduce).claims)
      if (certificate !== undefined) return { verdict: "proved", explanation: claim.proved, certificate }
    }
    return undefined
  }
  const quick =
    refutedAmong(0, triedFirst) ??
    provedIn(false) ??
    refutedAmong(triedFirst, Number.POSITIVE_INFINITY) ??
    provedIn(true)
  if (quick !== undefined) return quick
  for (const exact of [false, true]) {
    const { frame, claims } = claimsIn(exact, true)
    const verdict = decideIn(frame, claims, claim.proved)
    if (verdict !== undefined) return verdict
  }
  return { verdict: "undecided", explanation: "no proof and no counterexample within the budget" }
}

/** The smallest number of equally likely other arms at which a rate, linear in 1/arms, is negative. */
const otherArms = (thin: Rational, single: Rational): bigint => {
  if (compareRational(single, zero) < 0) return 1n
  // thin + (single - thin)/m < 0 with thin < 0 <= single.
  const least = divideRational(subtractRational(single, thin), subtractRational(zero, thin))
  return least.num / least.den + 1n
}

type Factors = readonly [ReadonlyArray<OddsPolynomial>, ReadonlyArray<OddsPolynomial>]
const factors = new WeakMap<Frame, Map<number, Factors>>()

/** `[i = x] - p_x - p_i + S` for each policy variable i, S at both its ends, times the squared total mass in coordinates. */
const factorsOf = (frame: Frame, policy: ReadonlyArray<string>, x: number): Factors => {
  const byTarget = factors.get(frame) ?? new Map<number, Factors>()
  factors.set(frame, byTarget)
  const known = byTarget.get(x)
  if (known !== undefined) return known
  const u = policy.map((_, k) => variable(frame.variables, k))
  const unit = constant(frame.variables, 1n)
  const total = u.reduce(add, unit)
  const squares = u.map((value) => multiply(value, value)).reduce(add)
  const made = [squares, add(squares, unit)].map((squaresOfAll) =>
    u.map((value, i) => {
      const lost = multiply(add(u[x]!, value), total)
      return add(i === x ? subtract(multiply(total, total), lost) : scale(lost, -1n), squaresOfAll)
    })
  ) as unknown as Factors
  byTarget.set(x, made)
  return made
}

/** The claim that `direction` times the rate of log target is never negative, the rest on many arms and on a single one. */
const shareClaim = (target: string, direction: 1 | -1, proved: string): PolicyClaim => {
  const verb = direction > 0 ? "falls" : "rises"
  return {
    proved,
    forms: (policy) => {
      const x = policy.indexOf(target)
      return (p) => {
        const thin = sumOf(p.map((value) => multiplyRational(value, value)))
        const rest = subtractRational(one, sumOf(p))
        return [thin, addRational(thin, multiplyRational(rest, rest))].map((squares) =>
          p.map((value, i) => {
            const own = i === x ? one : zero
            const rate = addRational(subtractRational(own, addRational(p[x]!, value)), squares)
            return direction > 0 ? rate : negateRational(rate)
          })
        )
      }
    },
    claims: (frame, weights, policy) => {
      const [thin, single] = factorsOf(frame, policy, policy.indexOf(target))
      const rate = (factors: ReadonlyArray<OddsPolynomial>): OddsPolynomial =>
        scale(weights.map((weight, i) => multiply(weight, factors[i]!)).reduce(add), BigInt(direction))
      const never = `log ${target} never ${verb}`
      return [
        { claim: `${never}, the rest spread over many arms`, polynomial: rate(thin) },
        { claim: `${never}, one other arm`, polynomial: rate(single) }
      ]
    },
    refuted: ([thin, single]) => {
      const arms = otherArms(thin!, single!)
      return `log ${target} ${verb} with ${arms} equally likely other ${arms === 1n ? "arm" : "arms"}`
    }
  }
}

const chosenClaim = shareClaim("p_w", 1, "no gradient step on a tabular softmax pushes log p_w down")
const rejectedClaim = shareClaim("p_l", -1, "no gradient step on a tabular softmax pushes log p_l up")

const ledClaim: PolicyClaim = {
  proved: "|a_l| <= 2 a_w everywhere, a_i = d rho/d log p_i",
  forms: (policy) => {
    const form = (l: number) =>
      policy.map((name) => (name === "p_w" ? rational(2) : name === "p_l" ? rational(l) : zero))
    const forms = [form(-1), form(1)]
    return () => forms
  },
  claims: (_, weights, policy) => {
    const [w, l] = [weights[policy.indexOf("p_w")]!, weights[policy.indexOf("p_l")]!]
    const twice = scale(w, 2n)
    return [
      { claim: "2 a_w - a_l >= 0", polynomial: subtract(twice, l) },
      { claim: "2 a_w + a_l >= 0", polynomial: add(twice, l) }
    ]
  },
  refuted: () => "|a_l| > 2 a_w"
}

/** P9: no gradient step on a tabular softmax pushes log p_w down, whatever the policy, the reference and the number of arms. */
export const chosenSafe = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideOnPolicies(counts, semantics, chosenClaim)

/** P10: no gradient step on a tabular softmax pushes log p_l up. */
export const rejectedSafe = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideOnPolicies(counts, semantics, rejectedClaim)

/** P11's sufficient criterion for {@link chosenSafe}: `|a_l| <= 2 a_w` at every policy. */
export const chosenLed = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideOnPolicies(counts, semantics, ledClaim)
