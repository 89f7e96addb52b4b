/**
 * How large a common factor of two polynomials can be, found without finding it: all variables but one are set to fixed
 * numbers modulo a prime, and the univariate gcd is taken there. Its degree is never below the true one, so a bound of 0
 * in every variable proves that two polynomials are coprime.
 */
import { degreeIn, exponentOf, type Polynomial } from "../polynomial.ts"
import { contentRational } from "../rational.ts"

/** The Mersenne prime 2^61 - 1. */
const prime = (1n << 61n) - 1n

const modulo = (a: bigint): bigint => ((a % prime) + prime) % prime

const powerModulo = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, modulo(base)]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}

/** A number for each variable that no polynomial of a person's has as a root by design. */
const pointOf = (name: string, attempt: number): bigint => {
  let hash = BigInt(attempt + 1)
  for (const character of name) hash = modulo(hash * 1_000_003n + BigInt(character.codePointAt(0)!) * 999_999_937n)
  return hash
}

/** The polynomial in one variable modulo the prime, constant coefficient first. */
const univariate = (a: Polynomial, name: string, attempt: number): Array<bigint> => {
  const content = contentRational(Array.from(a.terms.values(), (term) => term.coefficient))
  const coefficients: Array<bigint> = Array.from({ length: degreeIn(a, name) + 1 }, () => 0n)
  for (const term of a.terms.values()) {
    let value = modulo((term.coefficient.num * content.den) / (term.coefficient.den * content.num))
    for (const [other, exponent] of term.powers) {
      if (other !== name) value = (value * powerModulo(pointOf(other, attempt), BigInt(exponent))) % prime
    }
    const power = exponentOf(term, name)
    coefficients[power] = (coefficients[power]! + value) % prime
  }
  return coefficients
}

const trimmed = (a: ReadonlyArray<bigint>): Array<bigint> => {
  const kept = [...a]
  while (kept.length > 0 && kept[kept.length - 1] === 0n) kept.pop()
  return kept
}

const remainder = (a: ReadonlyArray<bigint>, b: ReadonlyArray<bigint>): Array<bigint> => {
  const rest = [...a]
  const inverse = powerModulo(b[b.length - 1]!, prime - 2n)
  for (let top = rest.length - 1; top >= b.length - 1; top--) {
    const factor = (rest[top]! * inverse) % prime
    b.forEach((coefficient, i) => {
      const at = top - (b.length - 1) + i
      rest[at] = modulo(rest[at]! - factor * coefficient)
    })
  }
  return trimmed(rest.slice(0, b.length - 1))
}

/** An upper bound of the degree in one variable of the greatest common divisor of two polynomials ≠ 0. */
export const commonDegreeBound = (a: Polynomial, b: Polynomial, name: string): number => {
  const [degreeA, degreeB] = [degreeIn(a, name), degreeIn(b, name)]
  let bound = Math.min(degreeA, degreeB)
  for (let attempt = 0; attempt < 3 && bound > 0; attempt++) {
    let [high, low] = [univariate(a, name, attempt), univariate(b, name, attempt)].map(trimmed) as [
      Array<bigint>,
      Array<bigint>
    ]
    // Where a leading coefficient vanishes the image may have lost a factor's degree: that point says nothing.
    if (high.length !== degreeA + 1 || low.length !== degreeB + 1) continue
    while (low.length > 0) [high, low] = [low, high.length < low.length ? high : remainder(high, low)]
    bound = Math.min(bound, high.length - 1)
  }
  return bound
}
