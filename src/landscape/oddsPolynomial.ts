/**
 * Integer polynomials in odds, as dense coefficient arrays: the arithmetic of every exact decision. A variable stands for the
 * odds of one probability, `p/(1-p)` or `p/r` (docs/theory.md §8, §11), and is called after it: `p_w` is the odds of p_w.
 * Degrees are small (2 in each variable when two counts are multiplied), so an array beats any sparse form.
 */
import { type Polynomial, polynomial } from "../logic/polynomial.ts"
import { addRational, gcdInteger, multiplyRational, type Rational, rational, zero } from "../logic/rational.ts"

/**
 * `Σ_e coefficients[index(e)] Π_k variables[k]^e_k`, with `index(e) = Σ_k e_k stride_k`, `stride_0 = 1` and
 * `stride_(k+1) = stride_k (degrees[k] + 1)`. `degrees` is the room of the array, so a bound on the true degrees.
 */
export interface OddsPolynomial {
  readonly variables: ReadonlyArray<string>
  readonly degrees: ReadonlyArray<number>
  readonly coefficients: ReadonlyArray<bigint>
}

/** One term: exponent of each variable, in order, and its coefficient. */
export interface OddsTerm {
  readonly exponents: ReadonlyArray<number>
  readonly coefficient: bigint
}

/** Number of places between neighbours along each axis, and after the last entry the length of the array. */
export const stridesOf = (degrees: ReadonlyArray<number>): Array<number> => {
  const strides = [1]
  for (const degree of degrees) strides.push(strides[strides.length - 1]! * (degree + 1))
  return strides
}

const indexOf = (exponents: ReadonlyArray<number>, strides: ReadonlyArray<number>): number => {
  let index = 0
  for (let k = 0; k < exponents.length; k++) index += exponents[k]! * strides[k]!
  return index
}

const exponentsOf = (index: number, degrees: ReadonlyArray<number>): Array<number> => {
  const exponents: Array<number> = []
  let rest = index
  for (const degree of degrees) {
    exponents.push(rest % (degree + 1))
    rest = Math.floor(rest / (degree + 1))
  }
  return exponents
}

/** The terms with a coefficient ≠ 0, by ascending array index. */
export const termsOf = (a: OddsPolynomial): Array<OddsTerm> => {
  const terms: Array<OddsTerm> = []
  a.coefficients.forEach((coefficient, index) => {
    if (coefficient !== 0n) terms.push({ exponents: exponentsOf(index, a.degrees), coefficient })
  })
  return terms
}

/** The sum of the given terms, in the smallest array that holds them. */
export const fromTerms = (variables: ReadonlyArray<string>, terms: ReadonlyArray<OddsTerm>): OddsPolynomial => {
  const degrees = variables.map((_, k) => terms.reduce((most, term) => Math.max(most, term.exponents[k]!), 0))
  const strides = stridesOf(degrees)
  const coefficients = new Array<bigint>(strides[variables.length]!).fill(0n)
  for (const term of terms) coefficients[indexOf(term.exponents, strides)]! += term.coefficient
  return { variables, degrees, coefficients }
}

/** The constant polynomial. */
export const constant = (variables: ReadonlyArray<string>, value: bigint): OddsPolynomial => ({
  variables,
  degrees: variables.map(() => 0),
  coefficients: [value]
})

/** `scale · variables[k]^power`. */
export const monomial = (
  variables: ReadonlyArray<string>,
  exponents: ReadonlyArray<number>,
  coefficient = 1n
): OddsPolynomial => fromTerms(variables, [{ exponents, coefficient }])

/** The polynomial `variables[k]`. @throws RangeError when there is no k-th variable */
export const variable = (variables: ReadonlyArray<string>, k: number): OddsPolynomial => {
  if (!(k in variables)) throw new RangeError(`variable: no variable ${k} among ${variables.join(", ")}`)
  return monomial(
    variables,
    variables.map((_, i) => (i === k ? 1 : 0))
  )
}

const checkSame = (caller: string, a: OddsPolynomial, b: OddsPolynomial): void => {
  if (a.variables.length !== b.variables.length || a.variables.some((name, k) => name !== b.variables[k])) {
    throw new RangeError(`${caller}: variables [${a.variables.join(", ")}] and [${b.variables.join(", ")}] differ`)
  }
}

/** Places and values of the coefficients ≠ 0, places in an array of other degrees (at least as large). */
interface Entries {
  readonly places: ReadonlyArray<number>
  readonly values: ReadonlyArray<bigint>
}

const reindexed = ({ degrees, coefficients }: OddsPolynomial, strides: ReadonlyArray<number>): Entries => {
  const [places, values]: [Array<number>, Array<bigint>] = [[], []]
  const exponents = new Array<number>(degrees.length).fill(0)
  let place = 0
  for (let index = 0; index < coefficients.length; index++) {
    const value = coefficients[index]!
    if (value !== 0n) {
      places.push(place)
      values.push(value)
    }
    // The exponents count up like an odometer, first variable fastest; the place follows.
    for (let k = 0; k < degrees.length; k++) {
      if (exponents[k]! < degrees[k]!) {
        exponents[k]!++
        place += strides[k]!
        break
      }
      place -= exponents[k]! * strides[k]!
      exponents[k] = 0
    }
  }
  return { places, values }
}

const linear = (caller: string, a: OddsPolynomial, b: OddsPolynomial, factor: bigint): OddsPolynomial => {
  checkSame(caller, a, b)
  const degrees = a.degrees.map((degree, k) => Math.max(degree, b.degrees[k]!))
  const strides = stridesOf(degrees)
  const coefficients = new Array<bigint>(strides[degrees.length]!).fill(0n)
  const [left, right] = [reindexed(a, strides), reindexed(b, strides)]
  left.places.forEach((place, i) => {
    coefficients[place] = left.values[i]!
  })
  right.places.forEach((place, i) => {
    coefficients[place]! += factor * right.values[i]!
  })
  return { variables: a.variables, degrees, coefficients }
}

/** `a + b`. @throws RangeError when the variables differ (so do `subtract` and `multiply`) */
export const add = (a: OddsPolynomial, b: OddsPolynomial): OddsPolynomial => linear("add", a, b, 1n)
/** `a - b`. */
export const subtract = (a: OddsPolynomial, b: OddsPolynomial): OddsPolynomial => linear("subtract", a, b, -1n)

const largest = (values: ReadonlyArray<bigint>): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(Number(value))), 0)

/** `a · b`. */
export const multiply = (a: OddsPolynomial, b: OddsPolynomial): OddsPolynomial => {
  checkSame("multiply", a, b)
  const degrees = a.degrees.map((degree, k) => degree + b.degrees[k]!)
  const strides = stridesOf(degrees)
  const size = strides[degrees.length]!
  const [left, right] = [reindexed(a, strides), reindexed(b, strides)]
  const terms = Math.min(left.places.length, right.places.length)
  // Sums below 2^53 are exact in doubles, and many times faster there.
  if (largest(left.values) * largest(right.values) * terms < Number.MAX_SAFE_INTEGER) {
    const sums = new Float64Array(size)
    const [x, y] = [left.values.map(Number), right.values.map(Number)]
    for (let i = 0; i < x.length; i++) {
      for (let j = 0; j < y.length; j++) sums[left.places[i]! + right.places[j]!]! += x[i]! * y[j]!
    }
    const coefficients = new Array<bigint>(size).fill(0n)
    for (let i = 0; i < size; i++) if (sums[i] !== 0) coefficients[i] = BigInt(sums[i]!)
    return { variables: a.variables, degrees, coefficients }
  }
  const coefficients = new Array<bigint>(size).fill(0n)
  left.values.forEach((x, i) => {
    right.values.forEach((y, j) => {
      coefficients[left.places[i]! + right.places[j]!]! += x * y
    })
  })
  return { variables: a.variables, degrees, coefficients }
}

/** `factor · a`. */
export const scale = (a: OddsPolynomial, factor: bigint): OddsPolynomial => ({
  ...a,
  coefficients: a.coefficients.map((c) => factor * c)
})

/** `a^exponent`, exponent an integer ≥ 0. */
export const power = (a: OddsPolynomial, exponent: number): OddsPolynomial => {
  let result = constant(a.variables, 1n)
  for (let i = 0; i < exponent; i++) result = multiply(result, a)
  return result
}

/** The partial derivative by the k-th variable. */
export const derivative = (a: OddsPolynomial, k: number): OddsPolynomial =>
  fromTerms(
    a.variables,
    termsOf(a)
      .filter((term) => term.exponents[k]! > 0)
      .map((term) => ({
        exponents: term.exponents.map((e, i) => (i === k ? e - 1 : e)),
        coefficient: term.coefficient * BigInt(term.exponents[k]!)
      }))
  )

/** The same polynomial in an array with room for the given degrees. @throws RangeError when a degree is too small */
export const withDegrees = (a: OddsPolynomial, degrees: ReadonlyArray<number>): OddsPolynomial => {
  if (a.degrees.some((degree, k) => degree > degrees[k]!)) throw new RangeError("withDegrees: a degree is too small")
  const strides = stridesOf(degrees)
  const coefficients = new Array<bigint>(strides[degrees.length]!).fill(0n)
  const { places, values } = reindexed(a, strides)
  places.forEach((place, i) => {
    coefficients[place] = values[i]!
  })
  return { variables: a.variables, degrees, coefficients }
}

/** The polynomial with variable k renamed to (and merged with) variable `target[k]` of the same list. */
export const renameVariables = (a: OddsPolynomial, target: ReadonlyArray<number>): OddsPolynomial =>
  fromTerms(
    a.variables,
    termsOf(a).map(({ exponents, coefficient }) => {
      const moved = exponents.map(() => 0)
      exponents.forEach((e, k) => {
        moved[target[k]!]! += e
      })
      return { exponents: moved, coefficient }
    })
  )

/** Whether every coefficient is zero. */
export const isZero = (a: OddsPolynomial): boolean => a.coefficients.every((c) => c === 0n)

/** Whether no coefficient is negative, so that the polynomial is ≥ 0 on the positive orthant at sight. */
export const hasNoNegative = (a: OddsPolynomial): boolean => a.coefficients.every((c) => c >= 0n)

/** Whether a and b are the same polynomial. */
export const equal = (a: OddsPolynomial, b: OddsPolynomial): boolean => isZero(subtract(a, b))

/** The same polynomial up to a positive rational factor and a monomial: integer content 1, no variable divides it, smallest array. */
export const primitive = (a: OddsPolynomial): OddsPolynomial => {
  const terms = termsOf(a)
  const content = terms.reduce((divisor, term) => gcdInteger(divisor, term.coefficient), 0n)
  const least = a.variables.map((_, k) => Math.min(...terms.map((term) => term.exponents[k]!)))
  return fromTerms(
    a.variables,
    terms.map((term) => ({
      exponents: term.exponents.map((e, k) => e - least[k]!),
      coefficient: term.coefficient / content
    }))
  )
}

/** The exponents of the largest monomial that divides a; zeros for the zero polynomial. */
export const monomialContent = (a: OddsPolynomial): Array<number> => {
  const terms = termsOf(a)
  return a.variables.map((_, k) => (terms.length === 0 ? 0 : Math.min(...terms.map((term) => term.exponents[k]!))))
}

/** The exact value at a point of rationals, one for each variable. */
export const evaluate = (a: OddsPolynomial, point: ReadonlyArray<Rational>): Rational =>
  termsOf(a).reduce((sum, { exponents, coefficient }) => {
    const powers = exponents.map((e, k) => rational(point[k]!.num ** BigInt(e), point[k]!.den ** BigInt(e)))
    return addRational(sum, powers.reduce(multiplyRational, rational(coefficient)))
  }, zero)

/** The sign, -1, 0 or 1, at a point of positive rationals, one for each variable: exact. */
export const signAt = (a: OddsPolynomial, point: ReadonlyArray<Rational>): number => {
  const powers = a.degrees.map((degree, k) =>
    Array.from({ length: degree + 1 }, (_, e) => point[k]!.num ** BigInt(e) * point[k]!.den ** BigInt(degree - e))
  )
  let sum = 0n
  for (const { exponents, coefficient } of termsOf(a)) {
    let product = coefficient
    exponents.forEach((e, k) => {
      product *= powers[k]![e]!
    })
    sum += product
  }
  return sum > 0n ? 1 : sum < 0n ? -1 : 0
}

/** The same polynomial as exact sparse polynomial of the logic core: what the certificate checker and texts work on. */
export const toPolynomial = (a: OddsPolynomial): Polynomial =>
  polynomial(
    termsOf(a).map((term) => ({
      coefficient: rational(term.coefficient),
      powers: term.exponents
        .map((e, k) => [a.variables[k]!, e] as const)
        .filter(([, e]) => e > 0)
        .sort(([x], [y]) => (x < y ? -1 : 1))
    }))
  )

/** The inverse of {@link toPolynomial} for integer coefficients. @throws RangeError for another coefficient or an unlisted variable */
export const fromPolynomial = (a: Polynomial, variables: ReadonlyArray<string>): OddsPolynomial =>
  fromTerms(
    variables,
    Array.from(a.terms.values(), ({ powers, coefficient }) => {
      if (coefficient.den !== 1n || powers.some(([name]) => !variables.includes(name))) {
        throw new RangeError(`fromPolynomial: not an integer polynomial over ${variables.join(", ")}`)
      }
      const exponents = variables.map((name) => powers.find(([other]) => other === name)?.[1] ?? 0)
      return { exponents, coefficient: coefficient.num }
    })
  )
