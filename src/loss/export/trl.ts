/** Export for TRL: a DPOTrainer that trains the loss, with its own check. */
import * as Result from "effect/Result"
import type { Loss } from "../loss.ts"
import { runnability } from "../runnable.ts"
import { checkCode } from "./check.ts"
import { pythonLoss } from "./python.ts"
import { docText } from "./pytorch.ts"
import { ExportError, headerLines } from "./statements.ts"

/** The inputs that DPOTrainer can feed, and what they are called in the code below. */
const trlArguments: Readonly<Record<string, string>> = {
  lw: "chosen_logps",
  ll: "rejected_logps",
  rw: "ref_chosen_logps",
  rl: "ref_rejected_logps",
  nw: "chosen_counts",
  nl: "rejected_counts"
}

const reference = `        if self.precompute_ref_logps:
            ref_chosen_logps, ref_rejected_logps = inputs["ref_chosen_logps"], inputs["ref_rejected_logps"]
        else:
            reference = self.model if self.ref_model is None else self.ref_model
            ref_chosen_logps, ref_rejected_logps = self.compute_ref_log_probs(reference, inputs)
        ref_chosen_logps, ref_rejected_logps = ref_chosen_logps.to(logps.dtype), ref_rejected_logps.to(logps.dtype)
`

const counts = `        chosen_counts, rejected_counts = mask.sum(dim=1).clamp(min=1).to(logps.dtype).chunk(2, dim=0)
`

const rewards = `        chosen_rewards = self.beta * (chosen_logps - ref_chosen_logps)
        rejected_rewards = self.beta * (rejected_logps - ref_rejected_logps)
        measured |= {
            "rewards/chosen": chosen_rewards,
            "rewards/rejected": rejected_rewards,
            "rewards/margins": chosen_rewards - rejected_rewards,
            "rewards/accuracies": (chosen_rewards > rejected_rewards).float(),
        }
`

/** Refusals of settings: everything in DPOConfig that shapes a loss of TRL's own, with the value at which it does nothing. */
const refusals = (
  beta: number | undefined
): string => `# Settings of DPOConfig that belong to TRL's own losses, with the values at which they do nothing.
_NEUTRAL = {
    "loss_type": ["sigmoid"],
    "loss_weights": None,
    "ld_alpha": None,
    "use_weighting": False,
    "label_smoothing": 0.0,
    "f_divergence_type": "reverse_kl",
    "f_alpha_divergence_coef": 0.5,
    "discopop_tau": 0.05,
}
# The loss's own beta (None: it has none); DPOConfig's may be that or stay at its default.
_BETA = ${beta ?? "None"}


def _refuse_unused(args):
    """Raises ValueError for a setting that would be ignored."""
    for setting, neutral in _NEUTRAL.items():
        if getattr(args, setting, neutral) != neutral:
            raise ValueError(f"PairLossTrainer does not use {setting}: remove it from the DPOConfig")
    if args.beta not in (0.1, _BETA):
        raise ValueError(f"PairLossTrainer does not use DPOConfig's beta ({args.beta}): the loss has ${beta === undefined ? "none" : "its own, {_BETA}"}")`

/**
 * The loss as a subclass of TRL's DPOTrainer. It overrides `_compute_loss` as it is in TRL 1.16, where the model's fused head
 * returns log-probabilities per token (0 outside the answer), and refuses every setting of DPOConfig that it would not honour.
 */
export const trlOf = (loss: Loss): Result.Result<string, ExportError> => {
  const runs = runnability(loss, new Set(Object.keys(trlArguments)))
  if (Result.isFailure(runs)) {
    return Result.fail(new ExportError({ spec: loss.spec, reason: `DPOTrainer cannot train it: ${runs.failure}` }))
  }
  const { code, name, inputs } = pythonLoss(loss)
  const usesReference = inputs.some((input) => input === "rw" || input === "rl")
  const usesCounts = inputs.some((input) => input === "nw" || input === "nl")
  const call = `${name}(${inputs.map((input) => trlArguments[input]!).join(", ")})`
  return Result.succeed(`"""${docText([
    ...headerLines(loss),
    "",
    "A drop-in replacement for trl.DPOTrainer (written against TRL 1.16). Run as a program, this file checks its loss.",
    "",
    "    trainer = PairLossTrainer(model, args=DPOConfig(...), train_dataset=...)"
  ])}\n"""
import math

import torch
from trl import DPOTrainer
from trl.trainer import utils as trl_utils


${code}


${refusals(loss.program.params.beta)}


class PairLossTrainer(DPOTrainer):
    """DPOTrainer with the loss above. The loss settings of DPOConfig are not used; those that are set are refused."""

    def __init__(self, *args, **kwargs):
        if not hasattr(trl_utils, "add_fused_lm_head"):
            raise RuntimeError("PairLossTrainer needs TRL 1.16: this one's models have no fused head")
        super().__init__(*args, **kwargs)
        _refuse_unused(self.args)
        if self.aux_loss_enabled:
            raise ValueError("PairLossTrainer does not add router losses: set router_aux_loss_coef to 0")
        if _BETA is not None:
            self.beta = _BETA

    def _compute_loss(self, model, inputs, return_outputs):
        mode = "train" if self.model.training else "eval"
        skipped = {"completion_mask", "ref_chosen_logps", "ref_rejected_logps"}
        model_kwargs = {k: v for k, v in inputs.items() if k not in skipped} | {"use_cache": False}
        labels = inputs["input_ids"].masked_fill(inputs["completion_mask"] == 0, -100)
        outputs = model(**model_kwargs, labels=labels, fused_lm_head=True)
        mask = inputs["completion_mask"][..., 1:]
        # Virtual tokens of a prompt-learning adapter come first: keep the positions of the real ones.
        logps = outputs.log_probs[:, -mask.size(1) :]
        logps = logps if logps.dtype == torch.float64 else logps.float()
        chosen_logps, rejected_logps = logps.sum(dim=1).chunk(2, dim=0)
${usesCounts ? counts : ""}${usesReference ? reference : ""}        loss = ${call}.mean()
        measured = {"logps/chosen": chosen_logps, "logps/rejected": rejected_logps}
${usesReference ? rewards : ""}        for metric, values in measured.items():
            self._metrics[mode][metric].append(self.accelerator.gather(values.detach()).mean().item())
        if mode == "train":
            tokens = self.accelerator.gather_for_metrics(inputs["attention_mask"].sum()).sum().item()
            self._total_train_tokens += tokens // self._tp_size
        self._metrics[mode]["num_tokens"] = [self._total_train_tokens]
        if return_outputs:
            with torch.no_grad():
                outputs = model(**model_kwargs)
        return (loss, outputs) if return_outputs else loss


${checkCode(loss, name)}
`)
}
