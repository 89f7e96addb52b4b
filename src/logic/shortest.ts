/**
 * A short readable formula for a row set with don't-cares. When 3 propositions suffice (all of two-proposition logic, and
 * most constraints of larger losses) the shortest over the whole grammar, or a two-level one where that reads better; beyond
 * that the cheapest of: the minimal disjunction and conjunction, factored; implications to and from a cube; exclusive or of
 * two cubes; a literal split off by and, or, ->, xor.
 */
import { and, constant, type Formula, formulaRows, implies, not, or, variable, variables, xor } from "./formula.ts"
import { allCubes, type Cube, literalCount, minimise, primeImplicants } from "./minimise.ts"
import { formulaText } from "./print.ts"
import type { Proposition } from "./proposition.ts"
import { awkwardness, formulaCost } from "./readingCost.ts"
import { allRows, hasRow, type RowSet, rowsOf, rowsWhere } from "./rows.ts"
import { cheapestSmallFormula } from "./smallFormulas.ts"

interface Problem {
  readonly on: RowSet
  readonly dontCare: RowSet
  readonly propositions: ReadonlyArray<Proposition>
}

const literal = (proposition: Proposition, positive: boolean): Formula =>
  positive ? variable(proposition) : not(variable(proposition))

const joined = (
  make: (...args: ReadonlyArray<Formula>) => Formula,
  args: ReadonlyArray<Formula>,
  empty: boolean
): Formula => (args.length === 0 ? constant(empty) : args.length === 1 ? args[0]! : make(...args))

/** The literals of a cube, positive ones first, then by proposition. */
const cubeLiterals = (cube: Cube, propositions: ReadonlyArray<Proposition>, flip = false): ReadonlyArray<Formula> => {
  const found: Array<Formula> = []
  for (const positive of [true, false]) {
    propositions.forEach((proposition, k) => {
      if ((cube.care >> k) & 1 && ((((cube.value >> k) & 1) === 1) !== flip) === positive)
        found.push(literal(proposition, positive))
    })
  }
  return found
}

const cubeFormula = (cube: Cube, propositions: ReadonlyArray<Proposition>): Formula =>
  joined(and, cubeLiterals(cube, propositions), true)

/** A literal as (proposition, sign) that the most cubes share, at least two. */
const sharedLiteral = (
  cubes: ReadonlyArray<Cube>,
  n: number
): { readonly k: number; readonly bit: number } | undefined => {
  let best: { k: number; bit: number } | undefined
  let most = 1
  for (let k = 0; k < n; k++) {
    for (const bit of [1, 0]) {
      const sharing = cubes.filter((cube) => (cube.care >> k) & 1 && ((cube.value >> k) & 1) === bit).length
      if (sharing > most) [best, most] = [{ k, bit }, sharing]
    }
  }
  return best
}

const hasLiteral = (cube: Cube, k: number, bit: number): boolean =>
  ((cube.care >> k) & 1) === 1 && ((cube.value >> k) & 1) === bit

/**
 * Algebraic factoring of a disjunction of cubes by its most shared literals. With `dual` the cubes are those of the
 * complement and the result is the conjunction of their negations.
 */
const factored = (cubes: ReadonlyArray<Cube>, propositions: ReadonlyArray<Proposition>, dual: boolean): Formula => {
  const [inner, outer] = dual ? [or, and] : [and, or]
  const shared = sharedLiteral(cubes, propositions.length)
  if (shared === undefined) {
    return joined(
      outer,
      cubes.map((cube) => joined(inner, cubeLiterals(cube, propositions, dual), !dual)),
      dual
    )
  }
  const { k, bit } = shared
  const inside = cubes.filter((cube) => hasLiteral(cube, k, bit))
  const outside = cubes.filter((cube) => !hasLiteral(cube, k, bit))
  const quotient = inside.map((cube) => ({ ...cube, care: cube.care & ~(1 << k), value: cube.value & ~(1 << k) }))
  const head = literal(propositions[k]!, (bit === 1) !== dual)
  const rest = quotient.some((cube) => cube.care === 0) ? undefined : factored(quotient, propositions, dual)
  const product = rest === undefined ? head : flatten(inner, head, rest)
  return outside.length === 0 ? product : flatten(outer, product, factored(outside, propositions, dual))
}

const tagOf = (make: typeof and | typeof or | typeof xor): "And" | "Or" | "Xor" =>
  make === and ? "And" : make === or ? "Or" : "Xor"

const flatten = (make: typeof and | typeof or | typeof xor, ...args: ReadonlyArray<Formula>): Formula =>
  make(...args.flatMap((arg) => (arg._tag === tagOf(make) && "args" in arg ? arg.args : [arg])))

/** Both two-level forms, and the negation of a single cube (`not (a and b)` beats `not a or not b`). */
const twoLevel = ({ on, dontCare, propositions }: Problem): ReadonlyArray<Formula> => {
  const n = propositions.length
  const off = allRows(n) & ~(on | dontCare)
  const [cubes, negated] = [minimise(on, n, dontCare), minimise(off, n, dontCare)]
  const forms = [factored(cubes, propositions, false), factored(negated, propositions, true)]
  return negated.length === 1 ? [...forms, not(cubeFormula(negated[0]!, propositions))] : forms
}

/** `A -> B` and `B -> A` for cubes B: A is what must be excluded, B's rows being free to it (respectively the rest). */
const implications = ({ on, dontCare, propositions }: Problem): ReadonlyArray<Formula> => {
  const n = propositions.length
  const off = allRows(n) & ~(on | dontCare)
  const consequents = primeImplicants(on | dontCare, n).filter((cube) => (cube.rows & on) !== 0n)
  const forward = consequents.map((cube) =>
    implies(
      cheapest(twoLevel({ on: off, dontCare: dontCare | (on & cube.rows), propositions })),
      cubeFormula(cube, propositions)
    )
  )
  // B -> A holds outside B, so B must contain every row to exclude; A decides inside B.
  const antecedents = allCubes(n).filter(
    (cube) => (off & ~cube.rows) === 0n && cube.care !== 0 && (cube.rows & on) !== 0n
  )
  const backward = antecedents.map((cube) =>
    implies(
      cubeFormula(cube, propositions),
      cheapest(twoLevel({ on: on & cube.rows, dontCare: dontCare | (on & ~cube.rows), propositions }))
    )
  )
  return [...forward, ...backward]
}

/** Exclusive ors of two cubes of at most three literals each. */
const exclusive = ({ on, dontCare, propositions }: Problem): ReadonlyArray<Formula> => {
  const cubes = allCubes(propositions.length).filter((cube) => cube.care !== 0 && literalCount(cube) <= 3)
  const found: Array<Formula> = []
  const allowed = on | dontCare
  for (const [i, a] of cubes.entries()) {
    for (let j = i + 1; j < cubes.length; j++) {
      const rows = a.rows ^ cubes[j]!.rows
      if ((on & ~rows) === 0n && (rows & ~allowed) === 0n) {
        found.push(xor(cubeFormula(a, propositions), cubeFormula(cubes[j]!, propositions)))
      }
    }
  }
  return found
}

/** One literal split off: `a and g`, `a or g`, `a -> g`, `a xor g`, where g no longer needs a. */
const splits = ({ on, dontCare, propositions }: Problem, depth: number): ReadonlyArray<Formula> => {
  const n = propositions.length
  const all = allRows(n)
  const off = all & ~(on | dontCare)
  const found: Array<Formula> = []
  propositions.forEach((proposition, k) => {
    const where = rowsWhere(k, n)
    for (const positive of [true, false]) {
      const head = literal(proposition, positive)
      const rows = positive ? where : all & ~where
      if ((on & ~rows) === 0n)
        found.push(flatten(and, head, solve({ on, dontCare: dontCare | (off & ~rows), propositions }, depth - 1)))
      if ((off & rows) === 0n) {
        const rest = solve({ on: on & ~rows, dontCare: dontCare | (on & rows), propositions }, depth - 1)
        found.push(flatten(or, head, rest), implies(literal(proposition, !positive), rest))
      }
    }
    const toggled = { on: (on & ~where) | (off & where), dontCare, propositions }
    if (!dependsOn(toggled, k)) found.push(flatten(xor, variable(proposition), solve(toggled, depth - 1)))
  })
  return found
}

/** Whether no completion of the don't-cares ignores proposition k. */
const dependsOn = ({ on, dontCare, propositions }: Problem, k: number): boolean => {
  const n = propositions.length
  const off = allRows(n) & ~(on | dontCare)
  const shift = 1n << BigInt(k)
  const high = rowsWhere(k, n)
  return (((on & high) >> shift) & off) !== 0n || (((off & high) >> shift) & on) !== 0n
}

/** The formula of least reading cost, the first of equals. */
const cheapest = (formulas: ReadonlyArray<Formula>): Formula =>
  formulas
    .map((formula) => ({ formula, cost: formulaCost(formula) + awkwardness(formula) }))
    .reduce((best, next) => (next.cost < best.cost ? next : best)).formula

/** A smallest set of propositions on which the rows to include and to exclude still differ; earlier propositions win ties. */
const support = (problem: Problem): ReadonlyArray<number> => {
  const n = problem.propositions.length
  const off = allRows(n) & ~(problem.on | problem.dontCare)
  const [ons, offs] = [rowsOf(problem.on), rowsOf(off)]
  const subsets = Array.from({ length: 2 ** n }, (_, mask) => mask).sort((a, b) => bits(a) - bits(b) || a - b)
  const enough = subsets.find((mask) => {
    const seen = new Set(ons.map((row) => row & mask))
    return !offs.some((row) => seen.has(row & mask))
  })
  return Array.from({ length: n }, (_, k) => k).filter((k) => ((enough ?? 2 ** n - 1) >> k) & 1)
}

const bits = (mask: number): number => mask.toString(2).replaceAll("0", "").length

/** The problem on some of its propositions: a projected row is on (off) when some row above it is, free otherwise. */
const project = (problem: Problem, kept: ReadonlyArray<number>): Problem => {
  const n = problem.propositions.length
  const off = allRows(n) & ~(problem.on | problem.dontCare)
  let [on, taken] = [0n, 0n]
  for (let row = 0; row < 2 ** n; row++) {
    const image = 1n << BigInt(kept.reduce((index, k, i) => index | (((row >> k) & 1) << i), 0))
    if (hasRow(problem.on, row)) on |= image
    if (hasRow(problem.on, row) || hasRow(off, row)) taken |= image
  }
  return { on, dontCare: allRows(kept.length) & ~taken, propositions: kept.map((k) => problem.propositions[k]!) }
}

const renamed = (formula: Formula, propositions: ReadonlyArray<Proposition>): Formula => {
  const go = (part: Formula): Formula => renamed(part, propositions)
  switch (formula._tag) {
    case "Var":
      return variable(propositions[Number(formula.name)]!)
    case "Const":
      return formula
    case "Not":
      return not(go(formula.arg))
    case "And":
    case "Or":
    case "Xor":
      return { _tag: formula._tag, args: formula.args.map(go) }
    case "Implies":
      return implies(go(formula.from), go(formula.to))
    case "Iff":
      return { _tag: "Iff", left: go(formula.left), right: go(formula.right) }
  }
}

const solve = (problem: Problem, depth: number): Formula => {
  const small = project(problem, support(problem))
  const n = small.propositions.length
  if (n <= 3) {
    const shortest = renamed(
      cheapestSmallFormula(Number(small.on), Number(small.dontCare), n).formula,
      small.propositions
    )
    return cheapest([...twoLevel(small), shortest])
  }
  const deep = depth > 0 ? [...splits(small, depth), ...implications(small)] : []
  return cheapest([...twoLevel(small), ...deep, ...exclusive(small)])
}

/** Arguments of and, or, xor in one order: propositions as declared, then negated ones, then the rest by their first one. */
const tidied = (formula: Formula, propositions: ReadonlyArray<Proposition>): Formula => {
  const go = (part: Formula): Formula => tidied(part, propositions)
  const place = (part: Formula): number => {
    if (part._tag === "Var") return propositions.indexOf(part.name)
    if (part._tag === "Not" && part.arg._tag === "Var") return propositions.length + propositions.indexOf(part.arg.name)
    return 2 * propositions.length + propositions.indexOf(variables(part)[0] ?? "")
  }
  switch (formula._tag) {
    case "Var":
    case "Const":
      return formula
    case "Not":
      return not(go(formula.arg))
    case "And":
    case "Or":
    case "Xor":
      return { _tag: formula._tag, args: formula.args.map(go).sort((a, b) => place(a) - place(b)) }
    case "Implies":
      return implies(go(formula.from), go(formula.to))
    case "Iff":
      return { _tag: "Iff", left: go(formula.left), right: go(formula.right) }
  }
}

const answers = new Map<string, Formula>()
const answersKept = 10_000

/**
 * A short formula that is true on `on` and false outside `on ∪ dontCare`; deterministic (see the head of
 * this file for how short). Its equality with the rows is checked before it is returned.
 * @param propositions at most 6, bit k of a row being the truth of proposition k
 * @throws RangeError when a set has rows beyond `2^n` or the sets overlap
 */
export const shortestFormula = (
  on: RowSet,
  propositions: ReadonlyArray<Proposition>,
  dontCare: RowSet = 0n
): Formula => {
  const all = allRows(propositions.length)
  if (((on | dontCare) & ~all) !== 0n || (on & dontCare) !== 0n) {
    throw new RangeError(
      `shortestFormula: on ${on} and don't-care ${dontCare} must be disjoint rows of ${propositions.length}`
    )
  }
  const key = `${on}/${dontCare}/${propositions.join()}`
  const known = answers.get(key)
  if (known !== undefined) return known
  const formula = tidied(solve({ on, dontCare, propositions }, 2), propositions)
  const rows = formulaRows(formula, propositions)
  if ((on & ~rows) !== 0n || (rows & ~(on | dontCare)) !== 0n) {
    throw new RangeError(`shortestFormula: ${formulaText(formula)} does not have the rows ${on}`)
  }
  if (answers.size >= answersKept) answers.clear()
  answers.set(key, formula)
  return formula
}
