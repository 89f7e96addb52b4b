/**
 * Proofs by sums of squares: a numerical Gram matrix (semidefinite.ts) on the right face (faces.ts), rounded to rationals so that
 * every coefficient comes out exactly, and decomposed exactly (Peyrl and Parrilo 2008, "Computing sum of squares decompositions
 * with rational coefficients"). What is returned is the polynomial, term by term; numbers only suggested it.
 */
import {
  addRational,
  gcdInteger,
  multiplyRational,
  type Rational,
  rational,
  rationalToNumber,
  zero
} from "../logic/rational.ts"
import { certificatePolynomial, type SignProof, type SquareTerm } from "./certificate.ts"
import { complete, type Decomposition, decompose, type Equation, eliminate } from "./exactLinear.ts"
import { faceBasis } from "./faces.ts"
import { type Exponents, type GramBlock, gramBlocks, productOf } from "./gram.ts"
import { fromTerms, type OddsPolynomial, termsOf, toPolynomial } from "./oddsPolynomial.ts"
import { solveSemidefinite } from "./semidefinite.ts"

/** Largest number of monomials in all blocks, and of coefficients to match. */
const limits = { monomials: 100, coefficients: 130 }

/** Eigenvalues below these parts of the largest are taken for zeros, denominators tried in rounding. */
const thresholds = [1e-5, 1e-3]
const denominators = [1, 2, 12, 2 ** 8, 2 ** 14, 2 ** 20, 2 ** 28]

/** A block in a basis of polynomials: each row the coefficients of one over the block's monomials. */
interface Face extends GramBlock {
  readonly basis: ReadonlyArray<ReadonlyArray<Rational>>
  /** The numerical Gram matrix in that basis. */
  readonly matrix: ReadonlyArray<ReadonlyArray<number>>
}

interface Numbered {
  readonly blocks: ReadonlyArray<GramBlock>
  readonly groups: ReadonlyArray<Int32Array>
  readonly values: ReadonlyArray<bigint>
}

/** The products of every block numbered, with the coefficient that each has to sum to; undefined when one has no products. */
const numbered = (a: OddsPolynomial): Numbered | undefined => {
  const blocks = gramBlocks(a)
  if (blocks.reduce((sum, { monomials }) => sum + monomials.length, 0) > limits.monomials) return undefined
  const ids = new Map<string, number>()
  const idOf = (e: Exponents): number => {
    const key = e.join()
    const id = ids.get(key) ?? ids.size
    ids.set(key, id)
    return id
  }
  const groups = blocks.map((block) => {
    const n = block.monomials.length
    return Int32Array.from({ length: n * n }, (_, at) => idOf(productOf(block, Math.floor(at / n), at % n)))
  })
  const coefficients = new Map(termsOf(a).map(({ exponents, coefficient }) => [exponents.join(), coefficient]))
  if (ids.size > limits.coefficients || [...coefficients.keys()].some((key) => !ids.has(key))) return undefined
  return { blocks, groups, values: Array.from(ids.keys(), (key) => coefficients.get(key) ?? 0n) }
}

/** `(R R')^-1 R G R' (R R')^-1` for a basis R: the matrix H with `R' H R` nearest to G. */
const inBasis = (
  g: Float64Array,
  n: number,
  basis: ReadonlyArray<ReadonlyArray<Rational>>
): ReadonlyArray<ReadonlyArray<number>> => {
  const r = basis.map((row) => row.map(rationalToNumber))
  const gram = r.map((x) => r.map((y) => x.reduce((sum, value, k) => sum + value * y[k]!, 0)))
  const solve = (rights: Array<Array<number>>): Array<Array<number>> => solveDense(gram, rights)
  // (R R')^-1 R, row by row; then H = P G P'.
  const p = solve(r.map((row) => [...row]))
  const pg = p.map((row) =>
    Array.from({ length: n }, (_, j) => row.reduce((sum, value, k) => sum + value * g[k * n + j]!, 0))
  )
  return pg.map((row) => p.map((other) => row.reduce((sum, value, k) => sum + value * other[k]!, 0)))
}

/** Solves `M X = B` for a positive definite M by Gauss and Jordan, rows of B as given. */
const solveDense = (
  matrix: ReadonlyArray<ReadonlyArray<number>>,
  rights: Array<Array<number>>
): Array<Array<number>> => {
  const m = matrix.map((row) => [...row])
  for (let k = 0; k < m.length; k++) {
    const lead = m[k]![k]!
    for (let i = 0; i < m.length; i++) {
      if (i === k || m[i]![k] === 0) continue
      const factor = m[i]![k]! / lead
      for (let j = 0; j < m.length; j++) m[i]![j]! -= factor * m[k]![j]!
      for (let j = 0; j < rights[i]!.length; j++) rights[i]![j]! -= factor * rights[k]![j]!
    }
  }
  return rights.map((row, k) => row.map((value) => value / m[k]![k]!))
}

/** The unknowns: entries (i <= j) of each face's matrix. */
interface Unknown {
  readonly face: number
  readonly i: number
  readonly j: number
}

const unknownsOf = (faces: ReadonlyArray<Face>): ReadonlyArray<Unknown> =>
  faces.flatMap(({ basis }, face) => basis.flatMap((_, j) => Array.from({ length: j + 1 }, (_, i) => ({ face, i, j }))))

/** One equation for each coefficient. */
const equationsOf = (
  faces: ReadonlyArray<Face>,
  unknowns: ReadonlyArray<Unknown>,
  groups: Numbered["groups"],
  values: Numbered["values"]
): ReadonlyArray<Equation> => {
  const equations = values.map((value): Equation => ({ coefficients: new Map(), value: rational(value) }))
  unknowns.forEach(({ face, i, j }, at) => {
    const { basis, monomials } = faces[face]!
    basis[i]!.forEach((x, p) => {
      if (x.num === 0n) return
      basis[j]!.forEach((y, q) => {
        if (y.num === 0n) return
        const { coefficients } = equations[groups[face]![p * monomials.length + q]!]!
        const product = multiplyRational(multiplyRational(x, y), rational(i === j ? 1 : 2))
        const sum = addRational(coefficients.get(at) ?? zero, product)
        if (sum.num === 0n) coefficients.delete(at)
        else coefficients.set(at, sum)
      })
    })
  })
  return equations
}

const matricesOf = (
  faces: ReadonlyArray<Face>,
  unknowns: ReadonlyArray<Unknown>,
  values: ReadonlyArray<Rational>
): ReadonlyArray<ReadonlyArray<ReadonlyArray<Rational>>> => {
  const matrices = faces.map(({ basis }) => basis.map(() => new Array<Rational>(basis.length).fill(zero)))
  unknowns.forEach(({ face, i, j }, at) => {
    matrices[face]![i]![j] = values[at]!
    matrices[face]![j]![i] = values[at]!
  })
  return matrices
}

/** A square with integer coefficients and the weight that goes with it. */
const termOf = (
  variables: ReadonlyArray<string>,
  { odd, monomials, basis }: Face,
  { weight, column }: Decomposition[number]
): { readonly weight: Rational; readonly odd: Exponents; readonly square: OddsPolynomial } => {
  const coefficients = monomials.map((_, m) =>
    column.reduce((sum, value, i) => addRational(sum, multiplyRational(value, basis[i]![m]!)), zero)
  )
  const den = coefficients.reduce((all, { den }) => (all / gcdInteger(all, den)) * den, 1n)
  const integers = coefficients.map(({ num, den: own }) => num * (den / own))
  const content = integers.reduce((all, value) => gcdInteger(all, value), 0n)
  const square = fromTerms(
    variables,
    integers.flatMap((value, m) => (value === 0n ? [] : [{ exponents: monomials[m]!, coefficient: value / content }]))
  )
  return { weight: multiplyRational(weight, rational(content * content, den * den)), odd, square }
}

const proofOf = (variables: ReadonlyArray<string>, terms: ReadonlyArray<ReturnType<typeof termOf>>): SignProof => {
  const den = terms.reduce((all, { weight }) => (all / gcdInteger(all, weight.den)) * weight.den, 1n)
  const weights = terms.map(({ weight }) => weight.num * (den / weight.den))
  const content = weights.reduce((all, value) => gcdInteger(all, value), 0n)
  return {
    kind: "sum",
    terms: terms.map(
      ({ odd, square }, k): SquareTerm => ({
        weight: String(weights[k]! / content),
        monomial: Object.fromEntries(variables.flatMap((name, i) => (odd[i] === 0 ? [] : [[name, odd[i]!]]))),
        square: certificatePolynomial(toPolynomial(square))
      })
    )
  }
}

const roundedProof = (
  a: OddsPolynomial,
  faces: ReadonlyArray<Face>,
  { groups, values }: Numbered
): SignProof | undefined => {
  const unknowns = unknownsOf(faces)
  const solved = eliminate(equationsOf(faces, unknowns, groups, values))
  if (solved === undefined) return undefined
  for (const denominator of denominators) {
    const free = (at: number): Rational => {
      const { face, i, j } = unknowns[at]!
      return rational(BigInt(Math.round(faces[face]!.matrix[i]![j]! * denominator)), denominator)
    }
    const matrices = matricesOf(faces, unknowns, complete(solved, unknowns.length, free))
    const parts = matrices.map(decompose)
    if (parts.every((part) => part !== undefined))
      return proofOf(
        a.variables,
        parts.flatMap((part, f) => part.map((term) => termOf(a.variables, faces[f]!, term)))
      )
  }
  return undefined
}

/** A proof that the polynomial is ≥ 0 on the positive orthant as a sum of squares; undefined when none is found. */
export const proveBySquares = (a: OddsPolynomial): SignProof | undefined => {
  const problem = numbered(a)
  if (problem === undefined) return undefined
  const { blocks, groups, values } = problem
  const size = values.reduce((most, value) => Math.max(most, Math.abs(Number(value))), 0)
  const solution = solveSemidefinite({
    sizes: blocks.map(({ monomials }) => monomials.length),
    groups,
    values: Float64Array.from(values, (value) => Number(value) / size)
  })
  if (solution === undefined) return undefined
  for (const threshold of thresholds) {
    const faces = blocks.map((block, s): Face | undefined => {
      const n = block.monomials.length
      const matrix = solution.blocks[s]!.map((value) => value * size)
      const basis = faceBasis(matrix, n, threshold * size)
      return basis === undefined ? undefined : { ...block, basis, matrix: inBasis(matrix, n, basis) }
    })
    if (!faces.every((face) => face !== undefined)) continue
    const proof = roundedProof(a, faces, problem)
    if (proof !== undefined) return proof
  }
  return undefined
}
