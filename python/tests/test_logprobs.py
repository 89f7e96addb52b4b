"""The log-prob head against the full softmax, its gradients by gradcheck, and what it keeps."""

import math

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from losslattice_worker import logprobs
from losslattice_worker.logprobs import automatic_chunk, selected_logps, sequence_logps

SETTINGS = [
    {},
    {"bias": True},
    {"softcap": 3.0},
    {"temperature": 0.6},
    {"scale": 0.25},
    {"bias": True, "softcap": 2.0, "temperature": 1.7, "scale": 1.5},
]


def case(tokens=7, width=5, words=11, dtype=torch.float64, seed=3):
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(tokens, width, generator=generator, dtype=torch.float64).to(dtype)
    weight = torch.randn(words, width, generator=generator, dtype=torch.float64).to(dtype)
    bias = torch.randn(words, generator=generator, dtype=torch.float64).to(dtype)
    targets = torch.randint(words, (tokens,), generator=generator)
    return hidden, weight, bias, targets


def full_distribution(hidden, weight, bias=None, scale=1.0, softcap=None, temperature=1.0):
    """All log-probabilities, [T, V]: the oracle, straight from the definition."""
    logits = scale * (hidden @ weight.T + (0 if bias is None else bias))
    if softcap is not None:
        logits = softcap * torch.tanh(logits / softcap)
    return torch.log_softmax(logits / temperature, dim=1)


def split(settings: dict, bias: torch.Tensor) -> dict:
    return {**settings, "bias": bias if settings.get("bias") else None}


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("chunk", [1, 3, 7, 100])
def test_values_entropy_and_mass_are_those_of_the_full_softmax(settings, chunk):
    hidden, weight, bias, targets = case()
    options = split(settings, bias)
    full = full_distribution(hidden, weight, **options)
    got = selected_logps(hidden, weight, targets, chunk=chunk, entropy=True, top_k=4, **options)
    torch.testing.assert_close(got.logps, full.gather(1, targets[:, None])[:, 0], rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(got.entropy, -(full.exp() * full).sum(1), rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(got.top_k_mass, full.exp().sort(descending=True).values[:, :4].sum(1), rtol=1e-12, atol=0)
    assert not got.entropy.requires_grad and not got.top_k_mass.requires_grad


def test_measures_are_absent_unless_asked_for():
    hidden, weight, _, targets = case()
    got = selected_logps(hidden, weight, targets)
    assert got.entropy is None and got.top_k_mass is None


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("frozen", [False, True], ids=["full", "frozen-head"])
def test_gradients_pass_gradcheck(settings, frozen):
    hidden, weight, bias, targets = case()
    options = split(settings, bias)
    bias = options.pop("bias")
    hidden.requires_grad_()
    weight.requires_grad_(not frozen)
    if bias is not None:
        bias.requires_grad_(not frozen)

    def values(hidden, weight, bias):
        return selected_logps(hidden, weight, targets, bias=bias, chunk=3, **options).logps

    assert torch.autograd.gradcheck(values, (hidden, weight, bias))


@pytest.mark.parametrize("wanted", ["hidden", "weight", "bias", "hidden weight", "hidden bias"])
def test_only_what_moves_gets_a_gradient(wanted):
    hidden, weight, bias, targets = case()
    tensors = {"hidden": hidden, "weight": weight, "bias": bias}
    for name in wanted.split():
        tensors[name].requires_grad_()
    upstream = torch.linspace(-1, 2, 7, dtype=torch.float64)
    (selected_logps(hidden, weight, targets, bias=bias, chunk=2).logps * upstream).sum().backward()
    got = {name: tensor.grad for name, tensor in tensors.items()}
    expected = full_distribution(hidden, weight, bias).gather(1, targets[:, None])[:, 0] * upstream
    grads = torch.autograd.grad(expected.sum(), [tensors[name] for name in wanted.split()])
    for name, grad in zip(wanted.split(), grads):
        torch.testing.assert_close(got.pop(name), grad, rtol=1e-12, atol=1e-13)
    assert all(grad is None for grad in got.values())


@pytest.mark.parametrize("frozen", [False, True], ids=["full", "frozen-head"])
def test_a_bfloat16_model_has_float32_log_probabilities(frozen):
    """On the same rounded inputs the float32 path is exact to float32; only the returned gradients are rounded to bfloat16."""
    hidden, weight, _, targets = case(64, 32, 500, torch.bfloat16)
    hidden.requires_grad_()
    weight.requires_grad_(not frozen)
    got = selected_logps(hidden, weight, targets, chunk=10, entropy=True)
    assert got.logps.dtype == got.entropy.dtype == torch.float32
    wide = [tensor.detach().double().requires_grad_() for tensor in (hidden, weight)]
    expected = full_distribution(*wide).gather(1, targets[:, None])[:, 0]
    torch.testing.assert_close(got.logps.double(), expected, rtol=2e-6, atol=2e-6)
    got.logps.sum().backward()
    expected.sum().backward()
    assert hidden.grad.dtype == torch.bfloat16
    torch.testing.assert_close(hidden.grad.double(), wide[0].grad, rtol=2**-8, atol=1e-6)
    if not frozen:
        torch.testing.assert_close(weight.grad.double(), wide[1].grad, rtol=2**-8, atol=1e-6)


def test_logits_far_from_zero_stay_finite():
    hidden = torch.tensor([[300.0], [-300.0]], requires_grad=True)
    weight = torch.tensor([[1.0], [-1.0], [0.0]])
    got = selected_logps(hidden, weight, torch.tensor([1, 1]), entropy=True)
    torch.testing.assert_close(got.logps, torch.tensor([-600.0, 0.0]))
    torch.testing.assert_close(got.entropy, torch.zeros(2))
    got.logps.sum().backward()
    torch.testing.assert_close(hidden.grad, torch.tensor([[-2.0], [0.0]]))


class Largest(TorchDispatchMode):
    """The number of elements of the largest tensor that any operation made."""

    elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(tensor, torch.Tensor):
                self.elements = max(self.elements, tensor.numel())
        return out


@pytest.mark.parametrize("frozen", [False, True], ids=["full", "frozen-head"])
def test_no_matrix_of_tokens_by_words_is_made_or_kept(frozen):
    tokens, width, words, chunk = 600, 4, 900, 50
    hidden, weight, _, targets = case(tokens, width, words, torch.float32)
    hidden.requires_grad_()
    weight.requires_grad_(not frozen)
    kept = []
    with Largest() as largest, torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
        selected_logps(hidden, weight, targets, chunk=chunk, entropy=True, top_k=3).logps.sum().backward()
    assert largest.elements == chunk * words
    assert sum(kept) <= tokens * width + words * width + 2 * tokens


def test_the_measured_peak_is_that_of_a_chunk():
    """By the profiler's account of allocations: forward and backward of 2,048 tokens stay far below their 32 MiB of logits."""
    hidden, weight, _, targets = case(2048, 8, 4096, torch.float32)
    hidden.requires_grad_()
    weight.requires_grad_()

    def peak(run) -> int:
        activities = [torch.profiler.ProfilerActivity.CPU]
        with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
            run()
        total = most = 0
        for event in profile.profiler.kineto_results.events():
            if event.name() == "[memory]":
                total += event.nbytes()
                most = max(most, total)
        return most

    chunked = peak(lambda: selected_logps(hidden, weight, targets, chunk=128).logps.sum().backward())
    full = peak(lambda: full_distribution(hidden, weight).gather(1, targets[:, None]).sum().backward())
    assert full > 2 * 2**25 and chunked < 2**25 / 2


@pytest.mark.parametrize("frozen", [False, True], ids=["full", "frozen-head"])
def test_fused_row_work_as_on_a_gpu_computes_the_same(frozen, monkeypatch):
    """The functions that a GPU runs compiled, compiled for the CPU, with chunks of several lengths and fresh buffers."""
    torch._dynamo.reset()
    fused = logprobs.compiled_row_work()
    graphs = []
    for settings in ({}, {"bias": True, "softcap": 2.0, "temperature": 1.7, "scale": 1.5}):
        for tokens in (7, 12, 1, 9, 23, 31):
            outcomes = []
            for compiled in (False, True):
                if compiled:
                    monkeypatch.setattr(logprobs, "_row_work", lambda *_: fused)
                    monkeypatch.setattr(logprobs, "_buffer", lambda *_: None)
                hidden, weight, bias, targets = case(tokens)
                hidden.requires_grad_()
                weight.requires_grad_(not frozen)
                got = selected_logps(hidden, weight, targets, chunk=5, **split(settings, bias)).logps
                (got * torch.linspace(-1, 2, tokens, dtype=torch.float64)).sum().backward()
                outcomes.append([got.detach(), hidden.grad, *([] if frozen else [weight.grad])])
                monkeypatch.undo()
            torch.testing.assert_close(outcomes[1], outcomes[0], rtol=1e-11, atol=1e-12)
            graphs.append(torch._dynamo.utils.counters["stats"]["unique_graphs"])
    # Further lengths compile nothing: the last three of each head.
    assert graphs[2] == graphs[5] < graphs[8] == graphs[11]


def test_no_tokens_give_nothing_and_no_gradient():
    hidden = torch.zeros(0, 5, requires_grad=True)
    weight = torch.ones(11, 5, requires_grad=True)
    got = selected_logps(hidden, weight, torch.zeros(0, dtype=torch.int64), entropy=True)
    assert got.logps.shape == got.entropy.shape == (0,)
    got.logps.sum().backward()
    assert hidden.grad.shape == (0, 5) and weight.grad.abs().sum() == 0


def test_wrong_arguments_are_named():
    hidden, weight, bias, targets = case()
    with pytest.raises(ValueError, match=r"hidden \[T, H\]"):
        selected_logps(hidden, weight[:, :3], targets)
    with pytest.raises(ValueError, match="one floating dtype"):
        selected_logps(hidden.float(), weight, targets)
    with pytest.raises(IndexError, match="vocabulary of 11"):
        selected_logps(hidden, weight, targets + 11)
    for wrong in ({"chunk": 0}, {"temperature": 0.0}, {"softcap": -1.0}, {"top_k": 12}):
        with pytest.raises(ValueError, match="are needed; given"):
            selected_logps(hidden, weight, targets, **wrong)


def test_chunks_fit_their_room():
    assert automatic_chunk(50_000, torch.device("cpu")) == 256
    assert automatic_chunk(151_936, torch.device("cuda")) == 3456
    assert automatic_chunk(10**9, torch.device("cpu")) == 128


def test_sums_per_answer_follow_segments_and_masks():
    logps = torch.tensor([-1.0, -2.0, -4.0, -8.0], requires_grad=True)
    segments = torch.tensor([0, 2, 0, 2])
    mask = torch.tensor([True, False, True, True])
    assert sequence_logps(logps, segments, 3).tolist() == [-5.0, 0.0, -10.0]
    masked = sequence_logps(logps, segments, 3, mask)
    assert masked.tolist() == [-5.0, 0.0, -8.0] and masked.dtype == torch.float32
    (masked * torch.tensor([1.0, 1.0, 3.0])).sum().backward()
    assert logps.grad.tolist() == [1.0, 0.0, 1.0, 3.0]


def test_sums_do_not_depend_on_the_order_of_tokens():
    generator = torch.Generator().manual_seed(1)
    logps = -torch.rand(5000, generator=generator) * 20
    order = torch.randperm(5000, generator=generator)
    zeros = torch.zeros(5000, dtype=torch.int64)
    assert torch.equal(sequence_logps(logps, zeros, 1), sequence_logps(logps[order], zeros, 1))
    exact = math.fsum(logps.double().tolist())
    assert abs(sequence_logps(logps, zeros, 1).item() - exact) <= 2**-24 * abs(exact) * 1.0001
