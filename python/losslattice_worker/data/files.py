"""Rows of a file as they stand there: JSON lines, Parquet, or rows given inline, a batch at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .problems import DataError, Problems

RawRow = tuple[int, dict[str, Any]]  # line (JSON lines) or row (Parquet, inline), from 1; its fields

BATCH = 1024


def source_name(source: str | list[Any]) -> str:
    """How messages call a source."""
    return source if isinstance(source, str) else "inline rows"


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def _json_row(text: str) -> dict[str, Any]:
    row = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(row, dict):
        raise ValueError(f"an object is needed, found {type(row).__name__}")
    return row


def _json_lines(path: Path, problems: Problems) -> Iterator[list[RawRow]]:
    batch: list[RawRow] = []
    try:
        with path.open("rb") as file:
            for line, raw in enumerate(file, start=1):
                if not raw.strip():
                    continue
                try:
                    batch.append((line, _json_row(raw.decode("utf-8-sig" if line == 1 else "utf-8"))))
                except (ValueError, RecursionError) as error:
                    problems.add(line, _json_reason(error))
                    if problems.full:
                        return
                if len(batch) == BATCH:
                    yield batch
                    batch = []
    except OSError as error:
        raise DataError(str(path), 0, f"the file cannot be read: {error.strerror}") from None
    if batch:
        yield batch


def _json_reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error)


def _without_nulls(value: Any) -> Any:
    """Parquet fills fields that a struct lacks with null; JSON lines leave them out. Row fields of null are absent ones."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _parquet(path: Path) -> Iterator[list[RawRow]]:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(path) as file:
            row = 0
            for batch in file.iter_batches(batch_size=BATCH):
                yield [(row + i, _without_nulls(fields)) for i, fields in enumerate(batch.to_pylist(), start=1)]
                row += batch.num_rows
    except FileNotFoundError:
        raise DataError(str(path), 0, "the file cannot be read: No such file or directory") from None
    except (arrow.ArrowException, OSError) as error:
        raise DataError(str(path), 0, f"no Parquet file: {str(error).splitlines()[0]}") from None


def _inline(rows: list[Any], problems: Problems) -> Iterator[list[RawRow]]:
    batch: list[RawRow] = []
    for line, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            batch.append((line, row))
        else:
            problems.add(line, f"an object is needed, found {type(row).__name__}")
    if batch:
        yield batch


def raw_rows(source: str | list[Any], problems: Problems) -> Iterator[list[RawRow]]:
    """Batches of at most 1024 rows of a `.parquet` file, of a file of JSON lines (any other name), or of a list of objects.

    Blank lines are skipped. Lines that are no JSON object go to `problems`; a file that cannot be read raises DataError.
    """
    if isinstance(source, list):
        return _inline(source, problems)
    path = Path(source)
    if path.is_dir():
        raise DataError(source, 0, "the file cannot be read: it is a folder")
    return _parquet(path) if path.suffix == ".parquet" else _json_lines(path, problems)


def finite_number(value: Any) -> float | None:
    """A finite number of a row (true is 1, false 0), or None."""
    if isinstance(value, (bool, int, float)):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    return None
