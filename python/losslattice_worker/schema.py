"""Reading JSON objects key by key: every issue is found, unknown keys are refused with the nearest name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import nearest

#: What is wrong with a value, in words; None when nothing is.
Check = Callable[[Any], str | None]

REQUIRED: Any = object()


def shown(value: Any) -> str:
    """A value as an error message shows it."""
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:57] + "..."


def integer(low: int = 1, high: int = 10_000_000) -> Check:
    def check(value: Any) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool) or isinstance(value, float) and value.is_integer()
        return None if whole and low <= value <= high else f"expected an integer from {low} to {high}, got {shown(value)}"

    return check


def number(above: float | None = None, at_least: float | None = None, at_most: float | None = None) -> Check:
    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return f"expected a number, got {shown(value)}"
        if above is not None and not value > above:
            return f"expected a number above {above:g}, got {shown(value)}"
        if at_least is not None and value < at_least:
            return f"expected a number of at least {at_least:g}, got {shown(value)}"
        if at_most is not None and value > at_most:
            return f"expected a number of at most {at_most:g}, got {shown(value)}"
        return None

    return check


def flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"expected true or false, got {shown(value)}"


def text(value: Any) -> str | None:
    return None if isinstance(value, str) and value != "" else f"expected a text, got {shown(value)}"


def one_of(*names: str) -> Check:
    def check(value: Any) -> str | None:
        known = ", ".join(f'"{name}"' for name in names)
        return None if isinstance(value, str) and value in names else f"expected one of {known}, got {shown(value)}"

    return check


def list_of(item: Check) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list) or not value:
            return f"expected a list with at least one entry, got {shown(value)}"
        faults = [(i, item(entry)) for i, entry in enumerate(value)]
        return next((f"entry {i}: {fault}" for i, fault in faults if fault is not None), None)

    return check


def either(*checks: Check) -> Check:
    def check(value: Any) -> str | None:
        faults = [each(value) for each in checks]
        return None if None in faults else " or ".join(str(fault) for fault in faults)

    return check


def mapping(value: Any) -> str | None:
    return None if isinstance(value, dict) else f"expected an object, got {shown(value)}"


@dataclass(frozen=True)
class Field:
    """A key: what its value must be, and its value when the key is missing (REQUIRED: it must be there)."""

    check: Check
    default: Any = REQUIRED


def read_object(value: Any, fields: dict[str, Field], path: str, issues: list[str]) -> dict[str, Any]:
    """The values of an object's keys, defaults filled in; what is wrong goes to `issues`, and such a key gets its default."""
    where = f"{path}." if path else ""
    if not isinstance(value, dict):
        issues.append(f"{path or 'the job'}: expected an object, got {shown(value)}")
        return {key: field.default for key, field in fields.items()}
    for key in value:
        if key not in fields:
            issues.append(f"{where}{key}: unknown key; {nearest(str(key), list(fields))}")
    found: dict[str, Any] = {}
    for key, field in fields.items():
        found[key] = field.default
        if key not in value:
            if field.default is REQUIRED:
                issues.append(f"{where}{key}: missing")
            continue
        fault = field.check(value[key])
        if fault is None:
            found[key] = value[key]
        else:
            issues.append(f"{where}{key}: {fault}")
    return found
