/**
 * What every loss of the installed TRL is held against, and what is known about the differences. `loss` is what the name (and the
 * trainer's documentation) promises; `because` is a reason that reading the trainer's code gave, and is checked by the rows
 * around it: a row that differs by one thing stands beside one that agrees once the thing is named.
 */

/** One row of the table. */
export interface ConformanceRow {
  readonly trainer: "dpo" | "cpo" | "orpo" | "tpo" | "kto"
  /** Settings as in `trl:trainer?settings`. */
  readonly settings: string
  readonly loss: string
  readonly because?: string
}

const dpo = (settings: string, loss: string, because?: string): ConformanceRow => ({
  trainer: "dpo",
  settings,
  loss,
  ...(because === undefined ? {} : { because })
})

const of =
  (trainer: ConformanceRow["trainer"]) =>
  (settings: string, loss: string, because?: string): ConformanceRow => ({ ...dpo(settings, loss, because), trainer })

const cpo = of("cpo")
const tpo = of("tpo")

const tokenMean =
  "The likelihood term is one mean over all chosen tokens of the batch: pairs with long answers weigh more. Batches of one pair agree."

/** All rows, trainer by trainer. */
export const rows: ReadonlyArray<ConformanceRow> = [
  dpo("loss_type=sigmoid", "dpo"),
  dpo(
    "loss_type=sigmoid",
    "cdpo",
    "Since the rewrite of February 2026 `sigmoid` does not read `label_smoothing`: conservative DPO is gone from DPOTrainer, and the setting is ignored without a word."
  ),
  dpo("loss_type=hinge", "hinge"),
  dpo(
    "loss_type=ipo",
    "ipo",
    "Log-ratios are divided by the number of tokens; TRL says that IPO's authors confirmed it."
  ),
  dpo("loss_type=ipo", "ipo_norm"),
  dpo(
    "loss_type=exo_pair",
    "exo_pair",
    "Epsilon becomes a float32 tensor, so its logarithms have float32's digits whatever the model's type."
  ),
  dpo("loss_type=nca_pair", "nca_pair"),
  dpo("loss_type=robust", "robust_dpo"),
  dpo("loss_type=bco_pair", "bco_pair"),
  dpo("loss_type=bco_pair", "bco", "The reward shift delta, a running mean of the rewards, is not subtracted."),
  dpo("loss_type=sppo_hard", "sppo_hard"),
  dpo(
    "loss_type=sppo_hard",
    "expr:0.5*((lw-rw-1/(2*beta))^2+(ll-rl+1/(2*beta))^2)?beta=0.001",
    "The authors' code averages the two squares, TRL sums them."
  ),
  dpo(
    "loss_type=aot",
    "aot",
    "Margins are sorted over the batch, so that the loss is none of one pair; a batch of one agrees."
  ),
  dpo("loss_type=aot_unpaired", "aot_unpaired", "As `aot`: a batch of one agrees."),
  dpo("loss_type=apo_zero", "apo_zero"),
  dpo("loss_type=apo_down", "apo_down"),
  dpo("loss_type=discopop", "discopop"),
  dpo("loss_type=sft", "sft", tokenMean),
  dpo("loss_type=sigmoid_norm", "sigmoid_norm"),
  dpo("loss_type=[sigmoid,sft]", "irpo", tokenMean),
  dpo(
    "loss_type=[sigmoid,bco_pair,sft]&loss_weights=[0.8,0.2,1.0]",
    "mpo",
    `The reward shift delta is missing (see \`bco_pair\`). ${tokenMean}`
  ),
  dpo("f_divergence_type=forward_kl", "fdpo_forward_kl"),
  dpo("f_divergence_type=js_divergence", "fdpo_js"),
  dpo(
    "f_divergence_type=alpha_divergence",
    "fdpo_alpha",
    "TRL's coefficient is 1 - alpha of the paper. Refuses float64 tensors: compared in float32."
  ),
  dpo(
    "f_divergence_type=alpha_divergence&f_alpha_divergence_coef=0.3",
    "fdpo_alpha?alpha=0.3",
    "The coefficient is 1 - alpha: passing the paper's alpha gives another loss, unless it is 0.5."
  ),
  dpo("use_weighting=true", "wpo"),
  dpo(
    "loss_type=sft&use_weighting=true",
    "sft",
    "Weighting multiplies in place a tensor that `sft` made by expanding one number: PyTorch refuses for more than one pair."
  ),
  dpo("ld_alpha=0.5", "ld_dpo?alpha=0.5"),
  cpo(
    "loss_type=sigmoid",
    "cpo",
    "The likelihood term is per token (and one mean over the batch's tokens), the paper's is of the whole answer."
  ),
  cpo("loss_type=sigmoid", "cpo_trl", tokenMean),
  cpo("loss_type=sigmoid&cpo_alpha=0", "cpo_core?beta=0.1"),
  cpo(
    "loss_type=sigmoid&cpo_alpha=0",
    "expr:(1-eps)*softplus(-beta*(lw-ll))+eps*softplus(beta*(lw-ll))?beta=0.1&eps=0.2"
  ),
  cpo("loss_type=hinge&cpo_alpha=0", "expr:max(0,1-beta*(lw-ll))?beta=0.1"),
  cpo("loss_type=ipo&cpo_alpha=0", "expr:(lw/nw-ll/nl-1/(2*beta))^2?beta=0.1"),
  cpo(
    "loss_type=ipo&cpo_alpha=0",
    "ipo_norm",
    "CPOTrainer has no reference model: its `ipo` compares the policy's own per-token log-probabilities."
  ),
  cpo("loss_type=simpo", "simpo", "`cpo_alpha` is 1 unless set: `simpo` alone is CPO-SimPO."),
  cpo("loss_type=simpo&cpo_alpha=0", "simpo"),
  cpo("loss_type=alphapo", "alphapo"),
  cpo(
    "loss_type=alphapo&alpha=0.0",
    "alphapo",
    "The default alpha is 0, at which `alphapo` is SimPO; the paper's 0.25 has to be set."
  ),
  of("orpo")(
    "",
    "orpo",
    "The likelihood term covers the prompt too, as one mean over all tokens of the batch; the odds are computed in float32."
  ),
  of("kto")("loss_type=kto", "kto"),
  of("kto")("loss_type=apo_zero_unpaired", "apo_zero"),
  tpo(
    "loss_type=sigmoid",
    "tpo",
    "The likelihood term is one mean over all gold tokens of the batch. Batches of one agree."
  ),
  tpo("loss_type=sigmoid&tpo_alpha=0", "cpo_core?beta=0.1"),
  tpo("loss_type=hinge&tpo_alpha=0", "expr:max(0,1-beta*(lw-ll))?beta=0.1"),
  tpo("loss_type=ipo&tpo_alpha=0", "expr:(lw/nw-ll/nl-1/(2*beta))^2?beta=0.1"),
  tpo("loss_type=tpo-l&tpo_alpha=0", "simpo"),
  tpo(
    "loss_type=tpo-l",
    "tpo_l",
    "The likelihood term is one mean over all gold tokens of the batch. Batches of one agree."
  )
]

/** Names of losses that TRL had, or whose loss sits where it cannot be called. */
export const absent: ReadonlyArray<string> = [
  "BCOTrainer (`trl.experimental.bco`) is gone: it was in 1.10; `losslattice audit trl:bco` works with releases that have it.",
  "OnlineDPOTrainer's losses (`sigmoid`, `ipo` on sums) sit inside the step that generates and judges samples; they are not driven here.",
  "XPOTrainer and NashMDTrainer are gone."
]
