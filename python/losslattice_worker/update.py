"""One update: the gradient of the mean over the batch's pairs, exact however the batch is split.

A loss sees a few numbers per answer, so its gradient is one weight per answer and number. Where the loss of a pair depends on
that pair alone, micro-batches are independent. Where it depends on the whole batch (KTO's KL, AOT's ranks, …) and the batch
takes several passes, a first round without gradients collects the numbers of all answers, the program turns them into
weights, and a second round sends the weights back. Processes work in the same way: each holds some pairs, numbers are
gathered, everyone computes the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from .batches import chosen_columns, tokens_of
from .data import Row
from .errors import TrainFailure
from .metrics import Metrics, pair_metrics
from .objective import Outcome
from .optim import AdamW, clip_factor, scheduled_rate, square_sum
from .order import Rng
from .packing import Answer
from .prepare import Prepared
from .reference import score_rows
from .scorer import Scores, Wanted

Quantities = dict[str, Tensor]


@dataclass
class Plan:
    """A batch as this process sees it: `parts` are micro-batches of places in the batch; `turns` is the largest number of
    micro-batches of any process, an empty one standing in where this process has fewer."""

    rows: list[int]
    groups: list[list[Answer]]
    parts: list[list[int]]
    turns: int


def plan_of(prepared: Prepared, rows: list[int]) -> Plan:
    """Places are dealt to processes in turn, then each cuts its own into micro-batches."""
    groups = prepared.groups([prepared.training.rows[row] for row in rows])
    place = prepared.group.place
    mine = list(range(place.rank, len(rows), place.world_size))
    parts = [[mine[i] for i in part] for part in prepared.budget.split([groups[i] for i in mine])]
    return Plan(rows, groups, parts, prepared.group.most(len(parts)))


def _seed(prepared: Prepared, step: int, turn: int) -> None:
    """Random numbers of a pass (an adapter's dropout) are a function of seed, update, pass and process: nothing to keep in a
    checkpoint, and both rounds of a batch-coupled loss draw the same."""
    torch.manual_seed(Rng.from_seed(prepared.job.seed).split("passes").split(step).split(turn * 65536 + prepared.group.place.rank).word())


def _wanted(prepared: Prepared) -> Wanted:
    extra = prepared.job.torch
    return Wanted(
        tail=prepared.needs.tails, kl=prepared.needs.token_kl, weight=prepared.needs.weights,
        entropy="entropy" in extra.metrics, top_k=extra.top_k if "top_k_mass" in extra.metrics else 0,
    )  # fmt: skip


def _pass(prepared: Prepared, plan: Plan, turn: int, step: int, grad: bool, wanted: Wanted) -> Scores:
    """One micro-batch through the model; a stand-in where this process has none left."""
    part = plan.parts[turn] if turn < len(plan.parts) else plan.parts[0][:1]
    _seed(prepared, step, turn)
    reference = prepared.reference() if prepared.needs.token_kl else None
    return prepared.policy([plan.groups[i] for i in part], wanted, reference=reference, grad=grad)


class _Collector:
    """Numbers of all answers of a batch, [n, roles] each, as passes give them; and sums of token metrics."""

    def __init__(self, prepared: Prepared, plan: Plan):
        self.prepared, self.plan = prepared, plan
        self.shape = (len(plan.rows), len(prepared.roles))
        self.found: Quantities = {}
        self.sums: dict[str, Tensor] = {}

    def add(self, turn: int, scores: Scores) -> None:
        for name, values in scores.quantities.items():
            whole = self.found.setdefault(name, torch.zeros(self.shape, dtype=torch.float64))
            if turn < len(self.plan.parts):
                places = torch.tensor(self.plan.parts[turn])
                whole[places] = values.detach().reshape(len(places), -1).cpu()
        for name in ("entropy", "top_k_mass"):
            if name in scores.tokens:
                total = self.sums.setdefault(name, torch.zeros(2, dtype=torch.float64))
                if turn < len(self.plan.parts):
                    total += torch.tensor([float(scores.tokens[name].double().sum()), float(len(scores.tokens[name]))]).double()

    def gathered(self) -> Quantities:
        return {name: self.prepared.group.sum(values) for name, values in self.found.items()}

    def token_means(self) -> Metrics:
        totals = {name: self.prepared.group.sum(total) for name, total in self.sums.items()}
        return {name: float(total[0] / total[1]) for name, total in totals.items()}


def batch_quantities(prepared: Prepared, rows: list[int]) -> Quantities:
    """Numbers of the answers of a batch by the training path, without gradient: [n, roles] each."""
    plan = plan_of(prepared, rows)
    collector = _Collector(prepared, plan)
    for turn in range(plan.turns):
        collector.add(turn, _pass(prepared, plan, turn, 0, False, prepared.wanted))
    return collector.gathered()


def mismatched_ratios(prepared: Prepared, rows: Sequence[Row], places: Sequence[int]) -> Tensor | None:
    """Log-ratios of policy and reference on answers under the prompt of another row of the batch, [m] nats: every answer of the
    batch with the prompt of the row before it. None where the loss does not read `kl`; pairs that have no room are left out."""
    if "kl" not in prepared.needs.statistics:
        return None
    context = prepared.policy.loaded.context
    batch = [rows[place] for place in places]
    wrong = []
    for own, other in zip(batch, [*batch[1:], batch[0]], strict=True):
        longest = max(len(other.chosen_ids), len(other.rejected_ids))
        if len(own.prompt_ids) + longest - 1 <= context:
            wrong.append(Row(own.prompt_ids, other.chosen_ids, other.rejected_ids, other.chosen_mask, other.rejected_mask))
    if not wrong:
        return torch.zeros(0, dtype=torch.float64)
    roles = [role for role in prepared.roles if role in ("w", "l")]
    scores = [
        score_rows(scorer, wrong, roles, Wanted(), prepared.budget, prepared.group)["logps"]
        for scorer in (prepared.policy, prepared.reference())
    ]
    return (scores[0] - scores[1]).reshape(-1)


def _send_back(scores: Scores, weights: dict[str, Tensor], part: list[int], device: torch.device) -> None:
    """Backward pass of one micro-batch with one weight per answer and number."""
    tensors = [values for values in scores.quantities.values() if values.requires_grad]
    names = [name for name, values in scores.quantities.items() if values.requires_grad]
    grads = [weights[name][torch.tensor(part)].reshape(-1).to(device) for name in names]
    torch.autograd.backward(tensors, grads)


class Updater:
    """Updates of a prepared job."""

    def __init__(self, prepared: Prepared, optimizer: AdamW):
        self.prepared, self.optimizer = prepared, optimizer
        #: Rows in hand, for whoever reports that memory ran out.
        self.in_hand: list[int] = []

    def _backward(self, plan: Plan, turn: int, scores: Scores, outcome: Outcome, places: list[int]) -> None:
        """places: where the micro-batch's pairs stand in the outcome's weights."""
        prepared = self.prepared
        weights = outcome.weights
        if turn >= len(plan.parts):  # a stand-in: it takes part in the gathering of gradients and adds nothing
            weights = {name: torch.zeros_like(weight) for name, weight in weights.items()}
            places = places[:1] or [0]
        scale = prepared.gradient_scale
        weights = weights if scale == 1 else {name: weight * scale for name, weight in weights.items()}
        last = turn == plan.turns - 1
        with nullcontext() if last else prepared.unsynchronised():
            _send_back(scores, weights, places, prepared.device)

    def _independent(self, plan: Plan, step: int, collector: _Collector) -> None:
        """Losses of single pairs: every micro-batch by itself."""
        prepared = self.prepared
        fixed = chosen_columns(prepared.training.fixed, plan.rows)
        for turn in range(plan.turns):
            part = plan.parts[turn] if turn < len(plan.parts) else plan.parts[0][:1]
            self.in_hand = [plan.rows[i] for i in part]
            with nullcontext() if turn == plan.turns - 1 else prepared.unsynchronised():
                scores = _pass(prepared, plan, turn, step, True, _wanted(prepared))
            collector.add(turn, scores)
            own = {name: values.detach().reshape(len(part), -1).cpu() for name, values in scores.quantities.items()}
            outcome = prepared.objective.outcome(
                own, chosen_columns(fixed, part), prepared.statistics, total=len(plan.rows)
            )
            self._backward(plan, turn, scores, outcome, list(range(len(part))))

    def _coupled(self, plan: Plan, step: int, collector: _Collector, mismatched: Tensor | None) -> Outcome:
        """Losses of whole batches."""
        prepared = self.prepared
        fixed = chosen_columns(prepared.training.fixed, plan.rows)
        held: Scores | None = None
        for turn in range(plan.turns):
            self.in_hand = [plan.rows[i] for i in plan.parts[min(turn, len(plan.parts) - 1)]]
            single = plan.turns == 1
            scores = _pass(prepared, plan, turn, step, single, _wanted(prepared))
            collector.add(turn, scores)
            held = scores if single else None
        outcome = prepared.objective.outcome(
            collector.gathered(), fixed, prepared.statistics, mismatched=mismatched, observe=True
        )
        for turn in range(plan.turns):
            part = plan.parts[turn] if turn < len(plan.parts) else plan.parts[0][:1]
            self.in_hand = [plan.rows[i] for i in part]
            with nullcontext() if turn == plan.turns - 1 else prepared.unsynchronised():
                scores = held or _pass(prepared, plan, turn, step, True, prepared.wanted)
            self._backward(plan, turn, scores, outcome, part)
        return outcome

    def _failure(self, reason: str, what: str, step: int, rows: list[int]) -> TrainFailure:
        return TrainFailure(reason, f"the {what} of {self.prepared.job.spec} is not finite at update {step}", step, rows)

    def update(self, step: int, rows: list[int], tokens_before: int) -> tuple[Metrics, int]:
        """Update `step` (from 1) on the pairs `rows`: metrics of the batch before it, and input tokens trained on so far.

        Raises TrainFailure, with the weights as they were, when a loss or the gradient is not finite.
        """
        model = self.prepared.policy.loaded.model
        # Blocks are recomputed and adapters drop entries in training mode only; a model's own dropout is off for good.
        model.train(self.prepared.needs_training_mode)
        try:
            return self._update(step, rows, tokens_before)
        finally:
            model.eval()

    def _update(self, step: int, rows: list[int], tokens_before: int) -> tuple[Metrics, int]:
        prepared, job = self.prepared, self.prepared.job
        plan = plan_of(prepared, rows)
        collector = _Collector(prepared, plan)
        if prepared.needs.coupled:
            mismatched = mismatched_ratios(prepared, prepared.training.rows, rows)
            outcome = self._coupled(plan, step, collector, mismatched)
        else:
            self._independent(plan, step, collector)
            fixed = chosen_columns(prepared.training.fixed, rows)
            outcome = prepared.objective.outcome(collector.gathered(), fixed, prepared.statistics)
        bad = outcome.bad_pairs()
        if bad:
            raise self._failure("non-finite-loss", "loss", step, [rows[i] for i in bad])
        norm = self.norm()
        if norm != norm or norm == float("inf"):
            raise self._failure("non-finite-gradient", "gradient", step, list(rows))
        rate = scheduled_rate(step, job.learning_rate, job.warmup, job.steps, job.final_rate)
        self.optimizer.step(rate, clip_factor(norm, job.clip))
        tokens = tokens_before + tokens_of(answer for group in plan.groups for answer in group)
        metrics = {
            "loss": outcome.loss,
            **pair_metrics(outcome.columns, job.reward_scale, job.length_normalised),
            **collector.token_means(),
            "grad_norm": norm,
            "learning_rate": rate,
            "num_tokens": tokens,
        }
        return metrics, tokens

    def norm(self) -> float:
        """Global norm of the gradient over all weights, in whatever parts processes hold them."""
        total = square_sum(self.optimizer.gradient(name) for name in self.optimizer.parameters).cpu()
        if self.prepared.sharded:
            total = self.prepared.group.sum(total.reshape(1))[0]
        return float(total) ** 0.5
