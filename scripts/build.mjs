// Compiles src/ to dist/ (JavaScript with types), from scratch, so that nothing stale is published.
import { rmSync } from "node:fs"
import { join } from "node:path"
import { runNode } from "./child.mjs"
import { root, setUp } from "./setup.mjs"

setUp()
rmSync(join(root, "dist"), { recursive: true, force: true })
process.exitCode = await runNode(["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"])
