/** Names in HALOs. */
import { beta, namesOf } from "./schema.ts"

export const halos = namesOf(
  { project: "HALOs", checked: "ContextualAI/HALOs 4831988 train/trainers.py, config/loss/*.yaml" },
  "halos",
  {
    dpo: { loss: "dpo?beta={beta}", params: beta },
    cdpo: { loss: "cdpo?beta={beta}&eps={epsilon}", params: { beta: 0.1, epsilon: 0.2 } },
    ipo: {
      loss: "ipo_norm?tau={tau}",
      params: { tau: 0.1 },
      note: "averages over the tokens at which policy and reference differ: fewer where some agree, 0/0 where all do, as at the start"
    },
    simpo: {
      loss: "simpo?beta={beta}&gamma={beta*gamma_beta_ratio}",
      params: { beta: 10, gamma_beta_ratio: 0.3 },
      note: "the margin is beta times the ratio: 3, six times LLaMA-Factory's"
    },
    slic: {
      loss: "slic?delta={beta}&lam={lambda_coef}",
      params: { beta: 1, lambda_coef: 0.1 },
      note: "adds token-level likelihoods to a hinge of the answers, which broadcasts at one pair a device only"
    },
    kto: {
      loss: "kto?beta={beta}&lam_d={desirable_weight}&lam_u={undesirable_weight}",
      params: { beta: 0.1, desirable_weight: 1, undesirable_weight: 1 },
      note: "the reference point averages over mismatched answers with a log-ratio other than 0, detached, clamped at 0"
    }
  }
)
