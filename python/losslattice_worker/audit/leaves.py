"""
The numbers of a call as torch tensors. Log-probabilities of the policy (lw, ll, lg) are leaves that gradients flow to; those of
the reference too where the caller wants to know whether its code lets gradients through. All have shape [rows].
"""
from dataclasses import dataclass, field

import torch
from torch import Tensor

from .errors import AuditError

POLICY = ("lw", "ll", "lg")
REFERENCE = ("rw", "rl", "rg")
COUNTS = {"lw": "nw", "rw": "nw", "ll": "nl", "rl": "nl", "lg": "ng", "rg": "ng"}

DTYPES = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass
class Leaves:
    """`values` by input name, [rows] each; `params` are the numbers that the loss calls its parameters."""

    values: dict[str, Tensor]
    params: dict[str, float]
    dtype: torch.dtype
    scratch: dict = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(next(iter(self.values.values())))

    def get(self, name: str) -> Tensor:
        if name not in self.values:
            raise AuditError(f'no input "{name}" among {", ".join(sorted(self.values))}')
        return self.values[name]

    def count(self, name: str) -> list[int]:
        """Token counts of the response that a log-probability belongs to; 1 where none is given."""
        counts = self.values.get(COUNTS[name])
        return [1] * self.rows if counts is None else [int(n) for n in counts.tolist()]


def leaves_of(call: dict, reference_gradients: bool) -> Leaves:
    dtype = DTYPES[call["dtype"]]
    moving = POLICY + (REFERENCE if reference_gradients else ())
    values = {}
    for name, numbers in call["rows"].items():
        numbers = [float(x) for x in numbers]
        values[name] = torch.tensor(numbers, dtype=dtype, requires_grad=name in moving)
    return Leaves(values, {k: float(v) for k, v in call.get("params", {}).items()}, dtype)
