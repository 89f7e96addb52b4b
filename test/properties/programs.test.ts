/** Losses compared as functions, and the table of published names. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { sameLoss } from "../../src/landscape/equality.ts"
import { catalogueNames } from "../../src/loss/catalogue/index.ts"
import { filledLoss, getProjectName, projectNames } from "../../src/loss/catalogue/projects/index.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import type { Loss } from "../../src/loss/loss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { lossNames, namesWithRatio } from "../../src/properties/names.ts"
import { comparePrograms } from "../../src/properties/programs.ts"

const loss = (text: string): Loss => Result.getOrThrowWith(resolveLoss(text), ({ message }) => new Error(message))
const at = (text: string, inputs: Readonly<Record<string, number>>): number =>
  compileKernel(loss(text).program).evaluate(inputs).loss

const point = { lw: -6, ll: -9, rw: -7, rl: -8, nw: 2, nl: 3 }
const softplus = (x: number): number => Math.log1p(Math.exp(x))

describe("trainers' names", () => {
  it("are resolved with the project's parameters and defaults", () => {
    // (lw - rw)/nw - (ll - rl)/nl - 1/(2 beta), squared; sums in OpenRLHF.
    expect(at("trl.ipo", point)).toBeCloseTo((0.5 + 1 / 3 - 5) ** 2, 12)
    expect(at("trl.ipo?beta=0.5", point)).toBeCloseTo((0.5 + 1 / 3 - 1) ** 2, 12)
    expect(at("openrlhf.ipo", point)).toBeCloseTo((2 - 5) ** 2, 12)
    expect(at("halos.ipo", point)).toBe(at("trl.ipo", point))
    expect(at("openinstruct.dpo_norm", point)).toBeCloseTo(softplus(-5 * (0.5 + 1 / 3)), 12)
    expect(at("trl.sigmoid_norm", point)).toBeCloseTo(softplus(-0.1 * (0.5 + 1 / 3)), 12)
    // SimPO's margin: gamma itself in TRL and LLaMA-Factory, beta times a ratio in SimPO, HALOs, open-instruct.
    expect(at("simpo_authors.sigmoid", point)).toBeCloseTo(softplus(0.5 - 2 * 0), 12)
    expect(at("simpo_authors.sigmoid?beta=2&gamma_beta_ratio=1", point)).toBeCloseTo(softplus(2), 12)
    expect(at("llamafactory.simpo?simpo_gamma=1", point)).toBeCloseTo(softplus(1), 12)
    expect(at("trl.simpo", point)).toBeCloseTo(softplus(0.5) + 3, 12)
    expect(at("simpo_authors.hinge", point)).toBeCloseTo(1.5, 12)
    expect(at("trl024.rpo_alpha", point)).toBeCloseTo(softplus(-0.1 * 2) + 3, 12)
    expect(at("trl.cpo_ipo", point)).toBeCloseTo(25 + 3, 12)
  })

  it("are unique, resolve at their defaults, and stand for another loss of the catalogue or an expression", () => {
    const names = [...catalogueNames, ...projectNames.map(({ name }) => name)]
    expect(new Set(names).size).toBe(names.length)
    for (const entry of projectNames) {
      expect(entry.name).toMatch(/^[a-z_]+\d*\.[a-z_]+\d*$/)
      expect(entry.checked.length).toBeGreaterThan(5)
      expect(filledLoss(entry)).not.toMatch(/NaN|undefined|[{}]/)
      expect(loss(entry.name).project).toBe(getProjectName(entry.name))
    }
  })

  it("refuse parameters that the project does not have", () => {
    const found = resolveLoss("trl.ipo?tau=0.2")
    expect(Result.isFailure(found) && found.failure.message).toMatch(/trl\.ipo has no parameter tau; /)
    const bad = resolveLoss("simpo_authors.sigmoid?beta=0")
    expect(Result.isFailure(bad) && bad.failure.message).toMatch(/stands for simpo\?beta=0/)
    const near = resolveLoss("trl.ippo")
    expect(Result.isFailure(near) && near.failure.message).toMatch(/nearest: trl\.ipo/)
  })
})

describe("programs", () => {
  it("one name, two losses: trl.ipo and openrlhf.ipo part where an answer has two tokens", () => {
    const found = comparePrograms(loss("trl.ipo"), loss("openrlhf.ipo"))
    expect(found.verdict).toBe("differ")
    expect(found.because[0]).toMatch(/^normalisation: per-token means .* against sums/)
    const { inputs, a, b } = found.difference!
    expect(Math.max(inputs.nw!, inputs.nl!)).toBe(2)
    for (const [name, value] of [
      ["trl.ipo", a],
      ["openrlhf.ipo", b]
    ] as const)
      expect(compileKernel(loss(name).program).evaluate(inputs)).toMatchObject(value)
    expect([a.loss, a.dlw, a.dll]).not.toEqual([b.loss, b.dlw, b.dll])
  })

  it.each([
    ["trl.ipo", "halos.ipo"],
    ["trl.sigmoid_norm?beta=5", "openinstruct.dpo_norm"],
    ["dpo", "trl.sigmoid"],
    ["rows:TF,TT/FT,TT", "cpo_core"],
    ["cpo_core", "cpo_core"]
  ])("%s and %s are proved to be the same", (a, b) => {
    expect(comparePrograms(loss(a), loss(b)).verdict).toBe("same")
  })

  it("one program over other numbers is another loss: AOT sorts the batch before DPO's formula", () => {
    const found = comparePrograms(loss("trl.aot"), loss("dpo"))
    expect(found.verdict).toBe("differ")
    expect(found.because).toEqual([
      expect.stringMatching(/what its numbers are: it re-matches .* over the whole batch/)
    ])
    expect(comparePrograms(loss("trl.aot"), loss("aot")).verdict).toBe("same")
  })

  it("compares losses whose inputs no engine has: three things called WPO", () => {
    const [paper, authors, openInstruct] = ["trl.wpo?beta=0.01", "wpo_authors.wpo", "openinstruct.wpo?beta=0.01"].map(
      loss
    )
    const clamped = comparePrograms(paper!, authors!)
    expect(clamped.verdict).toBe("differ")
    expect(clamped.difference!.inputs.w_w! * clamped.difference!.inputs.w_l!).toBeGreaterThan(1)
    // At the reference the paper's gradients cancel between the answers; through the weight open-instruct's do not.
    const { difference } = comparePrograms(paper!, openInstruct!)
    expect(difference!.a.dlw + difference!.a.dll).toBeCloseTo(0, 12)
    expect(difference!.b.dlw + difference!.b.dll).toBeGreaterThan(0)
  })

  it("finds factors and constants: IPO in two scales", () => {
    // tau^-2 (tau rho - 1/2)^2 is (rho - 1/(2 tau))^2.
    const scaled = loss("expr:(0.1*((lw-rw)-(ll-rl)) - 0.5)^2")
    expect(comparePrograms(loss("ipo"), scaled).equalUpTo).toEqual({ factor: 0.01, constant: 0 })
    const shifted = loss("expr:softplus(-0.1*((lw-rw)-(ll-rl))) + 3")
    expect(comparePrograms(loss("dpo"), shifted).equalUpTo).toEqual({ factor: 1, constant: 3 })
    expect(comparePrograms(loss("dpo"), loss("ipo")).equalUpTo).toBeUndefined()
  })

  it("without a proof says how many inputs it tried", () => {
    const found = comparePrograms(loss("dpo"), loss("expr:log(1 + exp(-0.1*((lw-rw)-(ll-rl))))"))
    expect(found.verdict).toBe("no difference found")
    expect(found.inputsTried).toBeGreaterThan(40)
  })
})

describe("the table of names", () => {
  const table = lossNames()

  it("puts every name into one class of equal losses, within one class of equal ratios", () => {
    expect(table.lossClasses.flat().sort()).toEqual(table.names.map(({ name }) => name).sort())
    for (const { name, ratioClass, lossClass } of table.names) {
      expect(table.lossClasses[lossClass - 1]).toContain(name)
      if (ratioClass !== undefined) expect(table.ratioClasses[ratioClass - 1]!.names).toContain(name)
    }
    for (const members of table.lossClasses) {
      const classes = new Set(members.map((name) => table.names.find((one) => one.name === name)!.ratioClass))
      expect(classes.size).toBe(1)
    }
  })

  it("classes of ratios are equal within and different between", () => {
    const structures = table.ratioClasses.map(({ names }) => loss(names[0]!))
    for (const [i, a] of structures.entries()) {
      for (const b of structures.slice(0, i)) {
        if (a.semantics !== b.semantics || a.lengthNormalised !== b.lengthNormalised) continue
        expect(sameLoss((a.structure ?? a.weighted)!, (b.structure ?? b.weighted)!)).toBe(false)
      }
    }
  })

  it("knows what shares a name and what shares the mathematics", () => {
    const classOf = (name: string) => table.names.find((one) => one.name === name)!
    expect(classOf("trl.ipo").lossClass).toBe(classOf("halos.ipo").lossClass)
    expect(classOf("trl.ipo").ratioClass).not.toBe(classOf("openrlhf.ipo").ratioClass)
    expect(classOf("openrlhf.ipo").lossClass).toBe(classOf("ipo").lossClass)
    expect(classOf("aot").lossClass).not.toBe(classOf("dpo").lossClass)
    expect(classOf("aot").lossClass).toBe(classOf("trl.aot").lossClass)
    expect(classOf("llamafactory.hinge_trl020").lossClass).toBe(classOf("dpo").lossClass)
    expect(classOf("trl024.rpo_alpha").ratioClass).toBeUndefined()
    expect(namesWithRatio(loss("dpo"))).toEqual(expect.arrayContaining(["ipo", "hinge", "openrlhf.ipo"]))
    expect(namesWithRatio(loss("rows:TF/FF,TT"))).toEqual([])
  })
})
