// Makes a fresh clone ready: dependencies from the lock file, the pinned Node, the `losslattice` command for npx.
// Runs on any Node from 18 on, and does nothing when all is in place.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))
export const node = join(root, "node_modules", "node", "bin", "node")
const stampFile = join(root, "node_modules", ".losslattice-setup")

const lockHash = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex")

const run = (command, args) => {
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] })
  if (result.status !== 0) {
    process.stderr.write(`losslattice: \`${command} ${args.join(" ")}\` failed; see above.\n`)
    process.exit(1)
  }
}

const linkCommand = () => {
  const link = join(root, "node_modules", ".bin", "losslattice")
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link)
  symlinkSync("../../bin/losslattice.mjs", link)
}

export const setUp = () => {
  const wanted = lockHash()
  if (existsSync(node) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return
  process.stderr.write("losslattice: installing dependencies (once)\n")
  run("npm", ["ci", "--no-audit", "--no-fund"])
  if (!existsSync(node)) {
    // npm was told to skip install scripts: the pinned Node fetches its binary in one.
    run("npm", ["rebuild", "node"])
  }
  linkCommand()
  writeFileSync(stampFile, wanted)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp()
