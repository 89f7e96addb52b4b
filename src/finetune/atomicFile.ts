/**
 * @file Files that are either the old or the new version, whatever happens in between.
 */

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { threadId } from "node:worker_threads"

/**
 * Writes bytes to a temporary name beside `path`, flushes them to the disk and renames; makes missing folders. Threads and
 * processes that write the same file at once each use a name of their own: the last one wins, whole.
 */
export const writeFileAtomic = (path: string, content: Uint8Array | string): void => {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.${threadId}.tmp`
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
