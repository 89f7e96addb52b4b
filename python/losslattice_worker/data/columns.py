"""Inputs of a loss that come from the data: numeric columns of the rows, by name."""

from __future__ import annotations

import re
from collections.abc import Collection

from .files import finite_number
from .problems import RowProblem
from .records import Answer, Record, shown

# Log-probabilities of policy (l) and reference (r) and token counts (n) of the answers w, l, g (gold) and y1, y2, …
COMPUTED = re.compile(r"[lrn](?:w|l|g|y[1-9]\d{0,2})")
RANKED = re.compile(r"[lrn]y([1-9]\d{0,2})")
RANKED_SCORE = re.compile(r"s_y([1-9]\d{0,2})")


class Needs:
    """What a loss asks of the data: `names` are the inputs of its program, `computed` those that the engine makes itself."""

    def __init__(self, names: Collection[str], computed: Collection[str] = ()) -> None:
        self.gold = any(name in ("lg", "rg", "ng") for name in names)
        self.rejected = not names or any(name in ("ll", "rl", "nl", "s_l") or name.endswith("_l") for name in names)
        ranks = [int(match[1]) for match in map(RANKED.fullmatch, names) if match]
        self.ranks = max(ranks, default=0)
        self.columns = sorted(n for n in names if not COMPUTED.fullmatch(n) and n not in computed)


def score_of(name: str, answers: list[Answer]) -> float | None:
    """A score by its input's name: s_w and s_l are of the first two answers, s_y1, s_y2, … of all, which are best first."""
    match = RANKED_SCORE.fullmatch(name)
    at = {"s_w": 0, "s_l": 1}.get(name, int(match[1]) - 1 if match else None)
    return answers[at].score if at is not None and at < len(answers) else None


def _column(name: str, record: Record, answers: list[Answer]) -> float:
    if name in ("s_w", "s_l") or RANKED_SCORE.fullmatch(name):
        score = score_of(name, answers)
        if score is None:
            field = {"s_w": "score_chosen", "s_l": "score_rejected"}.get(name)
            raise RowProblem(f"the loss needs {name}, a number" + (f", also called {field}" if field else ""))
        return score
    value = record.fields.get(name)
    if value is None:
        raise RowProblem(f"the loss needs a column {name}, a number; keys found: {', '.join(map(str, record.fields))}")
    number = finite_number(value)
    if number is None:
        raise RowProblem(f"{name} should be a finite number, found {shown(value)}")
    return number


def columns_of(record: Record, names: list[str]) -> dict[str, float]:
    """The numbers of a row by input name. Errors: RowProblem names the column."""
    return {name: _column(name, record, record.answers) for name in names}
