import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeSafetensors, encodeSafetensors, type TensorData } from "../../src/finetune/safetensors.ts"

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })

const tensor: fc.Arbitrary<TensorData> = shape.chain((dims) => {
  const size = dims.reduce((product, n) => product * n, 1)
  const values = fc.array(fc.float({ noNaN: true }), { minLength: size, maxLength: size })
  return fc.oneof(
    values.map((list): TensorData => ({ dtype: "F32", shape: dims, values: Float32Array.from(list) })),
    values.map((list): TensorData => ({ dtype: "F64", shape: dims, values: Float64Array.from(list) }))
  )
})

/** The names that the header reserves or that objects treat specially are no tensor names here. */
const name = fc
  .string({ minLength: 1, maxLength: 12 })
  .filter((text) => text !== "__metadata__" && text !== "__proto__")

const decode = (bytes: Uint8Array) => Result.getOrThrow(decodeSafetensors(bytes))

const withHeader = (header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

const problem = (bytes: Uint8Array): string => {
  const decoded = decodeSafetensors(bytes)
  return Result.isFailure(decoded) ? decoded.failure.message : "no problem"
}

const entry = (offsets: ReadonlyArray<number>, more: object = {}) => ({
  dtype: "F32",
  shape: [1],
  data_offsets: offsets,
  ...more
})

describe("safetensors", () => {
  it("reads back what it wrote, at any position in a larger buffer", () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, tensor, { maxKeys: 5 }),
        fc.dictionary(name, fc.string()),
        fc.nat(7),
        (tensors, metadata, offset) => {
          const bytes = encodeSafetensors({ tensors, metadata })
          const larger = Buffer.alloc(bytes.length + offset)
          larger.set(bytes, offset)
          const file = decode(larger.subarray(offset))
          expect(file.metadata).toEqual({ ...metadata })
          expect(Object.keys(file.tensors).sort()).toEqual(Object.keys(tensors).sort())
          for (const [key, value] of Object.entries(tensors)) expect(file.tensors[key]).toEqual(value)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("starts with the header's length in little-endian and pads the header to 8 bytes", () => {
    const values = Float32Array.of(1.5, -2)
    const bytes = encodeSafetensors({ tensors: { x: { dtype: "F32", shape: [2], values } }, metadata: {} })
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    expect(bytes.length).toBe(8 + length + 8)
    const header = '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd()).toBe(header)
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0])
  })

  it.each([
    ["too short", new Uint8Array(5), "5 bytes are too few"],
    ["a header beyond the end", Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123), "goes beyond the file's 9 bytes"],
    ["a huge header", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 123), "is above"],
    ["no JSON", withHeader("{oops"), "not JSON"],
    ["a list", withHeader([]), "not an object"],
    ["metadata that is no text", withHeader({ __metadata__: { a: 1 } }), "__metadata__"],
    [
      "a foreign type",
      withHeader({ w: entry([0, 4], { dtype: "I64" }) }, new Uint8Array(4)),
      'tensor w has dtype "I64"'
    ],
    [
      "a negative dimension",
      withHeader({ w: entry([0, 4], { shape: [-1] }) }, new Uint8Array(4)),
      "tensor w has a malformed shape"
    ],
    ["broken offsets", withHeader({ w: entry([0]) }), "tensor w has malformed data_offsets"],
    [
      "a size that disagrees",
      withHeader({ w: entry([0, 8]) }, new Uint8Array(8)),
      "tensor w needs 4 bytes, its data_offsets give 8"
    ],
    [
      "an overlap",
      withHeader({ a: entry([0, 4]), b: entry([0, 4]) }, new Uint8Array(4)),
      "tensor b begins at byte 0, expected 4"
    ],
    ["a hole", withHeader({ a: entry([4, 8]) }, new Uint8Array(8)), "tensor a begins at byte 4, expected 0"],
    ["bytes left over", withHeader({ a: entry([0, 4]) }, new Uint8Array(6)), "cover 4 bytes of data, the file has 6"]
  ])("refuses %s", (_, bytes, message) => {
    expect(problem(bytes)).toContain(message)
  })

  it("refuses to write a tensor whose shape disagrees with its values", () => {
    const bad = { dtype: "F32", shape: [3], values: Float32Array.of(1) } as const
    expect(() => encodeSafetensors({ tensors: { bad }, metadata: {} })).toThrow("bad has shape [3] but 1 values")
  })
})
