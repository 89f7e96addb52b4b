"""A model's tokenizer without its weights."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any


def _context(config: Any) -> int | None:
    for name in ("max_position_embeddings", "n_positions"):
        positions = getattr(config, name, None)
        if isinstance(positions, int) and positions > 0:
            return positions
    return None


def load_tokenizer(source: str) -> tuple[Any, int | None]:
    """The tokenizer of a model folder, a hub id or a `.gguf` file, and the model's positions where its config says them.

    Errors: OSError or ValueError when there is no tokenizer.
    """
    from transformers import AutoConfig, AutoTokenizer

    where, options = source, {}
    if source.endswith(".gguf"):
        where, options = str(Path(source).parent), {"gguf_file": Path(source).name}
        if not Path(source).is_file():
            raise OSError(f"{source}: there is no such file")
    tokenizer = AutoTokenizer.from_pretrained(where, **options)
    context: int | None = None
    with contextlib.suppress(OSError, ValueError):
        context = _context(AutoConfig.from_pretrained(where, **options))
    return tokenizer, context
