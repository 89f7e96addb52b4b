/**
 * The two substitutions that subdivide the positive axis of one odds at 1. In probabilities they halve an edge of the cube, as
 * subdivision in Bernstein form does; in odds the coefficients stay integers and the degree stays what it was.
 */
import { type OddsPolynomial, stridesOf } from "./oddsPolynomial.ts"

/** Applies a linear map to the coefficients along the k-th axis, in place of a copy: `row` is rewritten by `transform`. */
const alongAxis = (a: OddsPolynomial, k: number, transform: (row: Array<bigint>) => void): OddsPolynomial => {
  const strides = stridesOf(a.degrees)
  const [step, span] = [strides[k]!, strides[k + 1]!]
  const coefficients = [...a.coefficients]
  const row = new Array<bigint>(a.degrees[k]! + 1)
  for (let outer = 0; outer < coefficients.length; outer += span) {
    for (let start = outer; start < outer + step; start++) {
      for (let e = 0; e < row.length; e++) row[e] = coefficients[start + e * step]!
      transform(row)
      for (let e = 0; e < row.length; e++) coefficients[start + e * step] = row[e]!
    }
  }
  return { ...a, coefficients }
}

/** Taylor shift by 1, in place: `Σ c_e (1 + t)^e`, by repeated synthetic division. */
const shift = (row: Array<bigint>): void => {
  for (let from = 0; from < row.length - 1; from++) {
    for (let e = row.length - 2; e >= from; e--) row[e]! += row[e + 1]!
  }
}

/** The polynomial in t where the k-th variable is `1 + t`: its values above 1. */
export const aboveOne = (a: OddsPolynomial, k: number): OddsPolynomial => alongAxis(a, k, shift)

/** The polynomial in t where the k-th variable is `t / (1 + t)`, times `(1 + t)^degree`: its values below 1. */
export const belowOne = (a: OddsPolynomial, k: number): OddsPolynomial =>
  alongAxis(a, k, (row) => {
    // Σ c_e t^e (1+t)^(d-e): with x = 1/t it is t^d Σ c_e (1+x)^(d-e).
    row.reverse()
    shift(row)
    row.reverse()
  })
