/**
 * Runs configs/paper.yaml twice from nothing, into two folders and with separate caches, and compares every byte of records, figures,
 * tables and report: `npm run paper:check`, or `npm run paper:check -- --full` for the full study instead of the small one. Exit code 1
 * names the files that differ.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const profile = process.argv.includes("--full") ? [] : ["--small"]

/** Runs the study in a new folder; the hashes of what it leaves, by path. */
const run = () => {
  const out = mkdtempSync(join(tmpdir(), "losslattice-paper-"))
  try {
    const command = [
      join(root, "bin", "losslattice.mjs"),
      "run",
      "configs/paper.yaml",
      ...profile,
      "--fresh",
      "--out",
      out
    ]
    const { status, stdout } = spawnSync(process.execPath, command, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"]
    })
    if (status !== 0) process.exit(status ?? 1)
    const folder = stdout.trim().split("\n").at(-1)
    const files = globSync("{records,figures,tables}/*", { cwd: folder }).sort()
    const hash = (file) =>
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex")
    return new Map([...files, "report.html", "config.yaml"].map((file) => [file, hash(file)]))
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

const [first, second] = [run(), run()]
const differing = [...new Set([...first.keys(), ...second.keys()])].filter(
  (file) => first.get(file) !== second.get(file)
)
if (differing.length > 0) {
  process.stderr.write(`not the same twice: ${differing.join(", ")}\n`)
  process.exit(1)
}
const all = createHash("sha256")
  .update([...first].flat().join("\n"))
  .digest("hex")
process.stdout.write(`${first.size} files, the same bytes twice; all together ${all}\n`)
