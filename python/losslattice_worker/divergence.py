"""Token quantities that need whole next-token distributions, a chunk of tokens at a time: no [tokens, vocab] tensor is kept.

Arguments: hidden states [T, H] and a head, a function from hidden states to float32 (or float64) logits [t, V].
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

Head = Callable[[Tensor], Tensor]


def _chunks(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def forward_kl(reference: Tensor, reference_head: Head, policy: Tensor, policy_head: Head, chunk: int) -> Tensor:
    """KL(pi_ref(. | prefix) || pi(. | prefix)) at every token, [T] nats; gradients flow to the policy by recomputation."""

    def of_chunk(ref: Tensor, own: Tensor) -> Tensor:
        with torch.no_grad():
            logq = torch.log_softmax(reference_head(ref), dim=-1)
        logp = torch.log_softmax(policy_head(own), dim=-1)
        return (logq.exp() * (logq - logp)).sum(-1)

    parts = [checkpoint(of_chunk, reference[s], policy[s], use_reentrant=False) for s in _chunks(len(policy), chunk)]
    return torch.cat(parts) if parts else policy.new_zeros(0)


@torch.no_grad()
def reverse_kl(policy: Tensor, policy_head: Head, reference: Tensor, reference_head: Head, chunk: int) -> Tensor:
    """KL(pi(. | prefix) || pi_ref(. | prefix)) at every token, [T] nats, without gradient."""
    parts = []
    for s in _chunks(len(policy), chunk):
        logp = torch.log_softmax(policy_head(policy[s]), dim=-1)
        logq = torch.log_softmax(reference_head(reference[s]), dim=-1)
        parts.append((logp.exp() * (logp - logq)).sum(-1))
    return torch.cat(parts) if parts else policy.new_zeros(0)


@torch.no_grad()
def collision(policy: Tensor, policy_head: Head, chunk: int) -> Tensor:
    """log of the sum of squares of pi(. | prefix) at every token, [T], without gradient: what WPO aligns its weights by."""
    parts = []
    for s in _chunks(len(policy), chunk):
        logp = torch.log_softmax(policy_head(policy[s]), dim=-1)
        parts.append(torch.logsumexp(2 * logp, dim=-1))
    return torch.cat(parts) if parts else policy.new_zeros(0)
