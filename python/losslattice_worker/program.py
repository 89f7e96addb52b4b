"""Loss programs: decoded from their JSON with the checks of src/loss/codec.ts, and compiled to torch operations.

A program is a list of nodes in topological order: inputs (log-probabilities in nats, token counts, scores), parameters,
constants and operations on earlier nodes. Its outputs are the loss of every pair and the symbolic derivatives by the policy's
log-probabilities, so the backward pass multiplies, and no loss formula is written in Python.

Whatever depends on no input is folded in float64 and enters as a vector of numbers. What is left is the program's structure:
one torch.fx graph per structure, compiled once, however many parameter values a sweep tries.
"""

import functools
import operator
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from losslattice_worker.decoding import Node, Program, ProgramError, decode_program
from losslattice_worker.operations import OPERATIONS

__all__ = [
    "CompilerError",
    "Evaluation",
    "Node",
    "Program",
    "ProgramError",
    "compile_program",
    "decode_program",
    "loss_function",
    "loss_values",
]


class CompilerError(RuntimeError):
    """torch.compile cannot build on this machine: one sentence that says what is missing and what to do."""


@dataclass(frozen=True)
class Evaluation:
    """Loss per pair and its derivatives by the policy's log-probabilities, each of shape [n] and the dtype of the inputs."""

    loss: Tensor
    gradients: dict[str, Tensor]


Ref = tuple[str, int]  # ("column", k) an input, ("constant", k) a folded number, ("step", k) an earlier result


@dataclass(frozen=True)
class Structure:
    """A program without its names and numbers: what torch.compile sees. `outputs` are the loss, then the derivatives."""

    columns: int
    steps: tuple[tuple[str, tuple[Ref, ...]], ...]
    outputs: tuple[Ref, ...]


def split(program: Program) -> tuple[Structure, list[float]]:
    """The structure of a program and the numbers, folded in float64, that its steps read."""
    places: list[Ref] = []
    folded: dict[int, Tensor] = {}  # values of nodes that depend on no input, by node
    numbers: list[float] = []
    slots: dict[int, Ref] = {}
    steps: list[tuple[str, tuple[Ref, ...]]] = []

    def place(node: int) -> Ref:
        if node not in folded:
            return places[node]
        if node not in slots:
            slots[node] = ("constant", len(numbers))
            numbers.append(folded[node].item())
        return slots[node]

    for id, node in enumerate(program.nodes):
        places.append(("constant", -1))
        if node.op == "input":
            places[id] = ("column", program.inputs.index(node.name))
        elif node.op in ("const", "param"):
            value = node.value if node.op == "const" else program.params[node.name]
            folded[id] = torch.tensor(value, dtype=torch.float64)
        elif all(arg in folded for arg in node.args):
            folded[id] = OPERATIONS[node.op](*(folded[arg] for arg in node.args))
        elif node.op == "stopGradient":
            places[id] = places[node.args[0]]
        else:
            args = tuple(place(arg) for arg in node.args)
            places[id] = ("step", len(steps))
            steps.append((node.op, args))
    outputs = tuple(place(id) for id in (program.loss, *program.gradients.values()))
    return Structure(len(program.inputs), tuple(steps), outputs), numbers


def _whole(value: Tensor, like: Tensor) -> Tensor:
    """A result that is an input or a number, as a tensor of its own of the shape of `like`."""
    return value.expand(like.shape).clone()


@functools.lru_cache(maxsize=None)
def graph_module(structure: Structure) -> torch.fx.GraphModule:
    """The structure as a function `(constants, *columns) -> (loss, *derivatives)`.

    constants: [numbers], or [numbers, n] where every row has its own; columns: each [n]; at least one column is read.
    """
    graph = torch.fx.Graph()
    constants = graph.placeholder("constants")
    columns = [graph.placeholder(f"column_{k}") for k in range(max(structure.columns, 1))]
    results: list[torch.fx.Node] = []
    numbers: dict[int, torch.fx.Node] = {}

    def at(ref: Ref) -> torch.fx.Node:
        kind, k = ref
        if kind != "constant":
            return columns[k] if kind == "column" else results[k]
        if k not in numbers:
            numbers[k] = graph.call_function(operator.getitem, (constants, k))
        return numbers[k]

    for op, args in structure.steps:
        results.append(graph.call_function(OPERATIONS[op], tuple(at(arg) for arg in args)))
    outputs = [
        at(ref) if ref[0] == "step" else graph.call_function(_whole, (at(ref), columns[0])) for ref in structure.outputs
    ]
    graph.output(tuple(outputs))
    return torch.fx.GraphModule(torch.nn.Module(), graph)


@functools.lru_cache(maxsize=None)
def compiled_function(structure: Structure) -> Callable[..., tuple[Tensor, ...]]:
    """The structure through torch.compile: one graph, built at the first call per dtype and device, for any n."""
    return torch.compile(graph_module(structure), fullgraph=True, dynamic=True)


def _call(function: Callable[..., tuple[Tensor, ...]], *args: Tensor) -> tuple[Tensor, ...]:
    try:
        return function(*args)
    except Exception as error:
        if "InvalidCxxCompiler" not in f"{type(error).__name__} {error}":
            raise
        reason = "torch.compile needs a C++ compiler here and finds none: install g++, name one in CXX, or set compile to false"
        raise CompilerError(reason) from error


def compile_program(program: Program, compiled: bool = False) -> Callable[[dict[str, Tensor]], Evaluation]:
    """A function of the program's inputs, each a tensor [n] of one dtype (float32 or float64) on one device.

    compiled: through torch.compile; every program of the same structure shares the compiled code.
    The function raises ValueError where an input is missing or the inputs do not match, and CompilerError (compiled only)
    where no compiler is found. Other tensors in the dictionary are ignored. Nothing is recorded for autograd.
    """
    structure, numbers = split(program)
    function = (compiled_function if compiled else graph_module)(structure)
    held: dict[tuple[torch.dtype, torch.device], Tensor] = {}

    def evaluate(inputs: dict[str, Tensor]) -> Evaluation:
        columns = _columns(program, inputs)
        place = (columns[0].dtype, columns[0].device)
        if place not in held:
            held[place] = torch.tensor(numbers, dtype=torch.float64).to(dtype=place[0], device=place[1])
        with torch.no_grad():
            loss, *gradients = _call(function, held[place], *columns)
        return Evaluation(loss, dict(zip(program.gradients, gradients)))

    return evaluate


def _columns(program: Program, inputs: dict[str, Tensor]) -> list[Tensor]:
    missing = [name for name in program.inputs if name not in inputs]
    if missing:
        raise ValueError(f"the loss needs the input {missing[0]!r}; given: {', '.join(inputs) or 'none'}")
    columns = [inputs[name].detach() for name in program.inputs]
    if not columns:  # a loss without inputs still has one value per row
        others = list(inputs.values())
        columns = [others[0].detach() if others else torch.zeros(1, dtype=torch.float64)]
    kinds = {(tuple(column.shape), column.dtype, column.device) for column in columns}
    if len(kinds) > 1 or columns[0].dim() != 1:
        found = ", ".join(f"{name} {tuple(c.shape)} {c.dtype} {c.device}" for name, c in zip(program.inputs, columns))
        raise ValueError(f"the loss needs inputs of one shape [n], dtype and device; given: {found}")
    if columns[0].dtype not in (torch.float32, torch.float64):
        raise ValueError(f"a loss is computed in float32 or float64, not in {columns[0].dtype}")
    return columns


class _Loss(torch.autograd.Function):
    """The loss of every pair; backward is the product with the program's own derivatives."""

    @staticmethod
    def forward(ctx, evaluate, fixed: dict[str, Tensor], names: tuple[str, ...], *policy: Tensor) -> Tensor:
        evaluation = evaluate({**fixed, **dict(zip(names, policy))})
        ctx.save_for_backward(*(evaluation.gradients[name] for name in names))
        return evaluation.loss

    @staticmethod
    def backward(ctx, grad_loss: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, None, *(grad_loss * slope for slope in ctx.saved_tensors)


@functools.lru_cache(maxsize=64)
def loss_function(program: Program, compiled: bool = False) -> Callable[[dict[str, Tensor]], Tensor]:
    """`loss_values` for a program used many times."""
    evaluate = compile_program(program, compiled)
    names = tuple(program.gradients)

    def values(inputs: dict[str, Tensor]) -> Tensor:
        missing = [name for name in names if name not in inputs]
        if missing:
            raise ValueError(f"the loss needs the input {missing[0]!r}; given: {', '.join(inputs) or 'none'}")
        fixed = {name: inputs[name] for name in program.inputs if name in inputs and name not in names}
        return _Loss.apply(evaluate, fixed, names, *(inputs[name] for name in names))

    return values


def loss_values(program: Program, inputs: dict[str, Tensor]) -> Tensor:
    """The loss of every pair, shape [n]: `d sum(loss) / d l = ` the program's symbolic derivative by l.

    Gradients flow to the policy's log-probabilities alone; reference, counts and scores are held fixed. It is
    differentiable once. Raises ValueError as the function of `compile_program` does.
    """
    return loss_function(program)(inputs)
