import { readdirSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { decodeDeriveQuery, deriveLosses } from "../../src/derive/index.ts"

const problems = (input: unknown): ReadonlyArray<string> => {
  const query = decodeDeriveQuery(input)
  if (Result.isSuccess(query)) throw new Error("decoded")
  return query.failure.problems
}

describe("queries", () => {
  it("fill in defaults", () => {
    const query = decodeDeriveQuery({})
    expect(query).toMatchObject({
      success: {
        name: "derived",
        propositions: ["M(w)", "M(l)"],
        require: [],
        exclude: [],
        semantics: "absolute",
        link: "logistic",
        beta: 1,
        margin: 0,
        rankBy: "distance"
      }
    })
  })

  it("give every problem at once, each with its key and the nearest names", () => {
    const found = problems({
      nme: "x",
      require: ["strictly-monoton"],
      forbid: ["chosen-saf"],
      start: ["dpoo"],
      exclude: ["publishd"],
      maxDistance: -1,
      link: "logitic",
      beta: 0,
      propositions: ["M(w)", "N(l)"],
      rankBy: { outcome: "regrt" },
      order: { between: ["CPO"], strickt: true }
    })
    const expected = [
      /^unknown key "nme"; nearest: name/,
      /^require\[0\]: unknown property "strictly-monoton"; nearest: strictly-monotone/,
      /^forbid\[0\]: unknown property "chosen-saf"; nearest: chosen-safe/,
      /^start\[0\]: loss "dpoo": .*nearest: dpo/,
      /^exclude\[0\]: .*publishd/,
      /^maxDistance: expected .*, found -1$/,
      /^link: "logitic" is not allowed; nearest: logistic \(all: logistic, hinge, squared, exponential\)$/,
      /^beta: expected .*, found 0$/,
      /^propositions\[1\]: "N\(l\)" is no proposition/,
      /^rankBy\.outcome: "regrt" is not allowed; nearest: regret \(all: expectedReward, /,
      /^order\.between: the list has too few entries$/,
      /^order: unknown key "strickt"; nearest: strict$/
    ]
    for (const pattern of expected) expect(found.filter((problem) => pattern.test(problem))).toHaveLength(1)
    expect(found).toHaveLength(expected.length)
  })

  it("name losses that one structure expresses, over propositions that are there, in one reading", () => {
    expect(problems({ start: ["cpo", "kto"] })).toEqual([
      expect.stringMatching(/^start\[0\]: "cpo" is no single structure: .*\(the lattice's CPO is cpo_core\)$/),
      expect.stringMatching(/^start\[1\]: "kto" is no single structure: /)
    ])
    expect(problems({ start: ["dpo"], exclude: ["dpo"], order: { entails: "fdpo_js" } })).toEqual([
      expect.stringMatching(/^start\[0\]: "dpo" speaks of Ref\(w\), Ref\(l\): add them to propositions/),
      expect.stringMatching(/^order\.entails: "fdpo_js" is relative and the query absolute/),
      expect.stringMatching(/^exclude\[0\]: "dpo" speaks of/)
    ])
    // Results with a reference model may be compared with losses that have one.
    expect(Result.isSuccess(decodeDeriveQuery({ reference: true, exclude: ["dpo"] }))).toBe(true)
    expect(problems({ start: ["rows:/FT"] })).toEqual([expect.stringMatching(/degenerate/)])
  })

  it("do not contradict themselves", () => {
    expect(problems({ order: { between: ["unCPO", "CPO"] } })).toEqual([
      "order.between: nothing lies between unCPO and CPO, since unCPO does not entail CPO; CPO entails unCPO: write them the other way round"
    ])
    const pair = ["M(w)", "M(l)", "Ref(w)"]
    expect(problems({ propositions: pair, reference: true, semantics: "relative" })).toHaveLength(2)
    expect(problems({ propositions: pair, reference: "either" })).toHaveLength(1)
    const many = ["M(y3)", "M(y4)", "M(y5)", "M(y6)", "M(y7)"]
    expect(problems({ propositions: many })).toEqual([expect.stringMatching(/^propositions: at most 6/)])
    expect(problems({ propositions: many.slice(0, 3), reference: true })).toEqual([
      expect.stringMatching(/^propositions: at most 4/)
    ])
  })

  it("refuse safety over more than four propositions, by name and place", () => {
    const propositions = ["M(w)", "M(l)", "M(y3)", "M(y4)", "M(y5)"]
    expect(problems({ propositions, maxDistance: 1, require: ["strictly-monotone", "chosen-safe"] })).toEqual([
      "require[1]: chosen-safe is not decided over more than 4 propositions, found 5"
    ])
  })

  it("name what is wrong with a row constraint", () => {
    expect(problems({ rows: ["row M(l) & is only a cross"] })).toEqual([
      expect.stringMatching(/^rows\[0\]: .*M\(l\) &/)
    ])
    expect(problems({ rows: ["row M(l) is a crass"] })).toEqual([
      expect.stringMatching(/^rows\[0\]: "a crass" is no mark of a row; allowed: only a tick, /)
    ])
    expect(problems({ rows: ["M(l) only"] })).toEqual([expect.stringMatching(/^rows\[0\]: .* is no sentence/)])
    expect(problems({ rows: [{ rows: "Ref(w)", are: ["tick"] }] })).toEqual([
      expect.stringMatching(/^rows\[0\]: speaks of Ref\(w\)/)
    ])
    expect(problems({ rows: [{ rows: "M(w)", are: ["tik"] }] })).toHaveLength(1)
  })

  it("refuse weights beyond what can be listed, or with an added reference", () => {
    expect(problems({ weights: [1, 2], reference: true })).toHaveLength(1)
    expect(problems({ weights: [1, 2, 3, 4, 5] })).toEqual([expect.stringMatching(/^weights: \d+ weighted structures/)])
    expect(problems({ weights: [0] })).toHaveLength(1)
  })

  it("that would list everything are refused, and say what is missing", () => {
    const propositions = ["M(w)", "M(l)", "Ref(w)", "Ref(l)"]
    expect(problems({ propositions })).toEqual([
      expect.stringMatching(
        /^propositions: 4294967296 structures over 4 propositions .* add order .* or rows or maxDistance, or require /
      )
    ])
    expect(problems({ propositions, maxDistance: 6 })).toEqual([
      expect.stringMatching(/^maxDistance: .*a smaller maxDistance or start losses, or require /)
    ])
    expect(Result.isSuccess(decodeDeriveQuery({ propositions, start: ["dpo"], maxDistance: 3 }))).toBe(true)
    // What prunes the search is no reason to refuse it beforehand; while it runs, the count is.
    const all = decodeDeriveQuery({ propositions, require: ["swap-antisymmetric"] })
    if (Result.isFailure(all)) throw all.failure
    const large = deriveLosses(all.success)
    expect(Result.isFailure(large) && large.failure.message).toMatch(/more than \d+ structures pass/)
    // A query made in code is checked as well.
    const made = deriveLosses({ ...all.success, require: [] })
    expect(Result.isFailure(made) && made.failure._tag).toBe("DeriveQueryError")
  })
})

describe("configs/derive", () => {
  const files = readdirSync("configs/derive")
  const run = (file: string) => {
    const query = decodeDeriveQuery(parse(readFileSync(`configs/derive/${file}`, "utf8")))
    if (Result.isFailure(query)) throw query.failure
    const { rankBy } = query.success
    const found = deriveLosses(
      typeof rankBy !== "string" && "pareto" in rankBy
        ? { ...query.success, rankBy: { ...rankBy, seeds: [0, 1], steps: 20 } }
        : query.success
    )
    if (Result.isFailure(found)) throw found.failure
    return found.success
  }

  it("has a query for each question", () => {
    const counts = Object.fromEntries(files.map((file) => [file, run(file).report.found]))
    expect(counts).toEqual({
      "admissible.yaml": 16,
      "antisymmetric-with-reference.yaml": 238,
      "between.yaml": 1,
      "dominance.yaml": 5,
      "k-wise.yaml": 27,
      "novel-antisymmetric.yaml": 0,
      "novel-monotone.yaml": 20,
      "novel-safe.yaml": 3,
      "pareto-relative.yaml": 34,
      "pareto.yaml": 34,
      "relative.yaml": 2,
      "row-constraint.yaml": 8,
      "strictly-monotone.yaml": 34,
      "weighted.yaml": 20
    })
    expect(run("admissible.yaml").candidates).toHaveLength(16)
    expect(run("between.yaml").candidates.map(({ name }) => name)).toEqual(["cCPO"])
    const safe = run("novel-safe.yaml").candidates
    expect(safe.map(({ name }) => name)).toEqual(["CPO.FT-both", "ORPO.FT-both", "cCPO.FT-both"])
    for (const { properties } of safe) {
      expect(properties).toMatchObject({
        "chosen-safe": "proved",
        "rejected-safe": "proved",
        "unbounded-margin": "proved"
      })
    }
    const novel = run("novel-monotone.yaml").candidates
    expect(novel).toHaveLength(20)
    expect(novel.every(({ latticeName, outcome }) => latticeName === undefined && Number.isFinite(outcome))).toBe(true)
  })
})
