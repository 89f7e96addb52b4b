"""The policy over several processes and through compiled blocks.

DDP keeps all weights in each process and sums gradients while the backward pass goes on; FSDP2 keeps a part of every weight in
each and gathers a block at a time. Both sum gradients: the weights of the loss already hold 1 / (pairs of the whole batch).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

from .errors import TrainFailure
from .prepare import Prepared
from .scorer import Scorer


def blocks(model: nn.Module) -> list[nn.Module]:
    """The blocks of a transformer: the entries of its longest list of modules, by parameters."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList) and len(module) > 0]
    if not lists:
        return []
    return list(max(lists, key=lambda found: sum(p.numel() for p in found.parameters())))


def save_memory(scorer: Scorer, gradient_checkpointing: bool, compiled: bool) -> None:
    """Recomputes blocks in the backward pass, and compiles each block, where asked."""
    model = scorer.loaded.model
    if gradient_checkpointing:
        if not getattr(model, "supports_gradient_checkpointing", False):
            raise TrainFailure("invalid-input", f"torch.gradient_checkpointing: {model.config.model_type} cannot recompute its blocks")
        # Older releases of transformers have the second name only; both take the same settings.
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable({"use_reentrant": False})
        if hasattr(model, "enable_input_require_grads") and not any(p.requires_grad for p in model.get_input_embeddings().parameters()):
            model.enable_input_require_grads()
    if compiled:
        for block in blocks(model):
            block.compile()


def _ddp(prepared: Prepared) -> None:
    device = prepared.device
    ids = [device.index] if device.type == "cuda" else None
    prepared.policy.module = DistributedDataParallel(prepared.policy.inner, device_ids=ids, gradient_as_bucket_view=True)


def shard(scorer: Scorer, device: torch.device, world_size: int) -> None:
    """FSDP2: each block is gathered when it runs, the rest (embedding, head) for a whole pass."""
    mesh = init_device_mesh(device.type, (world_size,))
    for block in blocks(scorer.loaded.model):
        fully_shard(block, mesh=mesh)
    fully_shard(scorer.inner, mesh=mesh, reshard_after_forward=False)
    for module in scorer.inner.modules():
        if hasattr(module, "set_gradient_divide_factor"):
            module.set_gradient_divide_factor(1.0)
            # Else it would multiply by 1 within the sum, which gloo cannot.
            module.set_force_sum_reduction_for_comms(True)


def spread(prepared: Prepared) -> None:
    """Makes the policy train with the other processes of its group."""
    settings = prepared.job.torch
    save_memory(prepared.policy, settings.gradient_checkpointing, settings.compile)
    if prepared.group.alone:
        return
    if settings.parallel == "none":
        message = f"torch.parallel is none, but {prepared.group.place.world_size} processes were started: ddp or fsdp2"
        raise TrainFailure("invalid-input", message)
    if settings.parallel == "ddp":
        _ddp(prepared)
    else:
        shard(prepared.policy, prepared.device, prepared.group.place.world_size)
