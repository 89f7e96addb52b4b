/** Wrong input: exit code 2, one sentence that names the place and what is allowed, nothing on stdout, no stack trace. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { losslattice } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-bad-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const file = (name: string, content: string): string => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

const inputs = JSON.stringify({ lw: -1, ll: -2, rw: -1, rl: -2 })

/** Arguments, and what the sentence must say. */
const wrong: ReadonlyArray<readonly [string, ReadonlyArray<string>, ReadonlyArray<RegExp>]> = [
  ["an unknown loss", ["explain", "unpco"], [/unpco/, /uncpo/]],
  ["an unknown parameter", ["explain", "dpo?bta=1"], [/bta/, /beta/]],
  ["a parameter out of range", ["explain", "dpo?beta=-1"], [/beta/, /above 0/, /-1/]],
  ["a malformed formula", ["explain", "logic:M(l) -> -> M(w)"], [/position 9/, /proposition/]],
  ["a negative row weight", ["explain", "ratio:p_w-p_l/2"], [/FT/, /-1\/2/]],
  ["text that is no expression", ["explain", "expr:process.exit(1)"], [/process/]],
  ["a missing file of cases", ["eval", "--cases", join(scratch, "none.json")], [/none\.json/, /no such file/]],
  ["cases that are no JSON", ["eval", "--cases", file("broken.json", "[{")], [/broken\.json/]],
  ["an empty list of cases", ["eval", "--cases", file("empty.json", "[]")], [/empty\.json/, /no cases/]],
  [
    "a probability above 1",
    [
      "eval",
      "--cases",
      file("above.json", `[{"id":"dpo","inputs":${inputs}},{"id":"dpo","inputs":{"lw":0.1,"ll":-2,"rw":-1,"rl":-1}}]`)
    ],
    [/above\.json\[1\]\.inputs\.lw/, /0\.1/, /probability above 1/]
  ],
  [
    "a missing input",
    ["eval", "--cases", file("missing.json", `[{"id":"dpo","inputs":{"lw":-1,"ll":-2,"rw":-1}}]`)],
    [/\[0\]/, /rl/]
  ],
  [
    "an unknown key of a case",
    ["eval", "--cases", file("key.json", `[{"id":"dpo","input":${inputs}}]`)],
    [/input/, /inputs/]
  ],
  ["an unknown property", ["validate", "dpo", "--property", "P99"], [/P99/]],
  ["a run count of none", ["validate", "dpo", "--runs", "0"], [/--runs/, /0/]],
  ["a proposition that is none", ["landscape", "--propositions", "M(w),X"], [/X/]],
  [
    "a degenerate structure to evaluate",
    ["eval", "--cases", file("degenerate.json", `[{"loss":"rows:/FT","inputs":${inputs}}]`)],
    [/rows:\/FT/]
  ],
  ["a loss without structure to compare", ["compare", "dpo", "kto"], [/kto/]],
  ["an unknown command", ["explian", "dpo"], [/explain/]],
  ["an unknown flag", ["explain", "dpo", "--jsn"], [/--jsn/]],
  [
    "a query with four mistakes",
    [
      "derive",
      file(
        "query.yaml",
        "require: [chosen-saf]\nrankBy:\n  outcome: regret\n  environment: {kind: copgg}\norder:\n  between: [CPO]\nlimt: 3\n"
      )
    ],
    [
      /query\.yaml:1:11: require\[0\]: unknown property "chosen-saf"; nearest: chosen-safe/,
      /query\.yaml:4:23: rankBy\.environment\.kind: expected one of "bradley-terry", .*, found "copgg"/,
      /query\.yaml:6:12: order\.between/,
      /query\.yaml:7:1: unknown key "limt"; nearest: limit/
    ]
  ],
  ["a query that is no YAML", ["derive", file("broken.yaml", "order: {\n")], [/broken\.yaml:2:1/]],
  ["a study that is not there", ["run", join(scratch, "none.yaml")], [/none\.yaml/]],
  ["a run folder that is none", ["figures", scratch], [/manifest/]]
]

describe("wrong input", () => {
  it.each(wrong)("%s", (_what, args, expected) => {
    const { code, out, err } = losslattice(...args)
    expect(code).toBe(2)
    expect(out).toBe("")
    for (const pattern of expected) expect(err).toMatch(pattern)
    expect(err).not.toMatch(/\n\s+at /)
    expect(err).not.toContain("defect")
  })

  it("a study with three mistakes reports all three with their lines", () => {
    const study = file(
      "study.yaml",
      [
        "version: 1",
        "study: wrong",
        "title: Wrong",
        "sead: [1]",
        "catalogue:",
        "  losses: [dpo, nodpo]",
        "seeds: [-1]",
        ""
      ].join("\n")
    )
    const { code, err } = losslattice("run", study)
    expect(code).toBe(2)
    for (const place of [/study\.yaml:4/, /study\.yaml:6/, /study\.yaml:7/]) expect(err).toMatch(place)
    expect(err).toMatch(/seeds/)
    expect(err).toMatch(/nodpo/)
  })

  it("an output folder whose parent is a file", () => {
    const parent = file("parent", "not a folder")
    const { code, err } = losslattice("run", "configs/hello.yaml", "--out", join(parent, "runs"))
    expect(code).toBe(2)
    expect(err).toContain("parent")
  })
})
