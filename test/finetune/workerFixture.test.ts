import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { fixtureFile, makeFixture } from "../../scripts/worker-fixture.ts"

/** Numbers to nine digits: other processors and Node versions may round the last ones differently. */
const rounded = (value: unknown): unknown => {
  if (typeof value === "number") return Number(value.toPrecision(9))
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]))
}

interface Fixture {
  readonly lines: ReadonlyArray<string>
}

describe("the fixture of the PyTorch worker", () => {
  it("is what the embedded engine says today (else run scripts/worker-fixture.ts)", async () => {
    const stored = JSON.parse(readFileSync(fixtureFile, "utf8")) as Fixture
    const made = JSON.parse(JSON.stringify(await makeFixture())) as Fixture
    const parsed = ({ lines, ...rest }: Fixture) => rounded({ ...rest, lines: lines.map((line) => JSON.parse(line)) })
    expect(parsed(made)).toEqual(parsed(stored))
  })
})
