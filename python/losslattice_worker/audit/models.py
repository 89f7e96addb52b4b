"""
A model that gives prescribed log-probabilities: it looks at the first token of every row, which is the row's number (chosen,
then rejected, then gold), and returns that row's log-probabilities, as logits or, as TRL's fused head does, per token.
"""
from types import SimpleNamespace

import torch
from torch import Tensor

from .leaves import Leaves
from .tokens import logits_of, sequence_logps


class PrescribedModel(torch.nn.Module):
    """`prefix` "l" is the policy, "r" the reference. Sequences are right-padded; row order and padding are free."""

    def __init__(self, leaves: Leaves, prefix: str, extra: Tensor | None = None):
        super().__init__()
        self.leaves, self.prefix, self.extra = leaves, prefix, extra
        self.config = SimpleNamespace(is_encoder_decoder=False, output_router_logits=False)

    def table(self, length: int) -> Tensor:
        """Log-probabilities of tokens 1 … length-1 of every row, [all rows, length - 1]; `extra` rows come after the others."""
        names = [name for which in "wlg" if (name := f"{self.prefix}{which}") in self.leaves.values]
        tables = [sequence_logps(self.leaves, name) for name in names]
        tables += [] if self.extra is None else [self.extra]
        fitted = [own[:, : length - 1] for own in tables]
        return torch.cat([torch.nn.functional.pad(own, (0, length - 1 - own.shape[1])) for own in fitted])

    def forward(self, input_ids: Tensor, labels: Tensor | None = None, fused_lm_head: bool = False, **_):
        logps = self.table(input_ids.shape[1])[input_ids[:, 0]]
        if not fused_lm_head:
            logits = logits_of(logps)
            return SimpleNamespace(logits=torch.cat([logits, torch.zeros_like(logits[:, :1])], dim=1))
        known = labels[:, 1:] != -100
        chosen = torch.where(known, logps, torch.zeros_like(logps))
        zeros = torch.zeros_like(logps).detach()
        return SimpleNamespace(
            log_probs=chosen,
            entropy=zeros,
            mean_logits=zeros,
            is_top1=zeros.bool(),
            log_sum_sq_probs=self.alignment(chosen.detach(), known),
            aux_loss=None,
        )

    def alignment(self, logps: Tensor, known: Tensor) -> Tensor:
        """log Σ_v π(v)² per token such that exp(mean(log π - that)) is the prescribed weight w_w (w_l)."""
        w, l = self.leaves.values.get("w_w"), self.leaves.values.get("w_l")
        if w is None or l is None or len(logps) != 2 * len(w):
            return torch.zeros_like(logps)
        return logps - torch.log(torch.cat([w, l]))[:, None] * known
