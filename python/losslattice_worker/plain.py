"""Padded batches and model loading in their simplest form: every answer is a row of its own, models are folders or hub ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer


@dataclass(frozen=True)
class Answer:
    """An answer in tokens under its prompt; `mask` says which of its tokens count, None keeps all."""

    prompt: list[int]
    answer: list[int]
    mask: list[bool] | None = None


@dataclass(frozen=True)
class Layout:
    """Input tokens [B, L], and for each answer token [T]: the input that predicts it (flat), its id, its answer."""

    input_ids: Tensor
    position_ids: Tensor
    attention_mask: Tensor
    select: Tensor
    targets: Tensor
    segments: Tensor
    answers: int


def pad(answers: Sequence[Answer], pad_id: int) -> Layout:
    """Answers as rows of equal length."""
    rows = [[*a.prompt, *a.answer[:-1]] for a in answers]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [pad_id] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    places = [(i, j) for i, a in enumerate(answers) for j in range(len(a.answer))]
    return Layout(
        ids,
        torch.arange(longest).expand(len(rows), longest),
        mask,
        torch.tensor([i * longest + len(answers[i].prompt) - 1 + j for i, j in places]),
        torch.tensor([answers[i].answer[j] for i, j in places]),
        torch.tensor([i for i, _ in places]),
        len(answers),
    )


def hidden_states(model: torch.nn.Module, layout: Layout) -> Tensor:
    """Hidden states that predict the targets, [T, H]."""
    output = model(
        input_ids=layout.input_ids, attention_mask=layout.attention_mask, position_ids=layout.position_ids, use_cache=False
    )
    return output.last_hidden_state.flatten(0, 1)[layout.select]


@dataclass
class LoadedModel:
    """A model, its tokenizer, and what its head is; `hash` names configuration, tokenizer and weights (16 hex digits)."""

    model: Any
    base: Any
    head_weight: Tensor
    head_bias: Tensor | None
    tokenizer: Any
    hash: str
    context: int
    softcap: float | None = None


def load_model(source: str, *, dtype, device, attention: str, chat_template: str | None = None) -> LoadedModel:
    """The model of a folder."""
    model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, attn_implementation=attention).to(device).eval()
    tokenizer = AutoTokenizer.from_pretrained(source)
    digest = hashlib.sha256()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        digest.update((Path(source) / name).read_bytes())
    context = model.config.max_position_embeddings
    head = model.get_output_embeddings().weight
    return LoadedModel(model, model.base_model, head, None, tokenizer, digest.hexdigest()[:16], context)


def add_lora(loaded: LoadedModel, config: Any) -> LoadedModel:
    """Not here yet."""
    raise NotImplementedError


def trainable_parameters(loaded: LoadedModel) -> dict[str, Tensor]:
    """Parameters by name."""
    return {name: p for name, p in loaded.model.named_parameters() if p.requires_grad}


def save_model(loaded: LoadedModel, folder: str) -> None:
    """Writes a model folder."""
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
