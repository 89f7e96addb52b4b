/** Names in repositories of the losses' authors, and in torchtune. */
import { beta, namesOf, type RefusedName, sums } from "./schema.ts"

const torchtuneLosses = "pytorch/torchtune bd2a0fc torchtune/rlhf/loss/dpo.py"
const demanded = "its configuration demands a beta; 0.1 is what its manual runs"

export const authors = [
  ...namesOf(
    { project: "DPO authors", checked: "eric-mitchell/direct-preference-optimization f8b8c0f trainers.py" },
    "dpo_authors",
    {
      dpo: {
        loss: "cdpo?beta={beta}&eps={label_smoothing}",
        params: { beta: 0.1, label_smoothing: 0 },
        note: `label_smoothing makes it cDPO; ${demanded}`
      },
      ipo: { loss: "ipo?tau={beta}", params: beta, note: `${sums}; beta is IPO's tau; ${demanded}` }
    }
  ),
  ...namesOf(
    { project: "SimPO authors", checked: "princeton-nlp/SimPO 1b3e8f3 scripts/simpo_trainer.py, simpo_config.py" },
    "simpo_authors",
    {
      sigmoid: {
        loss: "simpo?beta={beta}&gamma={beta*gamma_beta_ratio}",
        params: { beta: 2, gamma_beta_ratio: 0.25 },
        note: "the margin is beta times the ratio; label_smoothing and sft_weight are 0"
      },
      hinge: {
        loss: "expr:max(0, 1 - {beta}*(lw/nw - ll/nl - {gamma_beta_ratio}))",
        params: { beta: 2, gamma_beta_ratio: 0.25 }
      }
    }
  ),
  ...namesOf({ project: "WPO authors", checked: "wzhouad/WPO a104458 scripts/run_wpo.py" }, "wpo_authors", {
    wpo: {
      loss: "expr:(1 - max(0, 1 - w_w*w_l))*softplus(-{beta}*((lw - rw) - (ll - rl)))",
      params: { beta: 0.01 },
      note: "the product of the weights is clamped at 1; weights detached, as TRL's, which does not clamp"
    }
  }),
  ...namesOf({ project: "torchtune", checked: torchtuneLosses }, "torchtune", {
    dpo: {
      loss: "cdpo?beta={beta}&eps={label_smoothing}",
      params: { beta: 0.1, label_smoothing: 0 },
      note: "label_smoothing makes it cDPO"
    },
    rso: { loss: "hinge?beta={gamma}", params: { gamma: 0.1 }, note: "gamma is the hinge's beta, not a margin" }
  })
]

export const authorsRefused: ReadonlyArray<RefusedName> = [
  {
    name: "torchtune.ipo",
    project: "torchtune",
    refused: "removed over the question of sums or means (torchtune issues 1291 and 1615)",
    checked: torchtuneLosses
  }
]
