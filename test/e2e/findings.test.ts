/** docs/findings.md: every number is asked for again from the command that it links to. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { citations, type Json, shown, valueAt } from "../../scripts/findings/cite.ts"
import { commandLine, commands } from "../../scripts/findings/commands.ts"
import { json } from "./process.ts"

const page = readFileSync("docs/findings.md", "utf8")
const cited = citations(page)

describe("docs/findings.md", () => {
  it("links every cited number to a command that it lists", () => {
    expect(cited.length).toBeGreaterThan(80)
    for (const { command } of cited) {
      expect(commands[command], command).toBeDefined()
      expect(page).toContain(`<a id="${command}"></a>${command}: \`${commandLine(commands[command]!)}\``)
    }
    // Every command is there for something.
    const used = new Set(cited.map(({ command }) => command))
    expect(Object.keys(commands).filter((name) => !used.has(name))).toEqual(["twins"])
  })

  const quick = Object.entries(commands).filter(([, { slow }]) => slow !== true)
  it.each(quick)("%s answers what the page says", (name, { args }) => {
    const answer = json<Json>(...args)
    for (const { text, command, place } of cited) {
      if (command === name) expect([place, shown(valueAt(answer, place))]).toEqual([place, text])
    }
  })
})

describe("places in an answer", () => {
  const answer: Json = {
    list: [
      { a: { b: "x" }, n: 1 },
      { a: { b: "y" }, n: 2 },
      { a: { b: "x" }, n: 2 }
    ],
    deep: { count: 3 }
  }
  it("are keys, filters and counts", () => {
    expect(valueAt(answer, "/deep/count")).toBe(3)
    expect(valueAt(answer, "/list#")).toBe(3)
    expect(valueAt(answer, "/list[a.b=x]#")).toBe(2)
    expect(valueAt(answer, "/list[a.b=x][n=2]#")).toBe(1)
    expect(valueAt(answer, "/list[n=2]/0/a/b")).toBe("y")
    expect(() => valueAt(answer, "/nothing")).toThrow(/nothing at "nothing"/)
  })
})
