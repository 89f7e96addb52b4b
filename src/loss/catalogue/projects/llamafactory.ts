/** Names in LLaMA-Factory, which calls TRL's `dpo_loss` for the losses with a reference model. */
import { means, namesOf, type RefusedName } from "./schema.ts"

const commit = "hiyouga/LlamaFactory ff6d4d1"
const own = `${commit} src/llamafactory/train/dpo/trainer.py, hparams/finetuning_args.py`
const withTrl = `${own}; huggingface/trl v0.18.0 to v0.24.0 trl/trainer/dpo_trainer.py`
const prefBeta = { pref_beta: 0.1 } as const
const silent =
  "with TRL 0.20 to 0.24, which its requirements allow: dpo_loss takes the type as an argument there, sigmoid if none is given, and none is given"

export const llamafactory = namesOf({ project: "LLaMA-Factory", checked: own }, "llamafactory", {
  sigmoid: {
    loss: "cdpo?beta={pref_beta}&eps={dpo_label_smoothing}",
    params: { pref_beta: 0.1, dpo_label_smoothing: 0 },
    checked: withTrl,
    note: "pref_ftx (0) adds the mean over tokens of -lw"
  },
  hinge: { loss: "hinge?beta={pref_beta}", params: prefBeta, checked: withTrl, note: "with TRL 0.18 and 0.19" },
  ipo: {
    loss: "ipo_norm?tau={pref_beta}",
    params: prefBeta,
    checked: withTrl,
    note: `with TRL 0.18 and 0.19; ${means}; pref_beta is IPO's tau`
  },
  hinge_trl020: {
    loss: "dpo?beta={pref_beta}",
    params: prefBeta,
    checked: withTrl,
    note: `pref_loss: hinge ${silent}`
  },
  ipo_trl020: {
    loss: "sigmoid_norm?beta={pref_beta}",
    params: prefBeta,
    checked: withTrl,
    note: `pref_loss: ipo ${silent}; averaged all the same`
  },
  kto_pair_trl020: {
    loss: "dpo?beta={pref_beta}",
    params: prefBeta,
    checked: withTrl,
    note: `pref_loss: kto_pair ${silent}`
  },
  simpo: {
    loss: "simpo?beta={pref_beta}&gamma={simpo_gamma}",
    params: { pref_beta: 0.1, simpo_gamma: 0.5 },
    note: "takes gamma itself"
  },
  orpo: {
    loss: "orpo?lam={pref_beta}",
    params: prefBeta,
    note: "pref_beta is ORPO's lambda; likelihood of the answer alone, averaged answer by answer"
  },
  kto: {
    loss: "kto?beta={pref_beta}&lam_d={kto_chosen_weight}&lam_u={kto_rejected_weight}",
    params: { pref_beta: 0.1, kto_chosen_weight: 1, kto_rejected_weight: 1 },
    checked: `${commit} src/llamafactory/train/kto/trainer.py`
  }
})

export const llamafactoryRefused: ReadonlyArray<RefusedName> = [
  {
    name: "llamafactory.kto_pair",
    project: "LLaMA-Factory",
    refused:
      "TRL 0.18 and 0.19 have no such loss any more; with TRL 0.20 to 0.24 it trains DPO (llamafactory.kto_pair_trl020)",
    checked: `${withTrl}; hiyouga/LlamaFactory issue 8725`
  }
]
