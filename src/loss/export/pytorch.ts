/** Exports for PyTorch: a module with the loss as a function of tensors, and a DPOTrainer for TRL that trains it. */
import * as Result from "effect/Result"
import type { Loss } from "../loss.ts"
import { runnability } from "../runnable.ts"
import { pythonLoss } from "./python.ts"
import { ExportError, headerLines } from "./statements.ts"

/** A docstring's text: no quotes that would end it, no escapes. */
const docText = (lines: ReadonlyArray<string>): string => lines.join("\n").replace(/\\/g, "\\\\").replace(/"""/g, "'''")

/** The loss as a Python module: only torch and the standard library are imported. */
export const pytorchOf = (loss: Loss): string => {
  const { code, name } = pythonLoss(loss)
  const about = [
    ...headerLines(loss),
    "",
    "Inputs are tensors of one shape: log-probabilities in nats summed over response tokens (l: policy, r: reference;",
    "w: chosen, l: rejected), token counts n. Parameters are Python numbers."
  ]
  return `"""${docText(about)}\n"""
import math

import torch

__all__ = ["${name}", "value_and_gradients"]


${code}
`
}

const trlArguments: Readonly<Record<string, string>> = {
  lw: "chosen_logps",
  ll: "rejected_logps",
  rw: "ref_chosen_logps",
  rl: "ref_rejected_logps",
  nw: "chosen_counts",
  nl: "rejected_counts"
}

/**
 * The loss as a subclass of TRL's DPOTrainer. It overrides `_compute_loss` of the trainer as rewritten in February 2026
 * (read at TRL 1.10.0.dev0, commit f2cd577), and refuses every setting of DPOConfig that it would not honour.
 */
export const trlOf = (loss: Loss): Result.Result<string, ExportError> => {
  const runs = runnability(loss, new Set(Object.keys(trlArguments)))
  if (Result.isFailure(runs)) {
    return Result.fail(new ExportError({ spec: loss.spec, reason: `DPOTrainer cannot train it: ${runs.failure}` }))
  }
  const { code, name, inputs } = pythonLoss(loss)
  const usesReference = inputs.some((input) => input === "rw" || input === "rl")
  const call = `${name}(${inputs.map((input) => trlArguments[input]!).join(", ")})`
  return Result.succeed(`"""${docText([
    ...headerLines(loss),
    "",
    "A drop-in replacement for trl.DPOTrainer (written against TRL 1.10):",
    "",
    "    trainer = PairLossTrainer(model, args=DPOConfig(...), train_dataset=...)"
  ])}\n"""
import math

import torch
from trl import DPOTrainer
from trl.trainer.utils import selective_log_softmax


${code}


# Settings of DPOConfig that belong to TRL's own losses, with the values at which they do nothing.
_IGNORED = {"ld_alpha": None, "use_weighting": False, "use_liger_kernel": False, "label_smoothing": 0.0}


class PairLossTrainer(DPOTrainer):
    """DPOTrainer with the loss above. The loss settings of DPOConfig are not used; those that are set are refused."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for setting, neutral in _IGNORED.items():
            if getattr(self.args, setting, neutral) not in (neutral, 0):
                raise ValueError(f"PairLossTrainer does not use {setting}: remove it from the DPOConfig")
        if getattr(self.args, "f_divergence_type", "reverse_kl") != "reverse_kl":
            raise ValueError("PairLossTrainer does not use f_divergence_type: remove it from the DPOConfig")
        if list(getattr(self, "loss_types", ["sigmoid"])) != ["sigmoid"]:
            raise ValueError("PairLossTrainer does not use loss_type: remove it from the DPOConfig")
        if getattr(self, "aux_loss_enabled", False):
            raise ValueError("PairLossTrainer does not add router losses: disable output_router_logits")

    def _compute_loss(self, model, inputs, return_outputs):
        mode = "train" if self.model.training else "eval"
        skipped = {"completion_mask", "ref_chosen_logps", "ref_rejected_logps"}
        outputs = model(**{k: v for k, v in inputs.items() if k not in skipped}, use_cache=False)
        mask = inputs["completion_mask"][..., 1:]
        logps = selective_log_softmax(outputs.logits[..., :-1, :], inputs["input_ids"][..., 1:])
        logps = torch.where(mask != 0, logps, torch.zeros_like(logps)).float()
        chosen_logps, rejected_logps = logps.sum(dim=1).chunk(2, dim=0)
        chosen_counts, rejected_counts = mask.sum(dim=1).clamp(min=1).to(logps.dtype).chunk(2, dim=0)
${
  usesReference
    ? `        if self.precompute_ref_logps:
            ref_chosen_logps, ref_rejected_logps = inputs["ref_chosen_logps"], inputs["ref_rejected_logps"]
        else:
            reference = self.model if self.ref_model is None else self.ref_model
            ref_chosen_logps, ref_rejected_logps = self.compute_ref_log_probs(reference, inputs)
        ref_chosen_logps, ref_rejected_logps = ref_chosen_logps.to(logps.dtype), ref_rejected_logps.to(logps.dtype)
`
    : ""
}        loss = ${call}.mean()
        measured = {
            "logps/chosen": chosen_logps,
            "logps/rejected": rejected_logps,
${
  usesReference
    ? `            "rewards/margins": self.beta * ((chosen_logps - ref_chosen_logps) - (rejected_logps - ref_rejected_logps)),
            "rewards/accuracies": (chosen_logps - ref_chosen_logps > rejected_logps - ref_rejected_logps).float(),
`
    : ""
}        }
        for metric, values in measured.items():
            self._metrics[mode][metric].append(self.accelerator.gather(values.detach()).mean().item())
        return (loss, outputs) if return_outputs else loss
`)
}
