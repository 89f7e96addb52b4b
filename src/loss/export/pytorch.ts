/** Export for PyTorch: a module with the loss as a function of tensors, and its own check. */
import type { Loss } from "../loss.ts"
import { checkCode } from "./check.ts"
import { pythonLoss } from "./python.ts"
import { headerLines } from "./statements.ts"

/** A docstring's text: no quotes that would end it, no escapes. */
export const docText = (lines: ReadonlyArray<string>): string =>
  lines.join("\n").replace(/\\/g, "\\\\").replace(/"""/g, "'''")

/** The loss as a Python module: only torch and the standard library are imported. */
export const pytorchOf = (loss: Loss): string => {
  const { code, name } = pythonLoss(loss)
  const about = [
    ...headerLines(loss),
    "",
    "Inputs are tensors of one shape: log-probabilities in nats summed over response tokens (l: policy, r: reference;",
    "w: chosen, l: rejected), token counts n. Parameters are Python numbers.",
    "Run as a program, this file checks itself."
  ]
  return `"""${docText(about)}\n"""
import math

import torch

__all__ = ["${name}", "value_and_gradients", "check"]


${code}


${checkCode(loss, name)}
`
}
