"""From what the policy says of a batch's answers to its loss, and what every answer weighs in the gradient.

A preference loss sees one number per answer (or a few: a KL divergence, a tail), so its gradient is one weight per answer:
with the weights known, each micro-batch is exact by itself, whatever the loss and however the batch is split.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .inputs import Columns, Needs, Statistics, rematched
from .program import Program, compile_program

#: Quantities of an answer, and the names of the inputs that they are, by the answer's role (w, l, g, y3, …).
QUANTITIES = {"logps": "l{}", "kl": "kl_{}", "tail": "l{}_tail", "weight": "w_{}"}


@dataclass(frozen=True)
class Outcome:
    """A batch's loss: its mean with the cross-entropy term, every pair's without it [n], and per quantity and answer the
    derivative of the mean [n, roles]."""

    loss: float
    losses: Tensor
    weights: dict[str, Tensor]
    columns: Columns

    def bad_pairs(self) -> list[int]:
        """Places in the batch of pairs whose loss or derivative is not a finite number."""
        fine = torch.isfinite(self.losses)
        for weight in self.weights.values():
            fine &= torch.isfinite(weight).all(dim=1)
        return [i for i, good in enumerate(fine.tolist()) if not good]


class Objective:
    """A loss program on batches: float64 on the CPU, a few numbers per pair."""

    def __init__(self, program: Program, needs: Needs, ce_weight: float, roles: tuple[str, ...]):
        self.program, self.needs, self.ce_weight, self.roles = program, needs, ce_weight, roles
        self.evaluate = compile_program(program)

    def policy_columns(self, quantities: dict[str, Tensor], fixed: Columns) -> Columns:
        """The program's inputs from quantities [n, roles] and the columns that training does not change."""
        columns = dict(fixed)
        for quantity, values in quantities.items():
            for k, role in enumerate(self.roles):
                columns[QUANTITIES[quantity].format(role)] = values[:, k]
        return columns

    def outcome(
        self,
        quantities: dict[str, Tensor],
        fixed: Columns,
        statistics: Statistics,
        *,
        mismatched: Tensor | None = None,
        observe: bool = False,
        total: int | None = None,
    ) -> Outcome:
        """Loss and weights of a batch, or of a part of one of `total` pairs whose mean is wanted."""
        columns = self.policy_columns(quantities, fixed)
        if observe:
            statistics.observe(columns)
        statistics.fill(columns, mismatched)
        seen, places = columns, {}
        if self.needs.rematch is not None:
            seen, places = rematched(self.needs.rematch, columns)
        evaluation = self.evaluate({name: seen[name] for name in self.program.inputs})
        return self._weigh(evaluation, columns, places, quantities, total or len(columns["lw"]))

    def _weigh(self, evaluation, columns: Columns, places: dict[str, Tensor], quantities, total: int) -> Outcome:
        losses = evaluation.loss.expand_as(columns["lw"])
        weights = {}
        for quantity, values in quantities.items():
            weight = torch.zeros_like(values)
            for k, role in enumerate(self.roles):
                name = QUANTITIES[quantity].format(role)
                if name in evaluation.gradients:
                    slope = evaluation.gradients[name].expand_as(columns["lw"]) / total
                    weight[:, k] = slope if name not in places else torch.zeros_like(slope).index_add(0, places[name], slope)
            weights[quantity] = weight
        mean = losses.sum() / total
        if self.ce_weight > 0:
            mean = mean - (self.ce_weight * columns["lw"] / columns["nw"]).sum() / total
            weights["logps"][:, 0] -= self.ce_weight / columns["nw"] / total
        return Outcome(float(mean), losses, weights, columns)
