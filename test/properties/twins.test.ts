/** The sixteen twins: what is published, the numbers at the start, and which verdicts change. */
import { describe, expect, it } from "vitest"
import { checkCertificate } from "../../src/landscape/checker.ts"
import { rationalToNumber } from "../../src/logic/rational.ts"
import { makeRatio } from "../../src/properties/ratio.ts"
import {
  latticeTwins,
  otherRelativeForms,
  strictlyMonotoneTwins,
  type Twin,
  twinProperties
} from "../../src/properties/twins.ts"

const twins = latticeTwins()
const named = (name: string): Twin => twins.find((twin) => twin.name === name)!
const wholes = ({ published }: Twin) => published.filter(({ role }) => role !== "term").map(({ id }) => id)

describe("relative twins", () => {
  it("five of the sixteen are published, eleven are not", () => {
    const published = twins.filter((twin) => wholes(twin).length > 0).map(({ name }) => name)
    expect(published).toEqual(["CEUnl", "ORPO", "CPO", "CE", "fUNL"])
    expect(wholes(named("CPO"))).toEqual(["fdpo_js"])
    expect(wholes(named("fUNL"))).toEqual(["npo"])
    expect(new Set(wholes(named("CEUnl")))).toEqual(new Set(["bco_pair"]))
    expect(wholes(named("ORPO"))).toEqual(expect.arrayContaining(["dpo", "ipo", "hinge", "rebel", "copg"]))
    expect(wholes(named("CE"))).toEqual(expect.arrayContaining(["a2po", "dro"]))
  })

  it("knows terms, and terms with the sign turned", () => {
    const turned = named("fUNL")
      .published.filter(({ inverse }) => inverse)
      .map(({ id }) => id)
    expect(turned).toEqual(expect.arrayContaining(["sppo_hard", "nca_pair", "cal_dpo"]))
    expect(named("CE").published.find(({ id }) => id === "kto")).toMatchObject({ role: "term", logFactor: "-kl" })
  })

  it("lists NCA's copies outside the sixteen", () => {
    expect(otherRelativeForms().map(({ id, role }) => `${id} ${role}`)).toContain("nca_pair merged")
  })

  it("start where rho and its derivatives are at p = r, whatever the length of the answers", () => {
    for (const { structure, start } of twins) {
      for (const level of [-1, -300]) {
        const { rho, aw, al } = makeRatio(structure, { semantics: "relative", oddsBeta: 1 })({
          lw: level,
          rw: level,
          ll: 2 * level,
          rl: 2 * level
        })
        expect(Math.exp(rho)).toBeCloseTo(rationalToNumber(start.ratio), 12)
        expect(aw).toBeCloseTo(rationalToNumber(start.aw), 12)
        expect(al).toBeCloseTo(rationalToNumber(start.al), 12)
      }
    }
  })

  it("vanish as the text says when the reference does", () => {
    for (const { structure, vanishingReference } of twins) {
      const level = -40
      const point = { lw: -1.2, ll: -0.7, rw: level - 0.3, rl: level - 1.1 }
      const { rho } = makeRatio(structure, { semantics: "relative", oddsBeta: 1 })(point)
      expect(rho - limitAt(vanishingReference, point)).toBeCloseTo(0, 8)
    }
  })

  it("decide every property in both readings, with certificates that check", () => {
    for (const { properties, name } of twins) {
      for (const property of twinProperties) {
        for (const verdict of [properties[property].absolute, properties[property].relative]) {
          expect(verdict.verdict, `${name} ${property}`).not.toBe("undecided")
          for (const certificate of verdict.certificate ?? []) expect(checkCertificate(certificate)).toBe(true)
        }
      }
    }
  })

  it("change safety: eight chosen-safe and eight rejected-safe losses become four and four, DPO alone both", () => {
    const having = (property: "chosen-safe" | "rejected-safe", reading: "absolute" | "relative") =>
      twins.filter((twin) => twin.properties[property][reading].verdict === "proved").map(({ name }) => name)
    expect([having("chosen-safe", "absolute").length, having("rejected-safe", "absolute").length]).toEqual([8, 8])
    expect(having("chosen-safe", "relative")).toEqual(["l3", "ORPO", "CE", "cCPO"])
    expect(having("rejected-safe", "relative")).toEqual(["cUNL", "ORPO", "fUNL", "cfUNL"])
  })

  it("of the 34 strictly monotone ones, three are safe both ways: functions of DPO's margin", () => {
    const all = strictlyMonotoneTwins()
    expect(all.length).toBe(34)
    const both = all.filter(({ properties: { "chosen-safe": w, "rejected-safe": l } }) =>
      [w, l].every(({ relative }) => relative.verdict === "proved")
    )
    expect(both.map(({ name }) => name)).toEqual(["ORPO", "rows:TF/TF,FT", "rows:TF,FT/FT"])
    for (const { properties } of both) expect(properties["level-invariant"].relative.verdict).toBe("proved")
  })
})

/** The value of `0`, `log a/b`, products of p_w, … in a and b. */
const limitAt = (text: string, point: Readonly<Record<string, number>>): number => {
  if (text === "0") return 0
  const [top, bottom] = text.replace(/^log /, "").replaceAll(/[()]/g, "").split("/") as [string, string]
  const value = (side: string) =>
    side.split("*").reduce((sum, name) => sum + point[`${name[0] === "p" ? "l" : "r"}${name.slice(2)}`]!, 0)
  return value(top) - value(bottom)
}
