/** Names in NeMo-Aligner. */
import { namesOf, sums } from "./schema.ts"

const penalty = { ref_policy_kl_penalty: 0.2 } as const
const scaled = { ref_policy_kl_penalty: 0.2, gt_reward_scale: 1 } as const
const holes = "beta={ref_policy_kl_penalty}&eta={gt_reward_scale}"

export const nemo = namesOf(
  {
    project: "NeMo-Aligner",
    checked:
      "NVIDIA/NeMo-Aligner af2b3bd nemo_aligner/models/nlp/gpt/megatron_gpt_dpo_model.py, examples/nlp/gpt/conf/gpt_dpo.yaml"
  },
  "nemo",
  {
    dpo: {
      loss: "dpo?beta={ref_policy_kl_penalty}",
      params: penalty,
      note: "preference_average_log_probs (false) averages over tokens, for every loss here"
    },
    ipo: { loss: "ipo?tau={ref_policy_kl_penalty}", params: penalty, note: `${sums}; the penalty is IPO's tau` },
    rpo_bwd_kl: {
      loss: `reward_rpo_bwd?${holes}`,
      params: scaled,
      note: "reward-aware preference optimisation: not TRL's rpo_alpha"
    },
    rpo_fwd_kl: { loss: `reward_rpo_fwd?${holes}`, params: scaled },
    rpo_sq: { loss: `reward_rpo_sq?${holes}`, params: scaled }
  }
)
