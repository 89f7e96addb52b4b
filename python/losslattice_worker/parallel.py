"""The policy over several processes: DDP keeps all weights in each and sums gradients, FSDP2 keeps a part in each."""

from __future__ import annotations

from .prepare import Prepared


def spread(prepared: Prepared) -> None:
    """Makes the policy train with the other processes of its group."""
    if not prepared.group.alone:
        raise NotImplementedError
