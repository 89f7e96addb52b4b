/** Names in TRL as of July 2026. */
import { beta, means, namesOf, type RefusedName, sums } from "./schema.ts"

const commit = "huggingface/trl f2cd577"
const dpo = `${commit} trl/trainer/dpo_trainer.py, dpo_config.py`
const cpo = `${commit} trl/experimental/cpo/cpo_trainer.py, cpo_config.py`
const tpo = `${commit} trl/experimental/tpo/tpo_trainer.py, tpo_config.py`
const kto = `${commit} trl/trainer/kto_trainer.py, kto_config.py`
const orpo = `${commit} trl/experimental/orpo/orpo_trainer.py`
const smoothed = { beta: 0.1, label_smoothing: 0 } as const
const gold = "lg, ng: the gold answer"

const dpoTrainer = namesOf({ project: "TRL", checked: dpo }, "trl", {
  sigmoid: { loss: "dpo?beta={beta}", params: beta, note: "does not read label_smoothing any more: no cDPO" },
  hinge: { loss: "hinge?beta={beta}", params: beta },
  ipo: { loss: "ipo_norm?tau={beta}", params: beta, note: `${means}; beta is IPO's tau` },
  exo_pair: {
    loss: "exo_pair?beta={beta}&eps={label_smoothing}",
    params: { beta: 0.1, label_smoothing: 0.001 },
    note: "the trainer's own default, label_smoothing 0, is refused there; 1e-3 is what it suggests"
  },
  nca_pair: { loss: "nca_pair?beta={beta}", params: beta },
  robust: { loss: "robust_dpo?beta={beta}&eps={label_smoothing}", params: smoothed },
  bco_pair: {
    loss: "bco_pair?beta={beta}",
    params: beta,
    note: "without the reward shift of the paper and of TRL 0.24"
  },
  sppo_hard: { loss: "sppo_hard?beta={beta}", params: beta, note: "sum of two squares; the authors average them" },
  aot: { loss: "aot?beta={beta}&eps={label_smoothing}", params: smoothed, note: "sorts the batch first" },
  aot_unpaired: {
    loss: "aot_unpaired?beta={beta}&eps={label_smoothing}",
    params: smoothed,
    note: "sorts the batch first; called aot_pair before February 2026"
  },
  apo_zero: { loss: "apo_zero?beta={beta}", params: beta },
  apo_down: { loss: "apo_down?beta={beta}", params: beta },
  discopop: { loss: "discopop?beta={beta}&tau={discopop_tau}", params: { beta: 0.1, discopop_tau: 0.05 } },
  sft: { loss: "sft", params: {}, note: "one mean over all chosen tokens of a batch; here of one pair" },
  sigmoid_norm: {
    loss: "sigmoid_norm?beta={beta}",
    params: beta,
    note: `${means}; open-instruct's dpo_norm, whose default beta is 50 times this one`
  },
  wpo: {
    loss: "wpo?beta={beta}",
    params: beta,
    note: "use_weighting=True: weights detached, aligned by sum_v pi(v)^2, not clamped at 1"
  },
  forward_kl: { loss: "fdpo_forward_kl?beta={beta}", params: beta, note: "f_divergence_type of sigmoid" },
  js_divergence: { loss: "fdpo_js?beta={beta}", params: beta, note: "f_divergence_type of sigmoid" },
  alpha_divergence: {
    loss: "fdpo_alpha?beta={beta}&alpha={1-f_alpha_divergence_coef}",
    params: { beta: 0.1, f_alpha_divergence_coef: 0.5 },
    note: "f'(u) = u^(c-1)/(c-1): c is 1 - alpha of the paper and of TRL 0.24"
  }
})

const cpoTrainer = namesOf({ project: "TRL CPOTrainer", checked: cpo }, "trl", {
  cpo: {
    loss: "cpo_trl?beta={beta}&lam={cpo_alpha}",
    params: { beta: 0.1, cpo_alpha: 1 },
    note: "likelihood term: mean over tokens of the answer; the paper's is of the whole answer (cpo)"
  },
  cpo_hinge: {
    loss: "expr:max(0, 1 - {beta}*(lw - ll)) - {cpo_alpha}*lw/nw",
    params: { beta: 0.1, cpo_alpha: 1 },
    note: "hinge without a reference, with CPO's likelihood term"
  },
  cpo_ipo: {
    loss: "expr:(lw/nw - ll/nl - 1/(2*{beta}))^2 - {cpo_alpha}*lw/nw",
    params: { beta: 0.1, cpo_alpha: 1 },
    note: "IPO without a reference, with CPO's likelihood term"
  },
  simpo: {
    loss: "expr:softplus({simpo_gamma} - {beta}*(lw/nw - ll/nl)) - {cpo_alpha}*lw/nw",
    params: { beta: 0.1, simpo_gamma: 0.5, cpo_alpha: 1 },
    note: "CPO-SimPO: the likelihood term stays unless cpo_alpha is 0; takes gamma itself"
  },
  alphapo: {
    loss: "alphapo?beta={beta}&alpha={alpha}&gamma={simpo_gamma}",
    params: { beta: 0.1, alpha: 0.25, simpo_gamma: 0.5 },
    note: "the trainer's own default, alpha 0, makes it SimPO"
  }
})

const others = namesOf({ project: "TRL", checked: tpo }, "trl", {
  tpo: { loss: "tpo?beta={beta}&alpha={tpo_alpha}", params: { beta: 0.01, tpo_alpha: 1 }, note: gold },
  tpo_hinge: {
    loss: "expr:max(0, 1 - {beta}*(lw - ll)) - {tpo_alpha}*lg/ng",
    params: { beta: 0.01, tpo_alpha: 1 },
    note: gold
  },
  tpo_ipo: {
    loss: "expr:(lw/nw - ll/nl - 1/(2*{beta}))^2 - {tpo_alpha}*lg/ng",
    params: { beta: 0.01, tpo_alpha: 1 },
    note: `IPO without a reference model, ${means}; ${gold}`
  },
  tpo_l: {
    loss: "tpo_l?beta={beta}&gamma={tpo_l_gamma}&alpha={tpo_alpha}",
    params: { beta: 0.01, tpo_l_gamma: 0.5, tpo_alpha: 1 },
    note: gold
  },
  orpo: {
    loss: "orpo?lam={beta}",
    params: beta,
    checked: orpo,
    note: "beta is ORPO's lambda; its likelihood term is a mean over prompt and answer, here over the answer"
  },
  kto: {
    loss: "kto?beta={beta}&lam_d={desirable_weight}&lam_u={undesirable_weight}",
    params: { beta: 0.1, desirable_weight: 1, undesirable_weight: 1 },
    checked: kto,
    note: "reference point: mean log-ratio of mismatched pairs over all devices, detached, clamped at 0"
  },
  apo_zero_unpaired: {
    loss: "apo_zero?beta={beta}",
    params: beta,
    checked: kto,
    note: "of KTOTrainer, whose class weights multiply the halves"
  },
  bco: {
    loss: "bco?beta={beta}",
    params: beta,
    checked: `${commit} trl/experimental/bco/bco_trainer.py`,
    note: "delta: running mean of the rewards, detached"
  },
  online_dpo: {
    loss: "dpo?beta={beta}",
    params: beta,
    checked: `${commit} trl/experimental/online_dpo/online_dpo_trainer.py`
  },
  online_ipo: {
    loss: "ipo?tau={beta}",
    params: beta,
    checked: `${commit} trl/experimental/online_dpo/online_dpo_trainer.py`,
    note: `${sums}, where trl.ipo averages: one library has both conventions`
  },
  xpo: {
    loss: "xpo?beta={beta}&alpha={alpha}",
    params: { beta: 0.1, alpha: 1e-5 },
    checked: `${commit} trl/experimental/xpo/xpo_trainer.py, xpo_config.py`
  }
})

export const trl = [...dpoTrainer, ...cpoTrainer, ...others]

export const trlRefused: ReadonlyArray<RefusedName> = [
  {
    name: "trl.kto_pair",
    project: "TRL",
    refused: "removed in June 2024 (commit 50c4620) in favour of KTOTrainer; trl09.kto_pair is what it was",
    checked: dpo
  }
]
