/**
 * Division, greatest common divisors and repeated factors of odds polynomials, by primitive remainder sequences (Brown 1971,
 * "On Euclid's algorithm and the computation of polynomial greatest common divisors"; Yun 1976 for the repeated factors).
 * Needed where a polynomial touches zero inside the orthant, `(1 - o)^2` say: no multiplier makes its coefficients positive.
 */
import {
  constant,
  derivative,
  fromTerms,
  isZero,
  monomial,
  monomialContent,
  multiply,
  type OddsPolynomial,
  type OddsTerm,
  primitive,
  scale,
  subtract,
  termsOf
} from "./oddsPolynomial.ts"

/** The true degree in the k-th variable; 0 for the zero polynomial. */
export const degreeIn = (a: OddsPolynomial, k: number): number =>
  termsOf(a).reduce((most, term) => Math.max(most, term.exponents[k]!), 0)

const prime = 67_108_859n

/** The polynomial in the k-th variable alone, the others at fixed values modulo a prime, coefficients lowest first. */
const imageIn = (a: OddsPolynomial, k: number): Array<bigint> => {
  const slices = new Array<bigint>(degreeIn(a, k) + 1).fill(0n)
  for (const { exponents, coefficient } of termsOf(a)) {
    const others = exponents.reduce(
      (product, e, i) => (i === k ? product : (product * BigInt(7919 + 104_729 * i) ** BigInt(e)) % prime),
      1n
    )
    slices[exponents[k]!] = (((slices[exponents[k]!]! + coefficient * others) % prime) + prime) % prime
  }
  return slices
}

const inverseModulo = (value: bigint): bigint => {
  let [result, base] = [1n, value]
  for (let exponent = prime - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % prime
    base = (base * base) % prime
  }
  return result
}

/** Degree of the greatest common divisor of two polynomials modulo the prime, coefficients lowest first. */
const commonDegree = (a: ReadonlyArray<bigint>, b: ReadonlyArray<bigint>): number => {
  const trimmed = (list: ReadonlyArray<bigint>): Array<bigint> =>
    list.slice(0, list.findLastIndex((value) => value !== 0n) + 1)
  let [high, low] = [trimmed(a), trimmed(b)]
  while (low.length > 0) {
    const rest = [...high]
    const inverse = inverseModulo(low[low.length - 1]!)
    for (let top = rest.length - 1; top >= low.length - 1; top--) {
      const factor = (rest[top]! * inverse) % prime
      low.forEach((value, e) => {
        const at = top - (low.length - 1) + e
        rest[at] = (((rest[at]! - factor * value) % prime) + prime) % prime
      })
    }
    ;[high, low] = [low, trimmed(rest)]
  }
  return high.length - 1
}

const isConstant = (a: OddsPolynomial): boolean => a.variables.every((_, k) => degreeIn(a, k) === 0)

/** The coefficients of the powers of the k-th variable, lowest first: polynomials without it. */
export const coefficientsIn = (a: OddsPolynomial, k: number): Array<OddsPolynomial> => {
  const slices = Array.from({ length: degreeIn(a, k) + 1 }, (): Array<OddsTerm> => [])
  for (const { exponents, coefficient } of termsOf(a)) {
    slices[exponents[k]!]!.push({ exponents: exponents.map((e, i) => (i === k ? 0 : e)), coefficient })
  }
  return slices.map((terms) => fromTerms(a.variables, terms))
}

const leadingTerm = (terms: ReadonlyArray<OddsTerm>): OddsTerm => {
  let lead = terms[0]!
  for (const term of terms) {
    const k = term.exponents.findLastIndex((e, i) => e !== lead.exponents[i])
    if (k >= 0 && term.exponents[k]! > lead.exponents[k]!) lead = term
  }
  return lead
}

/**
 * `a / b` when b divides a exactly over the integers; undefined when it does not (or b is 0).
 * Long division by leading terms: the quotient's leading term is that of what is left, over b's.
 */
export const divideExactly = (a: OddsPolynomial, b: OddsPolynomial): OddsPolynomial | undefined => {
  if (isZero(b)) return undefined
  const lead = leadingTerm(termsOf(b))
  const quotient: Array<OddsTerm> = []
  let rest = a
  while (!isZero(rest)) {
    const next = leadingTerm(termsOf(rest))
    const exponents = next.exponents.map((e, k) => e - lead.exponents[k]!)
    if (exponents.some((e) => e < 0) || next.coefficient % lead.coefficient !== 0n) return undefined
    const coefficient = next.coefficient / lead.coefficient
    quotient.push({ exponents, coefficient })
    rest = subtract(rest, multiply(monomial(a.variables, exponents, coefficient), b))
  }
  return fromTerms(a.variables, quotient)
}

const quotientOf = (a: OddsPolynomial, b: OddsPolynomial): OddsPolynomial => {
  const quotient = divideExactly(a, b)
  if (quotient === undefined) throw new RangeError("quotientOf: the divisor does not divide")
  return quotient
}

/** The remainder of `lead(b)^m a` by b as polynomials in the k-th variable, m just large enough to stay integral. */
const pseudoRemainder = (a: OddsPolynomial, b: OddsPolynomial, k: number): OddsPolynomial => {
  const slices = coefficientsIn(b, k)
  const degree = slices.length - 1
  const lead = slices[degree]!
  let rest = a
  for (;;) {
    const parts = coefficientsIn(rest, k)
    const top = parts.length - 1
    if (isZero(rest) || top < degree) return rest
    const lift = monomial(
      a.variables,
      a.variables.map((_, i) => (i === k ? top - degree : 0))
    )
    rest = subtract(multiply(lead, rest), multiply(multiply(parts[top]!, lift), b))
  }
}

const integerPrimitive = (a: OddsPolynomial): OddsPolynomial =>
  isZero(a) ? a : multiply(monomial(a.variables, monomialContent(a)), primitive(a))

const contentIn = (a: OddsPolynomial, k: number): OddsPolynomial => {
  let content = constant(a.variables, 0n)
  for (const slice of coefficientsIn(a, k)) content = commonFactor(content, slice)
  return content
}

/**
 * Whether a common factor may contain the k-th variable: false only when the images of both in that variable are coprime and
 * one keeps its degree, so that a common factor would show.
 */
const mayShare = (a: OddsPolynomial, b: OddsPolynomial, k: number): boolean => {
  const [first, second] = [imageIn(a, k), imageIn(b, k)]
  if (first.length === 1 || second.length === 1) return false
  return (first.at(-1) === 0n && second.at(-1) === 0n) || commonDegree(first, second) > 0
}

/** The coefficients with respect to several variables together: polynomials without them. */
const slicesWithout = (a: OddsPolynomial, variables: ReadonlyArray<number>): ReadonlyArray<OddsPolynomial> =>
  variables.reduce<ReadonlyArray<OddsPolynomial>>(
    (slices, k) => slices.flatMap((slice) => coefficientsIn(slice, k).filter((part) => !isZero(part))),
    [a]
  )

/** The greatest common divisor up to an integer factor, its leading coefficient positive; 0 only for two zeros. */
export const commonFactor = (a: OddsPolynomial, b: OddsPolynomial): OddsPolynomial => {
  if (isZero(a)) return normalSign(integerPrimitive(b))
  if (isZero(b)) return normalSign(integerPrimitive(a))
  const unit = constant(a.variables, 1n)
  const occurring = a.variables.flatMap((_, k) => (degreeIn(a, k) > 0 || degreeIn(b, k) > 0 ? [k] : []))
  const unshared = occurring.filter((k) => !mayShare(a, b, k))
  if (unshared.length === occurring.length) return unit
  if (unshared.length > 0) {
    // A factor without these variables divides each coefficient of their monomials: many small problems for a large one.
    let common = constant(a.variables, 0n)
    for (const slice of [...slicesWithout(a, unshared), ...slicesWithout(b, unshared)]) {
      common = commonFactor(common, slice)
      if (isConstant(common)) return unit
    }
    return common
  }
  return commonFactorIn(a, b, occurring[0]!)
}

/** The same by a primitive remainder sequence in the k-th variable, which occurs in both. */
const commonFactorIn = (a: OddsPolynomial, b: OddsPolynomial, k: number): OddsPolynomial => {
  const [contentA, contentB] = [contentIn(a, k), contentIn(b, k)]
  let [high, low] = [quotientOf(integerPrimitive(a), contentA), quotientOf(integerPrimitive(b), contentB)]
  if (degreeIn(high, k) < degreeIn(low, k)) [high, low] = [low, high]
  while (!isZero(low) && degreeIn(low, k) > 0) {
    const rest = integerPrimitive(pseudoRemainder(high, low, k))
    high = low
    low = isZero(rest) ? rest : quotientOf(rest, contentIn(rest, k))
  }
  const content = commonFactor(contentA, contentB)
  return isZero(low) ? normalSign(integerPrimitive(multiply(content, high))) : content
}

const normalSign = (a: OddsPolynomial): OddsPolynomial =>
  isZero(a) || leadingTerm(termsOf(a)).coefficient > 0n ? a : scale(a, -1n)

/** `c · a = Π squares^2 · rest` with a positive integer ratio c; `rest` has no repeated factor. */
export interface SquareParts {
  readonly squares: ReadonlyArray<OddsPolynomial>
  readonly rest: OddsPolynomial
}

/** The factors `f_1, f_2, …` of `Π f_m^m`, the part of a in which the k-th variable occurs (Musser 1975). */
const layersIn = (a: OddsPolynomial, k: number): Array<OddsPolynomial> => {
  const part = quotientOf(integerPrimitive(a), contentIn(a, k))
  let repeated = commonFactor(part, derivative(part, k))
  let simple = quotientOf(part, repeated)
  const layers: Array<OddsPolynomial> = []
  while (degreeIn(simple, k) > 0) {
    const deeper = commonFactor(simple, repeated)
    layers.push(quotientOf(simple, deeper))
    simple = deeper
    repeated = quotientOf(repeated, deeper)
  }
  return layers
}

/**
 * Whether a repeated factor may contain the k-th variable: false only when the polynomial in that variable alone, the others
 * at fixed values modulo a prime, keeps its degree and has no factor in common with its derivative. Cheap, and nearly
 * always right, where the exact remainder sequence is dear.
 */
const mayRepeat = (a: OddsPolynomial, k: number): boolean => {
  const degree = degreeIn(a, k)
  const slices = imageIn(a, k)
  const derived = slices.slice(1).map((value, e) => (value * BigInt(e + 1)) % prime)
  return slices[degree] === 0n || degree >= Number(prime) || commonDegree(slices, derived) > 0
}

/** Takes every even power of a factor out of a polynomial ≠ 0; undefined when there is none. */
export const takeSquares = (a: OddsPolynomial): SquareParts | undefined => {
  const squares: Array<OddsPolynomial> = []
  let rest = a
  a.variables.forEach((_, k) => {
    if (degreeIn(rest, k) < 2 || !mayRepeat(rest, k)) return
    layersIn(rest, k).forEach((factor, i) => {
      // layers[i] is f_(i+1): f^m gives floor(m/2) squares.
      for (let pair = 0; pair < Math.floor((i + 1) / 2); pair++) {
        if (isConstant(factor)) continue
        squares.push(factor)
        rest = quotientOf(rest, multiply(factor, factor))
      }
    })
  })
  return squares.length === 0 ? undefined : { squares, rest }
}
