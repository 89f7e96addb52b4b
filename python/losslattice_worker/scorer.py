"""The one operator of training, reference scores and evaluation: answers in, numbers per answer out.

A scorer holds a model and runs everything that touches its weights inside `forward`, hidden states and head alike, so that
DDP and FSDP2 see one module. Quantities of an answer, summed over its kept tokens in float64:

- `logps` log pi(answer | prompt); `tail` the part beyond the shorter answer of the pair;
- `kl` the sequential KL(pi_ref || pi); `weight` WPO's exp(mean of log pi(y_t) - log sum_v pi(v)^2), a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from .batches import kept, sums, tails, tokens_of
from .divergence import Head, collision, forward_kl, reverse_kl
from .models import LoadedModel
from .packing import Answer, Layout, hidden_states, pack, pad

Tokens = dict[str, Tensor]


@dataclass(frozen=True)
class Wanted:
    """What to compute beside log-probabilities."""

    tail: bool = False
    kl: bool = False
    weight: bool = False
    entropy: bool = False
    top_k: int = 0
    reverse_kl: bool = False


#: Tokens whose distributions over the vocabulary are compared at once, where the job says nothing.
COMPARED_AT_ONCE = 1024


@dataclass
class Scores:
    """Quantities [answers] float64 with their graph, and token values [T] that are only reported."""

    quantities: dict[str, Tensor]
    tokens: Tokens = field(default_factory=dict)
    segments: Tensor | None = None


class ScoringModule(nn.Module):
    """Token values of a layout: `logps` [T] with its graph, and whatever else is wanted."""

    def __init__(self, loaded: LoadedModel, chunk: int | None):
        super().__init__()
        self.model = loaded.model
        self.head_chunk = chunk
        #: Tokens at once where two whole distributions are compared.
        self.chunk = chunk or COMPARED_AT_ONCE
        self._loaded = loaded

    def forward(self, layout: Layout | None, wanted: Wanted | None, other: tuple[Tensor, Head] | None = None, inputs=None):
        """Token values; where nothing is wanted, the hidden states and the head themselves, for another model's `other`; with
        `inputs`, what the language model itself gives for them, for sampling."""
        if inputs is not None:
            return self.model(**inputs)
        loaded = self._loaded
        hidden = hidden_states(loaded.base, layout)
        if wanted is None:
            return hidden, loaded.logits
        extra = {"entropy": wanted.entropy, "top_k": wanted.top_k}
        output = loaded.selected_logps(hidden, layout.targets, chunk=self.head_chunk, **extra)
        tokens: Tokens = {"logps": output.logps}
        if wanted.entropy:
            tokens["entropy"] = output.entropy
        if wanted.top_k:
            tokens["top_k_mass"] = output.top_k_mass
        if wanted.weight:
            tokens["alignment"] = output.logps.detach() - collision(hidden.detach(), loaded.logits, self.chunk)
        if other is not None and wanted.kl:
            tokens["kl"] = forward_kl(*other, hidden, loaded.logits, self.chunk)
        if other is not None and wanted.reverse_kl:
            tokens["reverse_kl"] = reverse_kl(hidden, loaded.logits, *other, self.chunk)
        return tokens


class Scorer:
    """A model that scores answers; `module` is what runs, wrapped by DDP or FSDP2 where processes share the work."""

    def __init__(self, loaded: LoadedModel, device: torch.device, chunk: int | None, packing: bool, attention: str, share: bool):
        self.loaded, self.device, self.chunk = loaded, device, chunk
        self.packing, self.attention, self.share = packing, attention, share
        self.inner = ScoringModule(loaded, chunk)
        self.module: nn.Module = self.inner
        #: Whether adapters are off: the model before training.
        self.before_training = False

    def reference(self) -> Scorer:
        """This adapted model without its adapters, the same weights in memory."""
        other = Scorer(self.loaded, self.device, self.chunk, self.packing, self.attention, self.share)
        other.inner, other.module, other.before_training = self.inner, self.inner, True
        return other

    def _mode(self) -> AbstractContextManager:
        return self.loaded.as_reference() if self.before_training else nullcontext()

    def layout(self, answers: Sequence[Answer]) -> Layout:
        """Answers laid out for one pass, on the device. Packed rows are as wide as the longest document: a dense mask costs the
        square of the width; varlen and the block masks of flex_attention skip what nobody sees, so there one row takes
        everything."""
        if not self.packing:
            return pad(answers, self.loaded.pad_id).to(self.device)
        whole = tokens_of(answers) if self.attention in ("varlen", "flex_attention") else None
        return pack(answers, whole, pad_id=self.loaded.pad_id, share_prompts=self.share).to(self.device)

    def language_model(self, **inputs: Any) -> Any:
        """The language model's own outputs, by way of `module`."""
        with self._mode():
            return self.module(None, None, None, inputs)

    def other(self, layout: Layout) -> tuple[Tensor, Head]:
        """This model's hidden states of a layout and its head, without gradient: what another model is compared with."""
        with torch.no_grad(), self._mode():
            return self.module(layout, None)

    def __call__(
        self,
        groups: Sequence[list[Answer]],
        wanted: Wanted,
        *,
        reference: Scorer | None = None,
        grad: bool = False,
    ) -> Scores:
        """Quantities of the answers of groups (pairs and what belongs to them), flat and in order."""
        answers = [answer for group in groups for answer in group]
        layout = self.layout(answers)
        needs_other = wanted.kl or wanted.reverse_kl
        with nullcontext() if grad else torch.no_grad():
            other = reference.other(layout) if needs_other and reference is not None else None
            with self._mode():
                tokens = self.module(layout, wanted, other)
            return Scores(self._sums(groups, answers, layout, tokens, wanted), tokens, layout.segments)

    def _sums(
        self, groups: Sequence[list[Answer]], answers: list[Answer], layout: Layout, tokens: Tokens, wanted: Wanted
    ) -> dict[str, Tensor]:
        count, segments, flags = len(answers), layout.segments, layout.mask
        found = {"logps": sums(tokens["logps"], segments, count, flags)}
        if wanted.tail:
            own = [flag for answer in answers for flag in kept(answer)]
            late = [flag for tail in tails(groups) for flag in tail]
            beyond = torch.tensor([counts and is_late for counts, is_late in zip(own, late, strict=True)])
            found["tail"] = sums(tokens["logps"], segments, count, beyond)
        if wanted.kl:
            found["kl"] = sums(tokens["kl"], segments, count, flags)
        if wanted.reverse_kl:
            found["reverse_kl"] = sums(tokens["reverse_kl"], segments, count, flags)
        if wanted.weight:
            lengths = torch.tensor([sum(kept(answer)) for answer in answers], dtype=torch.float64, device=self.device)
            found["weight"] = (sums(tokens["alignment"], segments, count, flags) / lengths).exp()
        return found
