/**
 * Pages of the docs, done as a reader does them: files are written, commands typed into a shell in one folder, in the order of
 * the page, and what a page says is printed is held against what is printed.
 *
 * - ```sh: commands. ```text right after it: their stdout. `…` there stands for any text in its line, alone for any lines.
 * - ```yaml mine.yaml (any language, a last word with a dot): the content of a file.
 * - ```diff src/x.ts: lines added to a file, those that start with a space say where.
 * - A word `needs=python` or `needs=slurm` after the language: only where that is there. `elsewhere`: not run at all.
 */
import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { expect } from "vitest"
import { fileOfInfo } from "../../scripts/docs/codeFiles.ts"
import { root } from "../e2e/process.ts"

/** One fenced block. */
export interface Block {
  readonly language: string
  /** The words after the language. */
  readonly words: ReadonlyArray<string>
  readonly file: string | undefined
  readonly text: string
  /** Of the fence, from 1. */
  readonly line: number
}

/** The blocks of a page, in order. @param page its path below docs/ */
export const blocksOf = (page: string): ReadonlyArray<Block> => {
  const markdown = readFileSync(join(root, "docs", page), "utf8")
  return [...markdown.matchAll(/^```(\S+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    words: match[2]!
      .trim()
      .split(/\s+/)
      .filter((word) => word !== ""),
    file: fileOfInfo(`${match[1]} ${match[2]}`),
    text: match[3]!,
    line: markdown.slice(0, match.index).split("\n").length
  }))
}

/** What a reader does with a block; `output` is what the page says that commands print. */
export interface Step {
  readonly name: string
  readonly block: Block
  readonly output: string | undefined
}

/** The blocks that a reader does something with. */
export const stepsOf = (page: string): ReadonlyArray<Step> => {
  const blocks = blocksOf(page)
  return blocks.flatMap((block, i) => {
    const { language, file, line, text } = block
    if (language !== "sh" && file === undefined) return []
    const next = blocks[i + 1]
    const output = language === "sh" && next?.language === "text" && next.file === undefined ? next.text : undefined
    return [{ name: `line ${line}: ${file ?? text.split("\n")[0]}`, block, output }]
  })
}

/** `npx losslattice` and `npx TOOL` as in the clone: the clone in whose folder they are typed, or this one. */
const npx = `#!/bin/sh
here="$PWD/bin/losslattice.mjs"
[ -f "$here" ] || here="${root}/bin/losslattice.mjs"
tool="$1"; shift
if [ "$tool" = losslattice ]; then exec "${process.execPath}" "$here" "$@"; fi
exec "${root}/node_modules/.bin/$tool" "$@"
`

/** A fresh folder for a page, and how commands are typed in it. */
export const workplace = () => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-page-"))
  const tools = mkdtempSync(join(tmpdir(), "losslattice-tools-"))
  writeFileSync(join(tools, "npx"), npx)
  chmodSync(join(tools, "npx"), 0o755)
  const path = [tools, dirname(process.execPath), join(root, "node_modules/.bin"), process.env.PATH ?? ""]
  const env = { ...process.env, PATH: path.join(delimiter), NO_COLOR: "1" }
  const type = (commands: string) => {
    const ended = spawnSync("bash", ["--norc", "-euo", "pipefail", "-c", commands], {
      cwd: folder,
      env,
      encoding: "utf8"
    })
    return { code: ended.status, out: ended.stdout, err: ended.stderr }
  }
  return { folder, tools, type }
}
export type Workplace = ReturnType<typeof workplace>

/** The text with lines added after those that the diff shows. @throws Error when they are not there once */
export const patched = (text: string, diff: string): string => {
  const lines = diff.trimEnd().split("\n")
  const before = lines.filter((line) => !line.startsWith("+")).map((line) => line.slice(1))
  const after = lines.map((line) => line.slice(1))
  const parts = `\n${text}`.split(`\n${before.join("\n")}\n`)
  if (parts.length !== 2) throw new Error(`the lines of the diff stand ${parts.length - 1} times in the file:\n${diff}`)
  return parts.join(`\n${after.join("\n")}\n`).slice(1)
}

const pattern = (line: string): string =>
  line
    .split("…")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("[^\\n]*")

/** Whether a text is as a page shows it: its lines, `…` for any text within a line, alone for any lines. */
export const isShown = (shown: string, actual: string): boolean => {
  const source = shown
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:[^\\n]*\\n)*?" : `${pattern(line.trimEnd())}[ \\t]*\\n`))
    .join("")
  return new RegExp(`^${source}$`).test(`${actual.trimEnd()}\n`)
}

/** Does one step. */
export const take = ({ block, output }: Step, { folder, type }: Workplace): void => {
  if (block.file !== undefined) {
    const path = join(folder, block.file)
    mkdirSync(dirname(path), { recursive: true })
    const isDiff = block.language === "diff"
    writeFileSync(path, isDiff ? patched(readFileSync(path, "utf8"), block.text) : block.text)
    return
  }
  const { code, out, err } = type(block.text)
  expect(code, `${block.text}\n${out}\n${err}`).toBe(0)
  if (output !== undefined && !isShown(output, out)) expect(out, "what the page shows").toBe(output)
}
