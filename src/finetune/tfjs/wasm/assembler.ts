/**
 * @file A WebAssembly assembler just large enough for the SIMD kernels of `kernels.ts`: typed expressions become bytes,
 * functions become a module that shares the linear memory of the tfjs wasm backend, so that kernels work on tensors in
 * place. Opcodes: WebAssembly core specification 2.0, binary format (sections 5.4 and 5.5).
 */

/** Types a kernel's locals and expressions may have. */
export type ValueType = "i32" | "f32" | "v128"

/** Instruction bytes that leave nothing on the stack. */
export type Code = ReadonlyArray<number>

/** Instruction bytes that leave one value of type `T` on the stack. */
export interface Expr<T extends ValueType> {
  readonly type: T
  readonly code: Code
}

/** A local variable or parameter: `get` reads it, `set` assigns it. */
export interface Local<T extends ValueType> {
  readonly get: Expr<T>
  readonly set: (value: Expr<T>) => Code
}

const typeByte: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b }

/** Unsigned LEB128. */
const unsigned = (value: number): Array<number> => {
  const bytes: Array<number> = []
  let rest = value >>> 0
  do {
    const more = rest > 0x7f
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0))
    rest >>>= 7
  } while (rest !== 0)
  return bytes
}

/** Signed LEB128 of a 32-bit integer. */
const signed = (value: number): Array<number> => {
  const bytes: Array<number> = []
  let rest = value | 0
  for (;;) {
    const byte = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

const floatBytes = (value: number): Array<number> => [...new Uint8Array(Float32Array.of(value).buffer)]

const expr = <T extends ValueType>(type: T, code: Code): Expr<T> => ({ type, code })
const simd = (opcode: number): Array<number> => [0xfd, ...unsigned(opcode)]

const binary =
  <T extends ValueType, R extends ValueType>(result: R, opcode: ReadonlyArray<number>) =>
  (a: Expr<T>, b: Expr<T>): Expr<R> =>
    expr(result, [...a.code, ...b.code, ...opcode])

const unary =
  <T extends ValueType, R extends ValueType>(result: R, opcode: ReadonlyArray<number>) =>
  (a: Expr<T>): Expr<R> =>
    expr(result, [...a.code, ...opcode])

/** Memory immediate: alignment exponent and byte offset. Every access is declared with the alignment of one float. */
const at = (offset: number): Array<number> => [2, ...unsigned(offset)]

/** 32-bit integers: addresses in bytes, counters. */
export const i32 = {
  const: (value: number) => expr("i32", [0x41, ...signed(value)]),
  add: binary<"i32", "i32">("i32", [0x6a]),
  sub: binary<"i32", "i32">("i32", [0x6b]),
  mul: binary<"i32", "i32">("i32", [0x6c]),
  /** `4 a`: elements to bytes. */
  bytes: (a: Expr<"i32">) => expr("i32", [...a.code, 0x41, 2, 0x74]),
  load: (address: Expr<"i32">, offset = 0) => expr("i32", [...address.code, 0x28, ...at(offset)])
} as const

/** Single-precision scalars. */
export const f32 = {
  const: (value: number) => expr("f32", [0x43, ...floatBytes(value)]),
  add: binary<"f32", "f32">("f32", [0x92]),
  sub: binary<"f32", "f32">("f32", [0x93]),
  mul: binary<"f32", "f32">("f32", [0x94]),
  div: binary<"f32", "f32">("f32", [0x95]),
  max: binary<"f32", "f32">("f32", [0x97]),
  sqrt: unary<"f32", "f32">("f32", [0x91]),
  ofInt: unary<"i32", "f32">("f32", [0xb2]),
  load: (address: Expr<"i32">, offset = 0) => expr("f32", [...address.code, 0x2a, ...at(offset)]),
  store: (address: Expr<"i32">, value: Expr<"f32">, offset = 0): Code => [
    ...address.code,
    ...value.code,
    0x38,
    ...at(offset)
  ]
} as const

const lane = (vector: Expr<"v128">, index: number): Expr<"f32"> => expr("f32", [...vector.code, ...simd(0x1f), index])

/** Four single-precision lanes. */
export const f32x4 = {
  splat: unary<"f32", "v128">("v128", simd(0x13)),
  const: (value: number) => expr("v128", [0x43, ...floatBytes(value), ...simd(0x13)]),
  add: binary<"v128", "v128">("v128", simd(0xe4)),
  sub: binary<"v128", "v128">("v128", simd(0xe5)),
  mul: binary<"v128", "v128">("v128", simd(0xe6)),
  div: binary<"v128", "v128">("v128", simd(0xe7)),
  min: binary<"v128", "v128">("v128", simd(0xe8)),
  max: binary<"v128", "v128">("v128", simd(0xe9)),
  sqrt: unary<"v128", "v128">("v128", simd(0xe3)),
  nearest: unary<"v128", "v128">("v128", simd(0x6a)),
  /** All bits of a lane set where `a > b`. */
  greater: binary<"v128", "v128">("v128", simd(0x44)),
  and: binary<"v128", "v128">("v128", simd(0x4e)),
  load: (address: Expr<"i32">, offset = 0) => expr("v128", [...address.code, ...simd(0), ...at(offset)]),
  store: (address: Expr<"i32">, value: Expr<"v128">, offset = 0): Code => [
    ...address.code,
    ...value.code,
    ...simd(0x0b),
    ...at(offset)
  ],
  /** `2^n` of lanes that hold integers n in -126..127, built in the exponent bits. */
  powerOfTwo: (n: Expr<"v128">): Expr<"v128"> =>
    expr("v128", [
      ...n.code,
      ...simd(0xf8), // i32x4.trunc_sat_f32x4_s
      ...[0x41, ...signed(127), ...simd(0x11)], // i32x4.splat
      ...simd(0xae), // i32x4.add
      ...[0x41, 23, ...simd(0xab)] // i32x4.shl
    ]),
  lane,
  /** The four lanes of a local added up, as (0 + 1) + (2 + 3). */
  sum: (v: Local<"v128">): Expr<"f32"> =>
    f32.add(f32.add(lane(v.get, 0), lane(v.get, 1)), f32.add(lane(v.get, 2), lane(v.get, 3))),
  /** The largest of the four lanes of a local. */
  largest: (v: Local<"v128">): Expr<"f32"> =>
    f32.max(f32.max(lane(v.get, 0), lane(v.get, 1)), f32.max(lane(v.get, 2), lane(v.get, 3)))
} as const

/** Statements one after the other. */
export const sequence = (...parts: ReadonlyArray<Code>): Code => parts.flat()

/** `N` values of type `A`. */
type Tuple<A, N extends number, Rest extends ReadonlyArray<A> = []> = Rest["length"] extends N
  ? Rest
  : Tuple<A, N, [...Rest, A]>

/** Declares the locals of one function while its body is written. */
export class FunctionScope {
  readonly #types: Array<ValueType> = []
  readonly #parameters: number

  constructor(parameters: ReadonlyArray<ValueType>) {
    this.#types.push(...parameters)
    this.#parameters = parameters.length
  }

  /** Parameter number `index`. */
  parameter<T extends ValueType>(type: T, index: number): Local<T> {
    if (this.#types[index] !== type) throw new RangeError(`FunctionScope.parameter: ${index} is not a ${type}`)
    return this.#at(type, index)
  }

  /** A new local variable, zero at first. */
  local<T extends ValueType>(type: T): Local<T> {
    this.#types.push(type)
    return this.#at(type, this.#types.length - 1)
  }

  /** `size` new locals of one type. */
  locals<T extends ValueType, const N extends number>(type: T, size: N): Tuple<Local<T>, N> {
    return Array.from({ length: size }, () => this.local(type)) as Tuple<Local<T>, N>
  }

  #at<T extends ValueType>(type: T, index: number): Local<T> {
    return { get: expr(type, [0x20, ...unsigned(index)]), set: (value) => [...value.code, 0x21, ...unsigned(index)] }
  }

  /** `for (i = from; i < to; i += step) body`, counters signed. */
  loop(i: Local<"i32">, from: Expr<"i32">, to: Expr<"i32">, step: number, body: Code): Code {
    return [
      ...i.set(from),
      ...[0x02, 0x40, 0x03, 0x40], // block, loop
      ...[...i.get.code, ...to.code, 0x4e, 0x0d, 1], // br_if 1 (i >= to)
      ...body,
      ...i.set(i32.add(i.get, i32.const(step))),
      ...[0x0c, 0, 0x0b, 0x0b] // br 0, end, end
    ]
  }

  /** The function's entry of the code section. */
  encode(body: Code): Array<number> {
    const locals = this.#types.slice(this.#parameters)
    const declarations = locals.flatMap((type) => [1, typeByte[type]])
    const bytes = [...unsigned(locals.length), ...declarations, ...body, 0x0b]
    return [...unsigned(bytes.length), ...bytes]
  }
}

/** A kernel before assembly: the types of its parameters, in order, and its body. It returns nothing. */
export interface KernelSource {
  readonly parameters: Readonly<Record<string, "i32" | "f32">>
  readonly body: (scope: FunctionScope) => Code
}

/** A kernel whose body receives its parameters as locals of the declared types. */
export const kernel = <const P extends Readonly<Record<string, "i32" | "f32">>>(
  parameters: P,
  body: (scope: FunctionScope, locals: { readonly [K in keyof P]: Local<P[K]> }) => Code
): KernelSource => ({
  parameters,
  body: (scope) => {
    const locals = Object.entries(parameters).map(([name, type], index) => [name, scope.parameter(type, index)])
    return body(scope, Object.fromEntries(locals) as { readonly [K in keyof P]: Local<P[K]> })
  }
})

const section = (id: number, entries: ReadonlyArray<ReadonlyArray<number>>): Array<number> => {
  const bytes = [...unsigned(entries.length), ...entries.flat()]
  return [id, ...unsigned(bytes.length), ...bytes]
}

const text = (value: string): Array<number> => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

/**
 * The bytes of a module that imports `env.memory` and exports every kernel under its name.
 * @returns a valid WebAssembly 2.0 binary
 */
export const assemble = (kernels: Readonly<Record<string, KernelSource>>): Uint8Array<ArrayBuffer> => {
  const names = Object.keys(kernels)
  const types = names.map((name) => Object.values(kernels[name]!.parameters))
  const codes = names.map((name, index) => {
    const source = kernels[name]!
    const scope = new FunctionScope(types[index]!)
    return scope.encode(source.body(scope))
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      types.map((parameters) => [0x60, ...unsigned(parameters.length), ...parameters.map((type) => typeByte[type]), 0])
    ),
    ...section(2, [[...text("env"), ...text("memory"), 0x02, 0x00, 0]]),
    ...section(
      3,
      names.map((_, index) => unsigned(index))
    ),
    ...section(
      7,
      names.map((name, index) => [...text(name), 0x00, ...unsigned(index)])
    ),
    ...section(10, codes)
  ])
}
