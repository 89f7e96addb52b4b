"""safetensors files written tensor by tensor, so that a checkpoint of a model that fills the memory needs no second copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from .files import write_atomic

_NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16", torch.int64: "I64",
}  # fmt: skip

#: A tensor that is made when its turn comes: name, dtype, shape, and the function that gives it.
Entry = tuple[str, torch.dtype, tuple[int, ...], Callable[[], Tensor]]


def entry(name: str, tensor: Tensor) -> Entry:
    """An entry of a tensor that is there already."""
    return name, tensor.dtype, tuple(tensor.shape), lambda: tensor


def _header(entries: list[Entry], metadata: dict[str, str]) -> bytes:
    table: dict[str, object] = {"__metadata__": metadata}
    at = 0
    for name, dtype, shape, _ in entries:
        size = torch.empty((), dtype=dtype).element_size() * torch.Size(shape).numel()
        table[name] = {"dtype": _NAMES[dtype], "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def content(entries: Iterable[Entry], metadata: dict[str, str]) -> Iterator[bytes]:
    """The parts of a safetensors file, one tensor at a time."""
    listed = list(entries)
    yield _header(listed, metadata)
    for _, dtype, _, make in listed:
        flat = make().detach().to(device="cpu", dtype=dtype).contiguous().reshape(-1)
        yield flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def write_tensors(path: str | Path, entries: Iterable[Entry], metadata: dict[str, str]) -> None:
    """Writes a safetensors file, atomically."""
    write_atomic(path, content(entries, metadata))
