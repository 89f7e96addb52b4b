/** `losslattice data check` in a real process: what it prints, and its three exit codes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { CheckDocument } from "../../src/finetune/rows/checkDocument.ts"
import { requires } from "../requirements.ts"
import { json, losslattice } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-data-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const file = (name: string, content: string): string => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

const lines = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")

const good = [
  {
    prompt: "The people",
    chosen: " are free.",
    rejected: " fear war.",
    score_chosen: 2,
    score_rejected: 1,
    margin: 0.5
  },
  { prompt: "Congress", chosen: " met in peace.", rejected: " did not meet.", score_chosen: 1, score_rejected: -1 }
]
const goodFile = file("good.jsonl", lines(good))

describe("data check", () => {
  it("says what a sound file holds and ends with 0", () => {
    const { code, out, err } = losslattice("data", "check", goodFile)
    expect([code, err]).toEqual([0, ""])
    for (const part of [
      /2 rows, 2 sound; usable/,
      /kinds +pairs 2/,
      /margin 1/,
      /shared beginning/,
      /score difference/
    ]) {
      expect(out).toMatch(part)
    }
  })

  it("gives the document of the contract", () => {
    const document = json<CheckDocument>("data", "check", goodFile)
    expect(document).toMatchObject({
      ...{ version: 1, file: goodFile, format: "jsonl", usable: true, rows: 2, usableRows: 2, refused: 0, errors: [] },
      ...{ kinds: { pairs: 2 }, layouts: { pairs: 2 }, findings: [] },
      columns: { score_chosen: 2, score_rejected: 2, margin: 1 },
      characters: { chosen: { min: 10, max: 14, mean: 12 }, rejected: { min: 10, max: 14 } },
      sharedPrefix: { characters: { min: 1, max: 1 } },
      scores: { rows: 2, margin: { min: 1, max: 2 }, ties: 0, inverted: 0 },
      duplicates: { rows: 0, prompts: 0, chosen: 0, contradictions: 0 }
    })
  })

  it.each([
    ["lines that are no JSON", '{"prompt": 1\nxyz\n', /2 rows|no JSON object: 2/, "no-json"],
    ["a layout nobody knows", lines([...good, { text: "a" }]), /rows of no known layout: 1/, "unknown-layout"],
    ["an empty answer", lines([...good, { ...good[0], chosen: "" }]), /rows with an empty answer: 1/, "empty-answer"],
    [
      "equal answers",
      lines([{ ...good[0], chosen: "a", rejected: "a" }]),
      /the same text as chosen and rejected: 1/,
      "same-answers"
    ],
    [
      "a score that is text",
      lines([{ ...good[0], score_chosen: "2" }]),
      /a field that is not what it should be: 1/,
      "malformed"
    ],
    ["a file of nothing", "\n\n", /no rows at all/, "no-rows"]
  ])("ends with 1 for %s", (_, content, sentence, id) => {
    const path = file("bad.jsonl", content)
    const { code, out, err } = losslattice("data", "check", path, "--json")
    const document = JSON.parse(out) as CheckDocument
    expect([code, document.usable]).toEqual([1, false])
    expect(document.findings.map((finding) => finding.id)).toContain(id)
    expect(err).toMatch(sentence)
    expect(err).toMatch(/^losslattice: [^\n]*a trainer would refuse these data: [^\n]*\n$/)
  })

  it.each([
    ["a missing file", () => [join(scratch, "none.jsonl")], /none\.jsonl: no such file\n$/],
    [
      "a folder",
      () => [mkdirSync(join(scratch, "folder.parquet"), { recursive: true }) ?? join(scratch, "folder.parquet")],
      /is a folder, a file is needed\n$/
    ],
    [
      "a Parquet file that is none",
      () => [file("none.parquet", "some text, long enough")],
      /none\.parquet: no Parquet file that can be read: [^\n]*\n$/
    ],
    ["no file at all", () => [], /file/],
    ["an unknown flag", () => [goodFile, "--modle", "x"], /modle/]
  ])("ends with 2 for %s, with one sentence", (_, args, sentence) => {
    const { code, out, err } = losslattice("data", "check", ...args())
    expect([code, out]).toEqual([2, ""])
    expect(err).toMatch(sentence)
    expect(err).not.toMatch(/\n +at /)
  })
})

describe.runIf(requires("python"))("data check with a model", () => {
  it("counts tokens and says what does not fit the model", () => {
    const path = file(
      "long.jsonl",
      lines([...good, { prompt: "The people ".repeat(40), chosen: " are free.", rejected: " a" }])
    )
    const { code, out, err } = losslattice("data", "check", path, "--model", "assets/reference/sotu-0.2m", "--json")
    const document = JSON.parse(out) as CheckDocument
    expect(code).toBe(1)
    expect(document.model).toMatchObject({ context: 40, overContext: 1, tokens: { shared: { min: 0 } } })
    expect(Object.keys(document.model!.tokens).sort()).toEqual(["chosen", "longest", "prompt", "rejected", "shared"])
    expect(err).toMatch(/rows that need more than the model's 40 positions: 1/)
  })

  it("refuses rows whose tokens are the same, and a model that is none", () => {
    const path = file("same.jsonl", lines([...good, { prompt: "a", chosen: "Peace", rejected: "peace" }]))
    const same = losslattice("data", "check", path, "--model", "assets/reference/sotu-0.2m")
    expect(same.code).toBe(1)
    expect(same.out.replaceAll(/\s+/g, " ")).toMatch(
      /chosen and rejected are different texts, but the same tokens: 1 .*line 3/
    )
    const none = losslattice("data", "check", goodFile, "--model", "none.gguf")
    expect([none.code, none.out]).toEqual([2, ""])
    expect(none.err).toBe("losslattice: --model none.gguf: none.gguf: there is no such file\n")
  })
})
