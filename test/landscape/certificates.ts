/**
 * Certificates of every kind, all their single changes, and a second judge of proofs: on the dense polynomials of the prover,
 * with none of the checker's code, so that each can be held against the other.
 */
import { aboveOne, belowOne } from "../../src/landscape/axisShift.ts"
import {
  type Certificate,
  type CertificatePolynomial,
  certificatePolynomial,
  type SignProof
} from "../../src/landscape/certificate.ts"
import { coefficientsIn } from "../../src/landscape/factor.ts"
import {
  add,
  constant,
  equal,
  fromTerms,
  hasNoNegative,
  isZero,
  multiply,
  type OddsPolynomial,
  primitive,
  scale,
  subtract,
  termsOf,
  toPolynomial,
  variable
} from "../../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../../src/landscape/sign.ts"

const names = ["p_w", "p_l"]
const [x, y, one] = [variable(names, 0), variable(names, 1), constant(names, 1n)]
const square = (a: OddsPolynomial) => multiply(a, a)

/** The JSON form of a dense polynomial. */
export const json = (a: OddsPolynomial): CertificatePolynomial => certificatePolynomial(toPolynomial(a))

/** The prover's certificate. @throws RangeError when there is none */
export const certificateFor = (a: OddsPolynomial): Certificate => {
  const sign = decideSign(a)
  if (sign.verdict !== "holds") throw new RangeError(`expected a proof, got ${sign.verdict}`)
  return { claim: "Q >= 0", polynomial: json(a), proof: sign.proof }
}

/** A polynomial for each kind of proof, and that proof: the prover's, or one written by hand where it finds another. */
export const examples: Readonly<Record<SignProof["kind"], Certificate>> = {
  coefficients: certificateFor(add(add(square(x), scale(y, 3n)), multiply(multiply(x, y), y))),
  polya: certificateFor(add(multiply(x, add(subtract(one, y), square(y))), y)),
  squares: certificateFor(multiply(x, square(subtract(one, y)))),
  sum: certificateFor(add(square(subtract(square(x), one)), square(subtract(square(y), one)))),
  split: {
    claim: "Q >= 0",
    polynomial: json(add(subtract(square(x), x), one)),
    proof: { kind: "split", variable: "p_w", below: { kind: "coefficients" }, above: { kind: "coefficients" } }
  },
  quadratic: certificateFor(add(square(subtract(add(one, scale(x, 3n)), y)), square(subtract(one, multiply(x, y))))),
  slices: {
    claim: "Q >= 0",
    polynomial: json(add(square(subtract(one, scale(square(x), 2n))), multiply(y, add(one, multiply(x, y))))),
    proof: {
      kind: "slices",
      variable: "p_l",
      proofs: [
        certificateFor(square(subtract(one, scale(square(x), 2n)))).proof,
        { kind: "coefficients" },
        { kind: "coefficients" }
      ]
    }
  },
  monomials: certificateFor(add(subtract(one, multiply(x, y)), scale(square(multiply(x, y)), 3n)))
}

const splitting = (a: OddsPolynomial): Certificate => ({
  claim: "Q >= 0",
  polynomial: json(multiply(add(subtract(square(x), x), one), a)),
  proof: examples.split.proof
})

/** More of the kinds that are rare among sums of squares. */
export const furtherExamples: ReadonlyArray<Certificate> = [
  { ...examples.slices, polynomial: json(add(square(subtract(one, scale(square(x), 2n))), add(y, square(y)))) },
  splitting(add(y, scale(one, 2n))),
  splitting(add(add(square(y), y), scale(one, 3n))),
  ...[2n, 5n].map((k) => certificateFor(add(subtract(one, multiply(x, y)), scale(square(multiply(x, y)), k))))
]

/** The kinds that occur in a proof. */
export const kindsIn = (proof: SignProof): ReadonlyArray<string> => {
  switch (proof.kind) {
    case "squares":
      return [proof.kind, ...kindsIn(proof.proof)]
    case "split":
      return [proof.kind, ...kindsIn(proof.below), ...kindsIn(proof.above)]
    case "quadratic":
      return [proof.kind, ...kindsIn(proof.leading), ...kindsIn(proof.free), ...kindsIn(proof.discriminant)]
    case "slices":
      return [proof.kind, ...proof.proofs.flatMap(kindsIn)]
    case "monomials":
      return [proof.kind, ...kindsIn(proof.proof)]
    default:
      return [proof.kind]
  }
}

/** The dense polynomial of a JSON form over the given variables; undefined when it is malformed or names others. */
const read = (terms: unknown, variables: ReadonlyArray<string>): OddsPolynomial | undefined => {
  if (!Array.isArray(terms)) return undefined
  const parsed = (terms as ReadonlyArray<Partial<CertificatePolynomial[number]>>).map(({ coefficient, powers }) => {
    if (coefficient === undefined || powers === undefined) return undefined
    const known = Object.keys(powers).every((name) => variables.includes(name))
    const exponents = variables.map((name) => powers[name] ?? 0)
    return known && exponents.every((e) => Number.isInteger(e) && e >= 0)
      ? { exponents, coefficient: BigInt(coefficient) }
      : undefined
  })
  return parsed.every((term) => term !== undefined) ? fromTerms(variables, parsed) : undefined
}

const isSameUpToFactor = (a: OddsPolynomial, b: OddsPolynomial): boolean =>
  isZero(a) || isZero(b) ? isZero(a) && isZero(b) : equal(primitive(a), primitive(b))

const occurring = (a: OddsPolynomial): ReadonlyArray<number> =>
  a.variables.flatMap((_, k) => (termsOf(a).some(({ exponents }) => exponents[k]! > 0) ? [k] : []))

const judgePolya = (whole: OddsPolynomial, multiplier: unknown, k: unknown): boolean => {
  if (!Number.isInteger(k) || (k as number) < 0 || (multiplier !== "sum" && multiplier !== "product")) return false
  const a = isZero(whole) ? whole : primitive(whole)
  const unit = constant(a.variables, 1n)
  const odds = occurring(a).map((i) => variable(a.variables, i))
  const factor =
    multiplier === "sum" ? odds.reduce(add, unit) : odds.reduce((all, o) => multiply(all, add(unit, o)), unit)
  let product = a
  for (let i = 0; i < (k as number); i++) product = multiply(product, factor)
  return hasNoNegative(product)
}

const replacedByMonomial = (a: OddsPolynomial, i: number, j: number, power: 1 | -1): OddsPolynomial => {
  const terms = termsOf(a).map(({ exponents, coefficient }) => ({
    exponents: exponents.with(j, exponents[j]! + power * exponents[i]!),
    coefficient
  }))
  const least = Math.min(0, ...terms.map(({ exponents }) => exponents[j]!))
  return fromTerms(
    a.variables,
    terms.map(({ exponents, coefficient }) => ({ exponents: exponents.with(j, exponents[j]! - least), coefficient }))
  )
}

/** Whether the proof shows that the polynomial is nowhere negative: what checkSign should say, worked out another way. */
export const judge = (a: OddsPolynomial, value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false
  const proof = value as Readonly<Record<string, unknown>>
  const at = a.variables.indexOf(proof.variable as string)
  switch (proof.kind) {
    case "coefficients":
      return hasNoNegative(a)
    case "polya":
      return judgePolya(a, proof.multiplier, proof.k)
    case "squares": {
      const rest = read(proof.rest, a.variables)
      const squares = Array.isArray(proof.squares) ? proof.squares.map((s) => read(s, a.variables)) : [undefined]
      if (rest === undefined || !squares.every((s) => s !== undefined)) return false
      return isSameUpToFactor(a, squares.map(square).reduce(multiply, rest)) && judge(rest, proof.proof)
    }
    case "sum": {
      if (!Array.isArray(proof.terms)) return false
      const parts = proof.terms.map(({ weight, monomial, square: root }) => {
        const factor = read([{ coefficient: weight, powers: monomial }], a.variables)
        const own = read(root, a.variables)
        if (factor === undefined || own === undefined || BigInt(weight) <= 0n) return undefined
        return multiply(factor, square(own))
      })
      if (!parts.every((part) => part !== undefined)) return false
      return isSameUpToFactor(a, parts.reduce(add, constant(a.variables, 0n)))
    }
    case "split":
      if (typeof proof.variable !== "string") return false
      return at < 0
        ? judge(a, proof.below) && judge(a, proof.above)
        : judge(belowOne(fromTerms(a.variables, termsOf(a)), at), proof.below) && judge(aboveOne(a, at), proof.above)
    case "quadratic": {
      if (typeof proof.variable !== "string") return false
      const core = isZero(a) ? a : primitive(a)
      const zero = constant(a.variables, 0n)
      const [free = zero, mixed = zero, leading = zero, ...more] = at < 0 ? [core] : coefficientsIn(core, at)
      if (more.length > 0) return false
      const discriminant = subtract(scale(multiply(leading, free), 4n), square(mixed))
      return judge(leading, proof.leading) && judge(free, proof.free) && judge(discriminant, proof.discriminant)
    }
    case "slices": {
      if (typeof proof.variable !== "string" || !Array.isArray(proof.proofs)) return false
      const core = isZero(a) ? a : primitive(a)
      const slices = at < 0 ? [core] : coefficientsIn(core, at)
      // A proof too many is one of the polynomial 0.
      const zero = constant(a.variables, 0n)
      const { proofs } = proof
      return slices.length <= proofs.length && proofs.every((one: unknown, e: number) => judge(slices[e] ?? zero, one))
    }
    case "monomials": {
      const by = a.variables.indexOf(proof.factor as string)
      if (typeof proof.variable !== "string" || typeof proof.factor !== "string") return false
      if (proof.variable === proof.factor || (proof.power !== 1 && proof.power !== -1)) return false
      // A variable that does not occur leaves everything as it is.
      if (at < 0) return judge(a, proof.proof)
      if (by < 0) return false
      return judge(replacedByMonomial(a, at, by, proof.power), proof.proof)
    }
    default:
      return false
  }
}

/** A changed document, and where it was changed. */
export interface Change {
  readonly at: string
  readonly value: unknown
}

const kinds = Object.keys(examples)

/** Other values for a leaf: neighbours of numbers, negatives, other names and kinds. */
const otherLeaves = (value: unknown, key: string): ReadonlyArray<unknown> => {
  if (typeof value === "number") return [value + 1, value - 1, -value, value + 0.5].filter((other) => other !== value)
  if (typeof value !== "string") return []
  if (/^-?\d+$/.test(value)) {
    const integer = BigInt(value)
    return [integer + 1n, integer - 1n, -integer, integer * 1000n].filter((other) => other !== integer).map(String)
  }
  if (key === "kind") return kinds.filter((kind) => kind !== value)
  if (key === "multiplier") return [value === "sum" ? "product" : "sum", "both"]
  if (key === "variable" || key === "factor") return ["p_w", "p_l", "p_x"].filter((name) => name !== value)
  return []
}

/** All documents that differ from the given one in one leaf, one item left out, or one exponent given to another variable. */
export const singleChanges = (value: unknown, key = ""): ReadonlyArray<Change> => {
  if (Array.isArray(value)) {
    const dropped = value.map((_, i): Change => ({ at: `${key}[-${i}]`, value: value.toSpliced(i, 1) }))
    const inside = value.flatMap((item, i) =>
      singleChanges(item, key).map(
        (change): Change => ({ at: `[${i}]${change.at}`, value: value.with(i, change.value) })
      )
    )
    return [...dropped, ...inside]
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
    const inside = entries.flatMap(([name, item]) =>
      singleChanges(item, name).map(
        (change): Change => ({ at: `.${name}${change.at}`, value: { ...value, [name]: change.value } })
      )
    )
    const dropped = entries.map(([name]): Change => {
      const { [name]: _, ...rest } = value as Readonly<Record<string, unknown>>
      return { at: `.-${name}`, value: rest }
    })
    return [...inside, ...dropped]
  }
  return otherLeaves(value, key).map((other) => ({ at: "", value: other }))
}
