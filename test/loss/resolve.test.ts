import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { NAMED } from "../../src/logic/lattice.ts"
import { rowsOf } from "../../src/logic/rows.ts"
import { withReference } from "../../src/logic/structure.ts"
import { exportLoss } from "../../src/loss/export/index.ts"
import { interpret } from "../../src/loss/interpret.ts"
import type { Link, Loss } from "../../src/loss/loss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { parseLossSpec } from "../../src/loss/spec.ts"
import { rhoByEnumeration } from "../arbitraries/loss.ts"

const resolve = (spec: string): Loss => Result.getOrThrow(resolveLoss(spec))

const message = (spec: string, readFile?: (path: string) => string): string => {
  const result = resolveLoss(spec, readFile)
  return Result.isFailure(result) ? result.failure.message : "resolved"
}

const at = { lw: -1.2, ll: -2.1, rw: -1.5, rl: -1.7, nw: 3, nl: 5, ly3: -3, s_w: 1.5, s_l: 0.25 }
const value = (spec: string): number => interpret(resolve(spec).program, at).loss
const softplus = (x: number): number => Math.log1p(Math.exp(x))

describe("LOSS texts split at the last ? that a name= follows", () => {
  const cases: ReadonlyArray<readonly [string, string, string, Record<string, string>]> = [
    ["dpo", "catalogue", "dpo", {}],
    ["ipo?tau=0.2", "catalogue", "ipo", { tau: "0.2" }],
    [" simpo?beta=2&gamma=1 ", "catalogue", "simpo", { beta: "2", gamma: "1" }],
    ["ratio:p_w/p_l?beta=2", "ratio", "p_w/p_l", { beta: "2" }],
    ["logic:M(l) -> M(w) & M(l)?link=hinge", "logic", "M(l) -> M(w) & M(l)", { link: "hinge" }],
    ["expr:where(lw==ll, 1, lw)", "expr", "where(lw==ll, 1, lw)", {}],
    ["expr:beta*lw?beta=2", "expr", "beta*lw", { beta: "2" }],
    ["runs/a?b/loss.json", "file", "runs/a?b/loss.json", {}],
    ["rows:TF/FT", "rows", "TF/FT", {}]
  ]
  it.each(cases)("%s", (text, form, body, settings) => {
    const spec = Result.getOrThrow(parseLossSpec(text))
    expect([spec.form, spec.body, Object.fromEntries(spec.settings)]).toEqual([form, body, settings])
  })
})

describe("links, as explain shows them", () => {
  const cases: ReadonlyArray<readonly [string, Link]> = [
    ["dpo", { kind: "logistic", beta: 0.1, margin: 0 }],
    ["ipo", { kind: "squared", beta: 1, margin: 5 }],
    ["simpo", { kind: "logistic", beta: 2, margin: 0.5 }],
    ["hinge", { kind: "hinge", beta: 0.05, margin: 0 }],
    ["awp_hinge?lam=0.5", { kind: "hinge", beta: 1, margin: -0.5 }],
    ["gpo_exp", { kind: "exponential", beta: 0.1, margin: 0 }],
    ["diffusion_dpo", { kind: "logistic", beta: 2500, margin: 0 }],
    ["aot", { kind: "logistic", beta: 0.1, margin: 0 }],
    ["cdpo", { kind: "custom", beta: 0.1, margin: 0, formula: "0.9*softplus(-z) + 0.1*softplus(z)" }],
    ["npo", { kind: "custom", beta: 0.1, margin: 0, formula: "20*softplus(-z)" }],
    ["gpo_savage", { kind: "custom", beta: 0.1, margin: 0, formula: "sigmoid(-z)^2" }],
    ["gpo_trunc_quad", { kind: "custom", beta: 0.1, margin: 0, formula: "max(0, 1 - z)^2" }],
    ["r_dpo", { kind: "logistic", beta: 0.1, margin: "-0.05*(nw - nl)" }],
    ["odpo", { kind: "logistic", beta: 0.1, margin: "log(s_w - s_l)" }],
    ["beta_dpo", { kind: "logistic", beta: "max(0.001, 0.1*(1 + 0.6*(m_bar - m0)))", margin: 0 }],
    ["rebel", { kind: "squared", beta: 1, margin: "s_w - s_l" }],
    ["uncpo?link=hinge&beta=0.5&margin=2", { kind: "hinge", beta: 0.5, margin: 2 }],
    ["ipo?tau=0.7", { kind: "squared", beta: 1, margin: 0.5 / 0.7 }],
    ["dpo?beta=0.30000000000000004", { kind: "logistic", beta: 0.1 + 0.2, margin: 0 }],
    [
      "exo_pair?eps=0.25",
      {
        kind: "custom",
        beta: 0.1,
        margin: 0,
        formula: `-((softplus(-z) - ${-Math.log(0.75)})*sigmoid(z) + (softplus(z) - ${-Math.log(0.25)})*sigmoid(-z))`
      }
    ],
    ["ratio:2*p_w/p_l", { kind: "logistic", beta: 1, margin: -Math.LN2 }]
  ]
  it.each(cases)("%s, to the last digit", (spec, link) => {
    expect(resolve(spec).link).toEqual(link)
  })
})

describe("numbers in LaTeX", () => {
  it.each([
    ["dpo?beta=1e-7", "\\left(10^{-7}\\,\\log"],
    ["ratio:p_w/p_l?margin=-2.5e-9", " + 2.5 \\cdot 10^{-9}\\right)"],
    ["expr:(2.5e-9)^lw", "\\left(2.5 \\cdot 10^{-9}\\right)^{"],
    ["dpo?beta=0.25", "\\left(0.25\\,\\log"]
  ])("%s have powers of ten", (spec, text) => {
    expect(resolve(spec).latex).toContain(text)
  })
})

describe("the forms name the same losses", () => {
  it("rows, masks, logic, ratio and lattice id", () => {
    const expected = value("orpo_seq")
    for (const spec of [
      "rows:TF/FT",
      "rows:0b0010/0b0100@M(w),M(l)",
      "logic:M(l) -> M(w); given: M(l) xor M(w); both: false",
      "ratio:p_w*(1-p_l)/(p_l*(1-p_w))"
    ]) {
      expect(value(spec), spec).toBe(expected)
    }
    expect(resolve("rows:TF/FT").title).toBe("ORPO")
  })

  it("DPO: catalogue, ratio, CPO with reference, ORPO in the relative reading, and an expression", () => {
    const expected = value("dpo?beta=0.5")
    for (const spec of [
      "ratio:p_w*r_l/(p_l*r_w)?beta=0.5",
      "cpo_core?beta=0.5&reference=true",
      "orpo_seq?beta=0.5&semantics=relative",
      "expr:softplus(-0.5*((lw-rw)-(ll-rl)))",
      "spin?beta=0.5"
    ]) {
      expect(value(spec), spec).toBeCloseTo(expected, 14)
    }
    expect(resolve("cpo_core?reference=true").structure).toEqual(resolve("dpo").structure)
  })

  it("reference=true is the rule of the lattice with references, for all sixteen", () => {
    for (const { id, structure } of NAMED) {
      const loss = resolve(`${id}?reference=true`)
      expect(loss.structure).toEqual(withReference(structure))
      expect(loss.id).toBeUndefined()
      expect(interpret(loss.program, at).loss).toBeCloseTo(
        softplus(
          -(
            rhoByEnumeration(structure, { semantics: "absolute", oddsBeta: 1, lengthNormalised: false }, at) -
            (at.rw - at.rl)
          )
        ),
        12
      )
    }
  })

  it("oddsBeta, lengthNormalised and semantics are read", () => {
    const cpo = NAMED.find(({ id }) => id === "cpo_core")!.structure
    const reading = { semantics: "relative", oddsBeta: 0.5, lengthNormalised: true } as const
    expect(value("cpo_core?semantics=relative&oddsBeta=0.5&lengthNormalised=true")).toBeCloseTo(
      softplus(-rhoByEnumeration(cpo, reading, at)),
      12
    )
    expect(resolve("cpo_core?lengthNormalised=true").inputs).toEqual(["lw", "ll", "nw", "nl"])
    expect(resolve("ratio:g_w/g_l").lengthNormalised).toBe(true)
  })

  it("BCO's pair at beta = 1 is CEUnl's twin at every odds power", () => {
    expect(resolve("bco_pair?beta=1").semantics).toBe("relative")
    expect(value("bco_pair?beta=1")).toBeCloseTo(value("ceunl?semantics=relative"), 14)
    expect(value("bco_pair?beta=0.3")).toBeCloseTo(value("ceunl?semantics=relative&oddsBeta=0.3"), 13)
    expect(resolve("bco_pair").refusal).toMatch(/sum/)
  })

  it("ratios may name inputs and parameters that do not depend on the policy", () => {
    expect(value("ratio:p_w/(p_l*exp(gamma/beta))?gamma=1&beta=2")).toBeCloseTo(
      softplus(-(2 * (at.lw - at.ll) - 1)),
      14
    )
    expect(resolve("ratio:p_w/(p_l*exp(s_w - s_l))").inputs).toEqual(["lw", "ll", "s_w", "s_l"])
  })

  it("weighted rows are a loss without a structure", () => {
    const loss = resolve("ratio:(p_w+1)/p_l")
    expect([loss.structure, loss.refusal]).toEqual([undefined, undefined])
    expect(loss.weighted!.propositions).toEqual(["M(w)", "M(l)"])
    expect(interpret(loss.program, at).loss).toBeCloseTo(
      softplus(Math.log(Math.exp(at.ll) / (Math.exp(at.lw) + 1))),
      12
    )
  })

  it("copies and further responses are propositions", () => {
    expect(resolve("ratio:p_w^2*r_l/(p_l*r_w^2)").structure!.propositions).toEqual([
      "M(w)",
      "M(l)",
      "Ref(w)",
      "Ref(l)",
      "M2(w)",
      "Ref2(w)"
    ])
    expect(value("ratio:p_w^2*r_l/(p_l*r_w^2)")).toBeCloseTo(softplus(-(2 * at.lw + at.rl - at.ll - 2 * at.rw)), 12)
    expect(resolve("ratio:p_w*p_y3/p_l").inputs).toEqual(["lw", "ll", "ly3"])
  })

  it("degenerate structures can be named", () => {
    const loss = resolve("rows:/FT")
    expect(rowsOf(loss.structure!.ticks)).toEqual([])
    expect(loss.unevaluable).toMatch(/no rows/)
  })
})

describe("what names nothing is refused in one sentence", () => {
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ["dppo", /no loss of the catalogue .*nearest: dpo/],
    ["", /the name is empty/],
    ["ratoi:p_w", /unknown form "ratoi:"; nearest: ratio/],
    ["dpo?bta=1", /unknown parameter "bta"; allowed: beta/],
    ["dpo?link=hinge", /unknown parameter "link"; allowed: beta/],
    ["dpo?beta=0", /beta must be above 0, found 0/],
    ["dpo?beta=1e999", /beta must be above 0|must be/],
    ["dpo?beta=fast", /beta must be a number, found "fast"/],
    ["robust_dpo?eps=0.5", /eps must be at least 0 and below 0.5, found 0.5/],
    ["alphapo?alpha=0", /other than 0/],
    ["dpo?beta=1&beta=2", /beta is set twice/],
    ["dpo?beta=1&", /is no setting/],
    ["dpo?", /no list of name=value/],
    ["uncpo?lnk=hinge", /unknown parameter "lnk"; nearest: link/],
    ["uncpo?link=huber", /link must be one of logistic, hinge, squared, exponential, found "huber"/],
    ["uncpo?reference=true&semantics=relative", /does not go with semantics=relative/],
    ["ratio:p_w*r_l/(p_l*r_w)?reference=true", /reference already/],
    ["rows:0b10/0b01@Ref(w)?semantics=relative", /has no proposition Ref\(w\)/],
    ["rows:TF,TX/FT", /row/],
    ["rows:TF", /separated by one \//],
    ["logic:M(l) ->", /expected/],
    ["ratio:p_w-p_l/2", /row FT .* weighs -1\/2/],
    ["ratio:p_w/p_l?semantics=relative", /relative|degree/],
    ["expr:sotfplus(lw)", /at position 1: unknown function "sotfplus"; nearest: softplus/],
    ["expr:lw +", /expected a number/],
    ["expr:2 lw", /write \* for a product/],
    ["expr:beta*lw", /"beta" is no input, and no value is given for it \(\?beta=…\)/],
    ["expr:rw - rl", /depends on no policy log-probability/],
    ["expr:lw?beta=2", /has no parameter "beta"/],
    ["expr:lw + ll?ll=2", /ll is an input/],
    ["some/loss.json", /files cannot be read here/]
  ]
  it.each(cases)("%s", (spec, pattern) => {
    expect(message(spec)).toMatch(pattern)
    expect(message(spec)).not.toMatch(/\n/)
  })

  it("files too", () => {
    expect(message("a/b.json", () => "{")).toMatch(/^loss "a\/b.json": not JSON/)
    expect(message("a/b.json", () => "{}")).toMatch(/not a loss file: Missing key at \["version"\]; .*; and \d+ more$/)
    expect(
      message("a/b.json", () => {
        throw new Error("no such file")
      })
    ).toMatch(/cannot be read: no such file/)
    const file = Result.getOrThrow(exportLoss(resolve("dpo"), "json"))
    expect(message("a/b.json", () => file.replace('"op": "softplus"', '"op": "system"'))).toMatch(/not a loss program/)
    expect(message("a/b.json", () => file.replace(/"ticks": "0b\d+"/, `"ticks": "0b1${"0".repeat(16)}"`))).toMatch(
      /rows outside/
    )
    expect(message("a/b.json?beta=2", () => file)).toMatch(/takes no settings/)
    const changed = (change: (json: Record<string, unknown>) => void): string => {
      const json = JSON.parse(file) as Record<string, unknown>
      change(json)
      return message("a/b.json", () => JSON.stringify(json))
    }
    const weighted = (propositions: ReadonlyArray<string>, ticks: Readonly<Record<string, string>>) =>
      changed((json) => {
        delete json.structure
        json.weighted = { propositions, ticks, crosses: { "1": "1" } }
      })
    expect(weighted(["Q(w)"], { "0": "1" })).toMatch(/"Q\(w\)" is no proposition such as M\(w\)/)
    expect(weighted(Array(40).fill("M(w)"), { "0": "1" })).toMatch(/declares 40 propositions, and at most 6/)
    expect(weighted(["M(w)"], {})).toMatch(/a side of the structure has no rows/)
    expect(changed((json) => Object.assign(json, { semantics: "relative" }))).toMatch(/no proposition Ref\(w\)/)
    expect(changed((json) => Object.assign(json, { params: { beta: 9 } }))).toMatch(
      /params.beta is 9, but the program was compiled for 0.1/
    )
    expect(changed((json) => Object.assign(json.link as object, { beta: "system(1" }))).toMatch(/link: expression/)
    expect(changed((json) => Object.assign(json, { weighted: { propositions: [], ticks: {}, crosses: {} } }))).toMatch(
      /both "structure" and "weighted"/
    )
  })
})
