/**
 * Writes docs/conformance.md and assets/conformance.jsonl: every loss of the installed TRL beside the catalogue's.
 * `npm run conformance`, a minute or two.
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { conformanceFile } from "../src/experiments/conformance.ts"
import { rowsToJsonLines } from "../src/experiments/records.ts"
import { recordOf } from "./conformance/record.ts"
import { rows } from "./conformance/rows.ts"
import { runRows } from "./conformance/run.ts"
import { infoOf, page, tableRow } from "./conformance/table.ts"

const results = await runRows(rows, (result) => process.stderr.write(`${tableRow(result)}\n`))
writeFileSync(fileURLToPath(new URL("../docs/conformance.md", import.meta.url)), page(results))

const today = new Date().toISOString().slice(0, 10)
writeFileSync(
  conformanceFile,
  rowsToJsonLines(results.map((result) => ({ ...recordOf(result, infoOf(results), today) })))
)
