/** Random points, weight readings and loss graphs; structures' losses by plain enumeration; the goldens with their tolerance. */
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { logProbName, propositionParts } from "../../src/logic/proposition.ts"
import { hasRow } from "../../src/logic/rows.ts"
import type { Structure } from "../../src/logic/structure.ts"
import type { NodeId, Program } from "../../src/loss/program.ts"
import type { WeightReading } from "../../src/loss/semantics.ts"
import { Graph } from "../../src/loss/simplify.ts"

/** Values of inputs by name. */
export type Point = Readonly<Record<string, number>>

/** One row of test/golden/goldens.json. */
export interface Golden {
  readonly id: string
  readonly params: Readonly<Record<string, number>>
  readonly inputs: Point
  readonly loss: number
  readonly dlw: number
  readonly dll: number
  readonly cond: readonly [number | null, number | null, number | null]
}

const readGolden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"))

/** All golden rows: five per loss, from 60-digit arithmetic. */
export const goldens = readGolden("goldens") as ReadonlyArray<Golden>

/** The survey's entries as published. */
export const survey = readGolden("losses") as ReadonlyArray<Readonly<Record<string, unknown>> & { readonly id: string }>

/** The LOSS text of a golden row. */
export const specOf = ({ id, params }: Pick<Golden, "id" | "params">): string => {
  const settings = Object.entries(params).map(([name, value]) => `${name}=${value}`)
  return settings.length === 0 ? id : `${id}?${settings.join("&")}`
}

/** Allowed error of a computed value: `16·epsilon·(1 + cond)·|value|` and a floor; cond null leaves the floor alone. */
export const tolerance = (value: number, cond: number | null, epsilon = 2 ** -52, floor = 1e-60): number =>
  (cond === null ? 0 : 16 * epsilon * (1 + cond) * Math.abs(value)) + floor

/** The names under which values and conditions of a golden are listed. */
export const outputs = ["loss", "dlw", "dll"] as const

/** A log-probability between -30 and -0.01 nats. */
export const logProbability = fc.double({ min: -30, max: -0.01, noNaN: true })

/** All inputs that structures over w, l and y3 can read. */
export const point: fc.Arbitrary<Point> = fc.record({
  lw: logProbability,
  ll: logProbability,
  ly3: logProbability,
  rw: logProbability,
  rl: logProbability,
  ry3: logProbability,
  nw: fc.integer({ min: 1, max: 30 }),
  nl: fc.integer({ min: 1, max: 30 }),
  ny3: fc.integer({ min: 1, max: 30 })
})

/** A reading of literals. */
export const weightReading: fc.Arbitrary<WeightReading> = fc.record({
  semantics: fc.constantFrom("absolute", "relative"),
  oddsBeta: fc.constantFrom(1, 1, 0.5, 2),
  lengthNormalised: fc.boolean()
})

const logSum = (terms: ReadonlyArray<number>): number => {
  const most = Math.max(...terms)
  return most === -Infinity ? most : most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0))
}

/** rho of a structure row by row, from the definition: odds of every row, each count over all rows. */
export const rhoByEnumeration = (structure: Structure, reading: WeightReading, at: Point): number => {
  const logOdds = structure.propositions.map((proposition) => {
    const { model, response } = propositionParts(proposition)
    const count = reading.lengthNormalised ? at[`n${response}`]! : 1
    const logP = at[logProbName(proposition)]! / count
    const logNot =
      reading.semantics === "relative" && model === "M" ? at[`r${response}`]! / count : Math.log(-Math.expm1(logP))
    return reading.oddsBeta * (logP - logNot)
  })
  const count = (set: bigint): number =>
    logSum(
      Array.from({ length: 2 ** logOdds.length }, (_, row) =>
        hasRow(set, row) ? logOdds.reduce((sum, x, k) => sum + ((row >> k) & 1 ? x : 0), 0) : -Infinity
      )
    )
  return count(structure.ticks) - count(structure.crosses)
}

/** A central difference in one input. */
export const slope = (f: (at: Point) => number, at: Point, name: string, step = 1e-5): number =>
  (f({ ...at, [name]: at[name]! + step }) - f({ ...at, [name]: at[name]! - step })) / (2 * step)

type Build = (graph: Graph) => NodeId

/** Random smooth programs over lw, ll, rw and a parameter: every operation that is smooth on the whole line. */
export const smoothGraph: fc.Arbitrary<Build> = fc.letrec<{ node: Build; leaf: Build }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom("lw", "ll", "rw").map(
      (name): Build =>
        (graph) =>
          graph.input(name)
    ),
    fc.constant<Build>((graph) => graph.param("beta")),
    fc.constantFrom(-2, -1, -0.5, 0, 0.5, 1, 3).map(
      (value): Build =>
        (graph) =>
          graph.constant(value)
    )
  ),
  node: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    tie("leaf"),
    fc.tuple(fc.constantFrom("neg", "sigmoid", "logsigmoid", "softplus"), tie("node")).map(
      ([op, a]): Build =>
        (graph) =>
          graph.apply(op, a(graph))
    ),
    fc.tuple(fc.constantFrom("add", "sub", "mul", "logaddexp"), tie("node"), tie("node")).map(
      ([op, a, b]): Build =>
        (graph) =>
          graph.apply(op, a(graph), b(graph))
    ),
    fc.tuple(tie("node"), tie("node")).map(
      ([a, b]): Build =>
        (graph) =>
          // A quotient whose denominator stays away from 0.
          graph.div(a(graph), graph.add(graph.constant(1), graph.apply("softplus", b(graph))))
    )
  )
})).node

/** The program of a random graph, without derivatives. */
export const programOf = (build: Build): Program => {
  const graph = new Graph()
  return graph.finish({ loss: build(graph), gradients: {} }, { beta: 0.7 }, ["lw", "ll", "rw"])
}

/** The program at one point through a compiled loop: lists of columns of length 1. */
export const columnsOf = (program: Program, at: Point): Record<string, Float64Array> =>
  Object.fromEntries(program.inputs.map((name) => [name, Float64Array.of(at[name]!)]))
