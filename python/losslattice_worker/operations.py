"""What every operation of a loss program computes on tensors, relatively precise over the whole range of its dtype.

The counterpart of src/loss/numerics.ts, operation by operation. All functions are elementwise, broadcast, and work on
float32 and float64; nothing here is differentiated by autograd (a program carries its derivatives as outputs), so `where`
may drop a branch that is infinite or NaN without consequence.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def softplus(x: Tensor) -> Tensor:
    """`log(1 + e^x)`: `e^x` far left, x far right."""
    return torch.clamp(x, min=0) + torch.log1p(torch.exp(-torch.abs(x)))


def sigmoid(x: Tensor) -> Tensor:
    """`1 / (1 + e^-x)`, relatively precise on both sides."""
    e = torch.exp(-torch.abs(x))
    return torch.where(x >= 0, torch.ones_like(e), e) / (1 + e)


def logsigmoid(x: Tensor) -> Tensor:
    """`log(1 / (1 + e^-x))`, at most 0."""
    return -softplus(-x)


def log1mexp(x: Tensor) -> Tensor:
    """`log(1 - e^x)` for x <= 0 (-inf at 0), by the branch that loses nothing (Maechler 2012); NaN for x > 0."""
    return torch.where(x > -math.log(2), torch.log(-torch.expm1(x)), torch.log1p(-torch.exp(x)))


def logaddexp(a: Tensor, b: Tensor) -> Tensor:
    """`log(e^a + e^b)`; -inf stands for an absent term."""
    # The difference of two equal infinities is NaN, and so would be the sum: there the maximum is the answer.
    high = torch.maximum(a, b)
    gap = torch.where(torch.isinf(high), torch.full_like(high, math.inf), torch.abs(a - b))
    return high + torch.log1p(torch.exp(-gap))


def scale_exp(a: Tensor, x: Tensor) -> Tensor:
    """`a * e^x`, where `e^x` may leave the range of the dtype although the product does not; 0 for a = 0."""
    bound = -math.log(torch.finfo(x.dtype).tiny)  # 708 in float64, 87.3 in float32: beyond it e^x has lost digits or is inf
    by_logs = torch.sign(a) * torch.exp(x + torch.log(torch.abs(a)))
    product = torch.where(torch.abs(x) < bound, a * torch.exp(x), by_logs)
    return torch.where(a == 0, torch.zeros_like(product), product)


def less(a: Tensor, b: Tensor) -> Tensor:
    """1 where a < b, else 0, in the dtype of the arguments."""
    return (a < b).to(a.dtype)


def at_most(a: Tensor, b: Tensor) -> Tensor:
    """1 where a <= b, else 0, in the dtype of the arguments."""
    return (a <= b).to(a.dtype)


def where(condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """a where the condition is not 0, else b; what is not chosen leaves no trace, NaN included."""
    return torch.where(condition != 0, a, b)


def stop_gradient(x: Tensor) -> Tensor:
    """x: only differentiation, which was done when the program was made, tells it from its argument."""
    return x


UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "neg": torch.neg,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "log1p": torch.log1p,
    "log1mexp": log1mexp,
    "sigmoid": sigmoid,
    "logsigmoid": logsigmoid,
    "softplus": softplus,
    "abs": torch.abs,
    "sqrt": torch.sqrt,
    "stopGradient": stop_gradient,
}

BINARY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "pow": torch.pow,
    "max": torch.maximum,
    "min": torch.minimum,
    "logaddexp": logaddexp,
    "scaleExp": scale_exp,
    "less": less,
    "atMost": at_most,
}

TERNARY: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"where": where}

OPERATIONS: dict[str, Callable[..., Tensor]] = {**UNARY, **BINARY, **TERNARY}

ARITY: dict[str, int] = {**dict.fromkeys(UNARY, 1), **dict.fromkeys(BINARY, 2), **dict.fromkeys(TERNARY, 3)}
