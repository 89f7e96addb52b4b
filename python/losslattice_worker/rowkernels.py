"""The head's row work on a GPU as two Triton kernels: each reads a chunk's logits once.

`torch.compile` makes one kernel of each as well, but its reduction over a whole vocabulary reached 0.24 TB/s of 4.2 on an H200
(bench/results/gpu.json). Float32 logits without softcap only; everything else stays with logprobs.py, whose functions of the
same names say what is computed.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

#: Words a program looks at at once.
BLOCK = 4096


@triton.jit
def _values(raw, targets, logps, normalisers, words, stride, factor, BLOCK: tl.constexpr):
    """One program a row: the running maximum and the sum of exponentials below it."""
    row = tl.program_id(0).to(tl.int64)
    top = float("-inf")
    total = 0.0
    for start in range(0, words, BLOCK):
        at = start + tl.arange(0, BLOCK)
        logits = tl.load(raw + row * stride + at, mask=at < words, other=0.0) * factor
        logits = tl.where(at < words, logits, float("-inf"))
        higher = tl.maximum(top, tl.max(logits, 0))
        ground = tl.where(higher == float("-inf"), 0.0, higher)  # nothing but words of probability 0 so far
        total = total * tl.exp(top - ground) + tl.sum(tl.exp(logits - ground), 0)
        top = higher
    normaliser = top + tl.log(total)
    target = tl.load(raw + row * stride + tl.load(targets + row)) * factor
    tl.store(normalisers + row, normaliser)
    tl.store(logps + row, target - normaliser)


@triton.jit
def _slopes(raw, targets, normalisers, weights, slopes, words, stride, factor, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    p = tl.exp(tl.load(raw + row * stride + at, mask=at < words, other=0.0) * factor - tl.load(normalisers + row))
    slope = tl.where(at == tl.load(targets + row), 1 - p, -p) * (tl.load(weights + row) * factor)
    tl.store(slopes + row * words + at, slope.to(slopes.dtype.element_ty), mask=at < words)


def row_values(raw: Tensor, targets: Tensor, factor: float) -> tuple[Tensor, Tensor]:
    """Log-probability of the target and the normaliser of rows of logits `factor * raw`, [rows] each. raw: [rows, V] float32,
    rows contiguous; targets: [rows] int64. NaN where a row has NaN, +inf or nothing but -inf."""
    logps, normalisers = torch.empty(2, len(raw), dtype=raw.dtype, device=raw.device).unbind()
    _values[(len(raw),)](raw, targets, logps, normalisers, raw.shape[1], raw.stride(0), factor, BLOCK=BLOCK, num_warps=8)
    return logps, normalisers


def row_slopes(raw: Tensor, targets: Tensor, normalisers: Tensor, weights: Tensor, factor: float, dtype: torch.dtype) -> Tensor:
    """`weights_t factor (one-hot(target_t) - softmax(factor raw_t))`, [rows, V] in the given dtype."""
    rows, words = raw.shape
    slopes = torch.empty(rows, words, dtype=dtype, device=raw.device)
    grid = (rows, triton.cdiv(words, BLOCK))
    _slopes[grid](raw, targets, normalisers, weights, slopes, words, raw.stride(0), factor, BLOCK=BLOCK, num_warps=8)
    return slopes
