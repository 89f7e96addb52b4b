/** Every `npx losslattice …` line of the README, typed: what a reader tries first has to work. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { losslattice, root } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-readme-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Words of a shell line, double quotes removed, a comment left out. */
const words = (line: string): readonly string[] =>
  [...line.replace(/\s#.*$/, "").matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "")

const readme = readFileSync(join(root, "README.md"), "utf8")
const typed = [...readme.matchAll(/^npx losslattice (.*)$/gm)].map((match) => match[1] as string)
/** A study is only planned here, and what needs a finished run cannot be typed without one. */
const arguments_ = (line: string): readonly string[] => {
  // What a command writes goes to the scratch folder.
  const [command = "", ...rest] = words(line).map((word, i, all) =>
    all[i - 1] === "--out" ? join(scratch, word) : word
  )
  if (command === "run")
    return [command, ...rest, "--out", scratch, ...(rest.includes("--dry-run") ? [] : ["--dry-run"])]
  return line.includes("<hash>")
    ? [command, ...rest.filter((word) => word.startsWith("-")), "--help"]
    : [command, ...rest]
}

describe("the README's commands", () => {
  it("are found", () => expect(typed.length).toBeGreaterThanOrEqual(14))

  it.each(typed)("%s", { timeout: 60_000 }, (line) => {
    const { code, err } = losslattice(...arguments_(line))
    expect(code, err).toBe(0)
  })
})
