"""Sampling of completions at temperature 1, with cached keys and values; the same draws as the embedded engine makes.

Text i takes its k-th token where the running sum of probabilities first exceeds `u * total`, u the k-th number of its own
stream: equal streams give common random numbers across models and steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .order import Rng
from .models import LoadedModel


@dataclass(frozen=True)
class Completion:
    """A sampled answer: its tokens, the end token included when it `ended` within the limit."""

    tokens: list[int]
    ended: bool


def draw(logits: Tensor, uniforms: Tensor, forbidden: Tensor) -> Tensor:
    """One token per row, [B]: probability proportional to softmax(logits), forbidden tokens left out.

    logits: [B, V]; uniforms: [B] float64 in [0, 1); forbidden: [V] bool
    """
    weights = torch.softmax(logits.float(), dim=-1).double().masked_fill(forbidden, 0.0)
    sums = weights.cumsum(-1)
    found = torch.searchsorted(sums, (uniforms.to(sums) * sums[:, -1])[:, None], right=True)[:, 0]
    # Rounding can leave a residue at the end: the last token with weight takes it.
    last = weights.shape[-1] - 1 - (weights.flip(-1) > 0).int().argmax(-1)
    return torch.minimum(found, last)


def left_padded(prompts: Sequence[Sequence[int]], pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Prompts as one block [B, L] that ends together, and which entries are real."""
    longest = max(map(len, prompts))
    ids = [[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
    mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _cache_of(output: Any) -> dict[str, Any]:
    """The cached keys and values of a model's output, under the name by which the model takes them back: older releases of
    transformers have another."""
    name = "cache" if hasattr(output, "cache") else "past_key_values"
    return {name: getattr(output, name)}


@torch.no_grad()
def sample(
    model: Callable[..., Any],
    prompts: Sequence[Sequence[int]],
    streams: Sequence[Rng],
    *,
    device: torch.device,
    max_tokens: int,
    end_ids: frozenset[int],
    forbidden: Sequence[int] = (),
    allow_empty: bool = True,
    agree: Callable[[Tensor], Tensor] = lambda tokens: tokens,
) -> list[Completion]:
    """One completion per prompt from a causal language model of transformers, or a function that calls one.

    forbidden: tokens never drawn; allow_empty: whether a completion may end at once; agree: makes the tokens of all processes
    those of the first, where several sample together.
    """
    pad = min(end_ids, default=0)
    ids, mask = left_padded(prompts, pad, device)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    answers: list[list[int]] = [[] for _ in prompts]
    active = [True] * len(prompts)
    cache: dict[str, Any] = {}
    for turn in range(max_tokens):
        output = model(
            input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True, logits_to_keep=1, **cache
        )
        cache = _cache_of(output)
        logits = output.logits[:, -1]
        banned = torch.zeros(logits.shape[-1], dtype=torch.bool, device=device)
        banned[[*forbidden, *(end_ids if turn == 0 and not allow_empty else ())]] = True
        uniforms = [stream.uniform() if on else 0.0 for stream, on in zip(streams, active, strict=True)]
        tokens = agree(draw(logits, torch.tensor(uniforms, dtype=torch.float64, device=device), banned).cpu()).tolist()
        for i, token in enumerate(tokens):
            if active[i]:
                answers[i].append(token)
                active[i] = token not in end_ids
        if not any(active):
            break
        ids = torch.tensor([[token] for token in tokens], device=device)
        mask = torch.cat([mask, mask.new_ones(len(prompts), 1)], dim=1)
        positions = positions[:, -1:] + 1
    return [Completion(tokens, bool(tokens) and tokens[-1] in end_ids) for tokens in answers]


def special_ids(loaded: LoadedModel) -> tuple[frozenset[int], list[int]]:
    """Tokens that end a text, and tokens never drawn: the one that stands for unknown bytes, and entries of the head beyond the
    tokenizer's."""
    tokenizer = loaded.tokenizer
    ends = frozenset() if tokenizer.eos_token_id is None else frozenset([tokenizer.eos_token_id])
    unknown = [] if tokenizer.unk_token_id is None or tokenizer.unk_token_id in ends else [tokenizer.unk_token_id]
    return ends, [*unknown, *range(len(tokenizer), loaded.model.get_output_embeddings().weight.shape[0])]


def text_of(loaded: LoadedModel, completion: Completion) -> str:
    """The text of a completion; special tokens give nothing."""
    return loaded.tokenizer.decode(completion.tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
