/** Claims: verdicts from intervals, what a study file may claim, and how a run with a false one ends. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { Claim } from "../../src/experiments/claims/claim.ts"
import { decideClaims } from "../../src/experiments/claims/decide.ts"
import type { ClaimVerdictRow } from "../../src/experiments/claims/rows.ts"
import { decideAbove, decideRange, verdictOfAll } from "../../src/experiments/claims/verdict.ts"
import type { BanditRow } from "../../src/experiments/figures/records.ts"
import { loadConfig } from "../../src/experiments/load.ts"
import { renderFigures, runClaims, runStudy } from "../../src/experiments/run.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { losslattice } from "../e2e/process.ts"
import { banditRuns } from "./fixtures/banditRuns.ts"
import { inNode, resultInNode, temporaryFolder, writeInto } from "./toy/harness.ts"

describe("verdicts from intervals", () => {
  it("hold when the whole interval is inside, fail when none of it is, else stay open", () => {
    // t(0.05, 2) = 4.303: [1, 2, 3] has 2 ± 2.48.
    expect(decideRange([1, 2, 3], -1, 5).verdict).toBe("holds")
    expect(decideRange([1, 2, 3], 0, 4).verdict).toBe("open")
    expect(decideRange([1, 2, 3], 4.6, 9).verdict).toBe("fails")
    expect(decideRange([2, 2, 2], 2, 2).verdict).toBe("holds")
    expect(decideAbove([1, 2, 3], -1).verdict).toBe("holds")
    expect(decideAbove([1, 2, 3], 0).verdict).toBe("open")
    expect(decideAbove([1, 2, 3], 5).verdict).toBe("fails")
  })

  it("nothing is above what it equals in every run", () => {
    expect(decideAbove([0, 0, 0], 0).verdict).toBe("fails")
    expect(decideAbove([1e-15, 2e-15, 3e-15], 0).verdict).toBe("fails")
  })

  it("one seed, or none, leaves everything open and says why", () => {
    expect(decideRange([1], 0, 2)).toMatchObject({ verdict: "open", why: "one seed says nothing about spread" })
    expect(decideAbove([undefined], 0)).toMatchObject({ verdict: "open", why: "no run has a value" })
  })

  it("all parts have to hold, one failure is enough", () => {
    expect(verdictOfAll(["holds", "open", "fails"])).toBe("fails")
    expect(verdictOfAll(["holds", "open"])).toBe("open")
    expect(verdictOfAll(["holds", "holds"])).toBe("holds")
    expect(verdictOfAll([])).toBe("open")
  })
})

const claimOf = (fields: object): Claim =>
  Schema.decodeUnknownSync(Claim)({ id: "c", says: "So it is.", source: "made up", value: "expectedReward", ...fields })

const decided = (fields: object, rows: ReadonlyArray<BanditRow>) => decideClaims([claimOf(fields)], rows)
const verdict = (fields: object, rows: ReadonlyArray<BanditRow>) =>
  (decided(fields, rows)[0] as ClaimVerdictRow).verdict

const dpo = banditRuns([
  [0, 1, 2.1],
  [0, 1.1, 2],
  [0, 0.9, 2.2]
])
const ipo = (shift: number) =>
  banditRuns(
    [
      [0, 1, 2.1 + shift],
      [0, 1, 2 + shift],
      [0, 1, 2.2 + shift]
    ],
    { loss: "ipo?tau=2" }
  )

describe("claims on records", () => {
  it("compare with a number, or with a formula of the run", () => {
    expect(verdict({ above: { than: 1.5 } }, dpo)).toBe("holds")
    expect(verdict({ above: { than: 1.5, by: 0.9 } }, dpo)).toBe("fails")
    expect(verdict({ below: { than: 2.1 } }, dpo)).toBe("open")
    expect(verdict({ between: [1, 3] }, dpo)).toBe("holds")
    expect(verdict({ of: { loss: "ipo" }, close: { to: "tau + 0.1", within: 0.3 } }, ipo(0))).toBe("holds")
    expect(verdict({ of: { loss: "ipo" }, close: { to: "tau + 1", within: 0.3 } }, ipo(0))).toBe("fails")
  })

  it("compare with another loss seed by seed: a difference below the spread of either is seen", () => {
    const rows = [...dpo, ...ipo(0.01)]
    const below = { of: { loss: "dpo" }, below: { than: { of: { loss: "ipo" } } } }
    expect(verdict(below, rows)).toBe("holds")
    // The same numbers with the seeds of one side exchanged are no longer resolved.
    const exchanged = [...dpo.map((row) => ({ ...row, seed: (row.seed + 1) % 3 })), ...ipo(0.01)]
    expect(verdict(below, exchanged)).toBe("open")
    expect(verdict({ of: { loss: "dpo" }, above: { than: { of: { loss: "ipo" } } } }, rows)).toBe("fails")
    const [, part] = decided(below, rows)
    expect(part).toMatchObject({ where: "clean, dpo", than: "expected gold reward at the end (clean, ipo?tau=2)" })
    expect((part as { mean: number }).mean).toBeCloseTo(-0.01, 12)
  })

  it("compare two readings of the same runs", () => {
    expect(verdict({ of: { loss: "dpo" }, at: "final", above: { than: { at: "initial" } } }, dpo)).toBe("holds")
    expect(verdict({ of: { loss: "dpo" }, above: { than: { value: "klToReference" } } }, dpo)).toBe("fails")
  })

  it("stay within their variant when another study is named", () => {
    const rows = ["a b=1", "a b=2", "z b=1", "z b=2"].flatMap((environment, i) =>
      banditRuns([[i], [i], [i]], { environment })
    )
    const parts = decided({ of: { study: "a" }, close: { to: { of: { study: "z" } }, within: 3 } }, rows).slice(1)
    expect(parts.map((part) => [(part as { where: string }).where, (part as { mean: number }).mean])).toEqual([
      ["a b=1, dpo", -2],
      ["a b=2, dpo", -2]
    ])
    const one = decided({ of: { where: { b: 2 } }, above: { than: { of: { where: { b: 1 } } } } }, rows).slice(1)
    expect(one.map((part) => (part as { mean: number }).mean)).toEqual([1, 1])
  })

  it("have to hold in every condition they select", () => {
    const rows = [...dpo, ...ipo(-1)]
    expect(verdict({ above: { than: 1.5 } }, rows)).toBe("fails")
    expect(verdict({ of: { where: { tau: 2 } }, above: { than: 0.5 } }, rows)).toBe("holds")
    expect(verdict({ of: { loss: "sft" }, above: { than: 0.5 } }, rows)).toBe("open")
  })

  it("a trend is a change from end to end without going far back", () => {
    const back = banditRuns([
      [0, 2, 1, 3],
      [0, 2.1, 1, 3],
      [0, 2, 1.1, 3]
    ])
    expect(verdict({ increases: {} }, dpo)).toBe("holds")
    expect(verdict({ increases: {} }, back)).toBe("fails")
    expect(verdict({ increases: { slack: 0.5 } }, back)).toBe("holds")
    expect(verdict({ increases: { by: 2.5 } }, dpo)).toBe("fails")
    expect(verdict({ decreases: {} }, dpo)).toBe("fails")
    expect(verdict({ value: "-expectedReward", decreases: {} }, dpo)).toBe("holds")
    const [, part] = decided({ value: "-expectedReward", decreases: {} }, dpo)
    expect((part as { mean: number }).mean).toBeCloseTo(-2.1, 12)
    const changes = banditRuns([
      [0, 1],
      [0, -1],
      [0, 0.1]
    ])
    expect(verdict({ increases: { slack: 1 } }, changes)).toBe("open")
  })

  it("a hump is one that the other seeds point to, not one that each seed's noise makes", () => {
    const hump = banditRuns([
      [0, 1, 2, 1],
      [0, 1.1, 2.1, 1.2],
      [0, 0.9, 2, 1.1]
    ])
    expect(verdict({ interiorMaximum: {} }, hump)).toBe("holds")
    expect(verdict({ interiorMaximum: { by: 1.5 } }, hump)).toBe("fails")
    expect(verdict({ interiorMaximum: {} }, dpo)).toBe("fails")
    // Each seed is highest at a checkpoint of its own: every single one has a hump, the mean has none that stands.
    const noise = banditRuns(
      Array.from({ length: 12 }, (_, seed) => Array.from({ length: 14 }, (_, k) => (k === seed + 1 ? 1 : 0)))
    )
    expect(verdict({ interiorMaximum: {} }, noise)).not.toBe("holds")
  })

  it("slopes, rank correlations and fits take the runs of a seed together", () => {
    const rows = [1, 2, 4].flatMap((beta) =>
      banditRuns(
        [0, 1, 2].map((seed) => [0, beta + 0.01 * seed]),
        { loss: `dpo?beta=${beta}` }
      )
    )
    const across = (statistic: string) => ({ across: { statistic, x: "beta" } })
    expect(verdict({ ...across("slope"), close: { to: 1, within: 1e-6 } }, rows)).toBe("holds")
    expect(verdict({ ...across("rank-correlation"), above: { than: 0.9 } }, rows)).toBe("holds")
    expect(decided({ ...across("slope"), above: { than: 0 } }, rows).slice(1)).toMatchObject([
      { where: "3 conditions together", seeds: 3 }
    ])
    const d = [0, 1, 2, 3, 4]
    const curve = banditRuns([0, 1, 2].map((seed) => d.map((x) => x * (1 - 0.1 * x) + 1e-3 * seed * (x % 2))))
    const ofFit = (form: string, take: string) => ({ fit: { form, x: "sqrt(klToReference)", take } })
    expect(verdict({ ...ofFit("square", "peak"), close: { to: 5, within: 0.1 } }, curve)).toBe("holds")
    expect(verdict({ ...ofFit("square", "rmse"), below: { than: ofFit("log", "rmse") } }, curve)).toBe("holds")
  })

  it("expected to be refuted stand when they fail", () => {
    const [row] = decided({ above: { than: 5 }, expect: "refuted", because: "It was noise." }, dpo)
    expect(row).toMatchObject({ verdict: "fails", stands: true, because: "It was noise." })
    expect(decided({ above: { than: 1 }, expect: "refuted", because: "It was noise." }, dpo)[0]).toMatchObject({
      verdict: "holds",
      stands: false
    })
  })
})

const study = (claims: ReadonlyArray<string>, more: ReadonlyArray<string> = []) =>
  [
    "version: 1",
    "study: claiming",
    "title: Claims",
    "seeds: [0, 1, 2]",
    "bandit:",
    "  studies:",
    "    d1:",
    "      losses: [{loss: ipo, with: {tau: [0.5, 1]}}, dpo]",
    "      environment: {kind: deterministic, dataset: D1}",
    "      data: {mode: exact}",
    "      optimizer: {kind: adam, learningRate: 0.05, batchSize: 9}",
    "      steps: 100",
    "      checkpoints: 4",
    "figures: {only: [arm-probabilities]}",
    "claims:",
    ...claims.map((claim) => `  - {id: a, says: So., source: made up, ${claim}}`),
    ...more,
    ""
  ].join("\n")

const problems = async (...claims: ReadonlyArray<string>) => {
  const folder = temporaryFolder()
  const file = writeInto(folder, "s.yaml", study(claims))
  const result = await resultInNode(loadConfig(ExperimentConfig, file))
  return Result.isSuccess(result) ? [] : result.failure.message.replaceAll(`${folder}/`, "").split("\n")
}

describe("claims of a study file", () => {
  it("name only what the study has, else the nearest is said with line and column", async () => {
    expect(await problems("of: {study: d1, loss: ipo}, value: log(arm0) - 1/tau, above: {than: 0}")).toEqual([])
    const [, ...wrong] = await Promise.all(
      [
        "value: 1, above: {than: 0}",
        "of: {study: d2}, value: 1, above: {than: 0}",
        "of: {loss: dpoo}, value: 1, above: {than: 0}",
        "of: {where: {tua: 1}}, value: 1, above: {than: 0}",
        "of: {where: {tau: 7}}, value: 1, above: {than: 0}",
        "of: {loss: dpo, where: {tau: 1}}, value: 1, above: {than: 0}",
        "value: regrett, above: {than: 0}",
        "value: 1 +, above: {than: 0}",
        "value: 1, above: {than: 2*tauu}",
        "value: 1, above: {than: {of: {loss: ippo}}}",
        "value: 1, at: {step: 101}, above: {than: 0}",
        "value: 1, at: middle, above: {than: 0}",
        "value: 1, aboev: {than: 0}",
        "value: 1",
        "value: 1, above: {than: 0}, below: {than: 0}",
        "value: 1, at: max, increases: {}",
        "value: 1, above: {than: 0}, expect: refuted",
        "value: 1, between: [2, 1]"
      ].map((claim) => problems(claim))
    )
    const said = wrong.map((lines) => lines.join(" | "))
    const expected = [
      'no run has study "d2"; nearest: d1',
      'no run has loss "dpoo"; nearest: dpo',
      'no run has a setting "tua"; nearest: tau',
      "no run has tau 7; nearest: 1",
      "no run has all of this at once",
      'unknown name "regrett"; nearest: regret',
      "at position 4",
      'unknown name "tauu"; nearest: tau',
      'no run has loss "ippo"; nearest: ipo',
      "step 101 is after the last step 100",
      '"middle"',
      "aboev",
      "needs exactly one of",
      "needs exactly one of",
      "is about whole runs",
      "a refuted claim needs because",
      "2 is above 1"
    ]
    expect(said).toHaveLength(expected.length)
    said.forEach((text, i) => {
      expect(text).toContain(expected[i])
      expect(text).toMatch(/^s\.yaml:16:\d+: /)
    })
  })

  it("two of one name, and claims without bandits, are refused", async () => {
    const twice = await problems("value: 1, above: {than: 0}", "value: 1, above: {than: 0}")
    expect(twice).toEqual([expect.stringContaining('two claims are called "a"')])
    const folder = temporaryFolder()
    const bare = study(["value: 1, above: {than: 0}"]).replace(/bandit:[\s\S]*figures/, "figures")
    const result = await resultInNode(loadConfig(ExperimentConfig, writeInto(folder, "s.yaml", bare)))
    expect(Result.isFailure(result) && result.failure.message).toContain("they need a bandit section")
  })

  it("are decided in the run, shown first in the report, and the run's exit code says whether they stand", async () => {
    const folder = temporaryFolder()
    const standing = "of: {study: d1, loss: ipo}, value: log(arm0) - log(arm2), above: {than: 0}"
    const file = writeInto(folder, "s.yaml", study([standing]))
    const out = join(folder, "runs")
    const good = losslattice("run", file, "--out", out, "--workers", "1")
    expect(good.code).toBe(0)
    const path = good.out.trim().split("\n").at(-1)!
    expect(good.out).toContain("holds  So.")
    const claims = await inNode(runClaims(path))
    expect(claims).toMatchObject([{ claim: "a", verdict: "holds", stands: true, parts: 2 }])
    const page = readFileSync(join(path, "report.html"), "utf8")
    expect(page).toMatch(/<main>\s*<section id="claims"[^>]*>[\s\S]*?1 of 1 stand/)
    expect((await inNode(renderFigures(path, { check: true }))).files).toContain("tables/claims.csv")

    const wrong = losslattice("run", file, "--out", out, "--workers", "1", "claims.0.above.than=9")
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain("1 of 1 claim does not stand: a (fails)")
    const kept = wrong.out.trim().split("\n").at(-1)!
    for (const name of ["report.html", "records/claims.jsonl", "records/claims.parquet", "manifest.json"]) {
      expect(existsSync(join(kept, name))).toBe(true)
    }
    expect((await inNode(runClaims(kept)))[0]).toMatchObject({ verdict: "fails", stands: false })
  }, 60_000)

  it("none where a study claims nothing", async () => {
    const folder = temporaryFolder()
    const text = study([]).replace("claims:\n", "")
    const { folder: path } = await inNode(
      runStudy({ file: writeInto(folder, "s.yaml", text), out: join(folder, "runs"), workers: 1 })
    )
    expect(await inNode(runClaims(path))).toEqual([])
  })
})
