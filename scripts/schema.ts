/** Writes the JSON Schemas of study files and queries, and docs/config.md, from the program's own Schemas. `npm run schema`. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { schemaFiles } from "./schema/files.ts"

for (const [path, text] of Object.entries(schemaFiles())) {
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text)
  console.error(`wrote ${path}`)
}
