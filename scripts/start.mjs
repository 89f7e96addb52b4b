// The main job: a whole study with the embedded engine. `npm start -- key=value` overrides settings of the study.
import { runNode } from "./child.mjs"
import { setUp } from "./setup.mjs"

setUp()
process.exitCode = await runNode(["bin/losslattice.mjs", "run", "configs/quickstart.yaml", ...process.argv.slice(2)])
