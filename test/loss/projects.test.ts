/** Every trainer's name against its formula, written out here from the project's code, at its defaults and at others. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { catalogueNames } from "../../src/loss/catalogue/index.ts"
import { getProjectName, projectNames, refusedNames } from "../../src/loss/catalogue/projects/index.ts"
import { sameNames } from "../../src/loss/catalogue/sameNames.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

/** One pair; no two inputs agree, lengths differ, both answers have moved from the reference. */
const x = { lw: -6, ll: -9.5, rw: -7, rl: -8.25, nw: 2, nl: 5, lg: -4, ng: 3, kl: 0.3, delta: 0.2, s_w: 1.5, s_l: 0.25 }
const inputs: Readonly<Record<string, number>> = { ...x, w_w: 0.8, w_l: 1.5, pol_is_w: 0 }

const { exp, log, log1p, max } = Math
const sigma = (z: number): number => 1 / (1 + exp(-z))
const nls = (z: number): number => log1p(exp(-z))
const [a, b] = [x.lw - x.rw, x.ll - x.rl]
const rho = a - b
const rhoMean = a / x.nw - b / x.nl
const margin = x.lw / x.nw - x.ll / x.nl
const nll = -x.lw / x.nw
const nllGold = -x.lg / x.ng

type Formula = (parameter: (name: string) => number) => number
const logistic =
  (of: number, name: string): Formula =>
  (p) =>
    nls(p(name) * of)
const smooth =
  (of: number, beta: string, eps: string): Formula =>
  (p) =>
    (1 - p(eps)) * nls(p(beta) * of) + p(eps) * nls(-p(beta) * of)
const ipo =
  (of: number, tau: string): Formula =>
  (p) =>
    (of - 1 / (2 * p(tau))) ** 2
const hinge =
  (of: number, beta: string): Formula =>
  (p) =>
    max(0, 1 - p(beta) * of)
const robust: Formula = (p) => {
  const [beta, eps] = [p("beta"), p("label_smoothing")]
  return ((1 - eps) * nls(beta * rho) - eps * nls(-beta * rho)) / (1 - 2 * eps)
}
const exo: Formula = (p) => {
  const [q, eps] = [sigma(p("beta") * rho), p("label_smoothing")]
  return q * log(q / (1 - eps)) + (1 - q) * log((1 - q) / eps)
}
const nca: Formula = (p) => nls(p("beta") * a) + 0.5 * nls(-p("beta") * a) + 0.5 * nls(-p("beta") * b)
const bcoPair: Formula = (p) => nls(p("beta") * a) + nls(-p("beta") * b)
const bco: Formula = (p) => nls(p("beta") * a - x.delta) + nls(-(p("beta") * b - x.delta))
const sppo: Formula = (p) => (a - 0.5 / p("beta")) ** 2 + (b + 0.5 / p("beta")) ** 2
const apoZero: Formula = (p) => 1 - sigma(p("beta") * a) + sigma(p("beta") * b)
const apoDown: Formula = (p) => sigma(p("beta") * a) + 1 - sigma(p("beta") * rho)
const discopop: Formula = (p) => {
  const z = p("beta") * rho
  const share = sigma(z / p("discopop_tau"))
  return nls(z) * (1 - share) + exp(-z) * share
}
const withNll =
  (loss: Formula, weight: string, value = nll): Formula =>
  (p) =>
    loss(p) + p(weight) * value
const gamma =
  (beta: string, name: string): Formula =>
  (p) =>
    nls(p(beta) * margin - p(name))
const ratioMargin: Formula = (p) => nls(p("beta") * (margin - p("gamma_beta_ratio")))
const orpo =
  (lam: string): Formula =>
  (p) => {
    const [w, l] = [exp(x.lw / x.nw), exp(x.ll / x.nl)]
    return nll + p(lam) * nls(log(w / (1 - w)) - log(l / (1 - l)))
  }
const kto =
  (beta: string, desirable: string, undesirable: string): Formula =>
  (p) =>
    p(desirable) * (1 - sigma(p(beta) * (a - x.kl))) + p(undesirable) * (1 - sigma(p(beta) * (x.kl - b)))
const alpha =
  (alphaOf: Formula): Formula =>
  (p) => {
    const order = alphaOf(p)
    return nls((p("beta") * (exp(-order * b) - exp(-order * a))) / order)
  }
const [soft, gapScale] = ["ref_policy_kl_penalty", "gt_reward_scale"]
const bernoulli = (p: Parameters<Formula>[0]) => [sigma(p(gapScale) * (x.s_w - x.s_l)), sigma(p(soft) * rho)] as const
const kl = (u: number, v: number): number => u * log(u / v) + (1 - u) * log((1 - u) / (1 - v))

const formulas: Readonly<Record<string, Formula>> = {
  "trl.sigmoid": logistic(rho, "beta"),
  "trl.hinge": hinge(rho, "beta"),
  "trl.ipo": ipo(rhoMean, "beta"),
  "trl.exo_pair": exo,
  "trl.nca_pair": nca,
  "trl.robust": robust,
  "trl.bco_pair": bcoPair,
  "trl.sppo_hard": sppo,
  "trl.aot": smooth(rho, "beta", "label_smoothing"),
  "trl.aot_unpaired": smooth(rho, "beta", "label_smoothing"),
  "trl.apo_zero": apoZero,
  "trl.apo_down": apoDown,
  "trl.discopop": discopop,
  "trl.sft": () => nll,
  "trl.sigmoid_norm": logistic(rhoMean, "beta"),
  "trl.wpo": (p) => inputs.w_w! * inputs.w_l! * nls(p("beta") * rho),
  "trl.forward_kl": (p) => nls(p("beta") * (exp(-b) - exp(-a))),
  "trl.js_divergence": (p) => nls(p("beta") * log(sigma(a) / sigma(b))),
  "trl.alpha_divergence": alpha((p) => 1 - p("f_alpha_divergence_coef")),
  "trl.cpo": withNll(logistic(x.lw - x.ll, "beta"), "cpo_alpha"),
  "trl.cpo_hinge": withNll(hinge(x.lw - x.ll, "beta"), "cpo_alpha"),
  "trl.cpo_ipo": withNll(ipo(margin, "beta"), "cpo_alpha"),
  "trl.simpo": withNll(gamma("beta", "simpo_gamma"), "cpo_alpha"),
  "trl.alphapo": (p) => {
    const reward = (mean: number) => (1 - exp(mean) ** -p("alpha")) / p("alpha")
    return nls(p("beta") * (reward(x.lw / x.nw) - reward(x.ll / x.nl)) - p("simpo_gamma"))
  },
  "trl.tpo": withNll(logistic(x.lw - x.ll, "beta"), "tpo_alpha", nllGold),
  "trl.tpo_hinge": withNll(hinge(x.lw - x.ll, "beta"), "tpo_alpha", nllGold),
  "trl.tpo_ipo": withNll(ipo(margin, "beta"), "tpo_alpha", nllGold),
  "trl.tpo_l": withNll(gamma("beta", "tpo_l_gamma"), "tpo_alpha", nllGold),
  "trl.orpo": orpo("beta"),
  "trl.kto": kto("beta", "desirable_weight", "undesirable_weight"),
  "trl.apo_zero_unpaired": apoZero,
  "trl.bco": bco,
  "trl.online_dpo": logistic(rho, "beta"),
  "trl.online_ipo": ipo(rho, "beta"),
  "trl.xpo": (p) => nls(p("beta") * rho) + p("alpha") * x.lw,
  "trl024.sigmoid": smooth(rho, "beta", "label_smoothing"),
  "trl024.ipo": ipo(rhoMean, "beta"),
  "trl024.bco_pair": bco,
  "trl024.aot_pair": smooth(rho, "beta", "label_smoothing"),
  "trl024.alpha_divergence": alpha((p) => p("f_alpha_divergence_coef")),
  "trl024.rpo_alpha": withNll(logistic(rho, "beta"), "rpo_alpha"),
  "trl09.kto_pair": (p) =>
    0.5 * (1 - sigma(p("beta") * (a - max(0, b)))) + 0.5 * (1 - sigma(p("beta") * (max(0, a) - b))),
  "openrlhf.dpo": smooth(rho, "beta", "label_smoothing"),
  "openrlhf.ipo": ipo(rho, "beta"),
  "halos.dpo": logistic(rho, "beta"),
  "halos.cdpo": smooth(rho, "beta", "epsilon"),
  "halos.ipo": ipo(rhoMean, "tau"),
  "halos.simpo": ratioMargin,
  "halos.slic": (p) => max(0, p("beta") - x.lw + x.ll) - p("lambda_coef") * x.lw,
  "halos.kto": kto("beta", "desirable_weight", "undesirable_weight"),
  "llamafactory.sigmoid": smooth(rho, "pref_beta", "dpo_label_smoothing"),
  "llamafactory.hinge": hinge(rho, "pref_beta"),
  "llamafactory.ipo": ipo(rhoMean, "pref_beta"),
  "llamafactory.hinge_trl020": logistic(rho, "pref_beta"),
  "llamafactory.ipo_trl020": logistic(rhoMean, "pref_beta"),
  "llamafactory.kto_pair_trl020": logistic(rho, "pref_beta"),
  "llamafactory.simpo": gamma("pref_beta", "simpo_gamma"),
  "llamafactory.orpo": orpo("pref_beta"),
  "llamafactory.kto": kto("pref_beta", "kto_chosen_weight", "kto_rejected_weight"),
  "openinstruct.dpo": smooth(rho, "beta", "label_smoothing"),
  "openinstruct.dpo_norm": logistic(rhoMean, "beta"),
  "openinstruct.simpo": ratioMargin,
  "openinstruct.wpo": (p) => exp(x.lw + x.ll) * smooth(rho, "beta", "label_smoothing")(p),
  "nemo.dpo": logistic(rho, soft),
  "nemo.ipo": ipo(rho, soft),
  "nemo.rpo_bwd_kl": (p) => kl(...bernoulli(p)),
  "nemo.rpo_fwd_kl": (p) => kl(bernoulli(p)[1], bernoulli(p)[0]),
  "nemo.rpo_sq": (p) => (p(soft) * rho - p(gapScale) * (x.s_w - x.s_l)) ** 2,
  "liger.sigmoid": logistic(rho, "beta"),
  "liger.hinge": hinge(rho, "beta"),
  "liger.exo_pair": exo,
  "liger.nca_pair": nca,
  "liger.robust": robust,
  "liger.bco_pair": bcoPair,
  "liger.sppo_hard": sppo,
  "liger.apo_zero": apoZero,
  "liger.apo_down": apoDown,
  "liger.discopop": discopop,
  "liger.cpo": withNll(logistic(x.lw - x.ll, "beta"), "alpha"),
  "liger.simpo": withNll(gamma("beta", "gamma"), "alpha"),
  "liger.orpo": orpo("beta"),
  "liger.kto": (p) => 1 - sigma(p("beta") * (a - x.kl)) + 1 - sigma(p("beta") * (x.kl - b)),
  "msswift.sigmoid": smooth(rho, "beta", "label_smoothing"),
  "msswift.hinge": hinge(rho, "beta"),
  "msswift.ipo": ipo(rhoMean, "beta"),
  "msswift.bco_pair": bco,
  "msswift.simpo": withNll(gamma("beta", "simpo_gamma"), "cpo_alpha"),
  "msswift_megatron.sigmoid": smooth(rho, "beta", "label_smoothing"),
  "msswift_megatron.hinge": logistic(rho, "beta"),
  "msswift_megatron.ipo": logistic(rho, "beta"),
  "dpo_authors.dpo": smooth(rho, "beta", "label_smoothing"),
  "dpo_authors.ipo": ipo(rho, "beta"),
  "simpo_authors.sigmoid": ratioMargin,
  "simpo_authors.hinge": (p) => max(0, 1 - p("beta") * (margin - p("gamma_beta_ratio"))),
  "wpo_authors.wpo": (p) => Math.min(1, inputs.w_w! * inputs.w_l!) * nls(p("beta") * rho),
  "torchtune.dpo": smooth(rho, "beta", "label_smoothing"),
  "torchtune.rso": hinge(rho, "gamma")
}

const lossAt = (text: string): number => {
  const { program } = Result.getOrThrowWith(resolveLoss(text), ({ message }) => new Error(message))
  return compileKernel(program).evaluate(inputs).loss
}

describe("trainers' names", () => {
  it("each has a formula here, and a value that is the formula's", () => {
    expect(Object.keys(formulas).sort()).toEqual(projectNames.map(({ name }) => name).sort())
    for (const { name, params } of projectNames) {
      expect(lossAt(name), name).toBeCloseTo(
        formulas[name]!((parameter) => params[parameter]!),
        9
      )
    }
  })

  it("every parameter counts: each changed alone gives the formula's value", () => {
    for (const { name, params } of projectNames) {
      for (const [changed, standard] of Object.entries(params)) {
        const value = standard === 0 ? 0.25 : standard * 0.75
        const wanted = formulas[name]!((parameter) => (parameter === changed ? value : params[parameter]!))
        expect(lossAt(`${name}?${changed}=${value}`), `${name}?${changed}=${value}`).toBeCloseTo(wanted, 9)
      }
    }
  })

  it("no name means two things, and each says in which code it was read", () => {
    const names = [...catalogueNames, ...projectNames, ...refusedNames].map((one) =>
      typeof one === "string" ? one : one.name
    )
    expect(new Set(names).size).toBe(names.length)
    for (const { checked, name } of [...projectNames, ...refusedNames]) {
      expect(checked, name).toMatch(/^[\w-]+\/[\w-]+ (?:v[\d.]+ \()?[0-9a-f]{7}/)
    }
  })

  it("names that a project does not compute say why", () => {
    for (const { name, refused } of refusedNames) {
      const found = resolveLoss(name)
      expect(Result.isFailure(found) && found.failure.message).toContain(`does not compute ${name}: ${refused}`)
      expect(getProjectName(name)).toBeUndefined()
    }
  })

  it("the same name elsewhere: everyone's, but its own, and symmetric", () => {
    const others = sameNames("trl.ipo")
    expect(others).toContainEqual({ name: "ipo", is: "ipo" })
    expect(others).toContainEqual({ name: "openrlhf.ipo", is: "ipo?tau=0.1" })
    expect(others).toContainEqual({ name: "llamafactory.ipo_trl020", is: "sigmoid_norm?beta=0.1" })
    expect(others.find(({ name }) => name === "liger.ipo")?.refused).toMatch(/token counts/)
    expect(others.map(({ name }) => name)).not.toContain("trl.ipo")
    for (const { name } of projectNames) {
      for (const other of sameNames(name)) expect(sameNames(other.name).map((one) => one.name)).toContain(name)
    }
  })
})
