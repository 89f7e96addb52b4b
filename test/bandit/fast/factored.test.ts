import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import "../../seed.ts"
import { factored } from "../../../src/bandit/fast/factored.ts"
import { dependenceIn, type PairGraph, pairGraph } from "../../../src/bandit/fast/pairGraph.ts"
import { catalogueIds } from "../../../src/loss/catalogue/index.ts"
import { applyOperation } from "../../../src/loss/numerics.ts"
import { isOperation, type NodeId, type Program } from "../../../src/loss/program.ts"
import { resolveLoss } from "../../../src/loss/resolve.ts"
import { runnability } from "../../../src/loss/runnable.ts"

const programOf = (loss: string): Program => Result.getOrThrow(resolveLoss(loss)).program

type Point = Readonly<Record<string, number>>

/** Values of nodes of a pair graph, node by node. */
const valuesAt = ({ graph }: PairGraph, at: Point): ReadonlyArray<number> => {
  const values: Array<number> = []
  for (const node of graph.nodes) {
    if (isOperation(node))
      values.push(
        applyOperation(
          node.op,
          node.args.map((arg) => values[arg]!)
        )
      )
    else values.push(node.op === "const" ? node.value : at[(node as { readonly name: string }).name]!)
  }
  return values
}

const logProbability = fc.double({ min: -80, max: -1e-6, noNaN: true })
const points: fc.Arbitrary<Point> = fc.record({
  l0: logProbability,
  l1: logProbability,
  r0: logProbability,
  r1: logProbability,
  n0: fc.integer({ min: 1, max: 9 }),
  n1: fc.integer({ min: 1, max: 9 }),
  s0: fc.double({ min: -3, max: 3, noNaN: true }),
  s1: fc.double({ min: -3, max: 3, noNaN: true }),
  w0: fc.double({ min: 0.1, max: 1, noNaN: true }),
  w1: fc.constantFrom(0, 0.5)
})

/** Operations on what depends on both responses. */
const pairOperations = ({ graph, pushes }: PairGraph): ReadonlyArray<string> => {
  const dependence = dependenceIn(graph.nodes)
  const seen = new Set<NodeId>()
  const visit = (id: NodeId): ReadonlyArray<string> => {
    const node = graph.node(id)
    if (seen.has(id) || dependence(id) !== "pair" || !isOperation(node)) return []
    seen.add(id)
    return [node.op, ...node.args.flatMap(visit)]
  }
  return pushes.flatMap(visit)
}

const runnable = catalogueIds.filter((id) =>
  Result.isSuccess(runnability(Result.getOrThrow(resolveLoss(id)), "bandit"))
)
const changed = runnable.flatMap((id) => {
  const given = pairGraph(programOf(id), "both")
  const made = factored(given)
  return made === undefined ? [] : [{ id, given, made }]
})

it("many losses have such a form", () => expect(changed.length).toBeGreaterThan(30))

/** Slopes that are differences of nearly equal numbers, in either form: their digits are those of the larger ones. */
const cancelling = new Set(["infonca", "nca", "reward_rpo_bwd", "reward_rpo_fwd"])

describe.each(changed)("the factored form of $id", ({ id, given, made }) => {
  it("has the same pushes wherever its guards hold", () => {
    fc.assert(
      fc.property(points, (at) => {
        const values = valuesAt(made, at)
        fc.pre(made.guards.every((id) => Math.abs(values[id]!) <= made.bound))
        given.pushes.forEach((push, k) => {
          const [wanted, found] = [values[push]!, values[made.pushes[k]!]!]
          fc.pre(Number.isFinite(wanted))
          // The given form takes exponentials of numbers of size 100, which cost it two digits; sums of pushes may cancel.
          const scale = Math.max(Math.abs(wanted), 1e-3 * Math.abs(values[given.pushes[1 - k]!]!))
          expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-11 * scale + (cancelling.has(id) ? 1e-14 : 1e-290))
        })
      }),
      { numRuns: 60 }
    )
  })

  it("guards only functions of one response", () => {
    const dependence = dependenceIn(made.graph.nodes)
    for (const id of made.guards) expect([0, 1]).toContain(dependence(id))
    expect(made.bound).toBeGreaterThan(100)
  })
})

describe("the factored form", () => {
  const costly = new Set(["exp", "expm1", "log", "log1p", "log1mexp", "sigmoid", "softplus"])
  it.each(["dpo", "uncpo", "cpo_core", "orpo_seq", "ccpo"])("of %s has no exponential of a pair", (id) => {
    const made = factored(pairGraph(programOf(id), "both"))!
    expect(pairOperations(made).filter((op) => costly.has(op))).toEqual([])
  })

  it("leaves alone what has none", () => expect(factored(pairGraph(programOf("ipo"), "both"))).toBeUndefined())

  it("keeps the digits of 1 - (1 - p) q where both are nearly 1", () => {
    const made = factored(pairGraph(programOf("uncpo"), "one"))!
    // p = 1e-20, 1 - q = 1e-18: 1 - (1 - p) q is 1.01e-18, and the push on q is -(1 - p) q / 1.01e-18 times what stays below.
    const at: Point = { l0: Math.log(1e-20), l1: -1e-18, r0: 0, r1: 0, n0: 1, n1: 1, s0: 0, s1: 0, w0: 1, w1: 0 }
    const values = valuesAt(made, at)
    // d/dl of -log sigmoid(log(t / c)), c = (1 - p) q, t = 1 - c: c / t by l1.
    expect(values[made.pushes[1]]! * 1.01e-18).toBeCloseTo(1, 10)
  })
})

describe("pair graphs", () => {
  it("share the sigmoid of a gap with that of its negative", () => {
    const graph = pairGraph(programOf("dpo"), "both")
    const gaps = new Set(
      graph.graph.nodes
        .flatMap((node) => (node.op === "sigmoid" && isOperation(node) ? node.args : []))
        .map((id) => {
          const inner = graph.graph.argsOf(id, "neg")
          return inner === undefined ? id : inner[0]
        })
    )
    expect(gaps.size).toBe(1)
  })

  it.each(["dpo", "uncpo", "orpo", "rrhf"])("push like the two labels of %s, weighted", (id) => {
    const program = programOf(id)
    fc.assert(
      fc.property(points, (at) => {
        const both = pairGraph(program, "both")
        const one = pairGraph(program, "one")
        const turned: Point = Object.fromEntries(
          Object.entries(at).map(([name, value]) => [name.replace(/[01]$/, (slot) => String(1 - Number(slot))), value])
        )
        const [values, first, second] = [valuesAt(both, at), valuesAt(one, at), valuesAt(one, turned)]
        const [a, b] = [first[one.pushes[0]]! + second[one.pushes[1]]!, first[one.pushes[1]]! + second[one.pushes[0]]!]
        fc.pre(Number.isFinite(a) && Number.isFinite(b))
        const scale = Math.max(...one.pushes.flatMap((id) => [Math.abs(first[id]!), Math.abs(second[id]!)]))
        expect(Math.abs(values[both.pushes[0]]! - a)).toBeLessThanOrEqual(1e-14 * scale)
        expect(Math.abs(values[both.pushes[1]]! - b)).toBeLessThanOrEqual(1e-14 * scale)
      })
    )
  })
})
