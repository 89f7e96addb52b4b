"""The check that opens every job. Before the first update policy and reference are one model, so the loss that the training path
computes must be the program's value at lw = rw, ll = rl. A wrong or stale reference, a packing fault, dropout left on or a wrong
loss shows here, not after hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .batches import chosen_columns, kept
from .errors import TrainFailure
from .inputs import rematched
from .interpret import interpret
from .objective import Outcome
from .packing import Answer
from .prepare import Prepared
from .program import Program
from .update import batch_quantities, mismatched_ratios

#: Pairs scored a second time by textbook operations.
TEXTBOOK_PAIRS = 2

#: Rounding that a dtype allows a log-probability summed over tokens, relative to 1 + its size. Norms, rotations and eager softmax
#: of Hugging Face's models are float32 even where the weights are float64.
TOLERANCE = {"float64": 1e-6, "float32": 2e-5, "bfloat16": 2e-2}


@dataclass(frozen=True)
class StepZero:
    """The first batch's loss, and what it must be."""

    loss: float
    expected: float


def textbook_score(model: torch.nn.Module, answer: Answer, device: torch.device) -> float:
    """log pi(answer | prompt) by whole logits of one unpadded row and log_softmax: no packing, no chunked head, no cache."""
    tokens = torch.tensor([[*answer.prompt, *answer.answer]], device=device)
    with torch.no_grad():
        logits = model(input_ids=tokens, use_cache=False).logits[0, len(answer.prompt) - 1 : -1]
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    scores = torch.log_softmax(wide, dim=-1).gather(1, tokens[0, len(answer.prompt) :, None])[:, 0].double()
    return float((scores * torch.tensor(kept(answer), dtype=torch.float64, device=device)).sum())


def _difference(found: Sequence[float], wanted: Sequence[float], tolerance: float) -> int | None:
    """The first entry that differs by more than rounding, or is not a number."""
    pairs = enumerate(zip(found, wanted, strict=True))
    return next((i for i, (a, b) in pairs if not abs(a - b) <= tolerance * (1 + abs(b))), None)


def _check_scores(prepared: Prepared, rows: list[int], policy: Tensor, reference: Tensor) -> None:
    """policy, reference: [n, 2 or 1] log-probabilities of chosen and rejected answers."""
    tolerance = TOLERANCE[prepared.job.torch.dtype]

    def fail(i: int, sides: int, other: float, whose: str) -> TrainFailure:
        side, row = ("chosen", "rejected")[i % sides], rows[i // sides]
        own = policy.reshape(-1)[i]
        message = f"before the first update the policy gives the {side} answer of pair {row} log-probability {own}, {whose} {other}"
        return TrainFailure("step-zero", message, 0, [row])

    sides = policy.shape[1]
    stale = _difference(policy.reshape(-1).tolist(), reference.reshape(-1).tolist(), tolerance)
    if stale is not None:
        raise fail(stale, sides, float(reference.reshape(-1)[stale]), "the reference")
    picked = [prepared.training.rows[row] for row in rows[:TEXTBOOK_PAIRS]]
    answers = [answer for group in prepared.groups(picked) for answer in group[:sides]]
    textbook = [textbook_score(prepared.policy.loaded.model, answer, prepared.device) for answer in answers]
    wrong = _difference(policy[: len(picked)].reshape(-1).tolist(), textbook, tolerance)
    if wrong is not None:
        raise fail(wrong, sides, textbook[wrong], "textbook operations")


def at_reference_columns(prepared: Prepared, outcome: Outcome) -> list[dict[str, float]]:
    """The inputs of every pair at the reference, as plain numbers."""
    columns = outcome.columns
    if prepared.needs.rematch is not None:
        columns, _ = rematched(prepared.needs.rematch, columns)
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name].tolist() for name in names), strict=True)]


def programs_value(program: Program, pairs: list[dict[str, float]], ce_weight: float) -> float:
    """Mean loss of a program node by node, pair by pair, in plain numbers: not by the compiled graph, which is what is checked."""
    values = [interpret(program, pair) - (ce_weight * pair["lw"] / pair["nw"] if ce_weight > 0 else 0.0) for pair in pairs]
    return sum(values) / len(values)


def check_step_zero(prepared: Prepared, rows: list[int]) -> StepZero:
    """Compares, on the pairs `rows` of the first batch: the policy's log-probabilities by the training path with the
    reference's; both with textbook operations on the first pairs; and the batch's loss with the program's value at the
    reference. Raises TrainFailure: step-zero, or non-finite-loss where the program itself is not finite there."""
    job, objective, roles = prepared.job, prepared.objective, prepared.roles
    fixed = chosen_columns(prepared.training.fixed, rows)
    quantities = batch_quantities(prepared, rows)
    mismatched = mismatched_ratios(prepared, prepared.training.rows, rows)
    sides = [k for k, role in enumerate(roles) if role in ("w", "l")]
    reference = torch.stack([fixed[f"r{role}"] for role in roles], dim=1)
    if not prepared.sharded:
        _check_scores(prepared, rows, quantities["logps"][:, sides], reference[:, sides])
    at_reference = dict(quantities)
    at_reference["logps"] = torch.where(torch.isfinite(reference), reference, quantities["logps"])
    if "tail" in quantities:
        at_reference["tail"] = torch.stack([fixed.get(f"r{role}_tail", quantities["tail"][:, k]) for k, role in enumerate(roles)], 1)
    atref = objective.outcome(at_reference, fixed, prepared.statistics, mismatched=mismatched)
    bad = [rows[i] for i in atref.bad_pairs()]
    if bad:
        message = f"{job.spec} is not finite where the policy is the reference (pair {bad[0]})"
        raise TrainFailure("non-finite-loss", message, 0, bad)
    found = objective.outcome(quantities, fixed, prepared.statistics, mismatched=mismatched)
    expected = programs_value(job.program, at_reference_columns(prepared, atref), job.ce_weight)
    # What the tolerated differences in log-probability can do to the loss, to first order, and as much again.
    tolerance = TOLERANCE[job.torch.dtype]
    slack = float((2 * atref.weights["logps"].abs() * tolerance * (1 + at_reference["logps"].abs())).sum())
    if not abs(found.loss - expected) <= slack + 1e-9 * (1 + abs(expected)):
        message = f"before the first update {job.spec} is {found.loss}, its program gives {expected} at the reference"
        raise TrainFailure("step-zero", message, 0, [rows[0]])
    return StepZero(found.loss, expected)
