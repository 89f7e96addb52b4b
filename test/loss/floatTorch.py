"""A stand-in for torch on Python floats, enough to run exported losses where torch is not installed."""
import math

float64 = "float64"


def _safe(function, overflow):
    def call(x):
        try:
            return function(x)
        except OverflowError:
            return overflow(x)
        except ValueError:
            return -math.inf if x == 0 or (function is math.log1p and x == -1) else math.nan

    return call


exp = _safe(math.exp, lambda x: math.inf)
expm1 = _safe(math.expm1, lambda x: math.inf)
log = _safe(math.log, lambda x: math.inf)
log1p = _safe(math.log1p, lambda x: math.inf)
sqrt = math.sqrt
abs = abs
isfinite = math.isfinite


def sign(x):
    return float((x > 0) - (x < 0))


def maximum(a, b):
    return a if a >= b else b


def minimum(a, b):
    return a if a <= b else b


def pow(a, b):
    return a**b


def where(condition, a, b):
    return a if condition else b


def full_like(x, value):
    return float(value)


def ones_like(x):
    return 1.0


def zeros_like(x):
    return 0.0


class _Context:
    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors


class _Function:
    """Runs forward, then backward with gradient 1, and returns the value with the derivatives by all arguments."""

    @classmethod
    def apply(cls, *args):
        context = _Context()
        value = cls.forward(context, *args)
        return value, cls.backward(context, 1.0)


class autograd:
    Function = _Function
