"""Unpaired rows (a completion that is desirable or not) as pairs, which is how programs of unpaired losses are written.

The program of an unpaired loss is the sum of one desirable example's part (lw, rw, nw) and one undesirable example's part (ll,
rl, nl). So the i-th desirable example meets the i-th undesirable one, each with its own prompt; the shorter side is used again
from its beginning. The mean over pairs is then (mean over desirable) + (mean over undesirable), up to the last round.
"""

from __future__ import annotations

from .columns import Needs, columns_of
from .problems import Problems, RowProblem
from .records import Record
from .rows import Report, Row
from .tokens import TokenRecord


def _sides(singles: list[TokenRecord], needs: Needs, problems: Problems) -> tuple[list[TokenRecord], list[TokenRecord]]:
    sides: dict[bool, list[TokenRecord]] = {True: [], False: []}
    for tokens in singles:
        label = tokens.record.label
        if label is None and needs.rejected:
            problems.add(tokens.record.line, "the row has no label, true for desirable and false for undesirable")
        sides[True if label is None else label].append(tokens)
    return sides[True], sides[False]


def _columns(desirable: Record, undesirable: Record | None, needs: Needs) -> dict[str, float]:
    """Numbers of a pair: of the undesirable row where the name ends in `_l`, else of the desirable one."""
    own = [name for name in needs.columns if not name.endswith("_l")]
    found = columns_of(desirable, [name for name in own if name != "s_l"])
    if undesirable is not None:
        for name in (name for name in needs.columns if name.endswith("_l")):
            if name == "s_l":
                found |= {"s_l": columns_of(undesirable, ["s_w"])["s_w"]}
            else:
                found |= columns_of(undesirable, [name])
    return found


def _pair(desirable: TokenRecord, undesirable: TokenRecord | None, needs: Needs) -> Row:
    numbers = _columns(desirable.record, undesirable.record if undesirable else None, needs)
    scores = {name: value for name, value in numbers.items() if name in ("s_w", "s_l")}
    return Row(
        prompt_ids=desirable.prompt,
        chosen_ids=desirable.answers[0],
        rejected_ids=undesirable.answers[0] if undesirable else [],
        chosen_mask=desirable.masks[0],
        rejected_mask=undesirable.masks[0] if undesirable else None,
        scores=scores,
        columns={name: value for name, value in numbers.items() if name not in scores},
        line=desirable.record.line,
        rejected_prompt_ids=undesirable.prompt if undesirable else None,
        rejected_line=undesirable.record.line if undesirable else None,
    )


def pair_up(singles: list[TokenRecord], needs: Needs, problems: Problems, report: Report) -> list[Row]:
    """Pairs of unpaired rows: as many as the larger side has examples.

    A loss that reads no rejected answer gets the desirable rows alone, with empty rejected ones; the undesirable are left out
    and counted. Otherwise both sides must occur.
    """
    desirable, undesirable = _sides(singles, needs, problems)
    if not needs.rejected:
        for tokens in undesirable:
            report.drop(tokens.record.line, "undesirable, and the loss reads no rejected answer")
        undesirable = []
    elif not desirable or not undesirable:
        missing = "desirable (label true)" if not desirable else "undesirable (label false)"
        problems.add(0, f"no row is {missing}, and the loss needs both")
    if problems.found or not desirable:
        return []
    rows: list[Row] = []
    for i in range(max(len(desirable), len(undesirable))):
        one = desirable[i % len(desirable)]
        other = undesirable[i % len(undesirable)] if undesirable else None
        try:
            rows.append(_pair(one, other, needs))
        except RowProblem as problem:
            problems.add(one.record.line, str(problem))
    return rows
