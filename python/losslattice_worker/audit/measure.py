"""One call as data: the loss it returned (per pair or one number), its gradients by the log-probabilities, or its error."""
from typing import Any, Callable

import torch
from torch import Tensor

from .errors import AuditError
from .leaves import Leaves, leaves_of


def loss_of(returned: Any, returns: int | str | None) -> Tensor:
    """The loss in whatever was returned: a tensor, the first of a tuple, `loss` or `losses` of a dict or an object."""
    if returns is not None:
        try:
            found = returned[returns] if isinstance(returns, int) or isinstance(returned, dict) else getattr(returned, returns)
        except (KeyError, IndexError, AttributeError, TypeError) as error:
            raise AuditError(f"the function's result has no part {returns!r}: {error}") from error
    elif isinstance(returned, (tuple, list)):
        found = returned[0] if returned else None
    elif isinstance(returned, dict):
        found = returned.get("loss", returned.get("losses"))
    else:
        found = getattr(returned, "loss", returned)
    if not isinstance(found, Tensor):
        raise AuditError(f"the function returned {type(returned).__name__} and no loss tensor was found in it")
    return found


def numbers(tensor: Tensor) -> list[float]:
    return [float(x) for x in tensor.detach().to(torch.float64).reshape(-1).tolist()]


def measure(call: dict, run: Callable[[Leaves], Any], returns, reference_gradients: bool = False) -> dict:
    """
    Gradients are those of the sum of what was returned: of each pair's own loss where pairs do not mix, of the number itself
    where one number was returned. `null` where the result does not depend on the input, as far as autograd knows.
    """
    leaves = leaves_of(call, reference_gradients)
    try:
        loss = loss_of(run(leaves), returns)
        flat = loss.reshape(-1)
        per_pair = loss.dim() > 0 and len(flat) == leaves.rows and not (leaves.rows == 1 and loss.dim() == 0)
        if not per_pair and len(flat) != 1:
            return {"error": f"returned a tensor of shape {list(loss.shape)} for {leaves.rows} pairs"}
        moving = {name: value for name, value in leaves.values.items() if value.requires_grad}
        gradients: dict[str, list[float] | None] = {name: None for name in moving}
        if loss.requires_grad:
            found = torch.autograd.grad(flat.sum(), list(moving.values()), allow_unused=True)
            gradients = {name: None if g is None else numbers(g) for name, g in zip(moving, found)}
        shown = {"losses": numbers(flat)} if per_pair else {"value": numbers(flat)[0]}
        return {**shown, "gradients": gradients, "dtype": str(loss.dtype).removeprefix("torch.")}
    except AuditError:
        raise
    except Exception as error:  # the user's code: whatever it raises is an answer
        text = " ".join(str(error).split())
        return {"error": f"{type(error).__name__}: {text[:300]}"}
