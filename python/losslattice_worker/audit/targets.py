"""What is audited: a function, class or method of a user's file, or a trainer of the installed TRL."""
import importlib.util
import inspect
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Callable

import torch

from .errors import AuditError
from .leaves import Leaves
from .meanings import value_of
from .measure import measure


def load_file(path: str):
    """Runs the user's file as a module, with its own folder on the import path."""
    file = Path(path)
    if not file.is_file():
        raise AuditError(f"{path}: no such file")
    spec = importlib.util.spec_from_file_location(f"audited_{file.stem}".replace("-", "_"), file)
    if spec is None or spec.loader is None:
        raise AuditError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # SystemExit too: a script that runs and leaves
        raise AuditError(f"{path}: cannot be imported: {type(error).__name__}: {' '.join(str(error).split())}") from error
    return module


def attribute(module, path: str, name: str):
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            has = sorted(key for key, value in vars(module).items() if callable(value) and not key.startswith("_"))
            near = get_close_matches(name, has, 5, 0.5) or has[:5]
            raise AuditError(f'{path}: has no "{name}"; it has {", ".join(near) or "nothing that can be called"}')
        found = getattr(found, part)
    if not callable(found):
        raise AuditError(f'{path}: "{name}" is {type(found).__name__} and cannot be called')
    return found


def arguments_of(function: Callable) -> list[dict]:
    """Name, whether it must be given, its default where that is plain data; star arguments are left out."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise AuditError(f"its arguments cannot be read: {error}") from error
    listed = []
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) or p.name == "self":
            continue
        required = p.default is p.empty
        simple = isinstance(p.default, (bool, int, float, str, type(None))) and not required
        listed.append(
            {"name": p.name, "required": required, "default": p.default if simple else None, "positional": p.kind == p.POSITIONAL_ONLY}
        )
    return listed


class FileTarget:
    """A function; or a class, made with its own arguments and then called; or a method that needs no instance."""

    def __init__(self, path: str, name: str):
        self.found = attribute(load_file(path), path, name)
        self.is_class = inspect.isclass(self.found)
        self.made = arguments_of(self.found) if self.is_class else []
        called = (self.found.forward if hasattr(self.found, "forward") else self.found.__call__) if self.is_class else self.found
        self.called = arguments_of(called)

    def describe(self) -> dict:
        return {
            "kind": "class" if self.is_class else "function",
            "made": self.made,
            "arguments": self.called,
            "torch": torch.__version__,
            "python": sys.version.split()[0],
        }

    def answer(self, request: dict) -> dict:
        given = request["arguments"]

        def run(leaves: Leaves):
            def bound(listed: list[dict]) -> tuple[list, dict]:
                values = {a["name"]: bind(leaves, given[a["name"]]) for a in listed if a["name"] in given}
                first = [values.pop(a["name"]) for a in listed if a["positional"] and a["name"] in values]
                return first, values

            function = self.found
            if self.is_class:
                first, named = bound(self.made)
                function = self.found(*first, **named)
            first, named = bound(self.called)
            return function(*first, **named)

        returns = request.get("returns")
        drives = any(source.get("input") == "model(reference)" for source in given.values())
        return {"calls": [measure(call, run, returns, drives) for call in request["calls"]]}


def bind(leaves: Leaves, source: dict) -> Any:
    """The value of an argument: an input by its meaning, a parameter of the loss by its name, or a constant."""
    if "input" in source:
        return value_of(leaves, source["input"])
    if "param" in source:
        return leaves.params[source["param"]]
    return source["constant"]


def open_target(target: dict):
    kind = target.get("kind")
    if kind == "file":
        return FileTarget(target["path"], target["function"])
    if kind == "trl":
        from .trl import TrlTarget

        return TrlTarget(target["trainer"])
    raise AuditError(f'unknown kind of target "{kind}": file or trl')


