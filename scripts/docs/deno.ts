/** What `deno doc` says of the package's entry points. It reads sources and asks no network. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** How the package is imported, and the source of that. */
export const entryPoints: Readonly<Record<string, string>> = {
  losslattice: "src/index.ts",
  "losslattice/logic": "src/logic/index.ts",
  "losslattice/bandit": "src/bandit/index.ts",
  "losslattice/finetune": "src/finetune/index.ts"
}

const denoDoc = (...args: ReadonlyArray<string>): string => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-deno-"))
  const env = { ...process.env, NO_COLOR: "1", DENO_DIR: folder, DENO_NO_UPDATE_CHECK: "1" }
  const binary = join(root, "node_modules/.bin/deno")
  const options = { cwd: root, env, encoding: "utf8", maxBuffer: 2 ** 28 } as const
  const ended = spawnSync(binary, ["doc", "--quiet", ...args], options)
  rmSync(folder, { recursive: true, force: true })
  if (ended.status !== 0) throw new Error(`deno doc ${args.join(" ")} failed: ${ended.error?.message ?? ended.stderr}`)
  return ended.stdout
}

/** One exported name, as text. */
export interface DocumentedName {
  readonly name: string
  readonly kind: "function" | "const" | "class" | "interface" | "type"
  /** Its file from the root. */
  readonly file: string
  /** The declaration without its members. */
  readonly signature: string
  /** What stands below the declaration, two spaces less indented: the docstring, then members with theirs. */
  readonly below: ReadonlyArray<string>
}

const nameIn = /^(?:async |abstract )?(function|const|class|interface|type)\*? ([\w$]+)/

const parsed = (block: string): DocumentedName => {
  const [place, ...lines] = block.trim().split("\n")
  const file = /^file:\/\/(.*):\d+:\d+$/.exec(place!)?.[1]
  const start = lines.findIndex((line) => line !== "")
  const signature = lines[start]
  const match = nameIn.exec(signature ?? "")
  if (file === undefined || signature === undefined || match === null)
    throw new Error(`deno doc wrote something new: ${block.slice(0, 300)}`)
  const below = lines.slice(start + 1).map((line) => line.replace(/^ {2}/, ""))
  return {
    name: match[2]!,
    kind: match[1] as DocumentedName["kind"],
    file: decodeURI(file).slice(root.length),
    signature,
    below
  }
}

/** The exported names of a source, in the order of deno: by kind, then by name. */
export const namesOf = (source: string): ReadonlyArray<DocumentedName> =>
  denoDoc(source)
    .split(/^Defined in (?=file:)/m)
    .slice(1)
    .map(parsed)

interface JsonDoc {
  readonly doc?: string
}
interface JsonSymbol {
  readonly name: string
  readonly declarations: ReadonlyArray<{ readonly jsDoc?: JsonDoc; readonly location: { readonly filename: string } }>
}
interface JsonModule {
  readonly symbols: ReadonlyArray<JsonSymbol>
}

/** The docstring of every exported name, "" where there is none. */
export const docstringsOf = (source: string): ReadonlyMap<string, string> => {
  const { nodes } = JSON.parse(denoDoc("--json", source)) as { readonly nodes: Readonly<Record<string, JsonModule>> }
  const [module] = Object.values(nodes)
  return new Map(
    module!.symbols.map(({ name, declarations }) => [
      name,
      declarations.find(({ jsDoc }) => jsDoc?.doc)?.jsDoc?.doc ?? ""
    ])
  )
}
