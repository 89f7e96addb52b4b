/** The reference of the library: a page for each entry point of the package, from the docstrings of what it exports. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type DocumentedName, docstringsOf, entryPoints, namesOf } from "./deno.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const kinds = {
  function: "Functions",
  const: "Values",
  class: "Classes",
  interface: "Interfaces",
  type: "Types"
} as const

/** Text of a docstring as Markdown: links are names, tags words, and an angle bracket outside code opens nothing. */
const prose = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines
    .join("\n")
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll(/@throws\s+/g, "*Throws* ")
    .replaceAll(/@param ([\w.]+),?\s+/g, "`$1`: ")
    .replaceAll(/@returns?\s+/g, "*Gives* ")
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "&lt;").replaceAll("{{", "{ {")))
    .join("")
    .split("\n")

const isContainer = ({ kind }: DocumentedName): boolean => kind === "class" || kind === "interface"

/** The members of a class or interface, with what is said of them as comments. */
const memberLines = (below: ReadonlyArray<string>, docstring: string): ReadonlyArray<string> => {
  const documented = docstring.split("\n")
  const members = documented.every((line, i) => (below[i] ?? "").trim() === line.trim())
    ? below.slice(documented.length)
    : below
  return members
    .filter((line) => line.trim() !== "")
    .map((line) => (line.startsWith(" ") ? `  // ${line.trim()}` : line))
}

const code = (lines: ReadonlyArray<string>): ReadonlyArray<string> => ["```ts", ...lines, "```", ""]

const entry = (name: DocumentedName, docstring: string): ReadonlyArray<string> => {
  const heading = [`### ${name.name}`, ""]
  const place = ["", `<small>${name.file}</small>`, ""]
  if (!isContainer(name)) return [...heading, ...code([name.signature]), ...prose(name.below), ...place]
  const members = memberLines(name.below, docstring).map((line) => `  ${line}`)
  return [...heading, ...code([`${name.signature} {`, ...members, "}"]), ...prose(docstring.split("\n")), ...place]
}

/** The comment at the head of a source. */
const moduleText = (source: string): ReadonlyArray<string> => {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(root, source), "utf8"))?.[1] ?? ""
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").replace(/^\s*@file /, ""))
    .filter((line) => line.trim() !== "")
}

/** One page. */
const apiPage = (importedAs: string, source: string): string => {
  const names = namesOf(source)
  const docstrings = docstringsOf(source)
  const sections = Object.entries(kinds).flatMap(([kind, title]) => {
    const members = names.filter((name) => name.kind === kind)
    if (members.length === 0) return []
    return [`## ${title}`, "", ...members.flatMap((name) => entry(name, docstrings.get(name.name) ?? ""))]
  })
  const text = [`# ${importedAs}`, "", ...prose(moduleText(source)), "", ...sections].join("\n")
  return `${text.replaceAll(/\n{3,}/g, "\n\n").trim()}\n`
}

/** Writes docs/api anew. */
export const writeApi = (): void => {
  const folder = join(root, "docs/api")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [importedAs, source] of Object.entries(entryPoints))
    writeFileSync(join(folder, `${importedAs.replace("/", "-")}.md`), apiPage(importedAs, source))
}
