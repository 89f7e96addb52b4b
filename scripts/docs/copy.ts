/** Files of docs/ that are no pages, tables, schemas, study files and figures, beside the pages that link to them. */
import { cpSync, globSync } from "node:fs"
import { join } from "node:path"

/** Copies them from the folder of the pages to that of the site. */
export const copyOtherFiles = (docs: string, site: string): void => {
  for (const file of globSync("**/*.{csv,json,jsonl,svg,yaml}", { cwd: docs }))
    cpSync(join(docs, file), join(site, file))
}
