"""From answers to a batch: which tokens a model reads, who sees whom, and whose hidden states predict which answer token.

Two layouts, equal in what they compute:

- padded: one answer a row, padding at the right. Attention is causal, so no answer sees its padding, and no mask is needed
  (kernels without a mask are the fast ones).
- packed: several documents a row, no padding but at a row's end. A document is a prompt with one answer, or, where prompts are
  shared, with all the answers that have it: the prompt's tokens once (p + 2r instead of 2 (p + r)), and every answer sees
  the prompt and itself. Positions count from the document's start, for every answer on from the prompt.

"varlen" takes a packed row span by span and needs no mask (attention.py): the kernel for GPUs. For others the mask of a packed
row is one rule (`sees`): dense for "sdpa" and "eager", which cost width^2 a row, so that rows are best no wider than the longest
document; block-sparse for "flex_attention", which skips what nobody sees (GPU; torch 2.15 has no backward of it on a CPU). No
kernel outside torch is needed.

An answer's last token predicts nothing that is wanted, and is not read; prompt positions but the last never reach the head.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, create_block_mask

from .attention import NAME as VARLEN
from .attention import Span, Spans, moved_to, spans_of

PADDING = -1  # the document of what belongs to none
PROMPT = 0  # the branch of what every answer of a document sees


class PackingError(ValueError):
    """Answers that cannot be laid out, or a model that cannot be packed: what was found and what is possible."""


@dataclass(frozen=True)
class Answer:
    """Token ids of a prompt (at least one) and of an answer to it (at least one); mask: which answer tokens count."""

    prompt: Sequence[int]
    answer: Sequence[int]
    mask: Sequence[bool] | None = None


@dataclass(frozen=True)
class Layout:
    """A batch. `select` are positions in the flattened rows, one per answer token in the order of answers: the hidden state
    there predicts `targets`; `segments` is the answer's number, `mask` whether the token counts (None: all do)."""

    input_ids: Tensor  # [rows, width]
    position_ids: Tensor  # [rows, width]
    document: Tensor  # [rows, width], PADDING outside documents
    branch: Tensor  # [rows, width], PROMPT or the number of the answer in its document, from 1
    select: Tensor  # [tokens]
    targets: Tensor  # [tokens]
    segments: Tensor  # [tokens]
    mask: Tensor | None  # [tokens]
    spans: Spans | None  # of packed rows, for "varlen"
    answers: int
    packed: bool
    read: int  # tokens that the model reads, padding left out

    def to(self, device: torch.device | str) -> "Layout":
        moved = {name: moved_to(value, device) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, **moved, spans=None if self.spans is None else self.spans.to(device))

    @property
    def padding(self) -> float:
        """The share of what the model computes that is padding."""
        return 1 - self.read / max(self.input_ids.numel(), 1)


@dataclass(frozen=True)
class _Document:
    """A prompt and its answers, each with its number."""

    prompt: Sequence[int]
    answers: tuple[tuple[int, Answer], ...]

    @property
    def length(self) -> int:
        return len(self.prompt) + sum(len(answer.answer) - 1 for _, answer in self.answers)


def pad(answers: Sequence[Answer], pad_id: int) -> Layout:
    """One answer a row, in order; the width is the longest's. pad_id: any id of the vocabulary. Raises PackingError where a
    prompt or an answer is empty, or there is no answer."""
    _check(answers)
    rows = [[_Document(answer.prompt, ((number, answer),))] for number, answer in enumerate(answers)]
    return _lay_out(rows, answers, max(row[0].length for row in rows), pad_id, packed=False)


def pack(
    answers: Sequence[Answer],
    budget: int | None = None,
    *,
    pad_id: int = 0,
    share_prompts: bool = False,
    fixed_width: bool = False,
) -> Layout:
    """Documents into as few rows of at most `budget` tokens as first-fit by decreasing length finds.

    budget: tokens a row, or None for the longest document's. share_prompts: answers with equal prompts are one document, as
    far as they fit in a row. fixed_width: rows are as wide as the budget, so that compiled kernels see one shape.
    Raises PackingError where an answer alone exceeds the budget, and as `pad` does.
    """
    _check(answers)
    documents = _documents(answers, budget, share_prompts)
    longest = max(document.length for document in documents)
    width = longest if budget is None else budget
    if longest > width:
        number = next(document.answers[0][0] for document in documents if document.length > width)
        raise PackingError(f"answer {number} with its prompt has {longest} tokens, and a row has room for {width}")
    rows: list[list[_Document]] = []
    room: list[int] = []
    for document in sorted(documents, key=lambda document: -document.length):  # stable: equal lengths stay in order
        at = next((k for k, left in enumerate(room) if document.length <= left), None)
        if at is None:
            at = len(rows)
            rows.append([])
            room.append(width)
        rows[at].append(document)
        room[at] -= document.length
    return _lay_out(rows, answers, width if fixed_width else width - min(room), pad_id, packed=True)


def _check(answers: Sequence[Answer]) -> None:
    if not answers:
        raise PackingError("a batch needs at least one answer")
    for number, answer in enumerate(answers):
        if len(answer.prompt) == 0 or len(answer.answer) == 0:
            part = "prompt" if len(answer.prompt) == 0 else "answer"
            raise PackingError(f"answer {number}: the {part} has no tokens")
        if answer.mask is not None and len(answer.mask) != len(answer.answer):
            raise PackingError(f"answer {number}: {len(answer.mask)} mask values for {len(answer.answer)} tokens")


def _documents(answers: Sequence[Answer], budget: int | None, share: bool) -> list[_Document]:
    alone = [_Document(answer.prompt, ((number, answer),)) for number, answer in enumerate(answers)]
    if not share:
        return alone
    open: dict[tuple[int, ...], _Document] = {}
    full: list[_Document] = []
    for document in alone:
        key = tuple(document.prompt)
        before = open.get(key)
        joined = document if before is None else _Document(before.prompt, before.answers + document.answers)
        if before is not None and budget is not None and joined.length > budget:
            full.append(before)
            joined = document
        open[key] = joined
    return [*full, *open.values()]


def _lay_out(rows: list[list[_Document]], answers: Sequence[Answer], width: int, pad_id: int, packed: bool) -> Layout:
    """NumPy, as a row on a GPU has tens of thousands of tokens, and the GPU waits for it."""
    total = len(rows) * width
    # Padding stands at position 0: a row may be wider than the positions that a model has learned.
    ids, positions, documents, branches = (np.full(total, value) for value in (pad_id, 0, PADDING, PROMPT))
    select: list[np.ndarray] = [np.empty(0, np.int64)] * len(answers)
    spans: list[Span] = []
    read = 0

    def write(at: int, tokens: Sequence[int], position: int, document: int, branch: int) -> int:
        end = at + len(tokens)
        ids[at:end] = tokens
        positions[at:end] = np.arange(position, position + len(tokens))
        documents[at:end] = document
        branches[at:end] = branch
        return end

    for row, members in enumerate(rows):
        at = row * width
        for number, document in enumerate(members):
            begin, start = at, len(document.prompt)
            at = write(at, document.prompt, 0, number, PROMPT)
            last = at - 1
            for branch, (k, answer) in enumerate(document.answers, 1):
                before, at = at, write(at, answer.answer[:-1], start, number, branch)
                select[k] = np.concatenate([[last], np.arange(before, at)])
            spans.extend(_spans(document, begin))
        read += at - row * width
        if at < (row + 1) * width:
            spans.append(Span(at, (row + 1) * width - at))
    shaped = [torch.from_numpy(values).reshape(len(rows), width) for values in (ids, positions, documents, branches)]
    masks = [answer.mask if answer.mask is not None else [True] * len(answer.answer) for answer in answers]
    return Layout(
        *shaped,
        select=torch.from_numpy(np.concatenate(select)),
        targets=torch.from_numpy(np.concatenate([np.asarray(answer.answer, np.int64) for answer in answers])),
        segments=torch.from_numpy(np.repeat(np.arange(len(answers)), [len(answer.answer) for answer in answers])),
        mask=None if all(answer.mask is None for answer in answers) else torch.tensor([m for row in masks for m in row]).bool(),
        spans=spans_of(spans, total) if packed else None,
        answers=len(answers),
        packed=packed,
        read=read,
    )


def _spans(document: _Document, at: int) -> list[Span]:
    """Spans of a document that begins at the flattened position `at`: one where it has a single answer."""
    if len(document.answers) == 1:
        return [Span(at, document.length)]
    prompt = len(document.prompt)
    spans, start = [Span(at, prompt)], at + prompt
    for _, answer in document.answers:
        length = len(answer.answer) - 1
        if length > 0:
            spans.append(Span(start, length, at, prompt))
        start += length
    return spans


# Masks.


def sees(layout: Layout, window: int | None):
    """The rule of a packed batch as a function of (row, head, query, key): the same document, the key in the prompt or in the
    query's own branch, not later, and within the window of positions where the layer has one."""
    document, branch, position = layout.document, layout.branch, layout.position_ids

    def rule(row, _head, query, key):
        same = document[row, query] == document[row, key]
        visible = (branch[row, key] == PROMPT) | (branch[row, key] == branch[row, query])
        distance = position[row, query] - position[row, key]
        near = distance >= 0 if window is None else (distance >= 0) & (distance < window)
        return same & visible & near

    return rule


def dense_mask(layout: Layout, window: int | None) -> Tensor:
    """`sees` as a matrix, bool, shape [rows, 1, width, width]."""
    rows, width = layout.input_ids.shape
    row = torch.arange(rows, device=layout.input_ids.device)[:, None, None, None]
    place = torch.arange(width, device=layout.input_ids.device)
    return sees(layout, window)(row, 0, place[None, None, :, None], place[None, None, None, :])


def _mask(layout: Layout, window: int | None, attention: str, dtype: torch.dtype) -> Tensor | BlockMask:
    rows, width = layout.input_ids.shape
    if attention == VARLEN:  # never looked at: what has four axes is passed on as it is, and no mask is made
        return torch.zeros(1, 1, 1, 1, dtype=torch.bool, device=layout.input_ids.device)
    if attention == "flex_attention":
        return create_block_mask(sees(layout, window), rows, None, width, width, device=str(layout.input_ids.device))
    mask = dense_mask(layout, window)
    if attention == "sdpa":
        return mask
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill_(~mask, torch.finfo(dtype).min)


def layer_windows(config) -> dict[str, int | None]:
    """The window of every kind of layer of a model's configuration. Raises PackingError for kinds that no mask describes."""
    window = getattr(config, "sliding_window", None)
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        return {"sliding_attention" if window else "full_attention": window or None}
    known = {"full_attention": None, "sliding_attention": window}
    unknown = sorted(set(kinds) - set(known))
    if unknown or ("sliding_attention" in kinds and not window):
        what = f"layers of the kind {unknown[0]}" if unknown else "sliding layers without a window"
        raise PackingError(f"{config.model_type} has {what}, which cannot be packed: set packing to false")
    return {kind: known[kind] for kind in sorted(set(kinds))}


def attention_masks(config, layout: Layout, dtype: torch.dtype):
    """What a packed batch passes as attention_mask: one mask, or one per kind of layer where the model has several."""
    attention = config._attn_implementation
    if attention not in (VARLEN, "sdpa", "eager", "flex_attention"):
        raise PackingError(f"packing needs the attention varlen, sdpa, eager or flex_attention, not {attention}")
    masks = {kind: _mask(layout, window, attention, dtype) for kind, window in layer_windows(config).items()}
    return masks if len(masks) > 1 else next(iter(masks.values()))


def hidden_states(base: torch.nn.Module, layout: Layout) -> Tensor:
    """Last hidden states at the selected positions, shape [tokens, H]: what the head takes.

    base: a Hugging Face decoder without its head, on the layout's device. Raises PackingError where a packed layout meets a
    model or an attention kernel that cannot have it.
    """
    if not layout.packed:
        output = base(input_ids=layout.input_ids, use_cache=False)
    else:
        if "position_ids" not in inspect.signature(base.forward).parameters:
            raise PackingError(f"{base.config.model_type} takes no positions, and cannot be packed: set packing to false")
        parameter = next(base.parameters())
        if base.config._attn_implementation == "flex_attention" and parameter.device.type == "cpu" and torch.is_grad_enabled():
            raise PackingError("flex_attention has no backward on a CPU: set attention to sdpa there")
        mask = attention_masks(base.config, layout, parameter.dtype)
        spans = {"spans": layout.spans} if base.config._attn_implementation == VARLEN else {}
        rows = {"input_ids": layout.input_ids, "position_ids": layout.position_ids}
        try:
            output = base(**rows, attention_mask=mask, use_cache=False, **spans)
        except NotImplementedError as error:
            raise PackingError(f"{base.config.model_type}: {error}: set attention to sdpa or eager") from None
    return output.last_hidden_state.flatten(0, 1)[layout.select]


@torch.no_grad()
def check_packing(base: torch.nn.Module, share_prompts: bool) -> None:
    """Compares a small packed batch with the padded one. Raises PackingError where a model's packed hidden states differ by
    more than its dtype explains: it has a mask, a state or positions that this module does not know of."""
    window = max((window or 0 for window in layer_windows(base.config).values()), default=0)
    words = base.get_input_embeddings().num_embeddings
    length = 5 + (window if window <= 64 else 0)
    tokens = [(7 * k * k + 3 * k + 1) % words for k in range(4 * length)]
    prompt, other = tokens[:4], tokens[4:7]
    texts = [(prompt, tokens[7 : 7 + length]), (prompt, tokens[9 : 7 + length]), (other, tokens[-length:])]
    answers = [Answer(prompt, answer) for prompt, answer in texts]
    device = next(base.parameters()).device
    alone = hidden_states(base, pad(answers, 0).to(device)).double()
    packed = hidden_states(base, pack(answers, 3 * (length + 4), share_prompts=share_prompts).to(device)).double()
    allowed = {torch.bfloat16: 0.1, torch.float16: 0.02}.get(next(base.parameters()).dtype, 1e-3) * alone.abs().max()
    error = (packed - alone).abs().max()
    if not error <= allowed:
        found = f"its packed hidden states differ from the padded ones by {error:.2g} of {alone.abs().max():.2g}"
        raise PackingError(f"{base.config.model_type} cannot be packed: {found}; set packing to false")
