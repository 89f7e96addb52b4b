// Compiles src/ to dist/ (JavaScript with types), from scratch, so that nothing stale is published.
import { rmSync } from "node:fs"
import { join } from "node:path"
import { runAll } from "./child.mjs"
import { root, setUp } from "./setup.mjs"

setUp()
rmSync(join(root, "dist"), { recursive: true, force: true })
const catalogue = "dist/loss/catalogue/index.js"
process.exitCode = await runAll([
  [["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]],
  // One module instead of ninety-four: every command reads the catalogue, and finding a module costs more than its data.
  [["node_modules/rolldown/bin/cli.mjs", catalogue, "--file", catalogue, "--format", "esm", "--log-level", "silent"]],
  // The page of `losslattice explore`: one file.
  [
    [
      "node_modules/vite/bin/vite.js",
      "build",
      "--config",
      "scripts/explorer/vite.config.ts",
      "--configLoader",
      "native"
    ]
  ]
])
