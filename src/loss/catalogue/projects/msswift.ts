/** Names in ms-swift, with its own trainer and with Megatron. */
import { beta, means, namesOf, sums } from "./schema.ts"

const commit = "modelscope/ms-swift 3602360"
const own = `${commit} swift/rlhf_trainers/dpo_trainer.py`
const megatron = `${commit} swift/megatron/trainers/dpo_trainer.py, rlhf_mixin.py; ms-swift issue 10167`
const silent =
  "trains DPO whatever its type says: dpo_loss takes the type as an argument, sigmoid if none is given, and none is given"

export const msswift = [
  ...namesOf({ project: "ms-swift", checked: own }, "msswift", {
    sigmoid: {
      loss: "cdpo?beta={beta}&eps={label_smoothing}",
      params: { beta: 0.1, label_smoothing: 0 },
      note: "label_smoothing makes it cDPO"
    },
    hinge: { loss: "hinge?beta={beta}", params: beta },
    ipo: { loss: "ipo_norm?tau={beta}", params: beta, note: `${means}; beta is IPO's tau` },
    bco_pair: { loss: "bco?beta={beta}", params: beta, note: "with the reward shift of TRL 0.24" },
    simpo: {
      loss: "expr:softplus({simpo_gamma} - {beta}*(lw/nw - ll/nl)) - {cpo_alpha}*lw/nw",
      params: { beta: 2, simpo_gamma: 1, cpo_alpha: 1 },
      checked: `${commit} swift/arguments/rlhf_args.py, which configures TRL's CPOTrainer`,
      note: "CPO-SimPO with SimPO's beta and twice TRL's gamma"
    }
  }),
  ...namesOf({ project: "ms-swift with Megatron", checked: megatron }, "msswift_megatron", {
    sigmoid: {
      loss: "cdpo?beta={beta}&eps={label_smoothing}",
      params: { beta: 0.1, label_smoothing: 0 },
      note: "label_smoothing makes it cDPO"
    },
    hinge: { loss: "dpo?beta={beta}", params: beta, note: silent },
    ipo: { loss: "dpo?beta={beta}", params: beta, note: `${silent}; ${sums}` }
  })
]
