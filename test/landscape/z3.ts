/** Z3 as an independent oracle: is there a point of positive reals where a polynomial is negative? */
import { init } from "z3-solver"
import { type OddsPolynomial, termsOf } from "../../src/landscape/oddsPolynomial.ts"

/** Starts the solver (once per test file) and returns the question: "fails", "holds", or "unknown" after the time. */
export const z3Oracle = async (
  milliseconds = 2000
): Promise<(a: OddsPolynomial) => Promise<"holds" | "fails" | "unknown">> => {
  const { Context } = await init()
  const { Solver, Real, Sum, Product } = Context("oracle")
  return async (a) => {
    const solver = new Solver()
    solver.set("timeout", milliseconds)
    const variables = a.variables.map((name) => Real.const(name))
    for (const value of variables) solver.add(value.gt(0))
    const terms = termsOf(a).map(({ exponents, coefficient }) =>
      exponents
        .flatMap((e, k) => Array.from({ length: e }, () => variables[k]!))
        .reduce((product, value) => Product(product, value), Real.val(coefficient))
    )
    solver.add(terms.reduce((sum, term) => Sum(sum, term), Real.val(0)).lt(0))
    const answer = await solver.check()
    return answer === "sat" ? "fails" : answer === "unsat" ? "holds" : "unknown"
  }
}
