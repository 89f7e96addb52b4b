"""The JSON of a loss program, read with the checks of src/loss/codec.ts and src/loss/program.ts.

A decoded program is as good as a built one: known operations of the right arity on earlier nodes, finite numbers, names that
are plain names, outputs inside the graph, and a derivative by every policy log-probability that moves the loss.
"""

import difflib
import math
import re
from dataclasses import dataclass, field

from losslattice_worker.operations import ARITY

MAX_NODES = 100_000
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
POLICY_INPUT = re.compile(r"l(?:w|l|g|y[0-9]{1,3})")
# Names that every JavaScript object has: the other engines cannot use them as keys.
TAKEN = {"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"}


class ProgramError(ValueError):
    """JSON that is no loss program, with the place and the fault."""

    def __init__(self, reason: str):
        super().__init__(f"not a loss program: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Node:
    """One node: an input or parameter (`name`), a constant (`value`), or an operation on earlier nodes (`args`)."""

    op: str
    name: str = ""
    value: float = 0.0
    args: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Program:
    """A checked graph, equal to itself alone. `loss` and `gradients` are positions in `nodes`; gradients are by policy log-probabilities."""

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    params: dict[str, float] = field(default_factory=dict)
    loss: int = 0
    gradients: dict[str, int] = field(default_factory=dict)


def decode_program(data: object) -> Program:
    """The program of parsed JSON. Raises ProgramError for unknown keys, operations or versions, and for loose ends."""
    outer = _record(data, "the program", ("version", "nodes", "inputs", "params", "outputs"))
    if _integer(outer["version"], "version") != 1:
        raise ProgramError(f"version {outer['version']!r}; only version 1 is read")
    params = {name: _number(value, f"params.{name}") for name, value in _mapping(outer["params"], "params").items()}
    outputs = _record(outer["outputs"], "outputs", ("loss", "gradients"))
    gradients = _mapping(outputs["gradients"], "outputs.gradients")
    nodes = _list(outer["nodes"], "nodes")
    if len(nodes) > MAX_NODES:
        raise ProgramError(f"it has {len(nodes)} nodes, and at most {MAX_NODES} are read")
    program = Program(
        nodes=tuple(_node(node, id, params) for id, node in enumerate(nodes)),
        inputs=tuple(_text(name, "inputs") for name in _list(outer["inputs"], "inputs")),
        params=params,
        loss=_integer(outputs["loss"], "outputs.loss"),
        gradients={name: _integer(id, f"outputs.gradients.{name}") for name, id in gradients.items()},
    )
    _check(program)
    return program


def _node(data: object, id: int, params: dict[str, float]) -> Node:
    at = f"node {id}"
    if not isinstance(data, dict) or not isinstance(data.get("op"), str):
        raise ProgramError(f'{at}: expected an object with an "op"')
    op = data["op"]
    if op == "const":
        return Node(op, value=_number(_record(data, at, ("op", "value"))["value"], f"{at}: value"))
    if op in ("input", "param"):
        name = _text(_record(data, at, ("op", "name"))["name"], f"{at}: name")
        if not is_name(name):
            raise ProgramError(f"{at}: {name!r} is no {'input' if op == 'input' else 'parameter'} name")
        if op == "param" and name not in params:
            raise ProgramError(f"{at}: parameter {name!r} has no value")
        return Node(op, name=name)
    if op not in ARITY:
        raise ProgramError(f"{at}: unknown operation {op[:40]!r}; {_nearest(op[:40])}")
    args = tuple(_integer(arg, f"{at}: args") for arg in _list(_record(data, at, ("op", "args"))["args"], f"{at}: args"))
    if len(args) != ARITY[op]:
        raise ProgramError(f"{at}: {op} takes {ARITY[op]} argument(s), got {len(args)}")
    for arg in args:
        if not 0 <= arg < id:
            raise ProgramError(f"{at}: argument {arg} is not an earlier node")
    return Node(op, args=args)


def _check(program: Program) -> None:
    """What only the whole graph can show."""
    declared = set(program.inputs)
    for node in program.nodes:
        if node.op == "input" and node.name not in declared:
            raise ProgramError(f"input {node.name!r} is used but not declared")
    if len(declared) != len(program.inputs):
        raise ProgramError("an input is declared twice")
    for kind, names in (("input", program.inputs), ("parameter", program.params)):
        for name in names:
            if not is_name(name):
                raise ProgramError(f"{name!r} is no {kind} name")
    for name in program.inputs:
        if name in program.params:
            raise ProgramError(f"{name!r} is an input and a parameter")
    for name, id in (("loss", program.loss), *program.gradients.items()):
        if not 0 <= id < len(program.nodes):
            raise ProgramError(f"output {name!r} points outside the graph")
    for name in program.gradients:
        if name not in declared:
            raise ProgramError(f"there is a gradient by {name!r}, which is no input")
    for name in _names_below(program, program.loss):
        if is_policy_input(name) and name not in program.gradients:
            raise ProgramError(f"the loss depends on {name}, but there is no gradient by it")


def is_name(text: str) -> bool:
    """Whether a text may name an input or a parameter."""
    return NAME.fullmatch(text) is not None and text not in TAKEN


def is_policy_input(name: str) -> bool:
    """Whether an input is the policy's log-probability of a response: lw, ll, lg, ly3."""
    return POLICY_INPUT.fullmatch(name) is not None


def _names_below(program: Program, root: int) -> list[str]:
    """Names of the inputs on which a node depends, in the order of their nodes."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        id = waiting.pop()
        if id not in seen:
            seen.add(id)
            waiting.extend(program.nodes[id].args)
    return [program.nodes[id].name for id in sorted(seen) if program.nodes[id].op == "input"]


def _nearest(wrong: str) -> str:
    names = ["input", "param", "const", *ARITY]
    near = difflib.get_close_matches(wrong, names, n=3)
    return f"nearest: {', '.join(near)}" if near else f"allowed: {', '.join(names)}"


def _record(data: object, at: str, keys: tuple[str, ...]) -> dict:
    record = _mapping(data, at)
    for key in record:
        if key not in keys:
            raise ProgramError(f"{at}: unknown key {key!r}; allowed: {', '.join(keys)}")
    for key in keys:
        if key not in record:
            raise ProgramError(f"{at}: the key {key!r} is missing")
    return record


def _mapping(data: object, at: str) -> dict:
    if not isinstance(data, dict):
        raise ProgramError(f"{at}: expected an object, found {_kind(data)}")
    return data


def _list(data: object, at: str) -> list:
    if not isinstance(data, list):
        raise ProgramError(f"{at}: expected a list, found {_kind(data)}")
    return data


def _text(data: object, at: str) -> str:
    if not isinstance(data, str):
        raise ProgramError(f"{at}: expected a text, found {_kind(data)}")
    return data


def _number(data: object, at: str) -> float:
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        raise ProgramError(f"{at}: expected a number, found {_kind(data)}")
    try:
        value = float(data)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ProgramError(f"{at}: the number {str(data)[:40]} is not finite")
    return value


def _integer(data: object, at: str) -> int:
    value = _number(data, at)  # JSON knows one kind of number: 3.0 is the whole number 3
    if value != int(value):
        raise ProgramError(f"{at}: expected a whole number, found {value}")
    return int(value)


def _kind(data: object) -> str:
    if data is None:
        return "null"
    names = {bool: "true or false", dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(data), type(data).__name__)
