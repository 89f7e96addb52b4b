import { describe, expect, it } from "vitest"
import {
  canonicalOrder,
  fromRatioName,
  logProbName,
  makeProposition,
  parseProposition,
  propositionLatex,
  propositionParts,
  ratioName,
  swapResponses
} from "../../src/logic/proposition.ts"

describe("proposition", () => {
  it.each([
    ["M(w)", { model: "M", copy: 1, response: "w" }],
    ["Ref(l)", { model: "Ref", copy: 1, response: "l" }],
    ["M2(w)", { model: "M", copy: 2, response: "w" }],
    ["Ref12(y3)", { model: "Ref", copy: 12, response: "y3" }],
    [" M ( g ) ", { model: "M", copy: 1, response: "g" }]
  ])("reads %s", (text, parts) => {
    expect(parseProposition(text)).toEqual(parts)
  })

  it.each(["", "M", "M()", "M(w", "m(w)", "N(w)", "M1(w)", "M0(w)", "M(W)", "M(3)", "M(w,l)", "M(w) x", "Ref(Ref(w))"])(
    "refuses %j",
    (text) => {
      expect(parseProposition(text)).toBeUndefined()
    }
  )

  it("writes what it reads", () => {
    for (const name of ["M(w)", "Ref(l)", "M2(w)", "Ref3(y12)"])
      expect(makeProposition(propositionParts(name))).toBe(name)
  })

  it("fails loudly on a name of our own making that is none", () => {
    expect(() => propositionParts("M(")).toThrow(RangeError)
  })

  it("declares M(w), M(l), then both references if one occurs, then the rest by first occurrence", () => {
    expect(canonicalOrder([])).toEqual(["M(w)", "M(l)"])
    expect(canonicalOrder(["M(y3)", "M(l)", "M2(w)", "M(y3)"])).toEqual(["M(w)", "M(l)", "M(y3)", "M2(w)"])
    expect(canonicalOrder(["M2(w)", "Ref(l)", "Ref(g)"])).toEqual([
      "M(w)",
      "M(l)",
      "Ref(w)",
      "Ref(l)",
      "M2(w)",
      "Ref(g)"
    ])
  })

  it("swaps w and l in models, references and copies, and nothing else", () => {
    expect(["M(w)", "Ref(l)", "M2(w)", "M(y3)"].map(swapResponses)).toEqual(["M(l)", "Ref(w)", "M2(l)", "M(y3)"])
  })

  it("names log-probabilities and ratio variables; copies share them", () => {
    expect(["M(w)", "Ref(l)", "M(y3)", "Ref(g)", "M2(w)"].map(logProbName)).toEqual(["lw", "rl", "ly3", "rg", "lw"])
    expect(["M(w)", "Ref(l)", "M(y3)", "Ref2(w)"].map(ratioName)).toEqual(["p_w", "r_l", "p_y3", "r_w"])
    expect(["p_w", "r_l", "p_y3", "g_w", "p_", "pw", "r_3"].map(fromRatioName)).toEqual([
      "M(w)",
      "Ref(l)",
      "M(y3)",
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })

  it("has LaTeX", () => {
    expect(propositionLatex("M(w)")).toBe("\\mathrm{M}(y_w)")
    expect(propositionLatex("Ref2(y3)")).toBe("\\mathrm{Ref}_{2}(y_{3})")
    expect(propositionLatex("M(gold)")).toBe("\\mathrm{M}(y_{gold})")
  })
})
