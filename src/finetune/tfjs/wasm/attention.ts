/**
 * @file SIMD kernels of attention over ranges of keys, and its gradient. Arrays are float32 in the memory of the tfjs
 * wasm backend, row-major; parameters named after arrays are byte addresses, strides count bytes. A key range table lets
 * one kernel serve packed sequences, prompts shared by a chosen and a rejected answer, and decoding from a cache.
 * The two bodies are long because a kernel reads best as the straight line of statements that it compiles to.
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

const { add, mul, sub } = f32x4

/** Most features of a head: its query, mixture and gradient live in registers. */
export const LARGEST_HEAD = 64

/** Bytes of one entry of the key table: two ranges of keys, and the number of keys of all rows before this one. */
const RANGE_BYTES = 20

type Vectors = ReadonlyArray<Local<"v128">>

/** Walks the keys of one query: `[a0, a1)` then `[b0, b1)`, the four numbers read at `table`. */
const overKeys = (scope: FunctionScope, table: Local<"i32">) => {
  const j = scope.local("i32")
  return (body: (key: Local<"i32">) => Code): Code =>
    sequence(
      scope.loop(j, i32.load(table.get, 0), i32.load(table.get, 4), 1, body(j)),
      scope.loop(j, i32.load(table.get, 8), i32.load(table.get, 12), 1, body(j))
    )
}

/** The registers of one head of one token, four features each. */
const headRegisters = (scope: FunctionScope, headSize: number): Vectors =>
  Array.from({ length: headSize / 4 }, () => scope.local("v128"))

const dot = (a: Vectors, address: Expr<"i32">): Expr<"v128"> =>
  a.map((register, e) => mul(register.get, f32x4.load(address, 16 * e))).reduce((sum, term) => add(sum, term))

/** `list = [from]`, through the address register `at`. */
const loadAll = (at: Local<"i32">, list: Vectors, from: Expr<"i32">): Code =>
  sequence(at.set(from), ...list.map((register, e) => register.set(f32x4.load(at.get, 16 * e))))

const storeAll = (at: Local<"i32">, list: Vectors, to: Expr<"i32">): Code =>
  sequence(at.set(to), ...list.map((register, e) => f32x4.store(at.get, register.get, 16 * e)))

const clear = (list: Vectors): Code => sequence(...list.map((register) => register.set(f32x4.const(0))))

/** `list += factor [at]`. */
const addFrom = (list: Vectors, factor: Local<"v128">, at: Local<"i32">): Code =>
  sequence(...list.map((r, e) => r.set(add(r.get, mul(factor.get, f32x4.load(at.get, 16 * e))))))

/** `[at] += factor list`. */
const addInto = (at: Local<"i32">, factor: Local<"v128">, list: Vectors): Code =>
  sequence(...list.map((r, e) => f32x4.store(at.get, add(f32x4.load(at.get, 16 * e), mul(factor.get, r.get)), 16 * e)))

const nextFloat = (cursor: Local<"i32">): Code => cursor.set(i32.add(cursor.get, i32.const(4)))

/** For every row its table entry and the address of its weights, then `oneHead` for every head's byte offset `h`. */
const overRowsAndHeads = (
  scope: FunctionScope,
  sizes: { readonly headSize: number; readonly rows: Local<"i32">; readonly heads: Local<"i32"> },
  row: {
    readonly n: Local<"i32">
    readonly h: Local<"i32">
    readonly table: Local<"i32">
    readonly cursor: Local<"i32">
  },
  arrays: { readonly ranges: Local<"i32">; readonly weights: Local<"i32"> },
  oneHead: Code
): Code => {
  const headBytes = 4 * sizes.headSize
  return scope.loop(
    row.n,
    i32.const(0),
    sizes.rows.get,
    1,
    sequence(
      row.table.set(i32.add(arrays.ranges.get, i32.mul(row.n.get, i32.const(RANGE_BYTES)))),
      row.cursor.set(i32.add(arrays.weights.get, i32.bytes(i32.mul(i32.load(row.table.get, 16), sizes.heads.get)))),
      scope.loop(row.h, i32.const(0), i32.mul(sizes.heads.get, i32.const(headBytes)), headBytes, oneHead)
    )
  )
}

/**
 * Attention over ranges of keys, `out_n = Σ_j softmax_j(scale q_n·k_j) v_j` per head, j in the two ranges of row n.
 * `weights` receives the attention weights, row after row, head after head: what the gradient needs.
 */
const attentionForward = (headSize: number): KernelSource =>
  kernel(
    {
      ...({
        q: "i32",
        k: "i32",
        v: "i32",
        queryStride: "i32",
        keyStride: "i32",
        out: "i32",
        outStride: "i32"
      } as const),
      ...({ weights: "i32", ranges: "i32", rows: "i32", heads: "i32", scale: "f32" } as const)
    },
    (scope, { q, k, v, queryStride, keyStride, out, outStride, weights, ranges, rows, heads, scale }) => {
      const [n, h, table, cursor, base, end, at] = scope.locals("i32", 7)
      const [largest, value] = scope.locals("f32", 2)
      const [x, sum] = scope.locals("v128", 2)
      const query = headRegisters(scope, headSize)
      const mixed = headRegisters(scope, headSize)
      const exp = exponential(scope)
      const keys = overKeys(scope, table)
      const head = (array: Local<"i32">, stride: Local<"i32">, index: Local<"i32">) =>
        i32.add(i32.add(array.get, i32.mul(index.get, stride.get)), h.get)
      const scores = keys((j) =>
        sequence(
          at.set(head(k, keyStride, j)),
          x.set(dot(query, at.get)),
          value.set(f32x4.sum(x)),
          f32.store(cursor.get, value.get),
          largest.set(f32.max(largest.get, value.get)),
          nextFloat(cursor)
        )
      )
      // The exponentials go by fours: what lies past the last score counts as zero (it is the next head's, not yet written).
      const exponentials = sequence(
        end.set(cursor.get),
        f32x4.store(end.get, f32x4.const(-1e30)),
        sum.set(f32x4.const(0)),
        scope.loop(
          cursor,
          base.get,
          end.get,
          16,
          sequence(
            exp(x, sub(f32x4.load(cursor.get), f32x4.splat(largest.get))),
            f32x4.store(cursor.get, x.get),
            sum.set(add(sum.get, x.get))
          )
        )
      )
      const mixture = keys((j) =>
        sequence(
          at.set(head(v, keyStride, j)),
          f32.store(cursor.get, f32.mul(f32.load(cursor.get), value.get)),
          x.set(f32x4.splat(f32.load(cursor.get))),
          addFrom(mixed, x, at),
          nextFloat(cursor)
        )
      )
      const oneHead = sequence(
        at.set(head(q, queryStride, n)),
        ...query.map((r, e) => r.set(mul(f32x4.load(at.get, 16 * e), f32x4.splat(scale.get)))),
        largest.set(f32.const(-1e30)),
        base.set(cursor.get),
        scores,
        exponentials,
        value.set(f32.div(f32.const(1), f32x4.sum(sum))),
        clear(mixed),
        cursor.set(base.get),
        mixture,
        storeAll(at, mixed, head(out, outStride, n))
      )
      return overRowsAndHeads(scope, { headSize, rows, heads }, { n, h, table, cursor }, { ranges, weights }, oneHead)
    }
  )

/**
 * Gradient of {@link attentionForward}: with `g_j = dout_n·v_j` and attention weights w,
 * `ds_j = w_j (g_j - Σ_i w_i g_i) scale`, `dq_n = Σ ds_j k_j`, `dk_j += ds_j q_n`, `dv_j += w_j dout_n`.
 * dk and dv are added to; `scratch` holds one row's g.
 */
const attentionBackward = (headSize: number): KernelSource =>
  kernel(
    {
      ...({ q: "i32", k: "i32", v: "i32", stride: "i32", dout: "i32", outStride: "i32", weights: "i32" } as const),
      ...({ dq: "i32", dk: "i32", dv: "i32", scratch: "i32", ranges: "i32", rows: "i32", heads: "i32" } as const),
      ...({ scale: "f32" } as const)
    },
    (scope, { q, k, v, stride, dout, outStride, weights, dq, dk, dv, scratch, ranges, rows, heads, scale }) => {
      const [n, h, table, base, weight, grad, at] = scope.locals("i32", 7)
      const [mean, value] = scope.locals("f32", 2)
      const [x, y] = scope.locals("v128", 2)
      const query = headRegisters(scope, headSize)
      const upstream = headRegisters(scope, headSize)
      const dquery = headRegisters(scope, headSize)
      const keys = overKeys(scope, table)
      const head = (array: Local<"i32">, width: Local<"i32">, index: Local<"i32">) =>
        i32.add(i32.add(array.get, i32.mul(index.get, width.get)), h.get)
      const rewind = sequence(weight.set(base.get), grad.set(scratch.get))
      const step = sequence(nextFloat(weight), nextFloat(grad))
      const gradientsOfWeights = keys((j) =>
        sequence(
          at.set(head(v, stride, j)),
          x.set(dot(upstream, at.get)),
          value.set(f32x4.sum(x)),
          f32.store(grad.get, value.get),
          mean.set(f32.add(mean.get, f32.mul(value.get, f32.load(weight.get)))),
          step
        )
      )
      const gradientsOfRows = keys((j) =>
        sequence(
          value.set(f32.mul(f32.sub(f32.load(grad.get), mean.get), f32.load(weight.get))),
          x.set(f32x4.splat(f32.mul(value.get, scale.get))),
          y.set(f32x4.splat(f32.load(weight.get))),
          at.set(head(k, stride, j)),
          addFrom(dquery, x, at),
          at.set(head(dk, stride, j)),
          addInto(at, x, query),
          at.set(head(dv, stride, j)),
          addInto(at, y, upstream),
          step
        )
      )
      const oneHead = sequence(
        loadAll(at, query, head(q, stride, n)),
        loadAll(at, upstream, head(dout, outStride, n)),
        clear(dquery),
        mean.set(f32.const(0)),
        base.set(weight.get),
        rewind,
        gradientsOfWeights,
        rewind,
        gradientsOfRows,
        storeAll(at, dquery, head(dq, stride, n))
      )
      return overRowsAndHeads(
        scope,
        { headSize, rows, heads },
        { n, h, table, cursor: weight },
        { ranges, weights },
        oneHead
      )
    }
  )

/** The attention kernels for heads of `headSize` features. @throws RangeError unless a multiple of 4 up to {@link LARGEST_HEAD} */
export const attentionKernels = (headSize: number) => {
  if (headSize % 4 !== 0 || headSize < 4 || headSize > LARGEST_HEAD) {
    throw new RangeError(`attentionKernels: head size must be a multiple of 4 in 4..${LARGEST_HEAD}, got ${headSize}`)
  }
  return { attentionForward: attentionForward(headSize), attentionBackward: attentionBackward(headSize) }
}
