/**
 * @file Files that are either the old or the new version, whatever happens in between.
 */

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"

/** Writes bytes to a temporary name beside `path`, flushes them to the disk and renames; makes missing folders. */
export const writeFileAtomic = (path: string, content: Uint8Array | string): void => {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  const file = openSync(temporary, "w")
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}
