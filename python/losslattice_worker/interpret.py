"""Loss programs on one pair, node by node in Python floats: slow, obvious, and independent of torch. It checks what trains."""

from __future__ import annotations

import math
from collections.abc import Callable

from .program import Program


def _exp(x: float) -> float:
    return math.exp(x) if x < 709.78 else math.inf


def _expm1(x: float) -> float:
    return math.expm1(x) if x < 709.78 else math.inf


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def _log1mexp(x: float) -> float:
    """log(1 - e^x) for x < 0."""
    if x >= 0:
        return -math.inf if x == 0 else math.nan
    return math.log(-math.expm1(x)) if x > -math.log(2) else math.log1p(-math.exp(x))


def _logaddexp(a: float, b: float) -> float:
    if a == b and math.isinf(a):
        return a
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


def _divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if a == 0 else math.nan


def _scale_exp(a: float, x: float) -> float:
    """a e^x, finite wherever the product is."""
    if a == 0:
        return 0.0
    return math.copysign(_exp(x + math.log(abs(a))), a)


OPERATIONS: dict[str, Callable[..., float]] = {
    "neg": lambda x: -x,
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": lambda x: math.log1p(x) if x > -1 else -math.inf if x == -1 else math.nan,
    "log1mexp": _log1mexp,
    "sigmoid": _sigmoid,
    "logsigmoid": lambda x: -_softplus(-x),
    "softplus": _softplus,
    "abs": abs,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "stopGradient": lambda x: x,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _divide,
    "pow": _power,
    "max": max,
    "min": min,
    "logaddexp": _logaddexp,
    "scaleExp": _scale_exp,
    "less": lambda a, b: 1.0 if a < b else 0.0,
    "atMost": lambda a, b: 1.0 if a <= b else 0.0,
    "where": lambda c, a, b: a if c != 0 else b,
}


def interpret(program: Program, inputs: dict[str, float]) -> float:
    """The loss of one pair from its inputs by name."""
    values: list[float] = []
    for node in program.nodes:
        if node.op == "input":
            values.append(inputs[node.name])
        elif node.op == "param":
            values.append(program.params[node.name])
        elif node.op == "const":
            values.append(node.value)
        else:
            values.append(OPERATIONS[node.op](*(values[arg] for arg in node.args)))
    return values[program.loss]
