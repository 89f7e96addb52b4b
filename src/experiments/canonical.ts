/** @file One text for one value, and hashes of it: what caches, run folders and manifests are keyed by. */
import { createHash } from "node:crypto"

/** Plain data as JSON can hold it. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * JSON with keys in code-unit order and no spaces, so that equal values have equal text whatever order they were built in.
 * Keys whose value is undefined are left out, as JSON does. @throws RangeError for a number that is not finite, a function or a symbol
 */
export const canonicalJson = (value: unknown): string => {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value)
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`canonicalJson: ${value} is not JSON`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
    return `{${entries.join(",")}}`
  }
  throw new RangeError(`canonicalJson: a ${typeof value} is not JSON`)
}

/** SHA-256 of bytes or UTF-8 text, as 64 hexadecimal digits. */
export const contentHash = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")

/** Hash of a value by its {@link canonicalJson} text. */
export const hashOf = (value: unknown): string => contentHash(canonicalJson(value))

/** The part of a hash that names folders: 12 hexadecimal digits, 48 bits. */
export const shortHash = (hash: string): string => hash.slice(0, 12)
