/** `neighbourhood` and `interval`, typed into a real process. */
import { describe, expect, it } from "vitest"
import { interrupted, json, losslattice } from "./process.ts"

interface Searched {
  readonly propositions: ReadonlyArray<string>
  readonly examined: number
  readonly pruned: number | string
  readonly found: number
  readonly distinctLosses: number
  readonly published: number
  readonly undecided: number
  readonly complete: boolean
  readonly losses: ReadonlyArray<{
    readonly loss: string
    readonly distance: number
    readonly sameLossAs: ReadonlyArray<string>
    readonly properties: Readonly<Record<string, string>>
    readonly values: Readonly<Record<string, string>>
  }>
}

describe("neighbourhood", () => {
  it("gives DPO and the 32 structures one row change away, on all cores, with explain's verdicts", () => {
    const found = json<Searched>("neighbourhood", "dpo", "--distance", "1")
    expect(found).toMatchObject({
      propositions: ["M(w)", "M(l)", "Ref(w)", "Ref(l)"],
      examined: 33,
      pruned: 0,
      found: 33,
      distinctLosses: 33,
      published: 1,
      undecided: 0,
      complete: true
    })
    expect(found.losses.map(({ distance }) => distance)).toEqual([0, ...new Array(32).fill(1)])
    expect(found.losses[0]!.sameLossAs).toContain("ipo")
    for (const { loss, properties } of found.losses.slice(20, 21)) {
      const explained = json<{ readonly properties: Readonly<Record<string, string>> }>("explain", loss)
      expect(explained.properties).toMatchObject(properties)
    }
  })

  it("orders: the covers above and below are the neighbours, half of them each", () => {
    const [up, down] = (["up", "down"] as const).map((order) =>
      json<Searched>("neighbourhood", "cpo_core", "--distance", "1", "--order", order).losses.map(({ loss }) => loss)
    )
    expect(up).toHaveLength(5)
    expect(down).toHaveLength(5)
    for (const loss of up!.slice(1, 2)) {
      expect(json<{ readonly entails: string }>("compare", "cpo_core", loss).entails).toBe("A⊑B")
    }
  })

  it("requires by pruning and by deciding, each loss once", () => {
    const found = json<Searched>(
      "neighbourhood",
      "cpo_core",
      "--distance",
      "3",
      "--require",
      "strictly-monotone,P9",
      "--distinct"
    )
    expect(found.found).toBe(found.distinctLosses)
    expect(Number(found.pruned)).toBeGreaterThan(0)
    for (const { properties } of found.losses) {
      expect(properties).toMatchObject({ "strictly-monotone": "proved", "chosen-safe": "proved" })
    }
    const all = json<Searched>("neighbourhood", "cpo_core", "--distance", "3", "--distinct")
    const wanted = all.losses.filter(
      ({ properties }) => properties["strictly-monotone"] === "proved" && properties["chosen-safe"] === "proved"
    )
    expect(found.losses).toEqual(wanted)
    const { count } = json<{ readonly count: number }>(
      "neighbourhood",
      "cpo_core",
      "--distance",
      "3",
      "--require",
      "strictly-monotone,P9",
      "--distinct",
      "--count"
    )
    expect(count).toBe(wanted.length)
  })

  it("adds a third response and keeps the reading", () => {
    const found = json<Searched>(
      "neighbourhood",
      "rows:TF/FT?semantics=relative",
      "--distance",
      "1",
      "--propositions",
      "M(y3)"
    )
    expect(found.propositions).toEqual(["M(w)", "M(l)", "M(y3)"])
    expect(found.found).toBe(17)
    expect(found.losses[0]!.sameLossAs).toContain("orpo_seq?semantics=relative")
    expect(found.losses.every(({ loss }) => loss.endsWith("?semantics=relative"))).toBe(true)
  })

  it("stops at a limit and says so; text is a line for each structure", () => {
    const { out } = losslattice("neighbourhood", "dpo", "--distance", "1", "--limit", "2")
    expect(out).toMatch(/^ {6}0 {2}\S+ {2}rows:0b1010101000000000\/0b1100000011000000@.* = dpo, /m)
    expect(out.match(/ {2}rows:/g)).toHaveLength(2)
    expect(out).toContain("stopped at --limit")
  })

  it("ends at once on Ctrl-C, with whole lines or nothing", async () => {
    const text = await interrupted(2500, "neighbourhood", "dpo")
    expect(text.signal).toBe("SIGINT")
    expect(text.out === "" || text.out.endsWith("\n")).toBe(true)
  })
})

describe("interval", () => {
  it("lists what lies between ORPO and unCPO", () => {
    const { losses } = json<Searched>("interval", "orpo_seq", "uncpo")
    expect(losses.map(({ sameLossAs }) => sameLossAs[0])).toEqual(["orpo_seq", "ccpo", "cfunl", "uncpo"])
  })

  it("counts four and six propositions without listing them", () => {
    const count = (...args: ReadonlyArray<string>) =>
      json<{ readonly count: number | string }>("interval", "bottom", "top", "--count", ...args).count
    expect(count("--propositions", "Ref(w),Ref(l)")).toBe((2 ** 16 - 1) ** 2)
    expect(count("--propositions", "Ref(w),Ref(l)", "--distinct")).toBe(4294246507)
    expect(
      count("--propositions", "Ref(w),Ref(l)", "--distinct", "--require", "strictly-monotone,swap-antisymmetric")
    ).toBe(6488)
    expect(count("--propositions", "M(y3),M(y4),M(y5),M(y6)")).toBe(String((2n ** 64n - 1n) ** 2n))
    expect(count("--require", "strictly-monotone", "--distinct")).toBe(34)
  })
})

describe("a wrong search ends with code 2 and one sentence", () => {
  it.each([
    [["neighbourhood", "tpo"], /tpo: no single structure whose row marks could change: level sum/],
    [["neighbourhood", "dpo", "--distance", "-1"], /--distance: expected an integer >= 0, found -1/],
    [
      ["neighbourhood", "dpo", "--require", "chosen-saef"],
      /--require: unknown property "chosen-saef"; nearest: chosen-safe/
    ],
    [
      ["neighbourhood", "dpo", "--propositions", "M(a),M(b),M(c)"],
      /--propositions: with those of the loss 7, .*at most 6/
    ],
    [["neighbourhood", "rows:TF/FT?oddsBeta=2"], /oddsBeta is 2/],
    [["neighbourhood", "rows:TF/FT?semantics=relative", "--propositions", "Ref(w)"], /leave out the Ref propositions/],
    [["neighbourhood", "dpo", "--distance", "9"], /structures, more than the 1,000,000 that are listed: require/],
    [
      ["interval", "uncpo", "orpo_seq"],
      /nothing lies between uncpo and orpo_seq.*orpo_seq entails uncpo: write them the other way round/
    ],
    [["interval", "dpo", "rows:TF/FT?semantics=relative"], /an interval has one semantics/]
  ])("%j", (args, sentence) => {
    const { code, out, err } = losslattice(...args)
    expect(code).toBe(2)
    expect(out).toBe("")
    expect(err).toMatch(sentence)
    expect(err.trim().split("\n")).toHaveLength(1)
  })
})
