/**
 * WebAssembly instructions as bytes. A {@link Code} of one value leaves exactly that value on the stack, so expressions nest
 * like function calls. Only the instructions that the training kernels need.
 * @see https://webassembly.github.io/spec/core/binary/instructions.html
 */

/** Bytes of instructions. */
export type Code = ReadonlyArray<number>

/** Unsigned LEB128 of an integer in 0..2^32 - 1. */
export const unsigned = (value: number): Code => {
  const bytes: Array<number> = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return bytes
}

/** Signed LEB128 of a 32-bit integer. */
export const signed = (value: number): Code => {
  const bytes: Array<number> = []
  let rest = value | 0
  for (;;) {
    const low = rest & 127
    rest >>= 7
    const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)
    bytes.push(done ? low : low | 128)
    if (done) return bytes
  }
}

const float64 = (value: number): Code => [...new Uint8Array(Float64Array.of(value).buffer)]

const unary =
  (...op: Code) =>
  (a: Code): Code => [...a, ...op]
const binary =
  (...op: Code) =>
  (a: Code, b: Code): Code => [...a, ...b, ...op]
const vector = (op: number): Code => [0xfd, ...unsigned(op)]
const vector1 = (op: number) => unary(...vector(op))
const vector2 = (op: number) => binary(...vector(op))
/** Instructions on memory: `address + offset`, the alignment a hint. */
const memory = (op: Code, alignment: number, offset: number): Code => [...op, alignment, ...unsigned(offset)]

/** Two doubles. `pmin(a, b)` is b < a ? b : a and `pmax(a, b)` is a < b ? b : a: a NaN in a stays. */
export const f64x2 = {
  load: (address: Code, offset: number): Code => [...address, ...memory(vector(0x00), 3, offset)],
  /** One double in both lanes. */
  loadSplat: (address: Code, offset: number): Code => [...address, ...memory(vector(0x0a), 3, offset)],
  store: (address: Code, offset: number, value: Code): Code => [
    ...address,
    ...value,
    ...memory(vector(0x0b), 3, offset)
  ],
  splat: vector1(0x14),
  lane: (a: Code, lane: 0 | 1): Code => [...a, ...vector(0x21), lane],
  replaceLane: (a: Code, lane: 0 | 1, value: Code): Code => [...a, ...value, ...vector(0x22), lane],
  eq: vector2(0x47),
  ne: vector2(0x48),
  lt: vector2(0x49),
  gt: vector2(0x4a),
  le: vector2(0x4b),
  ge: vector2(0x4c),
  abs: vector1(0xec),
  neg: vector1(0xed),
  sqrt: vector1(0xef),
  add: vector2(0xf0),
  sub: vector2(0xf1),
  mul: vector2(0xf2),
  div: vector2(0xf3),
  min: vector2(0xf4),
  max: vector2(0xf5),
  pmin: vector2(0xf6),
  pmax: vector2(0xf7)
} as const

/** Two doubles as bits: masks, and integers of 64 bits. */
export const bits = {
  not: vector1(0x4d),
  and: vector2(0x4e),
  /** a and not b. */
  andNot: vector2(0x4f),
  or: vector2(0x50),
  /** a where the mask is set, else b. */
  select: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...vector(0x52)],
  anySet: vector1(0x53),
  add: vector2(0xce),
  shiftLeft: (a: Code, count: number): Code => [...a, ...i32.constant(count), ...vector(0xcb)],
  shiftRight: (a: Code, count: number): Code => [...a, ...i32.constant(count), ...vector(0xcd)],
  /** (a[i], b[j]) of two vectors. */
  pick: (a: Code, i: 0 | 1, b: Code, j: 0 | 1): Code => [
    ...a,
    ...b,
    ...vector(0x0d),
    ...Array.from({ length: 8 }, (_, k) => 8 * i + k),
    ...Array.from({ length: 8 }, (_, k) => 16 + 8 * j + k)
  ]
} as const

/** One double. */
export const f64 = {
  constant: (value: number): Code => [0x44, ...float64(value)],
  load: (address: Code, offset: number): Code => [...address, ...memory([0x2b], 3, offset)],
  store: (address: Code, offset: number, value: Code): Code => [...address, ...value, ...memory([0x39], 3, offset)],
  ne: binary(0x62),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3)
} as const

/** An integer of 32 bits: addresses and counts. */
export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  load: (address: Code, offset: number): Code => [...address, ...memory([0x28], 2, offset)],
  store: (address: Code, offset: number, value: Code): Code => [...address, ...value, ...memory([0x36], 2, offset)],
  isZero: unary(0x45),
  eq: binary(0x46),
  ltUnsigned: binary(0x49),
  add: binary(0x6a),
  mul: binary(0x6c),
  and: binary(0x71)
} as const

/** Runs the body when the condition is not 0, else the other. */
export const when = (condition: Code, body: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  0x40,
  ...body,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b
]

/** Runs the body, and again while the condition, evaluated after it, is not 0. */
export const repeatWhile = (condition: Code, body: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b]

/** Leaves the function with a value. */
export const give = (value: Code): Code => [...value, 0x0f]

/** Calls the function of that number. */
export const call = (index: number, ...args: ReadonlyArray<Code>): Code => [...args.flat(), 0x10, ...unsigned(index)]
