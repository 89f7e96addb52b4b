/** docs/conformance.md says what the installed TRL does: a part of its rows is audited again. */
import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { recordOf } from "../../scripts/conformance/record.ts"
import { rows } from "../../scripts/conformance/rows.ts"
import { type ConformanceResult, runRows, targetOf } from "../../scripts/conformance/run.ts"
import { infoOf, tableRow, verdictOf } from "../../scripts/conformance/table.ts"
import { readConformance } from "../../src/experiments/conformance.ts"
import { requires } from "../requirements.ts"

const page = readFileSync(new URL("../../docs/conformance.md", import.meta.url), "utf8")

/** Every kind of verdict, every trainer, the slow ones left out. */
const again = rows.filter(
  ({ trainer, settings }) =>
    trainer !== "dpo" ||
    ["sigmoid", "ipo", "exo_pair", "aot", "sft&use_weighting=true"].includes(settings.slice(10)) ||
    settings.startsWith("f_")
)

describe("docs/conformance.md", () => {
  it("has every row once", () => {
    for (const row of rows) {
      const line = `| \`${targetOf(row)}\` | \`${row.loss}\` |`
      expect(page.split(line)).toHaveLength(2)
    }
  })
})

describe("assets/conformance.jsonl", () => {
  it("has the page's rows, verdicts and version", async () => {
    const records = await readConformance()
    expect(records.map(({ code, loss }) => [code, loss])).toEqual(rows.map((row) => [targetOf(row), row.loss]))
    for (const { code, loss, verdict } of records) expect(page).toContain(`| \`${code}\` | \`${loss}\` | ${verdict} |`)
    expect(
      [...new Set(records.map(({ project, version }) => `\n${project} ${version}. `))].filter(
        (one) => !page.includes(one)
      )
    ).toEqual([])
  })
})

describe.runIf(requires("python"))("the installed TRL", () => {
  let results: ReadonlyArray<ConformanceResult>

  beforeAll(async () => {
    results = await runRows(again)
    // Half a minute on a quiet machine; TRL's first import takes minutes on a busy one.
  }, 900_000)

  it("is the one that the page is about", () => {
    const { trl } = results.find(({ report }) => report !== undefined)!.report!.info
    expect(page).toContain(`\nTRL ${trl}. `)
  })

  it("gives the page's rows", () => {
    const lines = page.split("\n")
    expect(results.map(tableRow).filter((line) => !lines.includes(line))).toEqual([])
  })

  it("gives the records that come with the program, but for the day and PyTorch", async () => {
    const records = (await readConformance()).map(({ checked: _, torch: __, ...row }) => row)
    const now = results.map((result) => {
      const { checked: _, torch: __, ...row } = recordOf(result, infoOf(results), "")
      return row
    })
    for (const row of now) expect(records).toContainEqual(row)
  })

  it("differs nowhere without a guess at the cause, and nowhere that is not explained", () => {
    const differing = results.filter((result) => verdictOf(result) !== "agrees")
    expect(differing.length).toBeGreaterThan(5)
    expect(differing.filter(({ report, row }) => report?.causes.length === 0 || row.because === undefined)).toEqual([])
  })
})
