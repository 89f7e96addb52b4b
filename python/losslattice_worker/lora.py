"""Low-rank adapters (Hu et al. 2021): a linear map W becomes `W + (alpha / rank) B A`, and only A and B are trained.

A starts random, B zero, so the adapted model starts as the model itself. Adapters are float32 (float64 in float64 models)
whatever the model's dtype, as small updates would be lost in bfloat16; with adapters off the model is the reference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from .errors import BadInput, nearest


class LoraLinear(nn.Module):
    """A frozen linear map [in -> out] with an adapter: `x W' + b + (alpha / rank) dropout(x) A' B'`.

    A: [rank, in], uniform in +-1/sqrt(in); B: [out, rank], zero.
    """

    def __init__(self, base: nn.Linear | Conv1D, rank: int, alpha: float, dropout: float, generator: torch.Generator):
        super().__init__()
        weight = base.weight
        width_out, width_in = weight.shape if isinstance(base, nn.Linear) else weight.shape[::-1]
        dtype = torch.float64 if weight.dtype == torch.float64 else torch.float32
        start = (2 * torch.rand(rank, width_in, generator=generator, dtype=torch.float64) - 1) / math.sqrt(width_in)
        self.base = base
        self.lora_a = nn.Parameter(start.to(device=weight.device, dtype=dtype))
        self.lora_b = nn.Parameter(torch.zeros(width_out, rank, device=weight.device, dtype=dtype))
        self.lora_dropout = nn.Dropout(dropout)
        self.scale = alpha / rank
        self.enabled = True

    def forward(self, x: Tensor) -> Tensor:
        plain = self.base(x)
        if not self.enabled:
            return plain
        low = self.lora_dropout(x) @ self.lora_a.to(x.dtype).T
        return plain + self.scale * (low @ self.lora_b.to(x.dtype).T)

    def merged(self, weight: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """The base's weight with the adapter A, B in it, of the base's shape and dtype. All three are whole, also where
        processes hold parts."""
        change = self.scale * (b @ a)
        change = change if isinstance(self.base, nn.Linear) else change.T
        return (weight.to(change.dtype) + change).to(weight.dtype)


def insert_adapters(
    model: nn.Module, targets: list[str] | str, rank: int, alpha: float, dropout: float = 0.0, seed: int = 0
) -> list[str]:
    """Freezes a model and puts adapters around its linear maps, in place; returns the names of these.

    targets: "all-linear" (all but the head), or names of modules, whole or their last parts ("q_proj", "mlp.down_proj").
    Raises BadInput for a target that matches nothing, or numbers out of range.
    """
    if rank < 1 or not alpha > 0 or not 0 <= dropout < 1:
        found = f"rank {rank}, alpha {alpha}, dropout {dropout}"
        raise BadInput(f"lora: rank >= 1, alpha > 0 and 0 <= dropout < 1 are needed; given: {found}")
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    linear = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, Conv1D)) and m is not head}
    if targets == "all-linear":
        chosen = list(linear)
    else:
        wanted = [targets] if isinstance(targets, str) else targets
        for target in wanted:
            if not any(_matches(name, target) for name in linear):
                known = sorted({name.rpartition(".")[2] for name in linear})
                raise BadInput(f"lora: the model has no linear map {target!r}; {nearest(target, known)}")
        chosen = [name for name in linear if any(_matches(name, target) for target in wanted)]
    model.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for name in chosen:
        _replace(model, name, LoraLinear(linear[name], rank, alpha, dropout, generator))
    return chosen


def _matches(name: str, target: str) -> bool:
    return name == target or name.endswith(f".{target}")


def _replace(model: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, module)


def adapters(model: nn.Module) -> dict[str, LoraLinear]:
    """The adapted maps of a model by name; empty for a model without."""
    return {name: module for name, module in model.named_modules() if isinstance(module, LoraLinear)}


@contextmanager
def adapters_off(model: nn.Module) -> Iterator[None]:
    """Within it the model computes what it did before it was adapted, bit for bit: the reference policy of LoRA training."""
    found = list(adapters(model).values())
    before = [adapter.enabled for adapter in found]
    for adapter in found:
        adapter.enabled = False
    try:
        yield
    finally:
        for adapter, enabled in zip(found, before, strict=True):
            adapter.enabled = enabled
