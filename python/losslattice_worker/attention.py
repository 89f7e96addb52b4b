"""Attention of packed rows by spans of equal documents, without a mask: the kernel "varlen".

A packed row falls into spans of queries that follow each other: a document, or, where answers share a prompt, the prompt and then
each answer by itself. A span's queries see its keys causally, the last query all of them:

- a document: its own tokens;
- an answer of a shared prompt: the prompt's tokens and its own, q = r queries at the end of k = p + r keys.

That is attention of sequences of different lengths, for which CUDA has the flash kernels inside torch (bfloat16 and float16): no
mask of width^2, no program to compile, nothing computed that nobody sees. Elsewhere every span is one call of torch's
scaled_dot_product_attention, equal in what it computes. A layer's window of w positions is the last w keys.

Keys of a shared prompt are copied for each of its answers. The gradient of the copies is summed in a fixed order in float32
(float64), not by atomic additions, so that it does not change from run to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

#: The kernel's name in transformers' registry.
NAME = "losslattice_varlen"


class Span(NamedTuple):
    """Queries [start, start + length) of the flattened rows; before their own keys they see [before, before + shared)."""

    start: int
    length: int
    before: int = 0
    shared: int = 0


@dataclass(frozen=True)
class Spans:
    """Spans as kernels take them. `keys` [K]: the key of every place in the spans' keys one after another, None where it is the
    queries' own order; `copies` [T, m]: where each token's key stands in `keys`, -1 for none; `queries_until`, `keys_until`
    [spans + 1] int32: sums of lengths; `lengths`: (queries, keys) of each span."""

    keys: Tensor | None
    copies: Tensor | None
    queries_until: Tensor
    keys_until: Tensor
    most_queries: int
    most_keys: int
    lengths: tuple[tuple[int, int], ...]

    def to(self, device: torch.device | str) -> Spans:
        return Spans(**{n: moved_to(v, device) if isinstance(v, Tensor) else v for n, v in vars(self).items()})


def moved_to(values: Tensor, device: torch.device | str) -> Tensor:
    """A tensor on a device. From pinned memory to a GPU, so that the copy waits in the queue and not this process."""
    device = torch.device(device)
    if device.type != "cuda" or values.is_cuda:
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)


def spans_of(spans: Sequence[Span], total: int) -> Spans:
    """Spans in the order of their queries, which together are all `total` tokens. Raises ValueError where they are not."""
    at = 0
    for span in spans:
        if span.start != at or span.length < 1:
            raise ValueError(f"spans must follow each other and have a token: {span} at {at}")
        at += span.length
    if at != total:
        raise ValueError(f"spans have {at} tokens of {total}")
    lengths = tuple((span.length, span.shared + span.length) for span in spans)
    keys, copies = _keys(spans, total) if any(span.shared for span in spans) else (None, None)
    until = torch.tensor([(0, 0), *lengths]).cumsum(0).to(torch.int32)
    # Rounded up, so that compiled code sees few different numbers: they only bound the kernels' grids.
    most = [-(-max(side) // 128) * 128 for side in zip(*lengths, strict=True)]
    return Spans(keys, copies, until[:, 0].contiguous(), until[:, 1].contiguous(), *most, lengths)


def _keys(spans: Sequence[Span], total: int) -> tuple[Tensor, Tensor]:
    keys: list[np.ndarray] = []
    columns = [np.full(total, -1)]
    used: dict[int, int] = {}  # columns in use, by the first token of what is copied
    count = 0
    for span in spans:
        for start, length in ((span.before, span.shared), (span.start, span.length)):
            if length == 0:
                continue
            column = used.get(start, 0)
            used[start] = column + 1
            if column == len(columns):
                columns.append(np.full(total, -1))
            columns[column][start : start + length] = np.arange(count, count + length)
            keys.append(np.arange(start, start + length))
            count += length
    return torch.from_numpy(np.concatenate(keys)), torch.from_numpy(np.stack(columns, 1))


class _Copied(torch.autograd.Function):
    """Rows of [T, heads, width] copied as `keys` says; backward sums each row's copies."""

    @staticmethod
    def forward(ctx, rows: Tensor, keys: Tensor, copies: Tensor) -> Tensor:
        ctx.save_for_backward(copies)
        return rows.index_select(0, keys)

    @staticmethod
    def backward(ctx, grad: Tensor):
        (copies,) = ctx.saved_tensors
        wide = torch.float64 if grad.dtype == torch.float64 else torch.float32
        sum = None
        for column in copies.unbind(1):
            there = (column >= 0)[:, None, None]
            part = torch.where(there, grad.index_select(0, column.clamp(min=0)), 0).to(wide)
            sum = part if sum is None else sum + part
        return sum.to(grad.dtype), None, None


def attend(query: Tensor, key: Tensor, value: Tensor, spans: Spans, scale: float | None, window: int | None) -> Tensor:
    """softmax(scale q k') v of every span, causal from the end: the last query sees all keys of its span, or the last `window`.

    query: [T, heads, width]; key, value: [T, heads or a divisor of it, width]. scale: 1 / sqrt(width) where None. Result [T,
    heads, width]. On a CUDA device in bfloat16 or float16 by torch's flash kernel (widths up to 256), else span by span.
    """
    if spans.keys is not None:
        key, value = (_Copied.apply(rows, spans.keys, spans.copies) for rows in (key, value))
    if query.is_cuda and query.dtype in (torch.bfloat16, torch.float16):
        return _flash(query, key, value, spans, scale, window)
    return _span_by_span(query, key, value, spans, scale, window)


def _flash(query: Tensor, key: Tensor, value: Tensor, spans: Spans, scale: float | None, window: int | None) -> Tensor:
    width = query.shape[-1]
    if width % 8 != 0:  # the kernel's unit; zeros change no product
        query, key, value = (torch.nn.functional.pad(rows, (0, -width % 8)) for rows in (query, key, value))
    out = torch.ops.aten._flash_attention_forward(
        query, key, value, spans.queries_until, spans.keys_until, spans.most_queries, spans.most_keys, 0.0, True, False,
        scale=width**-0.5 if scale is None else scale, window_size_left=-1 if window is None else window - 1, window_size_right=0,
    )[0]  # fmt: skip
    return out[..., :width]


@torch.compiler.disable
def _span_by_span(query: Tensor, key: Tensor, value: Tensor, spans: Spans, scale: float | None, window: int | None) -> Tensor:
    if key.shape[1] != query.shape[1]:
        times = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(times, 1), value.repeat_interleave(times, 1)
    queries, keys = zip(*spans.lengths, strict=True)
    parts = []
    for q, k, v in zip(query.split(queries), key.split(keys), value.split(keys), strict=True):
        mask = _visible(len(q), len(k), window, q.device)
        q, k, v = (rows.transpose(0, 1)[None] for rows in (q, k, v))
        found = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, scale=scale)
        parts.append(found[0].transpose(0, 1))
    return torch.cat(parts)


def _visible(queries: int, keys: int, window: int | None, device: torch.device) -> Tensor | None:
    """Who sees whom, [queries, keys]; None where it is the plain causal mask."""
    if queries == keys and (window is None or window >= keys):
        return None
    ones = torch.ones(queries, keys, dtype=torch.bool, device=device)
    seen = ones.tril(keys - queries)
    return seen if window is None else seen & ones.triu(keys - queries - window + 1)


#: What attention modules may pass on that changes the result, and is not computed here.
_UNKNOWN = ("softcap", "s_aux", "position_bias", "sinks")


def _forward(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Any, dropout: float = 0.0,
    scaling: float | None = None, sliding_window: int | None = None, spans: Spans | None = None, **others: Any,
) -> tuple[Tensor, None]:  # fmt: skip
    """The kernel as transformers calls it: query, key, value [rows, heads, width, channels], result [rows, width, heads,
    channels]. Without spans (padded rows, sampling with a cache) it is transformers' own "sdpa"."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if spans is None:
        more = {"dropout": dropout, "scaling": scaling, "sliding_window": sliding_window, **others}
        return sdpa_attention_forward(module, query, key, value, attention_mask, **more)
    unknown = [name for name in _UNKNOWN if others.get(name) is not None]
    if unknown or dropout > 0:
        raise NotImplementedError(f"attention with {unknown[0] if unknown else 'dropout'} has no varlen kernel")
    rows, heads, width, _ = query.shape
    flat = [x.transpose(1, 2).reshape(rows * width, x.shape[1], x.shape[3]) for x in (query, key, value)]
    found = attend(*flat, spans, scaling, sliding_window)
    return found.reshape(rows, width, heads, value.shape[3]), None


def register() -> None:
    """Makes the kernel known to transformers, so that models can be loaded with it."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, _forward)
    AttentionMaskInterface.register(NAME, sdpa_mask)
