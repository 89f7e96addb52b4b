"""Model loading in its simplest form: models are folders."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer


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
