import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { catalogue } from "../../src/loss/catalogue/index.ts"
import type { Loss } from "../../src/loss/loss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { engineInputs, runnability } from "../../src/loss/runnable.ts"

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

  it("lets the PyTorch worker run all but what needs columns of the data or other models", () => {
    const refused = catalogue.filter(({ id }) => reason(id, "torch") !== undefined).map(({ id }) => id)
    expect(refused).toEqual(["diffusion_dpo", "xpo", "mapo", "sppo", "a2po", "dro"])
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
