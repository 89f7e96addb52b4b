"""Reference log-probabilities, computed once by the training operator and kept in a folder for other losses, seeds and runs.

A file holds the scores of all rows of one data set and names in its header everything they depend on. Its name is the hash of
that, so that a change of model, tokenizer, template, truncation, dtype or any row is another file. Writers at the same time
write equal files to names of their own and rename them: readers see none or a whole one.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from .batches import Budget, answer_of
from .data import Row
from .distributed import Group
from .scorer import Scorer, Wanted
from .tensorfile import entry, write_tensors

#: Rows scored in one pass.
SCORING_BATCH = 32

Scores = dict[str, Tensor]


@dataclass(frozen=True)
class Key:
    """What reference scores depend on. `rows` is the digest of all rows' keys: token ids and masks, in order."""

    model: str
    tokenizer: str
    template: str
    truncation: str
    dtype: str
    device: str
    attention: str
    roles: str
    quantities: str
    rows: str

    def name(self) -> str:
        """32 hex digits of SHA-256."""
        content = json.dumps(["reference-log-probs/2", asdict(self)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]


def rows_hash(rows: Sequence[Row]) -> str:
    """SHA-256 of the keys of rows, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(bytes.fromhex(row.key))
    return digest.hexdigest()


def text_hash(text: str | None) -> str:
    """16 hex digits that name a text, "" where there is none."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def score_rows(
    scorer: Scorer, rows: Sequence[Row], roles: Sequence[str], wanted: Wanted, budget: Budget, group: Group, reference=None
) -> Scores:
    """Quantities of rows, [n, roles] float64 on the CPU, without gradient. Processes share the work."""
    groups = [[answer_of(row, role) for role in roles] for row in rows]
    batches = budget.split(groups, SCORING_BATCH)
    found: Scores = {}
    mine = range(group.place.rank, len(batches), group.place.world_size)
    # Every process runs the same number of passes: FSDP2 gathers weights in each.
    for turn in range(-(-len(batches) // group.place.world_size)):
        at = turn * group.place.world_size + group.place.rank
        places = batches[at] if at in mine else batches[0]
        scores = scorer([groups[place] for place in places], wanted, reference=reference)
        for name, values in scores.quantities.items():
            whole = found.setdefault(name, torch.zeros(len(rows), len(roles), dtype=torch.float64))
            if at in mine:
                whole[torch.tensor(places)] = values.reshape(len(places), len(roles)).cpu()
    return {name: group.sum(values) for name, values in found.items()}


def _digest(scores: Scores) -> str:
    digest = hashlib.sha256()
    for name in sorted(scores):
        digest.update(name.encode() + scores[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def _read(file: Path, names: Sequence[str], shape: tuple[int, int]) -> Scores | None:
    """The scores of a file; None when it is missing, damaged or of another shape."""
    try:
        with safe_open(file, framework="pt") as tensors:
            scores = {name: tensors.get_tensor(name) for name in names}
            metadata = tensors.metadata() or {}
    except (OSError, SafetensorError):
        return None
    fine = all(tuple(t.shape) == shape and t.dtype == torch.float64 for t in scores.values())
    return scores if fine and metadata.get("sha256") == _digest(scores) else None


def cached_scores(
    folder: str | None, key: Key, shape: tuple[int, int], group: Group, compute: Callable[[], Scores]
) -> Scores:
    """Reference scores [n, roles], from the folder if they are there; `compute` is called at most once, by all processes or
    by none."""
    names = key.quantities.split(",")
    file = None if folder is None else Path(folder) / f"reference-{key.name()}.safetensors"
    known = _read(file, names, shape) if file is not None and group.place.first else None
    if group.any(known is not None):
        empty = torch.zeros(shape, dtype=torch.float64)
        return {name: group.from_first(known[name] if known is not None else empty) for name in names}
    print(f"reference: scoring {shape[0]} rows", file=sys.stderr, flush=True)
    scores = compute()
    if file is not None and group.place.first:
        metadata = {**asdict(key), "key": key.name(), "sha256": _digest(scores)}
        write_tensors(file, [entry(name, scores[name]) for name in sorted(scores)], metadata)
    return scores
