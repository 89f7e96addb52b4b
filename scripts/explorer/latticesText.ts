/** The page's lattices as JSON, computed once per state of the source, since it takes seconds. */
import { createHash } from "node:crypto"
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** What the lattices are computed from: as long as it is the same, so are they. */
const sources =
  "{src/{logic,loss,landscape,properties,bandit,derive,explain,explorer/lattice}/**,scripts/explorer/*}.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The lattices of {@link makeLattices}, from .cache where they are there. */
export const latticesText = async (): Promise<string> => {
  const hash = createHash("sha256")
  for (const file of globSync(sources, { cwd: root }).sort()) hash.update(readFileSync(`${root}/${file}`))
  const folder = `${root}/.cache/explorer-lattices`
  const cached = `${folder}/${hash.digest("hex").slice(0, 16)}.json`
  if (existsSync(cached)) return readFileSync(cached, "utf8")
  const { makeLattices } = await import("./lattices.ts")
  const text = JSON.stringify(await makeLattices())
  mkdirSync(folder, { recursive: true })
  writeFileSync(cached, text)
  return text
}
