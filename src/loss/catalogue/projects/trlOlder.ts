/** Names in older TRL whose mathematics has changed since. */
import { beta, means, namesOf } from "./schema.ts"

const release = "huggingface/trl v0.24.0 (04fd120) trl/trainer/dpo_trainer.py, dpo_config.py"
const smoothed = { beta: 0.1, label_smoothing: 0 } as const

export const trlOlder = [
  ...namesOf({ project: "TRL 0.24", checked: release }, "trl024", {
    sigmoid: {
      loss: "cdpo?beta={beta}&eps={label_smoothing}",
      params: smoothed,
      note: "label_smoothing makes it cDPO; the same branch of today's TRL ignores it"
    },
    ipo: { loss: "ipo_norm?tau={beta}", params: beta, note: `${means} before the loss sees them` },
    bco_pair: {
      loss: "bco?beta={beta}",
      params: beta,
      note: "subtracts delta, the running mean of the rewards; today's bco_pair does not"
    },
    aot_pair: {
      loss: "aot_unpaired?beta={beta}&eps={label_smoothing}",
      params: smoothed,
      note: "the variant for unpaired data, whatever its name says; aot_unpaired since February 2026"
    },
    alpha_divergence: {
      loss: "fdpo_alpha?beta={beta}&alpha={f_alpha_divergence_coef}",
      params: { beta: 0.1, f_alpha_divergence_coef: 1 },
      note: "the coefficient is the paper's alpha, today's TRL reads it as 1 - alpha; at the default, 1, the forward KL"
    },
    rpo_alpha: {
      loss: "rpo?beta={beta}&alpha={rpo_alpha}",
      params: { beta: 0.1, rpo_alpha: 1 },
      note: "an option of DPOTrainer (off by default; 1 as its help recommends), since replaced by lists of weighted losses; not the reward-aware RPO of NeMo"
    }
  }),
  ...namesOf(
    { project: "TRL until June 2024", checked: "huggingface/trl 50c4620~1 trl/trainer/dpo_trainer.py" },
    "trl09",
    {
      kto_pair: {
        loss: "expr:0.5*sigmoid(-{beta}*(lw - rw - max(0, ll - rl))) + 0.5*sigmoid(-{beta}*(max(0, lw - rw) - (ll - rl)))",
        params: beta,
        note: "a batch of one pair (else means over the batch stand in the maxima): each half takes the other's mean log-ratio as its reference point, not detached, so the gradient runs through it; not KTO, although kto_pair is an alias of kto in the survey"
      }
    }
  )
]
