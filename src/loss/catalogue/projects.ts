/**
 * Names that trainers give to losses. The same name is not the same mathematics everywhere: a name here is `project.loss`, takes
 * the project's own parameters with its own defaults, and says which loss that is. Two names that fill in to one loss are one
 * loss; names of losses that no other entry has are written as expressions. Read in the projects' code; versions in `checked`.
 */

/** A trainer's name for a loss. */
export interface ProjectName {
  readonly name: string
  readonly project: string
  /** A LOSS text; `{beta}` and `{beta*ratio}` are filled with the parameters, products of which are allowed. */
  readonly loss: string
  /** The project's parameters with their defaults. */
  readonly params: Readonly<Record<string, number>>
  readonly note?: string
  /** Where the mathematics and the defaults were read. */
  readonly checked: string
}

const trl = "TRL DPOTrainer, February 2026 and later (trl/trainer/dpo_trainer.py)"
const trlCpo = "TRL CPOTrainer (trl/experimental/cpo; cpo_config.py defaults)"
const openrlhf = "OpenRLHF 0.11 (openrlhf/models/loss.py, class DPOLoss)"
const halos = "HALOs (train/trainers.py, config/loss/*.yaml)"
const llamafactory = "LLaMA-Factory (train/dpo/trainer.py, hparams/finetuning_args.py)"
const openinstruct = "open-instruct (dpo_utils.py)"
const nemo = "NeMo-Aligner (dpo)"
const original = "the DPO authors' repository (trainers.py)"

const beta = { beta: 0.1 } as const
const sums = "log-probabilities of whole answers, summed over tokens"
const means = "log-probabilities averaged over the answer's tokens"

/** All names, by project. */
export const projectNames: ReadonlyArray<ProjectName> = [
  { name: "trl.sigmoid", project: "TRL", loss: "dpo?beta={beta}", params: beta, checked: trl, note: "label_smoothing is not read by this loss type any more" },
  { name: "trl.hinge", project: "TRL", loss: "hinge?beta={beta}", params: beta, checked: trl },
  { name: "trl.ipo", project: "TRL", loss: "ipo_norm?tau={beta}", params: beta, checked: trl, note: `${means}; beta is IPO's tau` },
  { name: "trl.online_ipo", project: "TRL", loss: "ipo?tau={beta}", params: beta, checked: "TRL OnlineDPOTrainer", note: `${sums}: TRL has both conventions` },
  { name: "trl.exo_pair", project: "TRL", loss: "exo_pair?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0.001 }, checked: trl, note: "label_smoothing 0, the trainer's default, is refused there; 1e-3 is what it suggests" },
  { name: "trl.nca_pair", project: "TRL", loss: "nca_pair?beta={beta}", params: beta, checked: trl },
  { name: "trl.robust", project: "TRL", loss: "robust_dpo?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0 }, checked: trl },
  { name: "trl.bco_pair", project: "TRL", loss: "bco_pair?beta={beta}", params: beta, checked: trl, note: "without the reward shift that the paper and older versions subtract" },
  { name: "trl.sppo_hard", project: "TRL", loss: "sppo_hard?beta={beta}", params: beta, checked: trl, note: "sum of two squares; the authors average them" },
  { name: "trl.aot", project: "TRL", loss: "aot?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0 }, checked: trl },
  { name: "trl.aot_unpaired", project: "TRL", loss: "aot_unpaired?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0 }, checked: trl, note: "called aot_pair before February 2026" },
  { name: "trl.apo_zero", project: "TRL", loss: "apo_zero?beta={beta}", params: beta, checked: trl },
  { name: "trl.apo_down", project: "TRL", loss: "apo_down?beta={beta}", params: beta, checked: trl },
  { name: "trl.discopop", project: "TRL", loss: "discopop?beta={beta}&tau={discopop_tau}", params: { beta: 0.1, discopop_tau: 0.05 }, checked: trl },
  { name: "trl.sft", project: "TRL", loss: "sft", params: {}, checked: trl, note: "one mean over all chosen tokens of a batch, here of a pair" },
  { name: "trl.sigmoid_norm", project: "TRL", loss: "sigmoid_norm?beta={beta}", params: beta, checked: trl, note: `${means}; open-instruct calls it dpo_norm and uses a beta near 5` },
  { name: "trl.js_divergence", project: "TRL", loss: "fdpo_js?beta={beta}", params: beta, checked: trl },
  { name: "trl.forward_kl", project: "TRL", loss: "fdpo_forward_kl?beta={beta}", params: beta, checked: trl },
  { name: "trl.cpo", project: "TRL", loss: "cpo_trl?beta={beta}&lam={cpo_alpha}", params: { beta: 0.1, cpo_alpha: 1 }, checked: trlCpo, note: "token-mean likelihood term; the paper's is of the sequence (cpo)" },
  { name: "trl.simpo", project: "TRL", loss: "expr:softplus({simpo_gamma} - {beta}*(lw/nw - ll/nl)) - {cpo_alpha}*lw/nw", params: { beta: 0.1, simpo_gamma: 0.5, cpo_alpha: 1 }, checked: trlCpo, note: "CPO-SimPO: the likelihood term stays unless cpo_alpha is 0; takes gamma itself" },
  { name: "trl.cpo_ipo", project: "TRL", loss: "expr:(lw/nw - ll/nl - 1/(2*{beta}))^2 - {cpo_alpha}*lw/nw", params: { beta: 0.1, cpo_alpha: 1 }, checked: trlCpo, note: "IPO without a reference, with CPO's likelihood term" },
  { name: "trl.orpo", project: "TRL", loss: "orpo?lam={beta}", params: beta, checked: "TRL ORPOTrainer", note: "beta is ORPO's lambda; the likelihood covers the prompt too" },
  { name: "trl.kto", project: "TRL", loss: "kto?beta={beta}&lam_d={desirable_weight}&lam_u={undesirable_weight}", params: { beta: 0.1, desirable_weight: 1, undesirable_weight: 1 }, checked: "TRL KTOTrainer", note: "reference point from mismatched pairs, detached" },
  { name: "trl.rpo_alpha", project: "TRL before 2026", loss: "rpo?beta={beta}&alpha={rpo_alpha}", params: { beta: 0.1, rpo_alpha: 1 }, checked: "TRL DPOConfig.rpo_alpha, since replaced by lists of weighted losses", note: "not the reward-aware RPO of NeMo" },
  { name: "openrlhf.dpo", project: "OpenRLHF", loss: "cdpo?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0 }, checked: openrlhf, note: "label_smoothing makes it cDPO" },
  { name: "openrlhf.ipo", project: "OpenRLHF", loss: "ipo?tau={beta}", params: beta, checked: openrlhf, note: `${sums}; beta is IPO's tau` },
  { name: "halos.dpo", project: "HALOs", loss: "dpo?beta={beta}", params: beta, checked: halos },
  { name: "halos.ipo", project: "HALOs", loss: "ipo_norm?tau={tau}", params: { tau: 0.1 }, checked: halos, note: "averages over tokens where policy and reference differ, so 0/0 at the start" },
  { name: "halos.simpo", project: "HALOs", loss: "simpo?beta={beta}&gamma={beta*gamma_beta_ratio}", params: { beta: 2, gamma_beta_ratio: 0.5 }, checked: halos, note: "the margin is beta times the ratio; older versions took gamma" },
  { name: "halos.kto", project: "HALOs", loss: "kto?beta={beta}&lam_d={desirable_weight}&lam_u={undesirable_weight}", params: { beta: 0.1, desirable_weight: 1, undesirable_weight: 1 }, checked: halos, note: "the reference point averages over non-empty sequences only" },
  { name: "llamafactory.sigmoid", project: "LLaMA-Factory", loss: "cdpo?beta={pref_beta}&eps={dpo_label_smoothing}", params: { pref_beta: 0.1, dpo_label_smoothing: 0 }, checked: llamafactory },
  { name: "llamafactory.hinge", project: "LLaMA-Factory", loss: "hinge?beta={pref_beta}", params: { pref_beta: 0.1 }, checked: llamafactory },
  { name: "llamafactory.ipo", project: "LLaMA-Factory", loss: "ipo_norm?tau={pref_beta}", params: { pref_beta: 0.1 }, checked: llamafactory, note: means },
  { name: "llamafactory.simpo", project: "LLaMA-Factory", loss: "simpo?beta={pref_beta}&gamma={simpo_gamma}", params: { pref_beta: 0.1, simpo_gamma: 0.5 }, checked: llamafactory, note: "takes gamma itself, divided by beta inside" },
  { name: "llamafactory.orpo", project: "LLaMA-Factory", loss: "orpo?lam={pref_beta}", params: { pref_beta: 0.1 }, checked: llamafactory, note: "the likelihood covers the response only" },
  { name: "openinstruct.dpo", project: "open-instruct", loss: "cdpo?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0 }, checked: openinstruct },
  { name: "openinstruct.dpo_norm", project: "open-instruct", loss: "sigmoid_norm?beta={beta}", params: { beta: 5 }, checked: openinstruct, note: "recipes use a beta near 5; the flag's own default is DPO's 0.1" },
  { name: "openinstruct.simpo", project: "open-instruct", loss: "simpo?beta={beta}&gamma={beta*gamma_beta_ratio}", params: { beta: 0.1, gamma_beta_ratio: 0.3 }, checked: openinstruct },
  { name: "openinstruct.wpo", project: "open-instruct", loss: "wpo?beta={beta}", params: beta, checked: openinstruct, note: "weights from mean log-probabilities, without the paper's alignment" },
  { name: "simpo.sigmoid", project: "SimPO", loss: "simpo?beta={beta}&gamma={beta*gamma_beta_ratio}", params: { beta: 2, gamma_beta_ratio: 0.25 }, checked: "princeton-nlp/SimPO scripts/simpo_config.py, 1aa921d" },
  { name: "simpo.hinge", project: "SimPO", loss: "expr:max(0, 1 - {beta}*(lw/nw - ll/nl - {gamma_beta_ratio}))", params: { beta: 2, gamma_beta_ratio: 0.25 }, checked: "princeton-nlp/SimPO scripts/simpo_trainer.py, 1aa921d" },
  { name: "nemo.dpo", project: "NeMo-Aligner", loss: "dpo?beta={ref_policy_kl_penalty}", params: { ref_policy_kl_penalty: 0.1 }, checked: nemo },
  { name: "nemo.ipo", project: "NeMo-Aligner", loss: "ipo?tau={ref_policy_kl_penalty}", params: { ref_policy_kl_penalty: 0.1 }, checked: nemo, note: sums },
  { name: "nemo.rpo_bwd_kl", project: "NeMo-Aligner", loss: "reward_rpo_bwd?beta={beta}&eta={eta}", params: { beta: 0.1, eta: 1 }, checked: nemo, note: "reward-aware preference optimisation: not TRL's rpo_alpha" },
  { name: "nemo.rpo_fwd_kl", project: "NeMo-Aligner", loss: "reward_rpo_fwd?beta={beta}&eta={eta}", params: { beta: 0.1, eta: 1 }, checked: nemo },
  { name: "nemo.rpo_sq", project: "NeMo-Aligner", loss: "reward_rpo_sq?beta={beta}&eta={eta}", params: { beta: 0.1, eta: 1 }, checked: nemo },
  { name: "dpo_authors.dpo", project: "DPO authors", loss: "cdpo?beta={beta}&eps={label_smoothing}", params: { beta: 0.1, label_smoothing: 0 }, checked: original },
  { name: "dpo_authors.ipo", project: "DPO authors", loss: "ipo?tau={beta}", params: beta, checked: original, note: sums }
] // biome-ignore format: a table

const byName: ReadonlyMap<string, ProjectName> = new Map(projectNames.map((entry) => [entry.name, entry]))

/** The project's name, for a text `project.loss`; undefined for any other. */
export const getProjectName = (name: string): ProjectName | undefined => byName.get(name)

/** The LOSS text of a name with the parameters given; those not given have the project's defaults. */
export const filledLoss = ({ loss, params }: ProjectName, given: Readonly<Record<string, number>> = {}): string =>
  loss.replace(/\{([^}]*)\}/g, (_, product: string) =>
    String(product.split("*").reduce((value, name) => value * (given[name] ?? params[name]!), 1))
  )
