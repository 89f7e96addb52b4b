"""Rows in tokens, ready for training, and what became of the file's rows."""

from __future__ import annotations

import hashlib
import struct
from array import array
from dataclasses import dataclass, field

from .records import Kind


@dataclass(slots=True)
class Row:
    """One row of a batch. Ids are token ids; masks have one flag per answer token, None keeps all.

    `scores`: `s_w`, `s_l` where the data have them. `columns`: further inputs of the loss. `third`: the gold answer (`lg`,
    `ng`). `completions`: for losses of K answers, all of them, best first; the first two are chosen and rejected.
    `rejected_prompt_ids`: where the rejected answer belongs to another prompt (unpaired data). `line`: where the row stands
    in its file, from 1. `key`: names the row's tokens and masks.
    """

    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]
    chosen_mask: list[bool] | None = None
    rejected_mask: list[bool] | None = None
    scores: dict[str, float] = field(default_factory=dict)
    columns: dict[str, float] = field(default_factory=dict)
    third: list[int] | None = None
    line: int = 0
    completions: list[list[int]] | None = None
    rejected_prompt_ids: list[int] | None = None
    rejected_line: int | None = None
    key: str = ""

    def __post_init__(self) -> None:
        if self.key == "":
            self.key = row_key(self)


def _part(ids: list[int] | None) -> bytes:
    """Length as 8 bytes and the ids as 4 bytes each, little-endian; length 2^64 - 1 for an absent part."""
    if ids is None:
        return struct.pack("<Q", 2**64 - 1)
    numbers = array("I", ids)
    if struct.pack("=I", 1) != struct.pack("<I", 1):
        numbers.byteswap()
    return struct.pack("<Q", len(ids)) + numbers.tobytes()


def row_key(row: Row) -> str:
    """SHA-256 (64 hex digits) of what the reference's log-probabilities of a row depend on: its tokens and masks, in order.

    Scores, columns and the line are no part of it, so the same tokens have the same key in every file.
    """
    digest = hashlib.sha256(b"losslattice row 1")
    for ids in (row.prompt_ids, row.chosen_ids, row.rejected_ids, row.rejected_prompt_ids, row.third):
        digest.update(_part(ids))
    for mask in (row.chosen_mask, row.rejected_mask):
        digest.update(_part(None if mask is None else [int(flag) for flag in mask]))
    for completion in row.completions or []:
        digest.update(_part(completion))
    return digest.hexdigest()


@dataclass(slots=True)
class Report:
    """What became of a file's rows.

    `read`: rows of the file. `kept`: rows of training made of them. `dropped`: rows left out, by reason; `dropped_lines`: the
    first 20 of their lines. `truncated`: rows whose prompt lost its beginning. `layouts`: rows by layout. `special_inside`:
    rows with an end-of-text token before the end of an answer.
    """

    read: int = 0
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    dropped_lines: list[int] = field(default_factory=list)
    truncated: int = 0
    layouts: dict[str, int] = field(default_factory=dict)
    special_inside: int = 0

    def drop(self, line: int, reason: str, count: int = 1) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + count
        if len(self.dropped_lines) < 20:
            self.dropped_lines.append(line)


@dataclass(slots=True)
class Rows:
    """Rows of one kind, in the order of the file, and how they came about. K-wise rows taken apart are of kind "pairs"."""

    kind: Kind
    rows: list[Row]
    report: Report
    digest: str


def rows_digest(rows: list[Row]) -> str:
    """SHA-256 (64 hex digits) of all that training sees of rows, in order: keys, scores and columns by name."""
    digest = hashlib.sha256(b"losslattice rows 1")
    for row in rows:
        digest.update(bytes.fromhex(row.key))
        for name, value in (*sorted(row.scores.items()), (";", 0.0), *sorted(row.columns.items()), (";", 0.0)):
            digest.update(name.encode() + struct.pack("<d", value))
    return digest.hexdigest()
