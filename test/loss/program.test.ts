import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeProgram, encodeProgram } from "../../src/loss/codec.ts"
import { differentiate } from "../../src/loss/differentiate.ts"
import { interpret, nodeValues } from "../../src/loss/interpret.ts"
import { compileKernel, kernelSource } from "../../src/loss/kernel.ts"
import { scaleExp, sigmoid, softplus } from "../../src/loss/numerics.ts"
import { arity, GraphBuilder, type Op, type Program, programFault } from "../../src/loss/program.ts"
import { Graph } from "../../src/loss/simplify.ts"
import { columnsOf, type Point, point, programOf, slope, smoothGraph } from "../arbitraries/loss.ts"

const small = point.map((at): Point => ({ lw: at.lw! / 10, ll: at.ll! / 10, rw: at.rw! / 10 }))
const close = (a: number, b: number, scale = 1e-9): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= scale * (1 + Math.abs(a) + Math.abs(b))

const run = (program: Program, at: Point) => {
  const out = { loss: new Float64Array(1), dlw: new Float64Array(1), dll: new Float64Array(1) }
  compileKernel(program).run(columnsOf(program, at), out, 1)
  return { loss: out.loss[0]!, dlw: out.dlw[0]!, dll: out.dll[0]! }
}

/** The same random graph with its derivatives by lw and ll. */
const withGradients = (build: (graph: Graph) => number): Program => {
  const graph = new Graph()
  const loss = build(graph)
  const [dlw, dll] = differentiate(graph, loss, [graph.input("lw"), graph.input("ll")])
  return graph.finish({ loss, gradients: { lw: dlw!, ll: dll! } }, { beta: 0.7 }, ["lw", "ll", "rw"])
}

/** The value of a program with every rule applied to it once more. */
const simplifiedAgain = (program: Program): Program => {
  const graph = new Graph()
  const places = graph.include(program)
  return graph.finish({ loss: places[program.outputs.loss]!, gradients: {} }, program.params, program.inputs)
}

describe("graphs", () => {
  it("equal nodes are one node, commutative operations in either order", () => {
    const graph = new GraphBuilder()
    const [a, b] = [graph.input("lw"), graph.input("ll")]
    expect(graph.operation("add", a, b)).toBe(graph.operation("add", b, a))
    expect(graph.operation("sub", a, b)).not.toBe(graph.operation("sub", b, a))
    expect(graph.input("lw")).toBe(a)
    expect(graph.constant(-0)).toBe(graph.constant(0))
  })

  it("a finished program holds only what its outputs need", () => {
    const graph = new GraphBuilder()
    const a = graph.input("lw")
    graph.operation("exp", graph.input("rw"))
    const program = graph.finish({ loss: graph.operation("neg", a), gradients: {} })
    expect(program.nodes).toEqual([
      { op: "input", name: "lw" },
      { op: "neg", args: [0] }
    ])
    expect(program.inputs).toEqual(["lw"])
  })

  it("refuses what is no graph", () => {
    const graph = new GraphBuilder()
    expect(() => graph.constant(Number.NaN)).toThrow(RangeError)
    expect(() => graph.operation("add", graph.input("lw"))).toThrow(RangeError)
    expect(() => graph.finish({ loss: graph.param("beta"), gradients: {} })).toThrow(/beta/)
  })
})

describe("simplification", () => {
  it("keeps the value of every graph", () => {
    fc.assert(
      fc.property(smoothGraph, small, (build, at) => {
        const plain = new Graph()
        // The unsimplified twin: the same calls, the rules switched off.
        plain.apply = (op: Op, ...args: ReadonlyArray<number>) => plain.operation(op, ...args)
        const raw = plain.finish({ loss: build(plain), gradients: {} }, { beta: 0.7 }, ["lw", "ll", "rw"])
        const simplified = programOf(build)
        const again = simplifiedAgain(raw)
        const expected = interpret(raw, at).loss
        fc.pre(Number.isFinite(expected))
        return close(interpret(simplified, at).loss, expected) && close(interpret(again, at).loss, expected)
      })
    )
  })

  it("knows the identities it is there for", () => {
    const graph = new Graph()
    const [a, b] = [graph.input("lw"), graph.input("ll")]
    expect(graph.neg(graph.sub(a, b))).toBe(graph.sub(b, a))
    expect(graph.neg(graph.apply("logsigmoid", a))).toBe(graph.apply("softplus", graph.neg(a)))
    expect(graph.mul(graph.neg(a), graph.neg(b))).toBe(graph.mul(a, b))
    expect(graph.sub(a, a)).toBe(graph.constant(0))
    expect(graph.apply("pow", a, graph.constant(2))).toBe(graph.mul(a, a))
    expect(graph.apply("log", graph.apply("exp", a))).toBe(a)
    expect(graph.add(a, graph.constant(0))).toBe(a)
    expect(graph.apply("where", graph.constant(0), a, b)).toBe(b)
  })
})

describe("derivatives", () => {
  it("agree with finite differences on random smooth graphs", () => {
    fc.assert(
      fc.property(smoothGraph, small, (build, at) => {
        const program = withGradients(build)
        const value = (where: Point): number => interpret(program, where).loss
        fc.pre(Math.abs(value(at)) < 1e4)
        const { dlw, dll } = interpret(program, at)
        return close(dlw, slope(value, at, "lw"), 2e-5) && close(dll, slope(value, at, "ll"), 2e-5)
      })
    )
  })

  const pieces: ReadonlyArray<readonly [string, (graph: Graph, x: number) => number]> = [
    ["exp", (graph, x) => graph.apply("exp", x)],
    ["expm1", (graph, x) => graph.apply("expm1", x)],
    ["log", (graph, x) => graph.apply("log", graph.neg(x))],
    ["log1p", (graph, x) => graph.apply("log1p", graph.neg(x))],
    ["log1mexp", (graph, x) => graph.apply("log1mexp", x)],
    ["abs", (graph, x) => graph.apply("abs", graph.add(x, graph.constant(1)))],
    ["sqrt", (graph, x) => graph.apply("sqrt", graph.neg(x))],
    ["pow", (graph, x) => graph.apply("pow", graph.neg(x), graph.constant(1.7))],
    ["pow to the input", (graph, x) => graph.apply("pow", graph.constant(1.7), x)],
    ["max", (graph, x) => graph.apply("max", graph.mul(x, x), graph.neg(x))],
    ["min", (graph, x) => graph.apply("min", graph.mul(x, x), graph.neg(x))],
    ["scaleExp", (graph, x) => graph.apply("scaleExp", graph.mul(x, x), x)],
    ["where", (graph, x) => graph.apply("where", graph.apply("less", x, graph.constant(-1)), graph.mul(x, x), x)],
    ["x/expm1(x)", (graph, x) => graph.div(x, graph.apply("expm1", x))],
    ["x/expm1(-x)", (graph, x) => graph.div(x, graph.apply("expm1", graph.neg(x)))]
  ]
  it.each(pieces)("of %s", (_, build) => {
    const program = withGradients((graph) => build(graph, graph.input("lw")))
    for (const lw of [-0.004, -0.3, -0.7, -1.6, -4.2]) {
      const at = { lw, ll: -1, rw: -1 }
      const expected = slope((where) => interpret(program, where).loss, at, "lw", 1e-6)
      expect(close(interpret(program, at).dlw, expected, 1e-6 / Math.abs(lw))).toBe(true)
    }
  })

  it("of x/expm1(x) keeps its digits at tiny x, where the quotient rule loses all of them", () => {
    const program = withGradients((graph) => graph.div(graph.input("lw"), graph.apply("expm1", graph.input("lw"))))
    const at = (lw: number): number => interpret(program, { lw, ll: -1, rw: -1 }).dlw
    expect(at(-1e-12)).toBeCloseTo(-0.5, 12)
    expect(at(-1e-3)).toBeCloseTo(-0.5 - 1e-3 / 6 + 1e-9 / 180, 14)
    const mirrored = withGradients((graph) =>
      graph.div(graph.input("lw"), graph.apply("expm1", graph.neg(graph.input("lw"))))
    )
    expect(interpret(mirrored, { lw: -1e-12, ll: -1, rw: -1 }).dlw).toBeCloseTo(-0.5, 12)
    // The rule that makes two branches of the quotient leaves the one inside alone.
    const once = simplifiedAgain(program)
    expect(simplifiedAgain(once)).toEqual(once)
    // Both branches meet at 1/2.
    expect(Math.abs(at(-0.5) - at(-0.5 + 1e-15))).toBeLessThan(1e-14)
  })

  it("stop at stopGradient", () => {
    const program = withGradients((graph) =>
      graph.mul(graph.apply("stopGradient", graph.input("lw")), graph.input("lw"))
    )
    expect(interpret(program, { lw: -3, ll: -1, rw: -1 }).dlw).toBe(-3)
  })

  it("do not overflow where the product is moderate", () => {
    expect(close(scaleExp(1e-300, 800) / Math.exp(800 - 300 * Math.LN10), 1, 1e-12)).toBe(true)
    expect(scaleExp(0, 1e5)).toBe(0)
    // A logistic of an exponential: e^1000 overflows, the loss and its slope are 0.
    const program = withGradients((graph) =>
      graph.apply("softplus", graph.neg(graph.apply("exp", graph.neg(graph.input("lw")))))
    )
    const { loss, dlw } = interpret(program, { lw: -1000, ll: -1, rw: -1 })
    expect([loss, Math.abs(dlw)]).toEqual([0, 0])
  })
})

describe("kernel", () => {
  it("computes what the interpreter does", () => {
    fc.assert(
      fc.property(smoothGraph, small, (build, at) => {
        const program = withGradients(build)
        const [a, b] = [run(program, at), interpret(program, at)]
        return close(a.loss, b.loss) && close(a.dlw, b.dlw) && close(a.dll, b.dll)
      })
    )
  })

  it("fills many rows, and names a column that is missing or short", () => {
    const program = withGradients((graph) => graph.apply("softplus", graph.sub(graph.input("ll"), graph.input("lw"))))
    const columns = { lw: Float64Array.of(-1, -2, -3), ll: Float64Array.of(-3, -2, -1), rw: new Float64Array(3) }
    const out = { loss: new Float64Array(3), dlw: new Float64Array(3), dll: new Float64Array(3) }
    compileKernel(program).run(columns, out, 3)
    expect([...out.loss]).toEqual([softplus(-2), softplus(0), softplus(2)])
    expect([...out.dlw]).toEqual([-sigmoid(-2), -sigmoid(0), -sigmoid(2)])
    expect(() => compileKernel(program).run({ lw: columns.lw, rw: columns.rw }, out, 3)).toThrow(/"ll"/)
    expect(() => compileKernel(program).run(columns, out, 4)).toThrow(/needs 4 rows/)
  })

  it("contains no text of the program's names", () => {
    const graph = new Graph()
    const loss = graph.mul(graph.param("evil_parameter"), graph.input("evil_input"))
    const program = graph.finish({ loss, gradients: {} }, { evil_parameter: 2 })
    const source = kernelSource(program, ["lw", "ll"])
    expect(source).not.toContain("evil")
    expect(
      source.replace(
        /[-+*/()[\]{}=<>;:,.?!&\s\d]|Math\.\w+|\b(?:columns|outputs|params|count|return|const|let|for|i|[vceo]\d+)\b/g,
        ""
      )
    ).toBe("")
  })
})

describe("programs as JSON", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(smoothGraph, (build) => {
        const program = withGradients(build)
        const decoded = decodeProgram(JSON.parse(JSON.stringify(encodeProgram(program))))
        expect(Result.isSuccess(decoded) && decoded.success).toEqual(program)
      })
    )
  })

  const good = {
    version: 1,
    nodes: [
      { op: "input", name: "lw" },
      { op: "neg", args: [0] }
    ],
    inputs: ["lw"],
    params: {},
    outputs: { loss: 1, gradients: { lw: 1 } }
  }
  const faults: ReadonlyArray<readonly [string, unknown]> = [
    ["another version", { ...good, version: 2 }],
    ["an unknown operation", { ...good, nodes: [good.nodes[0], { op: "eval", args: [0] }] }],
    ["an unknown key", { ...good, extra: 1 }],
    ["a cycle", { ...good, nodes: [good.nodes[0], { op: "neg", args: [1] }] }],
    ["a forward reference", { ...good, nodes: [{ op: "neg", args: [1] }, good.nodes[0]] }],
    ["the wrong arity", { ...good, nodes: [good.nodes[0], { op: "add", args: [0] }] }],
    ["an input not declared", { ...good, inputs: [] }],
    ["a parameter without value", { ...good, nodes: [...good.nodes, { op: "param", name: "beta" }] }],
    ["a constant that is not finite", { ...good, nodes: [...good.nodes, { op: "const", value: "Infinity" }] }],
    ["an output outside", { ...good, outputs: { loss: 7, gradients: {} } }],
    ["a gradient by no input", { ...good, outputs: { loss: 1, gradients: { ll: 1 } } }],
    ["a name that is no name", { ...good, nodes: [{ op: "input", name: "l w" }, good.nodes[1]], inputs: ["l w"] }],
    [
      "a name that every object has",
      { ...good, nodes: [...good.nodes, { op: "input", name: "constructor" }], inputs: ["lw", "constructor"] }
    ],
    [
      "a parameter's name that is no name",
      { ...good, nodes: [...good.nodes, { op: "param", name: "a b" }], params: { "a b": 1 } }
    ],
    ["a derivative left out", { ...good, outputs: { loss: 1, gradients: {} } }],
    ["more nodes than any loss has", { ...good, nodes: Array(100_001).fill(good.nodes[0]) }]
  ]
  it("are read when nothing is wrong", () => {
    expect(Result.isSuccess(decodeProgram(good))).toBe(true)
  })

  it.each(faults)("refuse %s", (_, json) => {
    const decoded = decodeProgram(json)
    expect(Result.isFailure(decoded)).toBe(true)
    if (Result.isFailure(decoded)) expect(decoded.failure.message).toMatch(/^not a loss program: ./)
  })

  it("name the node at fault and what it says, not every kind of node that it is not", () => {
    const reason = (node: unknown): string => {
      const decoded = decodeProgram({ ...good, nodes: [good.nodes[0], node] })
      return Result.isFailure(decoded) ? decoded.failure.reason : ""
    }
    expect(reason({ op: "sofplus", args: [0] })).toMatch(/^node 1: unknown operation "sofplus"; nearest: softplus/)
    expect(reason({ op: "neg", args: [0.5] })).toMatch(/^node 1: Expected an integer at \["args"\]\[0\]$/)
    expect(reason("neg")).toMatch(/^node 1: expected an object/)
  })

  it("know every operation by its arity", () => {
    for (const op of Object.keys(arity) as ReadonlyArray<Op>) {
      const args = Array.from({ length: arity[op] }, () => 0)
      const program: Program = {
        version: 1,
        nodes: [
          { op: "const", value: -0.5 },
          { op, args }
        ],
        inputs: [],
        params: {},
        outputs: { loss: 1, gradients: {} }
      }
      expect(programFault(program)).toBeUndefined()
      const [value] = nodeValues(program, {}).slice(1)
      const kernel = run(program, {})
      expect(close(kernel.loss, value!, 1e-15) || (Number.isNaN(value) && Number.isNaN(kernel.loss))).toBe(true)
    }
  })
})
