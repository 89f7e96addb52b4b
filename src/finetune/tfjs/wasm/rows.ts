/**
 * @file SIMD kernels that work row by row: layer norm and its gradient, row softmax, embedding rows and their gradient,
 * column sums, the ReLU mask, sums of squares and Adam. Arrays are float32 in the memory of the tfjs wasm backend,
 * row-major, widths multiples of four floats; parameters named after arrays are byte addresses, `width` counts bytes.
 * Every kernel adds in a fixed order, so results repeat bit for bit.
 */

import {
  type Code,
  type Expr,
  type FunctionScope,
  f32,
  f32x4,
  i32,
  type KernelSource,
  kernel,
  type Local,
  sequence
} from "./assembler.ts"
import { exponential } from "./exponential.ts"

const { add, mul, sub, div, splat } = f32x4

const read = (base: Local<"i32">, offset: Local<"i32">) => f32x4.load(i32.add(base.get, offset.get))
const write = (base: Local<"i32">, offset: Local<"i32">, value: Expr<"v128">) =>
  f32x4.store(i32.add(base.get, offset.get), value)
const advance = (pointer: Local<"i32">, bytes: Expr<"i32">) => pointer.set(i32.add(pointer.get, bytes))

/** Returns `(body) => for (offset = 0; offset < width; offset += 16) body(offset)`. */
const overWidth = (scope: FunctionScope, width: Local<"i32">) => {
  const offset = scope.local("i32")
  return (body: (offset: Local<"i32">) => Code) => scope.loop(offset, i32.const(0), width.get, 16, body(offset))
}

/** `for each row body`, then every pointer moves on by `width` bytes. */
const overRows = (
  scope: FunctionScope,
  rows: Local<"i32">,
  width: Local<"i32">,
  pointers: ReadonlyArray<Local<"i32">>,
  body: Code
): Code =>
  scope.loop(
    scope.local("i32"),
    i32.const(0),
    rows.get,
    1,
    sequence(body, ...pointers.map((pointer) => advance(pointer, width.get)))
  )

/** Floats in `width` bytes, as a float. */
const floatsIn = (width: Local<"i32">) => f32.div(f32.ofInt(width.get), f32.const(4))

/** `y = (x - μ) rstd γ + β` per row; `stats` receives (μ, rstd) of each row. */
const layerNorm = kernel(
  { x: "i32", gain: "i32", bias: "i32", y: "i32", stats: "i32", rows: "i32", width: "i32", epsilon: "f32" },
  (scope, { x, gain, bias, y, stats, rows, width, epsilon }) => {
    const [mean, scale, size] = scope.locals("f32", 3)
    const [sum, v] = scope.locals("v128", 2)
    const each = overWidth(scope, width)
    const centred = (o: Local<"i32">) => sub(read(x, o), splat(mean.get))
    const oneRow = sequence(
      sum.set(f32x4.const(0)),
      each((o) => sum.set(add(sum.get, read(x, o)))),
      mean.set(f32.div(f32x4.sum(sum), size.get)),
      sum.set(f32x4.const(0)),
      each((o) => sequence(v.set(centred(o)), sum.set(add(sum.get, mul(v.get, v.get))))),
      scale.set(f32.div(f32.const(1), f32.sqrt(f32.add(f32.div(f32x4.sum(sum), size.get), epsilon.get)))),
      f32.store(stats.get, mean.get),
      f32.store(stats.get, scale.get, 4),
      each((o) => write(y, o, add(mul(mul(centred(o), splat(scale.get)), read(gain, o)), read(bias, o)))),
      advance(stats, i32.const(8))
    )
    return sequence(size.set(floatsIn(width)), overRows(scope, rows, width, [x, y], oneRow))
  }
)

/**
 * Gradient of layer norm: with `x̂ = (x - μ) rstd` and `g = dy γ`, `dx = rstd (g - mean(g) - x̂ mean(g x̂))`;
 * over rows, `dgain += dy x̂` and `dbias += dy`.
 */
const layerNormGradient = kernel(
  {
    ...({ x: "i32", gain: "i32", stats: "i32", dy: "i32", dx: "i32", dgain: "i32", dbias: "i32" } as const),
    ...({ rows: "i32", width: "i32" } as const)
  },
  (scope, { x, gain, stats, dy, dx, dgain, dbias, rows, width }) => {
    const size = scope.local("f32")
    const [mean, scale, meanG, meanGX, normal, g, sumG, sumGX] = scope.locals("v128", 8)
    const each = overWidth(scope, width)
    const readRow = (o: Local<"i32">) =>
      sequence(normal.set(mul(sub(read(x, o), mean.get), scale.get)), g.set(read(dy, o)))
    const sums = each((o) =>
      sequence(
        readRow(o),
        write(dgain, o, add(read(dgain, o), mul(g.get, normal.get))),
        write(dbias, o, add(read(dbias, o), g.get)),
        g.set(mul(g.get, read(gain, o))),
        sumG.set(add(sumG.get, g.get)),
        sumGX.set(add(sumGX.get, mul(g.get, normal.get)))
      )
    )
    const gradients = each((o) =>
      sequence(
        readRow(o),
        g.set(sub(mul(g.get, read(gain, o)), meanG.get)),
        write(dx, o, mul(scale.get, sub(g.get, mul(normal.get, meanGX.get))))
      )
    )
    const oneRow = sequence(
      mean.set(splat(f32.load(stats.get))),
      scale.set(splat(f32.load(stats.get, 4))),
      sumG.set(f32x4.const(0)),
      sumGX.set(f32x4.const(0)),
      sums,
      meanG.set(splat(f32.div(f32x4.sum(sumG), size.get))),
      meanGX.set(splat(f32.div(f32x4.sum(sumGX), size.get))),
      gradients,
      advance(stats, i32.const(8))
    )
    return sequence(size.set(floatsIn(width)), overRows(scope, rows, width, [x, dy, dx], oneRow))
  }
)

/** `e = exp(x - max)` per row; `stats` receives (max, Σ e) of each row: softmax is e / Σ e. */
const softmaxRows = kernel(
  { x: "i32", e: "i32", stats: "i32", rows: "i32", width: "i32" },
  (scope, { x, e, stats, rows, width }) => {
    const largest = scope.local("f32")
    const [v, sum] = scope.locals("v128", 2)
    const exp = exponential(scope)
    const each = overWidth(scope, width)
    const oneRow = sequence(
      v.set(f32x4.load(x.get)),
      each((o) => v.set(f32x4.max(v.get, read(x, o)))),
      largest.set(f32x4.largest(v)),
      sum.set(f32x4.const(0)),
      each((o) =>
        sequence(exp(v, sub(read(x, o), splat(largest.get))), write(e, o, v.get), sum.set(add(sum.get, v.get)))
      ),
      f32.store(stats.get, largest.get),
      f32.store(stats.get, f32x4.sum(sum), 4),
      advance(stats, i32.const(8))
    )
    return overRows(scope, rows, width, [x, e], oneRow)
  }
)

/** `y = factor_n x` per row. */
const scaleRows = kernel(
  { x: "i32", factors: "i32", y: "i32", rows: "i32", width: "i32" },
  (scope, { x, factors, y, rows, width }) => {
    const factor = scope.local("v128")
    const each = overWidth(scope, width)
    const oneRow = sequence(
      factor.set(splat(f32.load(factors.get))),
      each((o) => write(y, o, mul(read(x, o), factor.get))),
      advance(factors, i32.const(4))
    )
    return overRows(scope, rows, width, [x, y], oneRow)
  }
)

/** `list_i = table_{index_i}`, the rows of an embedding; as `scatter` its gradient, `table_{index_i} += list_i`. */
const rowsByIndex = (scatter: boolean) =>
  kernel(
    { table: "i32", indices: "i32", list: "i32", rows: "i32", width: "i32" },
    (scope, { table, indices, list, rows, width }) => {
      const row = scope.local("i32")
      const oneRow = sequence(
        row.set(i32.add(table.get, i32.mul(i32.load(indices.get), width.get))),
        overWidth(
          scope,
          width
        )((o) => (scatter ? write(row, o, add(read(row, o), read(list, o))) : write(list, o, read(row, o)))),
        advance(indices, i32.const(4))
      )
      return overRows(scope, rows, width, [list], oneRow)
    }
  )

/** `out = Σ_n x_n` over rows; out is overwritten. */
const columnSums = kernel({ x: "i32", out: "i32", rows: "i32", width: "i32" }, (scope, { x, out, rows, width }) => {
  const each = overWidth(scope, width)
  return sequence(
    each((o) => write(out, o, f32x4.const(0))),
    overRows(
      scope,
      rows,
      width,
      [x],
      each((o) => write(out, o, add(read(out, o), read(x, o))))
    )
  )
})

/** `dx = dy` where `y > 0`, else 0. */
const reluGradient = kernel({ y: "i32", dy: "i32", dx: "i32", width: "i32" }, (scope, { y, dy, dx, width }) =>
  overWidth(scope, width)((o) => write(dx, o, f32x4.and(read(dy, o), f32x4.greater(read(y, o), f32x4.const(0)))))
)

/** `out = Σ x²` over `width` bytes. */
const sumOfSquares = kernel({ x: "i32", out: "i32", width: "i32" }, (scope, { x, out, width }) => {
  const [sum, v] = scope.locals("v128", 2)
  return sequence(
    overWidth(scope, width)((o) => sequence(v.set(read(x, o)), sum.set(add(sum.get, mul(v.get, v.get))))),
    f32.store(out.get, f32x4.sum(sum))
  )
})

/**
 * One Adam update with decoupled weight decay (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019):
 * `g' = clip g`, `m = b1 m + (1 - b1) g'`, `v = b2 v + (1 - b2) g'²`, `out = p - rate m / (sqrt(correction v) + epsilon) - decay p`,
 * where `rate` is the learning rate over `1 - b1^t`, `correction` is `1 / (1 - b2^t)`, `decay` the learning rate times the decay.
 */
const adam = kernel(
  {
    ...({ p: "i32", g: "i32", m: "i32", v: "i32", out: "i32", width: "i32" } as const),
    ...({ clip: "f32", b1: "f32", b2: "f32", rate: "f32", correction: "f32", epsilon: "f32", decay: "f32" } as const)
  },
  (scope, { p, g, m, v, out, width, clip, b1, b2, rate, correction, epsilon, decay }) => {
    const [clipped, first, second] = scope.locals("v128", 3)
    const rest = (b: Local<"f32">) => splat(f32.sub(f32.const(1), b.get))
    const oneVector = (o: Local<"i32">) =>
      sequence(
        clipped.set(mul(read(g, o), splat(clip.get))),
        first.set(add(mul(splat(b1.get), read(m, o)), mul(rest(b1), clipped.get))),
        second.set(add(mul(splat(b2.get), read(v, o)), mul(rest(b2), mul(clipped.get, clipped.get)))),
        write(m, o, first.get),
        write(v, o, second.get),
        second.set(add(f32x4.sqrt(mul(second.get, splat(correction.get))), splat(epsilon.get))),
        first.set(div(mul(splat(rate.get), first.get), second.get)),
        write(out, o, sub(sub(read(p, o), first.get), mul(splat(decay.get), read(p, o))))
      )
    return overWidth(scope, width)(oneVector)
  }
)

/** The row kernels by name. */
export const rowKernels = {
  layerNorm,
  layerNormGradient,
  softmaxRows,
  scaleRows,
  gatherRows: rowsByIndex(false),
  scatterAddRows: rowsByIndex(true),
  columnSums,
  reluGradient,
  sumOfSquares,
  adam
} as const satisfies Readonly<Record<string, KernelSource>>
