"""Inputs of loss programs by name: which ones this engine supplies, where they come from, and the state of running means.

- every pair: `lw, ll` log-probabilities of the policy, `rw, rl` of the reference (nats, summed over kept tokens), `nw, nl`
  numbers of kept tokens; `lg, ng` of a third, gold answer; `s_w, s_l` scores of the data, and any other column of the data
  (`v`, `win_w`, `win_l`, `pol_is_w`) by its name.
- token level: `kl_w, kl_l` sequential KL divergences; `*_tail` sums beyond the shorter answer's length; `w_w, w_l` the weights
  of WPO.
- batch statistics, constants of the step: `kl, delta, m_bar, m0, m_star`, defined as in src/bandit/inputs/statistics.ts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from .errors import TrainFailure
from .program import Program

Columns = dict[str, Tensor]

STATISTICS = ("kl", "delta", "m_bar", "m0", "m_star")
TOKEN_KL = ("kl_w", "kl_l")
TAILS = ("lw_tail", "ll_tail", "rw_tail", "rl_tail")
WEIGHTS = ("w_w", "w_l")
#: Inputs that this engine computes beyond log-probabilities and token counts.
COMPUTED = (*TOKEN_KL, *TAILS, *WEIGHTS, *STATISTICS)

#: Momentum of `m0`.
MOMENTUM = 0.9

#: Losses that are no function of the inputs named in their programs, by the name that a job's `spec` begins with.
NOT_HERE = {
    "diffusion_dpo": "its inputs are denoising errors of a diffusion model, not log-probabilities of answers",
    "mapo": "its inputs are denoising errors of a diffusion model, not log-probabilities of answers",
}
#: Losses that match the batch's pairs anew by sorting.
REMATCHED = ("aot", "aot_unpaired", "aot_pair", "aot_pair_old_trl")


def loss_name(spec: str) -> str:
    """The name of a catalogue's or a trainer's loss that a text begins with, else "": `dpo` of `dpo?beta=0.1`, `aot` of `trl.aot`."""
    match = re.match(r"\s*(?:[\w@-]+\.)*([A-Za-z_]\w*)\s*(?:\?|$)", spec)
    return match.group(1) if match else ""


@dataclass(frozen=True)
class Needs:
    """What a program reads beyond a pair's six numbers."""

    gold: bool
    ranks: int
    token_kl: bool
    tails: bool
    weights: bool
    statistics: frozenset[str]
    rematch: str | None

    @property
    def coupled(self) -> bool:
        """Whether the loss of a pair depends on the rest of the batch."""
        return bool(self.statistics) or self.rematch is not None

    @property
    def live_reference(self) -> bool:
        """Whether the reference model itself is needed at every update."""
        return self.token_kl or "kl" in self.statistics


def needs_of(program: Program, spec: str) -> Needs:
    """What a job's loss reads. Raises TrainFailure (unsupported-loss) for what this engine cannot supply."""
    name = loss_name(spec)
    if name in NOT_HERE:
        raise TrainFailure("unsupported-loss", f"{name} cannot be trained here: {NOT_HERE[name]}")
    inputs = set(program.inputs)
    ranks = [int(match[1]) for match in (re.fullmatch(r"[lrn]y(\d+)", i) for i in inputs) if match]
    for tail in ("lw_tail", "ll_tail"):
        if tail in inputs and tail not in program.gradients:
            message = f"{spec} reads {tail}, which moves with the policy, but its program gives no derivative by it"
            raise TrainFailure("unsupported-loss", message)
    return Needs(
        gold=bool(inputs & {"lg", "rg", "ng"}),
        ranks=max(ranks, default=0),
        token_kl=bool(inputs & set(TOKEN_KL)),
        tails=bool(inputs & set(TAILS)),
        weights=bool(inputs & set(WEIGHTS)),
        statistics=frozenset(inputs & set(STATISTICS)),
        rematch=name if name in REMATCHED else None,
    )


def gaps(columns: Columns) -> Tensor:
    """(lw - rw) - (ll - rl) of every pair, [n], nats."""
    return (columns["lw"] - columns["rw"]) - (columns["ll"] - columns["rl"])


def standardised(values: Tensor) -> Tensor:
    """(x - mean) / standard deviation (divided by n), 0 where all values are equal up to rounding."""
    deviation = (values - values.mean()).square().mean().sqrt()
    return (values - values.mean()) / deviation if deviation > 1e-12 else torch.zeros_like(values)


@dataclass
class Statistics:
    """Batch statistics and their running means; `state` is what a checkpoint keeps."""

    names: frozenset[str]
    beta: float
    state: dict[str, float] = field(default_factory=lambda: {"steps": 0.0, "shift": 0.0, "gap": 0.0})

    def _shift(self, columns: Columns) -> float:
        rewards = (columns["lw"] - columns["rw"]) + (columns["ll"] - columns["rl"])
        return float((self.beta * rewards / 2).mean())

    def observe(self, columns: Columns) -> None:
        """Moves the running means by a training batch; once before every update and nowhere else."""
        state = self.state
        state["steps"] += 1
        state["shift"] += (self._shift(columns) - state["shift"]) / state["steps"]
        state["gap"] = MOMENTUM * state["gap"] + (1 - MOMENTUM) * float(gaps(columns).mean())

    def fill(self, columns: Columns, mismatched: Tensor | None = None) -> None:
        """Adds the columns that the loss reads, [n] each and constants of the step.

        mismatched: log-ratios of policy and reference on answers of other prompts, [m] nats; for `kl`, their mean, at least 0
        """
        if not self.names:
            return
        values = {
            "delta": self.state["shift"] if self.state["steps"] else self._shift(columns),
            "m_bar": float(gaps(columns).mean()),
            "m0": self.state["gap"],
        }
        if mismatched is not None:
            values["kl"] = max(0.0, float(mismatched.mean())) if len(mismatched) else 0.0
        for name in self.names & set(values):
            columns[name] = torch.full_like(columns["lw"], values[name])
        if "m_star" in self.names:
            left = (columns["lw"] - columns["rw"]) / columns["nw"]
            columns["m_star"] = standardised(left - (columns["ll"] - columns["rl"]) / columns["nl"])


def rematched(name: str, columns: Columns) -> tuple[Columns, dict[str, Tensor]]:
    """The columns of AOT: pairs matched anew by rank, and for `lw`, `ll` the pair that each entry came from.

    `aot`: (lw, ll) by policy margins lw - ll, (rw, rl) by reference margins; `aot_unpaired`: (lw, rw) by chosen log-ratios,
    (ll, rl) by rejected ones.  See Melnyk et al. 2024, arXiv 2406.05882
    """

    def ranked(values: Tensor) -> Tensor:
        return torch.sort(values, stable=True).indices

    if name == "aot":
        left, right = ranked(columns["lw"] - columns["ll"]), ranked(columns["rw"] - columns["rl"])
        places = {"lw": left, "ll": left, "rw": right, "rl": right}
    else:
        left, right = ranked(columns["lw"] - columns["rw"]), ranked(columns["ll"] - columns["rl"])
        places = {"lw": left, "rw": left, "ll": right, "rl": right}
    places |= {"nw": places["lw"], "nl": places["ll"]}
    matched = {key: value[places[key]] if key in places else value for key, value in columns.items()}
    return matched, {"lw": places["lw"], "ll": places["ll"]}


def as_columns(values: dict[str, Iterable[float]]) -> Columns:
    """Lists of numbers as float64 columns."""
    return {name: torch.tensor(list(column), dtype=torch.float64) for name, column in values.items()}
