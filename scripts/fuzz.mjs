// Runs the laws with fresh seeds: `npm run fuzz -- 10 test/logic` tries ten seeds on a part, without names on everything
// but the end-to-end tests. Ends at the first seed that fails and says how to see it again.
import { randomInt } from "node:crypto"
import { runNode } from "./child.mjs"
import { setUp } from "./setup.mjs"

setUp()
const [count = "5", ...only] = process.argv.slice(2)
if (!/^[1-9]\d*$/.test(count)) {
  process.stderr.write(`fuzz: the first argument is how many seeds to try, found "${count}"\n`)
  process.exit(2)
}
const files = only.length > 0 ? only : ["--exclude=test/e2e/**"]
for (let run = 1; run <= Number(count); run++) {
  const seed = String(randomInt(2 ** 31))
  process.stderr.write(`fuzz: seed ${seed} (${run} of ${count})\n`)
  const status = await runNode(["node_modules/vitest/vitest.mjs", "run", "--reporter=dot", ...files], {
    env: { LOSSLATTICE_SEED: seed }
  })
  if (status !== 0) {
    process.stderr.write(`fuzz: again with LOSSLATTICE_SEED=${seed} npm test\n`)
    process.exit(1)
  }
}
