"""Rows of tokens as answers to score: which answers a row has, how they are grouped into micro-batches, and their sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .data import Row
from .inputs import Columns, Needs
from .packing import Answer


def roles_of(needs: Needs, rows: Sequence[Row]) -> tuple[str, ...]:
    """The answers of a row that the loss reads: `w`, `l` where rows have a rejected answer, `g` the gold one, and of K-wise
    rows `y3`, `y4`, …"""
    rejected = ("l",) if all(row.rejected_ids for row in rows) else ()
    return ("w", *rejected, *(("g",) if needs.gold else ()), *(f"y{k}" for k in range(3, needs.ranks + 1)))


def answer_of(row: Row, role: str) -> Answer:
    """One answer of a row, under its prompt."""
    if role == "w":
        return Answer(row.prompt_ids, row.chosen_ids, row.chosen_mask)
    if role == "l":
        return Answer(row.rejected_prompt_ids or row.prompt_ids, row.rejected_ids, row.rejected_mask)
    if role == "g":
        return Answer(row.prompt_ids, row.third or [], None)
    return Answer(row.prompt_ids, (row.completions or [])[int(role[1:]) - 1], None)


def kept(answer: Answer) -> list[bool]:
    """Which tokens of an answer count."""
    return answer.mask if answer.mask is not None else [True] * len(answer.answer)


def tokens_of(answers: Iterable[Answer]) -> int:
    """Input tokens of answers, each by itself: prompt and answer without its last token, which predicts nothing."""
    return sum(len(answer.prompt) + len(answer.answer) - 1 for answer in answers)


@dataclass(frozen=True)
class Budget:
    """How many tokens go through the model at once; `tokens` None: any number. Padded batches count their padding; where prompts
    are `shared` the answers of a group that have one prompt count it once."""

    tokens: int | None
    padded: bool
    shared: bool = False

    def size(self, group: Sequence[Answer]) -> int:
        """Tokens of a group without padding."""
        twice = [len(own.prompt) for own, before in zip(group[1:], group, strict=False) if own.prompt == before.prompt]
        return tokens_of(group) - (sum(twice) if self.shared else 0)

    def cost(self, groups: Sequence[list[Answer]]) -> int:
        """Tokens of groups in one pass."""
        if not self.padded:
            return sum(self.size(group) for group in groups)
        lengths = [tokens_of([answer]) for group in groups for answer in group]
        return len(lengths) * max(lengths)

    def split(self, groups: Sequence[list[Answer]], most: int | None = None) -> list[list[int]]:
        """Groups of answers in order as micro-batches of at most `tokens` tokens and `most` groups: the places of each.

        Raises ValueError with the place of a group that is too long by itself.
        """
        batches: list[list[int]] = []
        count = longest = total = 0
        for place, group in enumerate(groups):
            own, size = max(tokens_of([answer]) for answer in group), self.size(group)
            after = (count + len(group)) * max(longest, own) if self.padded else total + size
            if self.tokens is not None and (len(group) * own if self.padded else size) > self.tokens:
                raise ValueError(place)
            full = self.tokens is not None and after > self.tokens
            if not batches or full or (most is not None and len(batches[-1]) >= most):
                batches.append([])
                count = longest = total = 0
            batches[-1].append(place)
            count, longest, total = count + len(group), max(longest, own), total + size
        return batches


def tails(groups: Sequence[list[Answer]]) -> list[list[bool]]:
    """For every answer, in order, its tokens beyond the length of the shorter of the first two answers of its group."""
    flags = []
    for group in groups:
        shorter = min(len(answer.answer) for answer in group[:2])
        flags += [[i >= shorter for i in range(len(answer.answer))] for answer in group]
    return flags


def sums(tokens: Tensor, segments: Tensor, count: int, flags: Tensor | None) -> Tensor:
    """Sums over each answer's flagged tokens, [count] float64 on the device of `tokens` [T]; gradients flow back.

    segments: the answer of every token, [T], answers in order; flags: [T] bool, None for all tokens
    """
    values = tokens.double() if flags is None else tokens.double() * flags.to(tokens.device)
    return torch.zeros(count, dtype=torch.float64, device=tokens.device).index_add(0, segments, values)


def fixed_columns(rows: Sequence[Row], roles: Sequence[str], reference: dict[str, Tensor]) -> Columns:
    """The columns of rows that training does not change, [n] float64 each: token counts, scores, columns of the data, and of
    the reference log-probabilities and tails [n, roles]. Rows without a rejected answer have `ll = rl = 0`, `nl = 1`."""
    columns: dict[str, list[float]] = {}
    for role in roles:
        columns[f"n{role}"] = [float(sum(kept(answer_of(row, role)))) for row in rows]
    for name in {*rows[0].scores, *rows[0].columns}:
        columns[name] = [{**row.scores, **row.columns}.get(name, float("nan")) for row in rows]
    fixed = {name: torch.tensor(values, dtype=torch.float64) for name, values in columns.items()}
    for k, role in enumerate(roles):
        fixed[f"r{role}"] = reference["logps"][:, k]
        if "tail" in reference and role in ("w", "l"):
            fixed[f"r{role}_tail"] = reference["tail"][:, k]
    if "l" not in roles:
        zeros = torch.zeros(len(rows), dtype=torch.float64)
        fixed |= {"ll": zeros, "rl": zeros, "nl": zeros + 1}
    return fixed


def chosen_columns(columns: Columns, rows: Sequence[int]) -> Columns:
    """The entries `rows` of columns."""
    places = torch.tensor(list(rows), dtype=torch.long)
    return {name: column[places] for name, column in columns.items()}
