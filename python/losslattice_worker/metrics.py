"""Metrics of a batch of pairs under TRL's names: the same definitions as src/finetune/tfjs/metrics.ts.

A reward is the implicit one, `scale * (log pi - log pi_ref)`, per token for losses of per-token probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


from .inputs import Columns

Metrics = dict[str, float]


def mean(values: Sequence[float]) -> float:
    """Sum in order over the number of values."""
    return sum(values) / len(values)


def pair_metrics(columns: Columns, scale: float, per_token: bool) -> Metrics:
    """`rewards/*` and `logps/*` of pairs: means of rewards, their margin, the share of pairs with a positive margin (zero
    counts half), log-probabilities summed over tokens and, as `logps_per_token/*`, divided by their number. Columns are [n]."""

    def reward(policy: str, reference: str, length: str) -> list[float]:
        ratio = scale * (columns[policy] - columns[reference])
        return (ratio / columns[length] if per_token else ratio).tolist()

    chosen, rejected = reward("lw", "rw", "nw"), reward("ll", "rl", "nl")
    margins = [c - r for c, r in zip(chosen, rejected, strict=True)]
    return {
        "rewards/chosen": mean(chosen),
        "rewards/rejected": mean(rejected),
        "rewards/margins": mean(margins),
        "rewards/accuracies": mean([1.0 if m > 0 else 0.5 if m == 0 else 0.0 for m in margins]),
        "logps/chosen": mean(columns["lw"].tolist()),
        "logps/rejected": mean(columns["ll"].tolist()),
        "logps_per_token/chosen": mean((columns["lw"] / columns["nw"]).tolist()),
        "logps_per_token/rejected": mean((columns["ll"] / columns["nl"]).tolist()),
    }


def with_error(name: str, values: Sequence[float]) -> Metrics:
    """Mean of values and its standard error, as `name` and `name_se`; a single value has no error, so none is given."""
    average = mean(values)
    if len(values) < 2:
        return {name: average}
    square = sum((value - average) ** 2 for value in values)
    return {name: average, f"{name}_se": math.sqrt(square / (len(values) - 1) / len(values))}


def distinct_share(completions: Sequence[Sequence[int]], n: int) -> float:
    """Distinct n-grams over all n-grams of completions; 1 when there are none."""
    grams = [tuple(tokens[i : i + n]) for tokens in completions for i in range(len(tokens) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 1.0


