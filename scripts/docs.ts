/**
 * The docs site from the Markdown of docs/: `npm run docs`. Further arguments go to VitePress: `npm run docs -- --base /path/`.
 * With `--cli` it writes docs/cli.md from the definitions of the commands, and no site.
 */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { writeApi } from "./docs/api.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

const buildSite = (options: ReadonlyArray<string>): void => {
  writeApi()
  const program = join(root, "node_modules/vitepress/bin/vitepress.js")
  const ended = spawnSync(process.execPath, [program, "build", "docs", ...options], { cwd: root, encoding: "utf8" })
  const done = ended.status === 0
  console.error(done ? "built the site; to read it: npx vitepress preview docs" : ended.stdout + ended.stderr)
  if (!done) process.exitCode = 1
}

const [first, ...rest] = process.argv.slice(2)
if (first === "--cli") {
  const { cliPage } = await import("./docs/cli.ts")
  writeFileSync(join(root, "docs/cli.md"), await cliPage())
  console.error("wrote docs/cli.md")
} else buildSite(first === undefined ? [] : [first, ...rest])
