import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { catalogue } from "../../src/loss/catalogue/index.ts"
import type { Loss } from "../../src/loss/loss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { engineInputs, runnability } from "../../src/loss/runnable.ts"
import { zeroMarginLoss, zeroMarginValue } from "../../src/loss/zeroMargin.ts"

const resolve = (spec: string): Loss => Result.getOrThrow(resolveLoss(spec))
const reason = (spec: string, where: Parameters<typeof runnability>[1] = "bandit"): string | undefined => {
  const result = runnability(resolve(spec), where)
  return Result.isFailure(result) ? result.failure : undefined
}

describe("runnability", () => {
  it("lets an embedded engine run what needs a pair's scalars only, and names what the others need", () => {
    const refused = catalogue.filter(({ id }) => reason(id) !== undefined).map(({ id }) => id)
    expect(refused).toEqual([
      "beta_dpo",
      "wpo",
      "aot",
      "aot_unpaired",
      "mask_dpo",
      "diffusion_dpo",
      "ld_dpo",
      "tdpo1",
      "tdpo2",
      "alpha_dpo",
      "mpo",
      "xpo",
      "tpo",
      "tpo_l",
      "mapo",
      "kto",
      "bco",
      "sppo",
      "a2po",
      "dro"
    ])
    for (const id of refused) expect(reason(id, "finetune"), id).toBe(reason(id))
  })

  it("says why", () => {
    expect(reason("kto")).toMatch(/^it needs inputs that are not there: kl \(a statistic of the batch: .*KL/)
    expect(reason("aot")).toMatch(/not a function of one pair's scalars: .*sorting/)
    expect(reason("ld_dpo")).toMatch(/per-token/)
    expect(reason("tpo")).toMatch(/lg \(.*third/)
    expect(reason("rows:/FT")).toMatch(/degenerate/)
    expect(reason("dpo")).toBeUndefined()
    expect(reason("rebel")).toBeUndefined()
  })

  it("accepts a batch statistic from an engine that computes it", () => {
    expect(reason("kto", new Set([...engineInputs.bandit, "kl"]))).toBeUndefined()
    expect(reason("dpo", new Set(["lw", "ll"]))).toMatch(/rw; rl/)
  })
})

describe("the loss at policy = reference", () => {
  it("is one number for losses of log-ratios", () => {
    expect(zeroMarginValue(resolve("dpo"))).toBeCloseTo(Math.LN2, 15)
    expect(zeroMarginValue(resolve("hinge"))).toBe(1)
    expect(zeroMarginValue(resolve("ipo"))).toBe(25)
    expect(zeroMarginValue(resolve("fdpo_js"))).toBeCloseTo(Math.LN2, 15)
    expect(zeroMarginValue(resolve("orpo_seq?semantics=relative"))).toBeCloseTo(Math.LN2, 15)
    // CEUnl's twin: W = 1/4, L = 3/4 at even odds.
    expect(zeroMarginValue(resolve("ceunl?semantics=relative"))).toBeCloseTo(Math.log(4), 14)
  })

  it("depends on the pair for the others", () => {
    for (const spec of ["cpo_core", "simpo", "irpo", "r_dpo", "copg?beta=0.5", "rebel", "rows:TF/FT"]) {
      const expected = spec.startsWith("copg") ? 0 : undefined
      expect(zeroMarginValue(resolve(spec)), spec).toBe(expected)
    }
  })

  it("at a point takes the policy's values for the reference, whatever the point says", () => {
    const at = { lw: -10, ll: -12, rw: 0, rl: 0, nw: 4, nl: 6 }
    expect(zeroMarginLoss(resolve("irpo"), at)).toBeCloseTo(Math.LN2 + 10 / 4, 13)
    expect(zeroMarginLoss(resolve("cpo_core"), at)).toBeCloseTo(Math.log1p(Math.exp(-2)), 13)
    expect(() => zeroMarginLoss(resolve("rebel"), at)).toThrow(/s_w/)
  })
})
