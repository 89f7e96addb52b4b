"""What is wrong with data: every problem names the file, the line and the reason, and many are told at once."""

from __future__ import annotations

from collections.abc import Sequence

TOLD = 10  # problems spelled out in a message
KEPT = 100  # problems after which reading stops


class DataError(ValueError):
    """Data that cannot be used.

    `source` is the file (or "inline rows"), `line` the first bad line or row from 1 (0: the file as a whole), `reason` what is
    wrong there, `problems` all that were found, as (line, reason), in the order of the file.
    """

    def __init__(self, source: str, line: int, reason: str, problems: Sequence[tuple[int, str]] = ()) -> None:
        self.source, self.line, self.reason = source, line, reason
        self.problems = list(problems) or [(line, reason)]
        told = [text if at == 0 else f"line {at}: {text}" for at, text in self.problems[:TOLD]]
        more = len(self.problems) - TOLD
        if more > 0:
            told.append(f"and {more} more" if len(self.problems) < KEPT else f"and {more} more, where reading stopped")
        super().__init__(f"{source}, {'; '.join(told)}")


class Problems:
    """Collects problems while a file is read; `raise_if_any` ends reading with all of them.

    `found` has the first 100, `count` counts all. `full`: whether reading should stop, which is so at 100 unless `patient`.
    """

    def __init__(self, source: str, *, patient: bool = False) -> None:
        self.source, self.patient = source, patient
        self.found: list[tuple[int, str]] = []
        self.count = 0

    def add(self, line: int, reason: str) -> None:
        self.count += 1
        if len(self.found) < KEPT:
            self.found.append((line, reason))

    @property
    def full(self) -> bool:
        return not self.patient and self.count >= KEPT

    def raise_if_any(self) -> None:
        if self.found:
            problems = sorted(self.found, key=lambda problem: problem[0])
            raise DataError(self.source, *problems[0], problems)


class RowProblem(ValueError):
    """One row that cannot be used, raised where it is seen and collected where rows are read."""
