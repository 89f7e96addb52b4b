/**
 * @file Curves fitted by ordinary least squares to points (x, y): the forms of over-optimisation, and polynomials. Every form
 * is linear in its coefficients. Pure.
 *
 * With d = x ≥ 0 (the square root of a KL divergence, say):
 * - `log`: y = d (α − β log d), Rafailov et al. 2024, arXiv 2406.02900; peak at exp(α/β − 1), height β d.
 * - `square`: y = d (α − β d), Gao et al. 2022, arXiv 2210.10760, best-of-n; peak at α/(2β), height α²/(4β).
 * - `fourth`: y = d² (α − β d²), quadratic in the KL divergence; peak at √(α/(2β)), height α²/(4β).
 * - `line`: y = α + β x and `parabola`: y = α + β x + γ x².
 */

interface Form {
  readonly basis: (x: number) => ReadonlyArray<number>
  /** Where the curve is highest, if it has a highest point. */
  readonly peak: (coefficients: ReadonlyArray<number>) => number | undefined
}

const forms = {
  log: {
    basis: (d) => [d, d > 0 ? -d * Math.log(d) : 0],
    peak: ([a, b]) => (b! > 0 ? Math.exp(a! / b! - 1) : undefined)
  },
  square: { basis: (d) => [d, -d * d], peak: ([a, b]) => (a! > 0 && b! > 0 ? a! / (2 * b!) : undefined) },
  fourth: {
    basis: (d) => [d * d, -(d ** 4)],
    peak: ([a, b]) => (a! > 0 && b! > 0 ? Math.sqrt(a! / (2 * b!)) : undefined)
  },
  line: { basis: (x) => [1, x], peak: () => undefined },
  parabola: { basis: (x) => [1, x, x * x], peak: ([, b, c]) => (c! < 0 ? -b! / (2 * c!) : undefined) }
} satisfies Readonly<Record<string, Form>>

/** Name of a form. */
export type FitForm = keyof typeof forms

/** How the forms are written. */
export const formTexts: Readonly<Record<FitForm, string>> = {
  log: "d(α − β log d)",
  square: "d(α − βd)",
  fourth: "d²(α − βd²)",
  line: "α + βd",
  parabola: "α + βd + γd²"
}

/** All forms. */
export const fitForms = Object.keys(forms) as ReadonlyArray<FitForm>

/** A fitted curve. */
export interface Fit {
  readonly form: FitForm
  /** α, β (and γ), in the order of the form's formula. */
  readonly coefficients: ReadonlyArray<number>
  readonly points: number
  /** √(mean squared residual). */
  readonly rmse: number
  /** √(sum of squared residuals / (points − coefficients)): comparable between forms with more and fewer coefficients. */
  readonly residualError: number
  /** x of the highest point, and y there; absent when the curve has none. */
  readonly peak?: number
  readonly height?: number
}

/**
 * Least squares by Householder's triangularisation.
 * @param rows one row of the design matrix a point, at least as many as it has columns
 * @returns the coefficients, or undefined when the columns are not independent (to 1e-12 of their length)
 */
const leastSquares = (
  rows: ReadonlyArray<ReadonlyArray<number>>,
  values: ReadonlyArray<number>
): ReadonlyArray<number> | undefined => {
  const columns = rows[0]!.length
  const a = rows.map((row, i) => [...row, values[i]!])
  const lengths = Array.from({ length: columns }, (_, j) => Math.hypot(...a.map((row) => row[j]!)))
  for (let j = 0; j < columns; j++) {
    const length = Math.hypot(...a.slice(j).map((row) => row[j]!))
    if (!(length > 1e-12 * lengths[j]!)) return undefined
    const v = a.map((row, i) => (i < j ? 0 : row[j]!))
    v[j]! += v[j]! > 0 ? length : -length
    const square = v.reduce((sum, entry) => sum + entry * entry, 0)
    for (let k = j; k <= columns; k++) {
      const share = (2 * v.reduce((sum, entry, i) => sum + entry * a[i]![k]!, 0)) / square
      for (let i = j; i < a.length; i++) a[i]![k]! -= share * v[i]!
    }
  }
  const solution = new Array<number>(columns).fill(0)
  for (let j = columns - 1; j >= 0; j--) {
    let rest = a[j]![columns]!
    for (let k = j + 1; k < columns; k++) rest -= a[j]![k]! * solution[k]!
    solution[j] = rest / a[j]![j]!
  }
  return solution
}

/** The curve's value. */
export const fittedValue = ({ form, coefficients }: Pick<Fit, "form" | "coefficients">, x: number): number =>
  forms[form].basis(x).reduce((sum, entry, i) => sum + entry * coefficients[i]!, 0)

/**
 * Fits a form. Undefined when there are not more points than coefficients, or they do not determine them (all x equal, say).
 * @throws RangeError for numbers that are not finite, or unequally many
 */
export const fitForm = (form: FitForm, x: ReadonlyArray<number>, y: ReadonlyArray<number>): Fit | undefined => {
  if (x.length !== y.length) throw new RangeError(`fitForm: ${x.length} and ${y.length} values`)
  if (![...x, ...y].every(Number.isFinite)) throw new RangeError("fitForm: a value is not finite")
  const rows = x.map((value) => forms[form].basis(value))
  const unknowns = forms[form].basis(1).length
  const coefficients = rows.length > unknowns ? leastSquares(rows, y) : undefined
  if (coefficients === undefined) return undefined
  const squares = y.reduce((sum, value, i) => sum + (value - fittedValue({ form, coefficients }, x[i]!)) ** 2, 0)
  const peak = forms[form].peak(coefficients)
  return {
    form,
    coefficients,
    points: x.length,
    rmse: Math.sqrt(squares / x.length),
    residualError: Math.sqrt(squares / (x.length - unknowns)),
    ...(peak === undefined ? {} : { peak, height: fittedValue({ form, coefficients }, peak) })
  }
}
