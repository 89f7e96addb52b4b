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
  ["a loss file that is not there", ["explain", "none.json"], [/"none\.json": cannot be read: no such file\n$/]],
  ["a loss file that is a folder", ["explain", `${scratch}/`], [/is a folder/]],
  ["an unknown parameter", ["explain", "dpo?bta=1"], [/bta/, /beta/]],
  ["a parameter out of range", ["explain", "dpo?beta=-1"], [/beta/, /above 0/, /-1/]],
  ["a malformed formula", ["explain", "logic:M(l) -> -> M(w)"], [/position 9/, /proposition/]],
  ["a malformed expression", ["explain", "expr:softplus(lw"], [/expression/, /at position 12/]],
  ["a row of too few letters", ["explain", "rows:TF/F"], [/rows "TF\/F": at position 4/, /2 letters/]],
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
    "a probability above 1 of a further response",
    ["eval", "--cases", file("further.json", `[{"loss":"ratio:p_gold/p_l","inputs":{"lgold":0.1,"lw":-1,"ll":-2}}]`)],
    [/\[0\]\.inputs\.lgold/, /probability above 1/]
  ],
  [
    "a setting that hides in another",
    ["eval", "--cases", file("hidden.json", `[{"id":"uncpo","params":{"link":"hinge&beta=2"},"inputs":${inputs}}]`)],
    [/\[0\]\.params\.link/, /hinge&beta=2/]
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
  ["a property without a name", ["validate", "dpo", "--property", " ,"], [/--property/, /P1/]],
  [
    "two verdicts expected of one property",
    ["validate", "uncpo", "--expect", file("twice.json", '{"P9":"refuted","chosen-safe":"proved"}')],
    [/twice\.json: chosen-safe/, /refuted/, /P9/]
  ],
  [
    "expectations that are no YAML",
    ["validate", "uncpo", "--expect", file("broken.yaml", "P9: [")],
    [/broken\.yaml:1:6: [^\n]*\]\n$/]
  ],
  ["a run count of none", ["validate", "dpo", "--runs", "0"], [/--runs/, /0/]],
  ["a proposition that is none", ["landscape", "--propositions", "M(w),X"], [/X/]],
  [
    "a reference as a proposition, read relatively",
    ["landscape", "--semantics", "relative", "--propositions", "M(w),Ref(w)"],
    [/Ref\(w\)/]
  ],
  ["a reference above 1/2", ["landscape", "--semantics", "relative", "--reference", "3/4"], [/3\/4/, /at most 1\/2/]],
  ["a reference in the absolute reading", ["landscape", "--reference", "1/2"], [/--reference/, /relative/]],
  [
    "a degenerate structure to evaluate",
    ["eval", "--cases", file("degenerate.json", `[{"loss":"rows:/FT","inputs":${inputs}}]`)],
    [/rows:\/FT/]
  ],
  ["two powers of the odds to compare", ["compare", "uncpo", "uncpo?oddsBeta=2"], [/power 1/, /power 2/]],
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
  ["a query that is no YAML", ["derive", file("brokenQuery.yaml", "order: {\n")], [/brokenQuery\.yaml:2:1/]],
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
