import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { decodeAdapter, isMeaning, noAdapter, parameterValue, resolveArguments } from "../../src/audit/adapter.ts"
import { meaningOfName } from "../../src/audit/names.ts"
import type { TargetInfo } from "../../src/audit/protocol.ts"
import { parseTarget } from "../../src/audit/target.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

const known = {
  policy_chosen_logps: "lw",
  policy_rejected_logp: "ll",
  reference_chosen_logps: "rw",
  ref_rejected_logps: "rl",
  refRejectedLogps: "rl",
  logp_w: "lw",
  pi_logps_l: "ll",
  ref_logp_w: "rw",
  chosen: "lw",
  chosen_lengths: "nw",
  rejected_num_tokens: "nl",
  avg_chosen_logps: "lw/nw",
  rejected_logratios: "ll-rl",
  pi_logratios: "lw-ll",
  chosen_mask: "mask(w)",
  chosen_token_logps: "tokens(lw)",
  per_token_ref_rejected_logps: "tokens(rl)",
  rejected_logits: "logits(ll)",
  chosen_labels: "labels(w)",
  chosen_rewards: "s_w",
  model: "model(policy)",
  ref_model: "model(reference)",
  yw_idxs: "index(w)"
}

const info = (names: ReadonlyArray<string>, kind: TargetInfo["kind"] = "function"): TargetInfo => ({
  kind,
  made: [],
  arguments: names.map((name) => ({ name, required: kind === "function", default: null })),
  torch: "0"
})

const resolved = (against: string, names: ReadonlyArray<string>, adapter: unknown = {}, kind?: TargetInfo["kind"]) => {
  const read = Result.getOrThrow(decodeAdapter(adapter, "adapter"))
  return resolveArguments(info(names, kind), read, Result.getOrThrow(resolveLoss(against)))
}
const sources = (...args: Parameters<typeof resolved>) => Result.getOrThrow(resolved(...args)).sources
const reason = (...args: Parameters<typeof resolved>): string => {
  const found = resolved(...args)
  return Result.isFailure(found) ? found.failure.message : ""
}

describe("names of arguments", () => {
  it.each(Object.entries(known))("%s is %s", (name, meaning) => {
    expect(meaningOfName(name)).toBe(meaning)
    expect(isMeaning(meaning)).toBe(true)
  })

  it.each(["logits", "x", "chosen_thing", "temperature", "reference"])("%s says nothing", (name) => {
    expect(meaningOfName(name)).toBeUndefined()
  })
})

describe("arguments of a loss", () => {
  it("take parameters by their own names before others, and each parameter once", () => {
    expect(sources("ipo?tau=0.2", ["chosen_logps", "beta"])).toEqual({
      chosen_logps: { input: "lw" },
      beta: { param: "tau" }
    })
    expect(sources("cdpo", ["beta", "label_smoothing"])).toEqual({
      beta: { param: "beta" },
      label_smoothing: { param: "eps" }
    })
    expect(sources("cpo_trl", ["beta", "alpha", "cpo_alpha"], {}, "trainer")).toEqual({
      beta: { param: "beta" },
      cpo_alpha: { param: "lam" }
    })
    expect(sources("ipo_norm", ["beta", "discopop_tau", "ld_alpha"], {}, "trainer")).toEqual({ beta: { param: "tau" } })
    expect(sources("fdpo_alpha", ["f_alpha_divergence_coef", "ld_alpha"], {}, "trainer")).toEqual({
      f_alpha_divergence_coef: { param: "1-alpha" }
    })
  })

  it("are what the adapter says first", () => {
    const adapter = { a: "lw-ll", b: "rw-rl", t: "tau", mode: { constant: "x" }, k: 3, on: true }
    expect(sources("ipo", ["a", "b", "t", "mode", "k", "on"], adapter)).toEqual({
      a: { input: "lw-ll" },
      b: { input: "rw-rl" },
      t: { param: "tau" },
      mode: { constant: "x" },
      k: { constant: 3 },
      on: { constant: true }
    })
  })

  it("that are not known are refused with what to write", () => {
    expect(reason("dpo", ["thing"])).toMatch(/argument "thing" is not known: .*--adapter '\{"thing": "lw"\}'/)
    expect(reason("dpo", ["a"], { a: "qq" })).toMatch(/"a": "qq" is neither an input .* nor a parameter of dpo/)
    expect(reason("dpo", ["chosen"], { chosn: "lw" })).toMatch(/no argument "chosn".*chosen/)
  })
})

describe("adapters", () => {
  it("are refused with the key that is wrong", () => {
    const failure = (document: unknown): string => {
      const read = decodeAdapter(document, "a.json")
      return Result.isFailure(read) ? read.failure.message : ""
    }
    expect(failure([1])).toMatch(/a.json: an adapter is an object/)
    expect(failure({ arguments: {}, return: 0 })).toMatch(/unknown key "return".*returns/)
    expect(failure({ arguments: {}, returns: -1 })).toMatch(/"returns"/)
    expect(failure({ arguments: {}, dtype: "half" })).toMatch(/"dtype" must be float32 or float64/)
    expect(failure(noAdapter)).toBe("")
  })

  it("compute an argument from parameters", () => {
    const params = { beta: 2, gamma: 1, alpha: 0.25 }
    expect(parameterValue("beta", params)).toBe(2)
    expect(parameterValue("1-alpha", params)).toBe(0.75)
    expect(parameterValue("gamma/beta", params)).toBe(0.5)
    expect(parameterValue("gamma*beta", params)).toBe(2)
    expect(parameterValue("delta", params)).toBeUndefined()
    expect(parameterValue("beta+gamma", params)).toBeUndefined()
  })
})

describe("targets", () => {
  it("are files with a function, or trainers with settings", () => {
    const read = (text: string) => Result.getOrThrow(parseTarget(text))
    expect(read("a/b.py:C.d")).toEqual({ kind: "file", path: "a/b.py", function: "C.d" })
    expect(read("trl:dpo?loss_type=[sigmoid,sft]&beta=0.2&use_weighting=true&ld_alpha=none")).toEqual({
      kind: "trl",
      trainer: "dpo",
      settings: { loss_type: ["sigmoid", "sft"], beta: 0.2, use_weighting: true, ld_alpha: null }
    })
    for (const wrong of ["a.py", "a.py:", ":f", "a.py:f g", "trl:", "trl:dpo?x"])
      expect(Result.isFailure(parseTarget(wrong))).toBe(true)
  })
})
