"""
Responses token by token, for code that takes per-token log-probabilities, logits, labels, or a model.

A response of n tokens with log-probability l has tokens of l·w_k, the weights w_k uneven and summing to 1, so that a mean over
tokens is not mistaken for any one of them. Where a tail is prescribed (lw_tail, …) the tokens after the first min(nw, nl) sum to
it. Logits over VOCABULARY put the prescribed log-probability on the token ANSWER exactly: with z = t - log(1 - e^t) there and
-log(V - 1) elsewhere, log softmax gives t and its derivative by t is 1.
"""
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .leaves import Leaves

PAD, PROMPT, ANSWER, VOCABULARY = 0, 1, 2, 5
RESPONSES = {"w": "chosen", "l": "rejected", "g": "gold"}


def weights(n: int, dtype: torch.dtype) -> Tensor:
    """Uneven token shares, [n], sum 1."""
    w = torch.tensor([1.0 + (k * 7 % 3) / 2 for k in range(n)], dtype=torch.float64)
    return (w / w.sum()).to(dtype)


def token_logps(leaves: Leaves, name: str) -> Tensor:
    """Log-probabilities per token of lw, ll, …, [rows, longest], 0 after the end; differentiable by the leaf."""
    total, counts = leaves.get(name), leaves.count(name)
    tail = leaves.values.get(f"{name}_tail")
    shared = [min(a, b) for a, b in zip(leaves.count("lw"), leaves.count("ll"))]
    longest = max(counts)
    rows = []
    for k, n in enumerate(counts):
        cut = n if tail is None else min(n, shared[k])
        head = (total[k] if tail is None else total[k] - tail[k]) * weights(cut, leaves.dtype)
        parts = [head]
        if cut < n:
            parts.append(tail[k] * weights(n - cut, leaves.dtype))
        parts.append(torch.zeros(longest - n, dtype=leaves.dtype))
        rows.append(torch.cat(parts))
    return torch.stack(rows)


def log1mexp(x: Tensor) -> Tensor:
    return torch.where(x > -math.log(2), torch.log(-torch.expm1(x)), torch.log1p(-torch.exp(x)))


def logits_of(logps: Tensor) -> Tensor:
    """Logits whose log softmax at ANSWER (PROMPT for prompt positions) is `logps`; [..., VOCABULARY]."""
    safe = logps.clamp(max=-1e-15)
    z = safe - log1mexp(safe)
    other = torch.full_like(z, -math.log(VOCABULARY - 1))
    return torch.stack([z if token == ANSWER else other for token in range(VOCABULARY)], dim=-1)


@dataclass
class Response:
    """One of chosen, rejected, gold as a batch of sequences: prompt, answer, padding; first token = the row's own number."""

    input_ids: Tensor  # [rows, T]
    attention_mask: Tensor
    completion_mask: Tensor
    labels: Tensor  # -100 on prompt and padding

    def padded(self, length: int) -> "Response":
        def pad(x: Tensor, value: int) -> Tensor:
            return torch.nn.functional.pad(x, (0, length - x.shape[1]), value=value)

        return Response(
            pad(self.input_ids, PAD), pad(self.attention_mask, 0), pad(self.completion_mask, 0), pad(self.labels, -100)
        )


def prompt_length(leaves: Leaves) -> int:
    """Tokens of the prompt: one that is given and `np` that are predicted (default 1)."""
    counts = leaves.values.get("np")
    return 2 if counts is None else 1 + int(counts[0])


def response(leaves: Leaves, which: str, first_id: int) -> Response:
    """The sequences of one response ("w", "l", "g"); row k starts with token `first_id + k`."""
    counts = leaves.count(f"l{which}")
    prompt, longest = prompt_length(leaves), max(counts)
    ids = torch.full((leaves.rows, prompt + longest), PAD, dtype=torch.long)
    mask = torch.zeros_like(ids)
    answer = torch.zeros_like(ids)
    for k, n in enumerate(counts):
        ids[k, 0], ids[k, 1:prompt], ids[k, prompt : prompt + n] = first_id + k, ANSWER, ANSWER
        mask[k, : prompt + n] = 1
        answer[k, prompt : prompt + n] = 1
    return Response(ids, mask, answer, ids.masked_fill(answer == 0, -100))


def sequence_logps(leaves: Leaves, name: str) -> Tensor:
    """Log-probability of every token after the first, prompt included: [rows, prompt - 1 + longest], 0 on padding."""
    answers = token_logps(leaves, name)
    count = prompt_length(leaves) - 1
    total = leaves.values.get("lp")
    prompt = -0.7 * torch.ones(leaves.rows, dtype=leaves.dtype) if total is None else total
    return torch.cat([prompt[:, None] * weights(count, leaves.dtype), answers], dim=1)


def batch_of(leaves: Leaves) -> dict[str, Tensor]:
    """A collated batch as trainers know it: chosen_input_ids, chosen_attention_mask, chosen_labels, and so on."""
    batch: dict[str, Tensor] = {}
    for place, which in enumerate("wlg"):
        if f"l{which}" not in leaves.values:
            continue
        own = response(leaves, which, place * leaves.rows)
        name = RESPONSES[which]
        batch[f"{name}_input_ids"], batch[f"{name}_attention_mask"] = own.input_ids, own.attention_mask
        batch[f"{name}_labels"], batch[f"{name}_completion_mask"] = own.labels, own.completion_mask
    batch["prompt_input_ids"] = batch["chosen_input_ids"][:, : prompt_length(leaves)]
    batch["prompt_attention_mask"] = torch.ones_like(batch["prompt_input_ids"])
    return batch
