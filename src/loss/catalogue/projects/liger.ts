/** Names in Liger-Kernel's chunked losses. */
import { beta, namesOf, type RefusedName } from "./schema.ts"

const commit = "linkedin/Liger-Kernel ead96b6 src/liger_kernel/chunked_loss"
const dpo = `${commit}/dpo_loss.py`

export const liger = namesOf({ project: "Liger-Kernel", checked: dpo }, "liger", {
  sigmoid: { loss: "dpo?beta={beta}", params: beta, note: "label_smoothing is not read by this loss type" },
  hinge: { loss: "hinge?beta={beta}", params: beta },
  exo_pair: {
    loss: "exo_pair?beta={beta}&eps={label_smoothing}",
    params: { beta: 0.1, label_smoothing: 0.001 },
    note: "the default, label_smoothing 0, is refused there; 1e-3 is what it suggests"
  },
  nca_pair: { loss: "nca_pair?beta={beta}", params: beta },
  robust: {
    loss: "robust_dpo?beta={beta}&eps={label_smoothing}",
    params: { beta: 0.1, label_smoothing: 0 },
    note: "TRL builds the kernel without label_smoothing: robust is plain DPO there"
  },
  bco_pair: { loss: "bco_pair?beta={beta}", params: beta, note: "without the reward shift" },
  sppo_hard: { loss: "sppo_hard?beta={beta}", params: beta },
  apo_zero: { loss: "apo_zero?beta={beta}", params: beta },
  apo_down: { loss: "apo_down?beta={beta}", params: beta },
  discopop: { loss: "discopop?beta={beta}&tau={discopop_tau}", params: { beta: 0.1, discopop_tau: 0.05 } },
  cpo: {
    loss: "cpo_trl?beta={beta}&lam={alpha}",
    params: { beta: 0.1, alpha: 1 },
    checked: `${commit}/cpo_loss.py, fused_linear_preference.py`,
    note: "alpha weighs the likelihood, a mean over tokens"
  },
  simpo: {
    loss: "expr:softplus({gamma} - {beta}*(lw/nw - ll/nl)) - {alpha}*lw/nw",
    params: { beta: 0.1, gamma: 0.5, alpha: 1 },
    checked: `${commit}/simpo_loss.py, fused_linear_preference.py`,
    note: "the module computes the likelihood term unless compute_nll_loss is off: CPO-SimPO, as TRL's"
  },
  orpo: {
    loss: "orpo?lam={beta}",
    params: beta,
    checked: `${commit}/orpo_loss.py, fused_linear_preference.py`,
    note: "log(1 - exp(x)) is computed as written: not finite for x near 0"
  },
  kto: {
    loss: "kto?beta={beta}",
    params: beta,
    checked: `${commit}/kto_loss.py`,
    note: "takes the reference point from its caller; has no class weights"
  }
})

export const ligerRefused: ReadonlyArray<RefusedName> = [
  {
    name: "liger.ipo",
    project: "Liger-Kernel",
    refused: "it needs the token counts of each answer, which the kernel does not have",
    checked: dpo
  }
]
