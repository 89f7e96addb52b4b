"""The core operator: hidden states and the head's weight to log-probabilities of given tokens, no [tokens, vocab] tensor kept.

    logits  z = scale (h W' + b), capped by softcap tanh(z / softcap), divided by the temperature
    logps_t = z_t[y_t] - log sum_v e^(z_t[v])

Rows are independent given the head, so they are taken a chunk at a time; a chunk's logits are float32 (float64 for float64
models) whatever the model's dtype, and live until the next chunk. Backward recomputes them: one product more than autograd
through the whole matrix would take (logits, logits again, d hidden, d weight: 4 instead of 3). Where the head is frozen and
nothing but d hidden is wanted, `d logps_t / d h_t` is taken while the logits are there, and there is nothing to recompute.

How large a chunk: with T tokens, H wide, V words, one product costs 2 T V H operations, and around it the row work reads and
writes about 12.5 T V bytes (float32 logits read twice, their gradient written once and read twice in bfloat16). On an H100
(660 Tflop/s in practice, 3.35 TB/s) that is a factor of 4/3 for the products and 0.1 for the rest at H = 4096: 1.4 times the
bare products of forward and backward, and more for narrow models (an H200 took 1.34 at H = 4096: bench/results/gpu.json). Every
chunk also reads and writes the float32 accumulator of d weight, 8 V H bytes, as much as the row work of 0.64 H tokens: chunks
should have several thousand rows there. The automatic chunk therefore fills 2 GiB with logits on a GPU and 64 MiB on a CPU,
where caches are small and products slow.
"""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

log = logging.getLogger(__name__)

#: Row work of one chunk: (raw logits, targets, head, spare room) to log-probabilities and normalisers; (raw logits, targets,
#: normalisers, weights, head, dtype) to slopes.
RowWork = tuple[Callable[..., tuple[Tensor, Tensor]], Callable[..., Tensor]]


@dataclass(frozen=True)
class HeadOutput:
    """Per token: log-probability (nats, float32, or float64 for float64 models); entropy (nats) and mass of the k likeliest
    words, both without gradient, where they were asked for. Each of shape [T]."""

    logps: Tensor
    entropy: Tensor | None = None
    top_k_mass: Tensor | None = None


@dataclass(frozen=True)
class Head:
    """What happens between the product and the softmax, and what is measured."""

    scale: float = 1.0
    softcap: float | None = None
    temperature: float = 1.0
    entropy: bool = False
    top_k: int = 0
    chunk: int = 1024


def selected_logps(
    hidden: Tensor,
    weight: Tensor,
    targets: Tensor,
    *,
    bias: Tensor | None = None,
    chunk: int | None = None,
    scale: float = 1.0,
    softcap: float | None = None,
    temperature: float = 1.0,
    entropy: bool = False,
    top_k: int = 0,
) -> HeadOutput:
    """`log softmax(z)[targets]` of every token, differentiable once by hidden, weight and bias.

    hidden: [T, H]; weight: [V, H], of hidden's dtype; targets: [T] int64 in [0, V); bias: [V]. chunk: tokens a time, or None
    for the automatic size. T = 0 gives empty results. The gradient of the weight is summed in float32 over chunks.
    Raises ValueError where shapes, dtypes or settings do not fit, IndexError for a target outside the vocabulary (on a GPU,
    where looking would stop the queue, the device reports it).
    """
    _check(hidden, weight, targets, bias)
    words = weight.shape[0]
    if chunk is None:
        chunk = automatic_chunk(words, hidden.device)
    if chunk < 1 or not temperature > 0 or (softcap is not None and not softcap > 0) or not 0 <= top_k <= words:
        found = f"chunk {chunk}, temperature {temperature}, softcap {softcap}, top_k {top_k}"
        raise ValueError(f"chunk >= 1, temperature > 0, softcap > 0 and 0 <= top_k <= {words} are needed; given: {found}")
    head = Head(scale, softcap, temperature, entropy, top_k, chunk)
    logps, entropies, mass = _SelectedLogps.apply(hidden, weight, bias, targets, head)
    return HeadOutput(logps, entropies if entropy else None, mass if top_k > 0 else None)


def automatic_chunk(words: int, device: torch.device) -> int:
    """Tokens whose float32 logits take 2 GiB on a GPU, 64 MiB elsewhere; a multiple of 128, at least 128."""
    room = 2**31 if device.type == "cuda" else 2**26
    return max(128, room // (4 * words) // 128 * 128)


def sequence_logps(token_logps: Tensor, segments: Tensor, count: int, mask: Tensor | None = None) -> Tensor:
    """Sums per answer: `out[a] = sum of token_logps[t] (times mask[t]) over t with segments[t] = a`, shape [count].

    token_logps: [T]; segments: [T] int64 in [0, count); mask: [T], bool or weights. Summed in float64, returned in the
    dtype of token_logps, so that the order of answers in a batch leaves no trace; an answer without tokens has 0.
    """
    weighted = token_logps.double() if mask is None else token_logps.double() * mask
    zeros = torch.zeros(count, dtype=torch.float64, device=token_logps.device)
    return zeros.index_add(0, segments, weighted).to(token_logps.dtype)


def _check(hidden: Tensor, weight: Tensor, targets: Tensor, bias: Tensor | None) -> None:
    fits = hidden.dim() == 2 and weight.dim() == 2 and hidden.shape[1] == weight.shape[1] and targets.shape == hidden.shape[:1]
    if not fits or (bias is not None and bias.shape != weight.shape[:1]):
        shapes = f"{tuple(hidden.shape)}, {tuple(weight.shape)}, {tuple(targets.shape)}"
        raise ValueError(f"hidden [T, H], weight [V, H], targets [T] (and bias [V]) are needed; given: {shapes}")
    if hidden.dtype != weight.dtype or not hidden.is_floating_point() or targets.dtype != torch.int64:
        found = f"{hidden.dtype}, {weight.dtype}, {targets.dtype}"
        raise ValueError(f"hidden and weight of one floating dtype and int64 targets are needed; given: {found}")
    if targets.device.type == "cpu" and targets.numel() > 0:
        low, high = int(targets.min()), int(targets.max())
        if low < 0 or high >= weight.shape[0]:
            raise IndexError(f"targets from {low} to {high} in a vocabulary of {weight.shape[0]}")


# Products. Logits and sums of weight gradients are float32 although the factors are bfloat16: on a GPU the product itself
# writes float32; a CPU has no such product, so there the factors are widened, the weight once per call.


def wide_dtype(dtype: torch.dtype) -> torch.dtype:
    """The dtype of log-probabilities and sums for a model of this dtype."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def _factors(weight: Tensor) -> Tensor:
    """The weight as the products take it."""
    return weight if weight.is_cuda else weight.to(wide_dtype(weight.dtype))


def _product(a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    """`a b` in the wide dtype; into the first rows of `out` where a buffer is given and the factors are wide themselves."""
    wide = wide_dtype(a.dtype)
    if a.dtype == wide:
        return torch.mm(a, b, out=None if out is None else out[: len(a)])
    return torch.mm(a, b, out_dtype=wide)


def _add_product(sum: Tensor, a: Tensor, b: Tensor) -> None:
    """`sum += a b`, sum in the wide dtype."""
    if a.dtype == sum.dtype:
        sum.addmm_(a, b)
    elif _adds_in_place(a.dtype, a.device):
        torch.addmm(sum, a, b, out_dtype=sum.dtype, out=sum)
    else:
        sum.add_(_product(a, b))


@functools.lru_cache(maxsize=None)
def _adds_in_place(dtype: torch.dtype, device: torch.device) -> bool:
    """Whether this torch adds a narrow product to a wide sum without a temporary; tried once on a product of ones."""
    ones = torch.ones(16, 16, dtype=dtype, device=device)
    sum = torch.ones(16, 16, dtype=wide_dtype(dtype), device=device)
    try:
        torch.addmm(sum, ones, ones, out_dtype=sum.dtype, out=sum)
    except (RuntimeError, TypeError, NotImplementedError):
        return False
    return bool((sum == 17).all())


def _buffer(rows: int, words: int, like: Tensor) -> Tensor | None:
    """Room for one chunk. On a CPU a fresh matrix costs more than any pass over it (its pages are cleared one by one), so
    chunks share one; on a GPU the allocator keeps what it had."""
    return None if like.is_cuda else torch.empty(rows, words, dtype=like.dtype, device=like.device)


# Row work, as functions of one chunk's raw logits that torch.compile can fuse.


def _final(raw: Tensor, head: Head) -> Tensor:
    """Logits as the softmax sees them; `raw` itself where nothing is to be done."""
    logits = raw if head.scale == 1 else raw * head.scale
    if head.softcap is not None:
        logits = head.softcap * torch.tanh(logits / head.softcap)
    return logits if head.temperature == 1 else logits / head.temperature


def _row_values(raw: Tensor, targets: Tensor, head: Head, spare: Tensor | None) -> tuple[Tensor, Tensor]:
    """Log-probability of the target, and the normaliser, of every row; `spare` is room for a second chunk, or None."""
    logits = _final(raw, head)
    if spare is None:
        normaliser = torch.logsumexp(logits, dim=1)
    else:
        top = logits.amax(dim=1, keepdim=True)
        normaliser = torch.sub(logits, top, out=spare[: len(raw)]).exp_().sum(dim=1).log_() + top[:, 0]
    return logits.gather(1, targets[:, None])[:, 0] - normaliser, normaliser


def _row_slopes(raw: Tensor, targets: Tensor, normaliser: Tensor, weights: Tensor, head: Head, dtype: torch.dtype) -> Tensor:
    """`weights_t d logps_t / d (h W' + b)`, shape [rows, V], in the given dtype: (one-hot - softmax) by the chain rule.

    Uses raw up, but for compiled code, where it would cost a copy."""
    logits = _final(raw, head)
    bend = None if head.softcap is None else 1 - (logits * (head.temperature / head.softcap)) ** 2
    factor = weights[:, None] * (head.scale / head.temperature)
    if torch.compiler.is_compiling():  # a scatter would be a kernel of its own
        hit = torch.arange(raw.shape[1], device=raw.device) == targets[:, None]
        p = torch.exp(logits - normaliser[:, None])
        slopes = torch.where(hit, 1 - p, -p) * factor
    else:
        slopes = logits.sub_(normaliser[:, None]).exp_().neg_()
        slopes.scatter_add_(1, targets[:, None], torch.ones_like(factor))
        slopes.mul_(factor)
    return (slopes if bend is None else slopes * bend).to(dtype)


def compiled_row_work() -> RowWork:
    """Both functions through torch.compile, for any number of rows: batches differ in length, and one program per length
    would soon be more than torch.compile keeps."""
    return torch.compile(_row_values, dynamic=True), torch.compile(_row_slopes, dynamic=True)


def kernel_row_work() -> RowWork:
    """Both functions as Triton kernels, which know no softcap. Raises ImportError where Triton is missing."""
    from . import rowkernels

    def values(raw: Tensor, targets: Tensor, head: Head, _spare: Tensor | None) -> tuple[Tensor, Tensor]:
        return rowkernels.row_values(raw, targets, head.scale / head.temperature)

    def slopes(raw: Tensor, targets: Tensor, normaliser: Tensor, weights: Tensor, head: Head, dtype: torch.dtype) -> Tensor:
        return rowkernels.row_slopes(raw, targets, normaliser, weights, head.scale / head.temperature, dtype)

    return values, slopes


@functools.lru_cache(maxsize=None)
def _row_work(device_type: str, dtype: torch.dtype, capped: bool) -> RowWork:
    """`_row_values` and `_row_slopes` for logits of a dtype, fused on a GPU, where they would otherwise cost more than the
    product's last third."""
    if device_type != "cuda":
        return _row_values, _row_slopes
    try:
        fused = compiled_row_work() if capped or dtype != torch.float32 else kernel_row_work()
        ones = torch.ones(4, 8, dtype=dtype, device=device_type)
        targets = torch.zeros(4, dtype=torch.int64, device=device_type)
        head = Head(softcap=1.0 if capped else None)
        _, normaliser = fused[0](ones, targets, head, None)
        fused[1](ones, targets, normaliser, normaliser, head, torch.bfloat16)
    except Exception as error:  # no compiler, or a driver that it does not know
        log.warning("the log-prob head runs unfused, its kernels failed: %s", str(error).splitlines()[0])
        return _row_values, _row_slopes
    return fused


def _measure(raw: Tensor, normaliser: Tensor, head: Head) -> tuple[Tensor, Tensor]:
    """Entropy `log Z - sum p z` and the sum of the k largest p, of every row; zeros where not asked for."""
    logits = _final(raw, head)
    entropy, mass = torch.zeros_like(normaliser), torch.zeros_like(normaliser)
    if head.top_k > 0:
        mass = torch.exp(logits.topk(head.top_k, dim=1).values - normaliser[:, None]).sum(dim=1)
    if head.entropy:
        p = torch.exp(logits - normaliser[:, None])
        # A word of probability 0 adds nothing, also where its logit is -inf.
        entropy = normaliser - torch.where(p > 0, p * logits, 0).sum(dim=1)
    return entropy, mass


class _SelectedLogps(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, head: Head):
        wide = wide_dtype(hidden.dtype)
        factors = _factors(weight)
        row_values, row_slopes = _row_work(hidden.device.type, wide, head.softcap is not None)
        logps, normaliser, entropy, mass = torch.empty(4, len(targets), dtype=wide, device=hidden.device).unbind()
        # With a frozen head only d hidden is wanted, and rows of it but lack the factor that backward brings.
        by_hidden = None
        if ctx.needs_input_grad[0] and not (ctx.needs_input_grad[1] or ctx.needs_input_grad[2]):
            by_hidden = torch.empty(hidden.shape, dtype=wide, device=hidden.device)
        chunks = _chunks(len(targets), head.chunk)
        room, spare = (_buffer(min(head.chunk, len(targets)), len(weight), normaliser) for _ in range(2))
        for rows in chunks:
            raw = _logits(hidden[rows], factors, bias, room)
            logps[rows], normaliser[rows] = row_values(raw, targets[rows], head, spare)
            if head.entropy or head.top_k > 0:
                entropy[rows], mass[rows] = _measure(raw, normaliser[rows], head)
            if by_hidden is not None:
                ones = torch.ones_like(normaliser[rows])
                slopes = row_slopes(raw, targets[rows], normaliser[rows], ones, head, factors.dtype)
                by_hidden[rows] = _product(slopes, factors)
        ctx.head = head
        if by_hidden is not None:
            ctx.save_for_backward(by_hidden)
        else:
            ctx.save_for_backward(hidden, weight, bias, targets, normaliser)
        ctx.dtype = hidden.dtype
        ctx.mark_non_differentiable(entropy, mass)
        return logps, entropy, mass

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_logps: Tensor, _entropy, _mass):
        if len(ctx.saved_tensors) == 1:
            (by_hidden,) = ctx.saved_tensors
            return (by_hidden * grad_logps[:, None]).to(ctx.dtype), None, None, None, None
        hidden, weight, bias, targets, normaliser = ctx.saved_tensors
        wants_hidden, wants_weight, wants_bias = ctx.needs_input_grad[:3]
        factors = _factors(weight)
        _, row_slopes = _row_work(hidden.device.type, normaliser.dtype, ctx.head.softcap is not None)
        grad_hidden = torch.empty_like(hidden) if wants_hidden else None
        grad_weight = torch.zeros(weight.shape, dtype=normaliser.dtype, device=weight.device) if wants_weight else None
        grad_bias = torch.zeros(weight.shape[0], dtype=normaliser.dtype, device=weight.device) if wants_bias else None
        room = _buffer(min(ctx.head.chunk, len(targets)), len(weight), normaliser)
        for rows in _chunks(len(targets), ctx.head.chunk):
            raw = _logits(hidden[rows], factors, bias, room)
            slopes = row_slopes(raw, targets[rows], normaliser[rows], grad_logps[rows], ctx.head, factors.dtype)
            del raw
            if grad_hidden is not None:
                grad_hidden[rows] = torch.mm(slopes, factors)
            if grad_weight is not None:
                _add_product(grad_weight, slopes.T, hidden[rows].to(factors.dtype))
            if grad_bias is not None:
                grad_bias += slopes.sum(dim=0, dtype=grad_bias.dtype)
        return (
            grad_hidden,
            None if grad_weight is None else grad_weight.to(weight.dtype),
            None if grad_bias is None else grad_bias.to(bias.dtype),
            None,
            None,
        )


def _chunks(count: int, chunk: int) -> list[slice]:
    """Slices of nearly equal length, at most `chunk`."""
    pieces = -(-count // chunk)
    edges = [count * k // pieces for k in range(pieces + 1)] if pieces else [0]
    return [slice(a, b) for a, b in zip(edges, edges[1:])]


def _logits(hidden: Tensor, factors: Tensor, bias: Tensor | None, room: Tensor | None) -> Tensor:
    raw = _product(hidden.to(factors.dtype), factors.T, room)
    return raw if bias is None else raw.add_(bias)
