"""`python -m losslattice_worker data SPEC.json`: how many tokens the rows of a file have, for `losslattice data check --model`.

SPEC: {"source": file, "model": folder, hub id or .gguf file, and any of "max_length", "max_prompt_length", "truncation",
"chat_template", "k_wise", "reward_augmented" as in a job}. One JSON document on stdout:

    {"version": 1, "read", "rows", "kind", "context",
     "tokens": {"prompt" | "chosen" | "rejected" | "completion" | "longest" | "shared": summary},
     "over_context", "special_inside", "dropped", "problem_count", "problems": [{"line", "reason"}]}

`longest` is prompt + longest answer, `shared` the tokens that chosen and rejected begin with in common. A summary is {"mean",
"min", "p05", "p25", "p50", "p75", "p95", "max"}; a quantile is the value of rank ceil(q n). `over_context` counts rows that
need more positions than the model has. Exit code 0 even when rows have problems, 2 when file, model or SPEC cannot be read.
"""

from __future__ import annotations

import json
import sys
from array import array
from typing import Any

from .columns import Needs
from .problems import DataError
from .prompts import shared_length
from .read import Reader
from .settings import DataSettings
from .tokenizer import load_tokenizer
from .tokens import TokenRecord

PERCENT = {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}
SETTINGS = ("max_length", "max_prompt_length", "truncation", "chat_template", "k_wise", "reward_augmented")


def summary(values: array[int]) -> dict[str, float]:
    """Mean, extremes and quantiles of at least one number; the q-quantile is the value of rank ceil(q n), from 1."""
    ordered = sorted(values)
    n = len(ordered)
    quantiles = {name: ordered[max(0, -(-percent * n // 100) - 1)] for name, percent in PERCENT.items()}
    return {"mean": sum(ordered) / n, "min": ordered[0], **quantiles, "max": ordered[-1]}


class Lengths:
    """Token counts of rows by what they are counted of."""

    def __init__(self) -> None:
        self.counts: dict[str, array[int]] = {}
        self.rows = 0
        self.over_context = 0

    def _count(self, name: str, tokens: int) -> None:
        self.counts.setdefault(name, array("q")).append(tokens)

    def add(self, tokens: TokenRecord, context: int | None) -> None:
        longest = len(tokens.prompt) + max(map(len, tokens.answers))
        self.rows += 1
        self.over_context += context is not None and longest - 1 > context
        self._count("prompt", len(tokens.prompt))
        self._count("longest", longest)
        if tokens.record.kind == "pairs":
            for name, answer in zip(("chosen", "rejected"), tokens.answers):
                self._count(name, len(answer))
            self._count("shared", shared_length(*tokens.answers))
        else:
            for answer in tokens.answers:
                self._count("completion", len(answer))


def lengths_document(spec: dict[str, Any]) -> dict[str, Any]:
    """The document of a SPEC. Errors: DataError, ValueError (a setting), OSError (the model)."""
    tokenizer, context = load_tokenizer(spec["model"])
    settings = DataSettings.of_job({name: spec[name] for name in SETTINGS if name in spec})
    reader = Reader(spec["source"], tokenizer, settings, Needs(()), patient=True)
    lengths = Lengths()
    for tokens in reader.token_rows():
        lengths.add(tokens, context)
    return {
        "version": 1,
        "read": reader.report.read,
        "rows": lengths.rows,
        "kind": reader.kind,
        "context": context,
        "tokens": {name: summary(values) for name, values in lengths.counts.items()},
        "over_context": lengths.over_context,
        "special_inside": reader.report.special_inside,
        "dropped": reader.report.dropped,
        "problem_count": reader.problems.count,
        "problems": [{"line": line, "reason": reason} for line, reason in sorted(reader.problems.found)],
    }


def run(spec: Any) -> int:
    """Prints the document of a SPEC; the exit code."""
    allowed = {"version", "source", "model", *SETTINGS}
    try:
        if not isinstance(spec, dict) or not {"source", "model"} <= spec.keys() <= allowed or spec.get("version", 1) != 1:
            raise ValueError(f"a data SPEC has source, model and any of {', '.join(SETTINGS)}; its version is 1")
        print(json.dumps(lengths_document(spec), ensure_ascii=False, allow_nan=False))
    except (DataError, ValueError, OSError) as error:
        print(f"losslattice_worker data: {next(iter(str(error).splitlines()), type(error).__name__)}", file=sys.stderr)
        return 2
    return 0
