/**
 * @file The safetensors format: 8 bytes of little-endian header length, a JSON header that gives every tensor's type,
 * shape and byte range, then the data. Written deterministically (tensors in the order given, header padded with spaces
 * to 8 bytes), read with every rule of the format checked: a checkpoint may be a stranger's.
 */

import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** Element types that are read and written. */
export type TensorData =
  | { readonly dtype: "F32"; readonly shape: ReadonlyArray<number>; readonly values: Float32Array }
  | { readonly dtype: "F64"; readonly shape: ReadonlyArray<number>; readonly values: Float64Array }

/** Named tensors and text metadata. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, TensorData>>
  readonly metadata: Readonly<Record<string, string>>
}

/** Bytes that are not a safetensors file this program can use; `reason` names the tensor and what was found. */
export class SafetensorsError extends Data.TaggedError("SafetensorsError")<{ readonly reason: string }> {
  override get message(): string {
    return `safetensors: ${this.reason}`
  }
}

/** Largest header that is read: as in the reference implementation, 100 MB. */
const HEADER_LIMIT = 100_000_000
const LENGTH_BYTES = 8
const SIZES = { F32: 4, F64: 8 } as const

const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

const bytesOf = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The bytes of a file. @throws RangeError when a shape disagrees with its number of values */
export const encodeSafetensors = (file: TensorFile): Uint8Array => {
  const header: Record<string, unknown> = {}
  if (Object.keys(file.metadata).length > 0) header.__metadata__ = file.metadata
  let offset = 0
  for (const [name, { dtype, shape, values }] of Object.entries(file.tensors)) {
    if (sizeOf(shape) !== values.length) {
      throw new RangeError(`encodeSafetensors: ${name} has shape [${shape}] but ${values.length} values`)
    }
    header[name] = { dtype, shape, data_offsets: [offset, offset + values.byteLength] }
    offset += values.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES
  const out = new Uint8Array(LENGTH_BYTES + padded + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true)
  out.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + padded)
  out.set(text, LENGTH_BYTES)
  let at = LENGTH_BYTES + padded
  for (const { values } of Object.values(file.tensors)) {
    out.set(bytesOf(values), at)
    at += values.byteLength
  }
  return out
}

interface Entry {
  readonly name: string
  readonly dtype: "F32" | "F64"
  readonly shape: ReadonlyArray<number>
  readonly start: number
  readonly end: number
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** One header entry, or what is wrong with it. */
const readEntry = (name: string, value: unknown): Entry | string => {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  if (dtype !== "F32" && dtype !== "F64")
    return `tensor ${name} has dtype ${JSON.stringify(dtype)}, F32 or F64 is needed`
  if (!Array.isArray(shape) || !shape.every(isCount)) return `tensor ${name} has a malformed shape`
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return `tensor ${name} has malformed data_offsets`
  }
  const [start, end] = offsets as [number, number]
  const bytes = sizeOf(shape) * SIZES[dtype]
  if (end - start !== bytes) return `tensor ${name} needs ${bytes} bytes, its data_offsets give ${end - start}`
  return { name, dtype, shape, start, end }
}

/** The format allows no holes and no overlaps: entries in order of offset must cover the data exactly. */
const coverage = (entries: ReadonlyArray<Entry>, size: number): string | undefined => {
  let at = 0
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== at) return `tensor ${entry.name} begins at byte ${entry.start}, expected ${at}`
    at = entry.end
  }
  return at === size ? undefined : `tensors cover ${at} bytes of data, the file has ${size}`
}

const readHeader = (bytes: Uint8Array): Result.Result<{ header: object; dataStart: number }, SafetensorsError> => {
  const fail = (reason: string) => Result.fail(new SafetensorsError({ reason }))
  if (bytes.length < LENGTH_BYTES) return fail(`${bytes.length} bytes are too few for a header length`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(HEADER_LIMIT)) return fail(`header length ${length} is above ${HEADER_LIMIT}`)
  const dataStart = LENGTH_BYTES + Number(length)
  if (dataStart > bytes.length) return fail(`header length ${length} goes beyond the file's ${bytes.length} bytes`)
  try {
    const header: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart))
    )
    if (typeof header !== "object" || header === null || Array.isArray(header))
      return fail("the header is not an object")
    return Result.succeed({ header, dataStart })
  } catch {
    return fail("the header is not JSON")
  }
}

const valuesOf = (data: Uint8Array, { dtype, start, end, shape }: Entry): TensorData => {
  // A Buffer's own slice would share memory, and at an offset that floats cannot start from.
  const copy = new Uint8Array(data.subarray(start, end)).buffer
  return dtype === "F32"
    ? { dtype, shape, values: new Float32Array(copy) }
    : { dtype, shape, values: new Float64Array(copy) }
}

const isTextRecord = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" && value !== null && Object.values(value).every((entry) => typeof entry === "string")

/**
 * Reads a file. The arrays are copies.
 * @returns tensors in header order and metadata, or the first rule of the format that the bytes break
 */
export const decodeSafetensors = (bytes: Uint8Array): Result.Result<TensorFile, SafetensorsError> => {
  const fail = (reason: string) => Result.fail(new SafetensorsError({ reason }))
  const read = readHeader(bytes)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { header, dataStart } = read.success
  const { __metadata__: metadata = {}, ...rest } = header as Record<string, unknown>
  if (!isTextRecord(metadata)) return fail("__metadata__ is not a map of texts")
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value))
  const problem = entries.find((entry) => typeof entry === "string")
  if (typeof problem === "string") return fail(problem)
  const good = entries as ReadonlyArray<Entry>
  const uncovered = coverage(good, bytes.length - dataStart)
  if (uncovered !== undefined) return fail(uncovered)
  const data = bytes.subarray(dataStart)
  return Result.succeed({
    tensors: Object.fromEntries(good.map((entry) => [entry.name, valuesOf(data, entry)])),
    metadata
  })
}
