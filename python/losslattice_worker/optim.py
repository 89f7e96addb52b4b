"""AdamW as a job defines it, the learning-rate schedule, and clipping by the global norm.

    m = 0.9 m + 0.1 g, v = 0.999 v + 0.001 g^2, w = w - rate * (m' / (sqrt(v') + 1e-8) + decay * w),

with m' and v' corrected for their start at zero. Moments and weights are kept in float32 (float64 for float64 models). Of
bfloat16 weights a float32 master copy is updated and rounded back: with the learning rates of preference training most
updates are smaller than half a unit in the last place of bfloat16 and would be lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor
from torch.optim.adamw import adamw

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
#: Most numbers whose gradients are cast to float32 at once, so that no float32 copy of all gradients is ever held.
CAST_AT_ONCE = 1 << 27


def scheduled_rate(step: int, peak: float, warmup: int, steps: int, floor: float) -> float:
    """Learning rate of update `step` (from 1): a linear rise over `warmup` updates to `peak`, then half a cosine down to
    `peak * floor` at update `steps`; `floor` 1 keeps it constant after the rise."""
    if step < warmup:
        return (peak * step) / warmup
    progress = min(1.0, (step - warmup) / (steps - warmup)) if steps > warmup else 0.0
    return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress)))


def clip_factor(norm: float, limit: float) -> float:
    """What multiplies the gradients so that their global norm is at most `limit`."""
    return limit / norm if norm > limit else 1.0


def local(tensor: Tensor) -> Tensor:
    """The part of a tensor that lies in this process."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def square_sum(tensors: Iterable[Tensor]) -> Tensor:
    """Sum of squares of the parts in this process, float64 on their device; not finite when any entry is not."""
    parts: dict[torch.dtype, list[Tensor]] = {}
    for tensor in tensors:
        parts.setdefault(tensor.dtype, []).append(local(tensor))
    norms = [
        norm.double() for dtype, found in parts.items() for norm in torch._foreach_norm(found, 2, torch.promote_types(dtype, torch.float32))
    ]
    return torch.stack(norms).square().sum()


class AdamW:
    """AdamW over named parameters. `masters` are the weights that it updates: the parameters themselves, or float32 copies of
    the local parts of bfloat16 ones. `first` and `second` are the moments, named and shaped like the masters."""

    def __init__(self, parameters: dict[str, Tensor], weight_decay: float):
        self.parameters = parameters
        self.weight_decay = weight_decay
        self.masters: dict[str, Tensor] = {}
        for name, parameter in parameters.items():
            own = local(parameter.detach())
            self.masters[name] = own.float() if own.dtype in (torch.bfloat16, torch.float16) else own
        self.first = {name: torch.zeros_like(master) for name, master in self.masters.items()}
        self.second = {name: torch.zeros_like(master) for name, master in self.masters.items()}
        self.taken = 0

    def gradient(self, name: str) -> Tensor:
        """The gradient of a parameter, local part; zeros where nothing flowed."""
        gradient = self.parameters[name].grad
        return torch.zeros_like(local(self.parameters[name])) if gradient is None else local(gradient)

    def _groups(self) -> Iterable[list[str]]:
        group: list[str] = []
        size = 0
        for name, master in self.masters.items():
            if group and (size + master.numel() > CAST_AT_ONCE or master.device != self.masters[group[0]].device):
                yield group
                group, size = [], 0
            group.append(name)
            size += master.numel()
        if group:
            yield group

    @torch.no_grad()
    def step(self, rate: float, factor: float = 1.0) -> None:
        """One update with the gradients times `factor`; the gradients are freed."""
        self.taken += 1
        for names in self._groups():
            masters = [self.masters[name] for name in names]
            gradients = [self.gradient(name).to(master.dtype) for name, master in zip(names, masters, strict=True)]
            if factor != 1.0:
                torch._foreach_mul_(gradients, factor)
            # The count of updates before this one; torch adds one in place. Made on the device: a copy to it would wait.
            counts = list(torch.full((len(masters),), float(self.taken - 1), device=masters[0].device).unbind())
            fused = all(m.device.type in ("cpu", "cuda") and m.is_floating_point() for m in masters)
            moments = [self.first[name] for name in names], [self.second[name] for name in names]
            adamw(
                masters, gradients, *moments, [], counts,
                foreach=False, capturable=False, differentiable=False, fused=fused, grad_scale=None, found_inf=None,
                has_complex=False, amsgrad=False, beta1=BETA1, beta2=BETA2, lr=rate, weight_decay=self.weight_decay,
                eps=EPSILON, maximize=False,
            )  # fmt: skip
            owns = [local(self.parameters[name].detach()) for name in names]
            copied = [(own, master) for own, master in zip(owns, masters, strict=True) if own.data_ptr() != master.data_ptr()]
            if copied:
                torch._foreach_copy_(*map(list, zip(*copied, strict=True)))
            for name in names:
                self.parameters[name].grad = None
