"""Decoded programs: refused where they are none; equal to the goldens in float64 and float32, eager and compiled."""

import copy
import math

import pytest
import torch
import torch._inductor.config
from programs import golden_document, operation, program_json, variable

from losslattice_worker import program as module
from losslattice_worker.decoding import ProgramError, decode_program
from losslattice_worker.operations import OPERATIONS
from losslattice_worker.program import CompilerError, compile_program, graph_module, loss_function, loss_values, split

OUTPUTS = ("loss", "dlw", "dll")


def tolerance(value: float, cond: float | None, epsilon: float = 2**-52, floor: float = 1e-60) -> float:
    """As in test/arbitraries/loss.ts: `16 epsilon (1 + cond) |value|` and a floor."""
    return (0.0 if cond is None else 16 * epsilon * (1 + cond) * abs(value)) + floor


@pytest.fixture(scope="module")
def goldens() -> list[dict]:
    document = golden_document()
    programs = {spec: decode_program(data) for spec, data in document["programs"].items()}
    return [{**golden, "program": programs[golden["spec"]]} for golden in document["goldens"]]


def columns_of(golden: dict, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    return {name: torch.tensor([value], dtype=torch.float64).to(dtype) for name, value in golden["inputs"].items()}


def triple(loss: torch.Tensor, gradients: dict[str, torch.Tensor]) -> dict[str, float]:
    zero = torch.zeros(1)
    parts = {"loss": loss, "dlw": gradients.get("lw", zero), "dll": gradients.get("ll", zero)}
    return {name: value.double().item() for name, value in parts.items()}


def misses(golden: dict, got: dict, expected: dict, **bound: float) -> list[str]:
    """Outputs outside the tolerance, in words."""
    return [
        f"{golden['spec']} {name} at {golden['inputs']}: {got[name]}, expected {expected[name]}"
        for name, cond in zip(OUTPUTS, golden["cond"])
        if not abs(got[name] - expected[name]) <= tolerance(expected[name], cond, **bound)
    ]


def evaluated(golden: dict, inputs: dict[str, torch.Tensor]) -> dict[str, float]:
    evaluation = compile_program(golden["program"])(inputs)
    return triple(evaluation.loss, evaluation.gradients)


FLOAT32 = {"epsilon": 2**-23, "floor": 1.2e-38}  # below the smallest normal float32 a machine may flush to zero


def expected_in(golden: dict, dtype: torch.dtype) -> dict[str, float]:
    """The golden itself in float64; in float32 the float64 program at the rounded inputs."""
    if dtype == torch.float64:
        return golden
    return evaluated(golden, {name: value.double() for name, value in columns_of(golden, dtype).items()})


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_every_golden_is_met_eagerly(goldens, dtype):
    bound = {} if dtype == torch.float64 else FLOAT32
    assert len(goldens) == 470
    found = [
        miss
        for golden in goldens
        for miss in misses(golden, evaluated(golden, columns_of(golden, dtype)), expected_in(golden, dtype), **bound)
    ]
    assert found == []


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_every_golden_is_met_by_compiled_code(goldens, dtype):
    """All structures in one graph, so that the compiler runs once: each takes its goldens as rows with constants of their own."""
    groups: dict = {}
    for golden in goldens:
        structure, numbers = split(golden["program"])
        groups.setdefault((structure, golden["program"].inputs), []).append((golden, numbers))
    graphs = [graph_module(structure) for structure, _ in groups]

    def everything(arguments):
        return [graph(*row) for graph, row in zip(graphs, arguments)]

    compiled = torch.compile(everything, fullgraph=True)
    arguments = []
    for (_, names), rows in groups.items():
        constants = torch.tensor([numbers for _, numbers in rows], dtype=torch.float64).T.contiguous()
        columns = [torch.tensor([golden["inputs"][name] for golden, _ in rows], dtype=torch.float64) for name in names]
        arguments.append([constants.to(dtype), *(column.to(dtype) for column in columns)])
    found = []
    for rows, results in zip(groups.values(), compiled(arguments)):
        for k, (golden, _) in enumerate(rows):
            loss, *slopes = (result[k] for result in results)
            got = triple(loss, dict(zip(golden["program"].gradients, slopes)))
            bound = {} if dtype == torch.float64 else FLOAT32
            found += misses(golden, got, expected_in(golden, dtype), **bound)
    assert found == []


def dpo(beta: float) -> dict:
    """softplus(-beta ((lw - rw) - (ll - rl))) with its derivatives."""
    nodes = [
        *(variable(name) for name in ("lw", "ll", "rw", "rl")),
        {"op": "param", "name": "beta"},
        operation("sub", 0, 2),
        operation("sub", 1, 3),
        operation("sub", 6, 5),
        operation("mul", 4, 7),
        operation("softplus", 8),
        operation("sigmoid", 8),
        operation("mul", 4, 10),
        operation("neg", 11),
    ]
    return program_json(nodes, 9, {"lw": 12, "ll": 11}, beta=beta)


PAIRS = {
    "lw": torch.tensor([-2.0, -5.0, -7.0]),
    "ll": torch.tensor([-3.0, -3.0, -9.0]),
    "rw": torch.tensor([-3.0, -4.0, -5.0]),
    "rl": torch.tensor([-3.0, -4.0, -6.0]),
}


def test_a_sweep_of_parameters_and_sizes_compiles_once():
    torch._dynamo.reset()
    module.compiled_function.cache_clear()
    before = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    for beta in (0.1, 0.2, 0.5, 3.0):
        program = decode_program(dpo(beta))
        for repeat in (1, 2, 5):
            inputs = {name: value.repeat(repeat) for name, value in PAIRS.items()}
            compiled = compile_program(program, compiled=True)(inputs)
            plain = compile_program(program)(inputs)
            torch.testing.assert_close(compiled.loss, plain.loss, rtol=1e-6, atol=1e-7)
            torch.testing.assert_close(compiled.gradients, plain.gradients, rtol=1e-6, atol=1e-7)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] - before == 1


def test_a_machine_without_a_compiler_is_told_in_one_sentence():
    torch._dynamo.reset()
    module.compiled_function.cache_clear()
    lacking = {"cpp.cxx": (None, "no-such-compiler"), "force_disable_caches": True}
    with torch._inductor.config.patch(lacking), pytest.raises(CompilerError, match=r"needs a C\+\+ compiler.*install g\+\+"):
        compile_program(decode_program(dpo(0.1)), compiled=True)(PAIRS)
    module.compiled_function.cache_clear()


def plain(program, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """The loss node by node in float64 with torch's own functions, differentiable by autograd: an oracle for derivatives."""
    F = torch.nn.functional
    own = {
        "softplus": lambda x: F.softplus(x, threshold=1e9),
        "sigmoid": torch.sigmoid,
        "logsigmoid": F.logsigmoid,
        "log1mexp": lambda x: torch.log(-torch.expm1(x)),
        "logaddexp": torch.logaddexp,
        "scaleExp": lambda a, x: a * torch.exp(x),
        "stopGradient": torch.detach,
        "where": lambda c, a, b: torch.where(c != 0, a, b),
    }
    values = []
    for node in program.nodes:
        if node.op == "input":
            values.append(inputs[node.name])
        elif node.op in ("param", "const"):
            value = program.params[node.name] if node.op == "param" else node.value
            values.append(torch.tensor(value, dtype=torch.float64))
        else:
            values.append(own.get(node.op, OPERATIONS[node.op])(*(values[arg] for arg in node.args)))
    return values[program.loss].expand(next(iter(inputs.values())).shape)


def test_backward_is_the_gradient_of_the_plain_loss_at_random_points(goldens):
    """100 moderate points per loss; those at which the plain form overflows or is not defined are left out."""
    generator = torch.Generator().manual_seed(7)
    compared = 0
    for program in {id(golden["program"]): golden["program"] for golden in goldens}.values():
        inputs = {}
        for name in program.inputs:
            unit = torch.rand(100, dtype=torch.float64, generator=generator)
            inputs[name] = -0.5 - 8 * unit if name[0] in "lr" else 1 + torch.floor(9 * unit) if name[0] == "n" else unit
        moving = {name: inputs[name].clone().requires_grad_() for name in program.gradients}
        expected = torch.autograd.grad(plain(program, {**inputs, **moving}).sum(), list(moving.values()), allow_unused=True)
        loss = loss_values(program, {**inputs, **moving})
        got = torch.autograd.grad(loss.sum(), list(moving.values()), allow_unused=True)
        for slope, other in zip(got, expected):
            other = torch.zeros(100, dtype=torch.float64) if other is None else other
            defined = torch.isfinite(other)
            assert defined.sum() >= 40
            torch.testing.assert_close(slope[defined], other[defined], rtol=1e-6, atol=1e-9)
            compared += 1
    assert compared > 300


def test_gradients_reach_the_policy_alone_and_scale_with_the_incoming_one():
    program = decode_program(dpo(0.7))
    inputs = {name: value.double().requires_grad_() for name, value in PAIRS.items()}
    weights = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    (weights * loss_values(program, inputs)).sum().backward()
    evaluation = compile_program(program)(inputs)
    torch.testing.assert_close(inputs["lw"].grad, weights * evaluation.gradients["lw"], rtol=0, atol=0)
    assert inputs["rw"].grad is None and inputs["rl"].grad is None


def test_a_training_step_with_the_loss_compiles_as_one_graph():
    torch._dynamo.reset()
    values = loss_function(decode_program(dpo(0.3)))
    inputs = {name: value.clone() for name, value in PAIRS.items()}
    scale = torch.tensor(1.5, requires_grad=True)

    def step(scale):
        return values({**inputs, "lw": scale * inputs["lw"]}).mean()

    expected = torch.autograd.grad(step(scale), scale)[0]
    got = torch.autograd.grad(torch.compile(step, fullgraph=True, backend="aot_eager")(scale), scale)[0]
    torch.testing.assert_close(got, expected)


def test_what_is_not_chosen_leaves_no_nan():
    nodes = [variable("lw"), {"op": "const", "value": 0.0}, operation("less", 0, 1), operation("log", 0)]
    nodes.append(operation("where", 2, 1, 3))
    program = decode_program(program_json(nodes, 4, {"lw": 1}))
    loss = compile_program(program)({"lw": torch.tensor([-1.0, math.e])}).loss
    torch.testing.assert_close(loss, torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize(
    ("op", "args", "expected"),
    [
        ("logaddexp", (-math.inf, -2.0), -2.0),
        ("logaddexp", (-math.inf, -math.inf), -math.inf),
        ("logaddexp", (-800.0, -800.0), -800.0 + math.log(2)),
        ("log1mexp", (-1e-300,), math.log(1e-300)),
        ("log1mexp", (-700.0,), -math.exp(-700.0)),
        ("log1mexp", (0.0,), -math.inf),
        ("scaleExp", (0.0, 1e4), 0.0),
        ("scaleExp", (1e-200, 900.0), math.exp(900 - 200 * math.log(10))),
        ("scaleExp", (-1e300, -1000.0), -math.exp(300 * math.log(10) - 1000)),
        ("sigmoid", (-740.0,), math.exp(-740.0)),
        ("softplus", (800.0,), 800.0),
        ("softplus", (-700.0,), math.exp(-700.0)),
        ("pow", (-2.0, 3.0), -8.0),
        ("pow", (0.0, 0.0), 1.0),
        ("less", (1.0, 1.0), 0.0),
        ("atMost", (1.0, 1.0), 1.0),
        ("where", (0.0, math.nan, 2.0), 2.0),
    ],
)
def test_operations_at_the_edges(op, args, expected):
    got = OPERATIONS[op](*(torch.tensor(arg, dtype=torch.float64) for arg in args)).item()
    assert got == expected or math.isclose(got, expected, rel_tol=1e-12)


def test_outputs_that_are_inputs_or_numbers_are_tensors_of_their_own():
    nodes = [variable("lw"), {"op": "const", "value": 1.0}]
    lw = torch.tensor([-1.0, -2.0])
    for compiled in (False, True):
        evaluation = compile_program(decode_program(program_json(nodes, 0, {"lw": 1})), compiled)({"lw": lw})
        assert evaluation.loss.tolist() == [-1.0, -2.0] and evaluation.loss.data_ptr() != lw.data_ptr()
        assert evaluation.gradients["lw"].tolist() == [1.0, 1.0]


def test_inputs_are_checked():
    program = decode_program(dpo(0.1))
    run = compile_program(program)
    with pytest.raises(ValueError, match="needs the input 'rl'"):
        run({name: value for name, value in PAIRS.items() if name != "rl"})
    with pytest.raises(ValueError, match="needs the input 'lw'"):
        loss_values(program, {name: value for name, value in PAIRS.items() if name != "lw"})
    with pytest.raises(ValueError, match="one shape"):
        run({**PAIRS, "lw": torch.tensor([-1.0])})
    with pytest.raises(ValueError, match="one shape"):
        run({**PAIRS, "lw": PAIRS["lw"].double()})
    with pytest.raises(ValueError, match="float32 or float64"):
        run({name: value.bfloat16() for name, value in PAIRS.items()})


def changed(path: str, value: object) -> dict:
    """The DPO program with one place set to a value (or removed, for `...`)."""
    data = copy.deepcopy(dpo(0.1))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    target = data
    for part in parents:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("version", 2, "version 2"),
        ("version", True, "version: expected a number"),
        ("extra", 1, "unknown key 'extra'"),
        ("params", ..., "'params' is missing"),
        ("params/beta", math.nan, "params.beta: .* not finite"),
        ("params/beta", 10**400, "params.beta: .* not finite"),
        ("params/beta", "0.1", "params.beta: expected a number, found a text"),
        ("params/toString", 1.0, "'toString' is no parameter name"),
        ("params/lw", 1.0, "'lw' is an input and a parameter"),
        ("params", {}, "node 4: parameter 'beta' has no value"),
        ("nodes/5/op", "subb", "node 5: unknown operation 'subb'; nearest: sub"),
        ("nodes/5", 3, 'node 5: expected an object with an "op"'),
        ("nodes/5/args", [0], r"node 5: sub takes 2 argument\(s\), got 1"),
        ("nodes/5/args", [0, 5], "node 5: argument 5 is not an earlier node"),
        ("nodes/5/args", [0, -1], "node 5: argument -1 is not an earlier node"),
        ("nodes/5/args", [0, 1.5], "node 5: args: expected a whole number"),
        ("nodes/5/name", "x", "node 5: unknown key 'name'"),
        ("nodes/4", {"op": "const", "value": None}, "node 4: value: expected a number, found null"),
        ("nodes/0/name", "l w", "node 0: 'l w' is no input name"),
        ("nodes/0/name", "lw\n", "is no input name"),
        ("nodes/0/name", "lx", "input 'lx' is used but not declared"),
        ("inputs", ["lw", "ll", "rw", "rl", "rl"], "declared twice"),
        ("outputs/loss", 13, "output 'loss' points outside"),
        ("outputs/gradients/ll", ..., "the loss depends on ll, but there is no gradient by it"),
        ("outputs/gradients/lg", 3, "there is a gradient by 'lg', which is no input"),
        ("outputs/gradients", [], "outputs.gradients: expected an object, found a list"),
    ],
)
def test_what_is_no_program_is_refused_with_its_place(path, value, fault):
    with pytest.raises(ProgramError, match=fault):
        decode_program(changed(path, value))


def test_whole_numbers_may_be_written_with_a_point():
    assert decode_program(changed("outputs/loss", 9.0)).loss == 9


def test_programs_beyond_the_limit_are_refused():
    data = dpo(0.1)
    data["nodes"] += [{"op": "const", "value": 0.0}] * 100_000
    with pytest.raises(ProgramError, match="at most 100000 are read"):
        decode_program(data)
