/** docs/laboratory.md names everything that a study can ask for. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { environments } from "../../src/bandit/environments/registry.ts"
import { methods } from "../../src/bandit/methods/registry.ts"
import { RegimeSpec } from "../../src/bandit/regimes/registry.ts"
import { losslattice } from "../e2e/process.ts"

const page = readFileSync("docs/laboratory.md", "utf8")

it.each([
  ["environments", Object.keys(environments)],
  ["methods", methods.map(({ name }) => name)],
  ["regimes", RegimeSpec.members.map((member) => member.fields.kind.literal)]
])("%s are all listed", (_what, names) => {
  expect(names.length).toBeGreaterThan(3)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

it("has an example that can be run as it stands", () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ""
  const file = join(mkdtempSync(join(tmpdir(), "laboratory-")), "mine.yaml")
  writeFileSync(file, yaml)
  const { code, out, err } = losslattice("run", file, "--dry-run")
  expect([code, err]).toEqual([0, ""])
  expect(out).toContain("bandit")
})
