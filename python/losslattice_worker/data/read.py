"""A file of preference data as rows in tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from .columns import Needs, columns_of
from .expand import expand
from .files import raw_rows, source_name
from .layouts import layout_of
from .lengths import TooLong, fit
from .problems import DataError, Problems, RowProblem
from .records import Kind, Record, content_of
from .rows import Report, Row, Rows, rows_digest
from .settings import DataSettings
from .tokens import Cutter, TokenRecord, token_records
from .unpaired import pair_up


class Reader:
    """Reads one source; problems of its rows are collected, see Problems."""

    def __init__(
        self, source: str | list[Any], tokenizer: Any, settings: DataSettings, needs: Needs, *, patient: bool = False
    ) -> None:
        self.source, self.settings, self.needs = source, settings, needs
        self.cutter = Cutter(tokenizer, settings.chat_template)
        self.problems = Problems(source_name(source), patient=patient)
        self.report = Report()
        self.kind: Kind | None = None
        self._kind_line = 0

    def token_rows(self) -> Iterator[TokenRecord]:
        """Sound rows in tokens, fitted to their room, in the order of the source."""
        for batch in raw_rows(self.source, self.problems):
            self.report.read += len(batch)
            records = [pair for line, fields in batch for pair in self._records(line, fields)]
            for tokens in token_records(self.cutter, records):
                if isinstance(tokens, tuple):
                    self.problems.add(*tokens)
                elif self._fits(tokens):
                    yield tokens
            if self.problems.full:
                return

    def _records(self, line: int, fields: dict[str, Any]) -> list[Record]:
        try:
            layout = layout_of(fields)
            record = layout.read(line, fields)
            self._check_kind(record)
            _check_texts(record)
            if self.needs.gold and record.gold is None:
                raise RowProblem("the loss needs gold, a third answer")
            if self.needs.ranks > 2:
                _check_ranks(record, self.needs.ranks)
            records, reason = expand(record, self.settings, self.needs.ranks > 2)
        except RowProblem as problem:
            self.problems.add(line, str(problem))
            return []
        self.report.layouts[layout.name] = self.report.layouts.get(layout.name, 0) + 1
        if not records and reason is not None:
            self.report.drop(line, reason)
        return records

    def _check_kind(self, record: Record) -> None:
        if self.kind is None:
            self.kind, self._kind_line = record.kind, record.line
        if record.kind != self.kind:
            raise RowProblem(f"a row of kind {record.kind}, but line {self._kind_line} is of kind {self.kind}")

    def _fits(self, tokens: TokenRecord) -> bool:
        line = tokens.record.line
        try:
            _check_tokens(tokens)
            self.report.truncated += fit(tokens, self.settings, self.cutter.first)
        except RowProblem as problem:
            self.problems.add(line, str(problem))
            return False
        except TooLong as reason:
            self.report.drop(line, str(reason))
            return False
        self.report.special_inside += any(self.cutter.eos in answer[:-1] for answer in tokens.answers)
        return True


def _check_texts(record: Record) -> None:
    answers = [*record.answers, *([record.gold] if record.gold else [])]
    if any(content_of(answer.text).strip() == "" for answer in answers):
        raise RowProblem("an answer is empty")
    if record.kind == "pairs" and record.answers[0].text == record.answers[1].text:
        raise RowProblem("chosen and rejected are the same text")
    if record.kind == "k-wise":
        scores: dict[str, float | None] = {}
        for answer in record.answers:
            if scores.setdefault(content_of(answer.text), answer.score) != answer.score:
                raise RowProblem("the same completion has two scores")


def _check_ranks(record: Record, ranks: int) -> None:
    if record.kind != "k-wise" or len(record.answers) != ranks:
        found = f"{len(record.answers)} completions" if record.kind == "k-wise" else f"a row of kind {record.kind}"
        raise RowProblem(f"the loss compares {ranks} completions of a prompt, found {found}")


def _check_tokens(tokens: TokenRecord) -> None:
    if not tokens.prompt:
        raise RowProblem("the prompt has no tokens, so the first token of an answer has nothing before it")
    if not all(tokens.answers) or tokens.gold == []:
        raise RowProblem("an answer has no tokens")
    if tokens.record.kind == "pairs" and tokens.answers[0] == tokens.answers[1]:
        raise RowProblem("chosen and rejected are different texts, but the same tokens")
    if any(mask is not None and not any(mask) for mask in tokens.masks):
        raise RowProblem("the mask of an answer keeps none of its tokens")


def _row(tokens: TokenRecord, needs: Needs) -> Row:
    record, ranked = tokens.record, tokens.record.kind == "k-wise"
    given = {"s_w": record.answers[0].score, "s_l": record.answers[1].score}
    columns = columns_of(record, needs.columns)
    return Row(
        prompt_ids=tokens.prompt,
        chosen_ids=tokens.answers[0],
        rejected_ids=tokens.answers[1],
        chosen_mask=tokens.masks[0],
        rejected_mask=tokens.masks[1],
        scores={name: score for name, score in given.items() if score is not None},
        columns={name: value for name, value in columns.items() if name not in given},
        third=tokens.gold,
        line=record.line,
        completions=tokens.answers if ranked else None,
    )


def read_rows(
    source: str | list[Any],
    *,
    tokenizer: Any,
    settings: DataSettings,
    needs: Collection[str],
    computed: Collection[str] = (),
) -> Rows:
    """Rows of a `.parquet` file, a file of JSON lines, or a list of objects, in the order of the source.

    `needs`: input names of the loss program. Log-probabilities and token counts (`lw`, `rl`, `ng`, `ly3`, …) and the names in
    `computed` are the engine's; every other one must be a numeric column of that name (`s_w` and `s_l` are also called
    `score_chosen` and `score_rejected`). `lg` needs the rows' `gold`, `ly3` K-wise rows of just as many completions.

    Raises DataError with the lines of all problems found (reading stops after 100): no JSON, an unknown layout, mixed kinds,
    empty or equal answers, a missing or non-finite number, a template that does not fit, a row too long; or no row is left.
    """
    wanted = Needs(needs, computed)
    reader = Reader(source, tokenizer, settings, wanted)
    rows: list[Row] = []
    singles: list[TokenRecord] = []
    for tokens in reader.token_rows():
        try:
            if reader.kind == "unpaired":
                singles.append(tokens)
            else:
                rows.append(_row(tokens, wanted))
        except RowProblem as problem:
            reader.problems.add(tokens.record.line, str(problem))
    reader.problems.raise_if_any()
    if singles:
        rows = pair_up(singles, wanted, reader.problems, reader.report)
        reader.problems.raise_if_any()
    if not rows:
        dropped = ", ".join(f"{count} left out: {reason}" for reason, count in reader.report.dropped.items())
        raise DataError(source_name(source), 0, "there are no rows" + (f" ({dropped})" if dropped else ""))
    reader.report.kept = len(rows)
    taken_apart = reader.kind == "k-wise" and rows[0].completions is None
    return Rows("pairs" if taken_apart else reader.kind or "pairs", rows, reader.report, rows_digest(rows))
