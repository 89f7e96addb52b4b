/** Substituting quotients for variables, many times with the same quotients: the products are made once. */
import { constant, multiply, type OddsPolynomial, power, stridesOf, termsOf, withDegrees } from "./oddsPolynomial.ts"

/** Maps a polynomial of at most the given degrees to the substituted one. */
export type Substitution = (a: OddsPolynomial) => OddsPolynomial

/**
 * Replaces each variable k by `numerators[k] / denominators[k]`, times `Π_k denominators[k]^degrees[k]`: where all denominators
 * are positive the sign is kept. `degrees` bound those of the polynomials to come.
 */
export const makeSubstitution = (
  numerators: ReadonlyArray<OddsPolynomial>,
  denominators: ReadonlyArray<OddsPolynomial>,
  degrees: ReadonlyArray<number>
): Substitution => {
  const variables = numerators[0]?.variables ?? []
  const powers = degrees.map((degree, k) =>
    Array.from({ length: degree + 1 }, (_, e) =>
      multiply(power(numerators[k]!, e), power(denominators[k]!, degree - e))
    )
  )
  const room = variables.map((_, t) =>
    powers.reduce((sum, list) => sum + Math.max(...list.map((entry) => entry.degrees[t]!)), 0)
  )
  const size = stridesOf(room)[variables.length]!
  const images = new Map<string, ReadonlyArray<bigint>>()
  const imageOf = (exponents: ReadonlyArray<number>): ReadonlyArray<bigint> => {
    const key = exponents.join()
    const known = images.get(key)
    if (known !== undefined) return known
    const product = exponents.reduce((sum, e, k) => multiply(sum, powers[k]![e]!), constant(variables, 1n))
    const image = withDegrees(product, room).coefficients
    images.set(key, image)
    return image
  }
  return (a) => {
    const terms = termsOf(a).map(({ exponents, coefficient }) => ({ coefficient, image: imageOf(exponents) }))
    const coefficients = new Array<bigint>(size).fill(0n)
    for (const { coefficient, image } of terms) {
      for (let i = 0; i < size; i++) if (image[i] !== 0n) coefficients[i]! += coefficient * image[i]!
    }
    return { variables, degrees: room, coefficients }
  }
}
