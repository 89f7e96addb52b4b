import type { Tensor, Tensor2D } from "@tensorflow/tfjs"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import type { Backend } from "../../src/finetune/tfjs/backend.ts"
import { fastOps } from "../../src/finetune/tfjs/fastOps.ts"
import {
  columnSums,
  gatherRows,
  type Kernels,
  kernelsOf,
  reluGradient,
  scaleRows,
  scatterAddRows,
  softmaxRows,
  sumOfSquares
} from "../../src/finetune/tfjs/kernels.ts"
import { layOut } from "../../src/finetune/tfjs/layout.ts"
import { type Ops, plainOps } from "../../src/finetune/tfjs/ops.ts"
import { attentionKernels } from "../../src/finetune/tfjs/wasm/attention.ts"
import { Rng } from "../../src/random/rng.ts"
import { wasmBackend } from "./tiny.ts"

let backend: Backend
let kernels: Kernels
beforeAll(async () => {
  backend = await wasmBackend()
  kernels = kernelsOf(backend)
})

const normals = (rng: Rng, shape: ReadonlyArray<number>, scale = 1): Tensor => {
  const size = shape.reduce((product, n) => product * n, 1)
  return backend.tf.tensor(
    Float32Array.from({ length: size }, () => scale * rng.normal()),
    [...shape]
  )
}

const values = (tensor: Tensor): ReadonlyArray<number> => [...tensor.dataSync()]

const close = (found: Tensor, wanted: Tensor, tolerance = 2e-5): void => {
  expect(found.shape).toEqual(wanted.shape)
  const scale = Math.max(1, ...values(wanted).map(Math.abs))
  values(found).forEach((value, i) => {
    expect(Math.abs(value - values(wanted)[i]!)).toBeLessThan(tolerance * scale)
  })
}

const size = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 8 }).map((n) => 4 * n),
  seed: fc.nat()
})

const forAll = (check: (shape: readonly [number, number], rng: Rng) => void): void =>
  fc.assert(
    fc.property(size, ({ rows, width, seed }) => backend.tf.tidy(() => check([rows, width], Rng.fromSeed(seed)))),
    { numRuns: 30 }
  )

describe("the SIMD kernels", () => {
  it("exponentiate to single precision over the whole range, and softmax rows sum to one", () => {
    const x = backend.tf.tensor2d(
      Array.from({ length: 400 }, (_, i) => -i / 4),
      [1, 400]
    )
    const { e, stats } = softmaxRows(kernels, x)
    values(e).forEach((value, i) => {
      if (i / 4 < 87) expect(Math.abs(value / Math.exp(-i / 4) - 1)).toBeLessThan(3e-7)
      else expect(value).toBeLessThan(2e-38)
    })
    expect(values(stats)[0]).toBeCloseTo(0, 12)
    forAll((shape, rng) => {
      const logits = normals(rng, shape, 10)
      const rowsOf = softmaxRows(kernels, logits)
      const total = backend.tf.slice(rowsOf.stats as Tensor2D, [0, 1], [shape[0], 1])
      close(backend.tf.div(rowsOf.e, total), backend.tf.softmax(logits))
    })
  })

  it("embedding gradient equals the one-hot product, and embedding rows equal gathering", () => {
    forAll(([fewer, width], rng) => {
      const { tf } = backend
      const rows = fewer + 1
      const indices = tf.tensor1d(
        Array.from({ length: 2 * rows }, () => rng.int(rows)),
        "int32"
      )
      const table = normals(rng, [rows, width])
      const upstream = normals(rng, [2 * rows, width])
      const oneHot = tf.cast(tf.oneHot(indices, rows), "float32") as Tensor2D
      close(gatherRows(kernels, table, indices), tf.gather(table, indices), 1e-9)
      close(scatterAddRows(kernels, rows, indices, upstream), tf.matMul(oneHot, upstream as Tensor2D, true, false))
    })
  })

  it("sum columns, scale rows, mask by the ReLU's output, add up squares", () => {
    forAll((shape, rng) => {
      const { tf } = backend
      const [x, y] = [normals(rng, shape), normals(rng, shape)]
      const factors = normals(rng, [shape[0]])
      close(columnSums(kernels, x), tf.sum(x, 0))
      close(scaleRows(kernels, x, factors), tf.mul(x, tf.reshape(factors, [shape[0], 1])))
      close(reluGradient(kernels, y, x), tf.mul(x, tf.cast(tf.greater(y, 0), "float32")), 1e-9)
      expect(sumOfSquares(kernels, x)).toBeCloseTo(
        values(x).reduce((sum, v) => sum + v * v, 0),
        3
      )
    })
  })

  it("refuse head sizes they are not made for", () => {
    for (const bad of [0, 6, 68]) expect(() => attentionKernels(bad)).toThrow("multiple of 4 in 4..64")
  })
})

/** Value and gradients of `Σ (operation ∘ weights)`. */
const withGradients = (
  inputs: ReadonlyArray<Tensor>,
  operation: (...tensors: Array<Tensor>) => Tensor,
  weights: Tensor
) => {
  const { tf } = backend
  const loss = (...tensors: Array<Tensor>) => tf.sum(tf.mul(operation(...tensors), weights))
  const { grads } = tf.valueAndGrads(loss)([...inputs])
  return [operation(...inputs), ...grads]
}

const agree = (
  inputs: ReadonlyArray<Tensor>,
  weights: Tensor,
  operation: (ops: Ops) => (...tensors: Array<Tensor>) => Tensor
) => {
  const fast = withGradients(inputs, operation(fastOps(backend)), weights)
  const plain = withGradients(inputs, operation(plainOps(backend.tf)), weights)
  fast.forEach((tensor, i) => {
    close(tensor, plain[i]!, 1e-4)
  })
}

describe("the fast operations agree with the plain ones, values and gradients", () => {
  it("layer norm", () =>
    forAll((shape, rng) => {
      const inputs = [normals(rng, shape), normals(rng, [shape[1]]), normals(rng, [shape[1]])]
      agree(inputs, normals(rng, shape), (ops) => (x, g, b) => ops.layerNorm(x as never, g as never, b as never))
    }))

  it.each(["none", "relu"] as const)("linear, activation %s", (activation) =>
    forAll(([rows, width], rng) => {
      const inputs = [normals(rng, [rows, 8]), normals(rng, [8, width]), normals(rng, [width])]
      agree(
        inputs,
        normals(rng, [rows, width]),
        (ops) => (x, w, b) => ops.linear(x as never, w as never, b as never, activation)
      )
    })
  )

  it("row selection and addition", () =>
    forAll(([rows, width], rng) => {
      const indices = Int32Array.from({ length: 5 }, () => rng.int(rows))
      const inputs = [normals(rng, [rows, width]), normals(rng, [5, width])]
      agree(
        inputs,
        normals(rng, [5, width]),
        (ops) => (t, x) => ops.add(ops.selectRows(t as never, indices), x as never)
      )
    }))

  it("token log-probabilities", () =>
    forAll(([rows, width], rng) => {
      const targets = Int32Array.from({ length: rows }, () => rng.int(12))
      const inputs = [normals(rng, [rows, width]), normals(rng, [12, width])]
      agree(inputs, normals(rng, [rows]), (ops) => (x, t) => ops.logProbs(x as never, t as never, targets))
    }))

  it.each([1, 2, 4])("attention with %i heads over packed rows that share prompts", (heads) =>
    fc.assert(
      fc.property(fc.nat(), (seed) =>
        backend.tf.tidy(() => {
          const rng = Rng.fromSeed(seed)
          const tokens = () => Array.from({ length: 1 + rng.int(6) }, () => 1)
          const rows = Array.from({ length: 1 + rng.int(3) }, () => ({
            prompt: tokens(),
            answers: [tokens(), tokens()]
          }))
          const layout = layOut(rows, 24)
          const width = 16
          const qkv = normals(rng, [layout.tokens.length, 3 * width])
          agree(
            [qkv],
            normals(rng, [layout.tokens.length, width]),
            (ops) => (x) => ops.attention(x as never, heads, layout)
          )
        })
      ),
      { numRuns: 15 }
    )
  )
})
