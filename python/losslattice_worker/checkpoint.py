"""A checkpoint is one safetensors file, replaced atomically: weights, both moments of AdamW, and as metadata which job it
belongs to, how many updates were done, how long the event file was, and the running means of batch statistics.

Tensors are whole whatever the number of processes, so a run continues with another one. The order of the data and every
random number are functions of the seed and the update, so no generator's state has to be kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor

from .errors import TrainFailure
from .optim import AdamW, local
from .tensorfile import Entry, content
from .files import write_atomic

CHECKPOINT_FILE = "checkpoint.safetensors"
FORMAT = "losslattice-checkpoint/2"
GROUPS = ("parameters", "first", "second")


@dataclass
class Progress:
    """Where a run stands: updates done, bytes of the event file that belong to them, input tokens trained on."""

    step: int = 0
    event_bytes: int = 0
    tokens: int = 0


def _group(optimizer: AdamW, name: str) -> dict[str, Tensor]:
    return {"parameters": optimizer.masters, "first": optimizer.first, "second": optimizer.second}[name]


def _whole(part: Tensor, parameter: Tensor) -> Tensor:
    """A tensor of which this process holds the part that it holds of `parameter`; all processes take part."""
    if not isinstance(parameter, DTensor):
        return part
    spread = DTensor.from_local(
        part, parameter.device_mesh, parameter.placements, shape=parameter.shape, stride=parameter.stride()
    )
    return spread.full_tensor()


def _entries(optimizer: AdamW) -> Iterator[Entry]:
    for group in GROUPS:
        for name, part in _group(optimizer, group).items():
            parameter = optimizer.parameters[name]
            make: Callable[[], Tensor] = lambda part=part, parameter=parameter: _whole(part, parameter)
            yield f"{group}.{name}", part.dtype, tuple(parameter.shape), make


def write_checkpoint(
    folder: str, job_hash: str, optimizer: AdamW, progress: Progress, state: dict[str, Any], first: bool = True
) -> None:
    """Writes the state of a job after some updates. All processes call this, rank 0 (`first`) writes."""
    metadata = {
        "format": FORMAT,
        "job": job_hash,
        "step": str(progress.step),
        "events": str(progress.event_bytes),
        "tokens": str(progress.tokens),
        "state": json.dumps(state, sort_keys=True),
    }
    parts = content(_entries(optimizer), metadata)
    if first:
        write_atomic(Path(folder) / CHECKPOINT_FILE, parts)
    else:
        for _ in parts:
            pass


@dataclass
class Checkpoint:
    """A checkpoint's metadata; tensors are read when they are put in place."""

    file: Path
    job_hash: str
    progress: Progress
    state: dict[str, Any]

    @torch.no_grad()
    def restore(self, optimizer: AdamW) -> None:
        """Puts weights and moments in place."""
        try:
            with safe_open(self.file, framework="pt") as tensors:
                for group in GROUPS:
                    for name, part in _group(optimizer, group).items():
                        _put(part, optimizer.parameters[name], tensors.get_tensor(f"{group}.{name}"))
        except (SafetensorError, KeyError) as error:
            raise _unusable(self.file, str(error)) from None
        for name, master in optimizer.masters.items():
            own = local(optimizer.parameters[name].detach())
            if own.data_ptr() != master.data_ptr():
                own.copy_(master)
        optimizer.taken = self.progress.step


def _put(part: Tensor, parameter: Tensor, whole: Tensor) -> None:
    if tuple(whole.shape) != tuple(parameter.shape):
        raise KeyError(f"a tensor has the shape {list(whole.shape)}, the model {list(parameter.shape)}")
    if isinstance(parameter, DTensor):
        moved = whole.to(device=part.device, dtype=part.dtype)
        whole = local(distribute_tensor(moved, parameter.device_mesh, parameter.placements, src_data_rank=None))
    part.copy_(whole)


def _unusable(file: Path, reason: str) -> TrainFailure:
    return TrainFailure("invalid-input", f"{file}: {reason}")


def read_checkpoint(folder: str) -> Checkpoint | None:
    """The checkpoint of a folder; None when there is none. Raises TrainFailure when the file is something else."""
    file = Path(folder) / CHECKPOINT_FILE
    if not file.exists():
        return None
    try:
        with safe_open(file, framework="pt") as tensors:
            metadata = tensors.metadata() or {}
        if metadata.get("format") != FORMAT:
            raise ValueError("the file is no checkpoint of this program")
        progress = Progress(*(int(metadata[key]) for key in ("step", "events", "tokens")))
        return Checkpoint(file, metadata["job"], progress, json.loads(metadata["state"]))
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise _unusable(file, str(error)) from None
