/** Writes docs/conformance.md: every loss of the installed TRL beside the catalogue's. `npm run conformance`, a minute or two. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { rows } from "./conformance/rows.ts"
import { runRows } from "./conformance/run.ts"
import { page, tableRow } from "./conformance/table.ts"

const results = await runRows(rows, (result) => process.stderr.write(`${tableRow(result)}\n`))
writeFileSync(fileURLToPath(new URL("../docs/conformance.md", import.meta.url)), page(results))
