"""What only a GPU shows: kernels and training there against the CPU's float64, and memory that runs out."""

import json
import statistics

import pytest
import torch
from programs import golden_document
from test_packing import outcome, some_answers
from test_program import FLOAT32, columns_of, misses, triple
from tiny import small_job, train_here
from tiny_models import tiny

from losslattice_worker.attention import NAME, Span, attend, register, spans_of
from losslattice_worker.decoding import decode_program
from losslattice_worker.logprobs import selected_logps
from losslattice_worker.packing import hidden_states, pack, pad
from losslattice_worker.program import compile_program
from losslattice_worker.update import Updater

CUDA = torch.device("cuda")


def off(got: torch.Tensor, expected: torch.Tensor) -> float:
    """Relative error in the norm of all entries."""
    return ((got.double().cpu() - expected.double().cpu()).norm() / expected.double().cpu().norm()).item()


def attended(spans, inputs, window, dtype, device):
    query, key, value, slopes = (x.to(device, dtype, copy=True) for x in inputs)
    rows = [x.requires_grad_() for x in (query, key, value)]
    out = attend(*rows, spans.to(device), None, window)
    (out * slopes).sum().backward()
    return out.detach(), *(x.grad for x in rows)


@pytest.mark.parametrize("window", [None, 2, 24, 500])
@pytest.mark.parametrize("heads, kv_heads, width", [(4, 4, 64), (8, 2, 128), (6, 3, 40)])
def test_flash_spans_are_those_of_the_cpu(window, heads, kv_heads, width):
    generator = torch.Generator().manual_seed(1)
    spans = spans_of(
        [Span(0, 150), Span(150, 70, 0, 150), Span(220, 1, 0, 150), Span(221, 129, 0, 150), Span(350, 1), Span(351, 33), Span(384, 5)], 389
    )
    shapes = [(389, heads, width), (389, kv_heads, width), (389, kv_heads, width), (389, heads, width)]
    inputs = [torch.randn(shape, generator=generator).bfloat16().double() for shape in shapes]
    expected = attended(spans, inputs, window, torch.float64, "cpu")
    got = attended(spans, inputs, window, torch.bfloat16, CUDA)
    same = attended(spans, inputs, window, torch.float64, CUDA)
    for name, a, b, c in zip(("out", "dq", "dk", "dv"), got, expected, same, strict=True):
        assert off(a, b) < 1e-2, name
        assert off(c, b) < 1e-10, name


@pytest.mark.parametrize("name", ["llama", "mistral", "qwen3", "gemma3", "gpt2"])
def test_packed_models_agree_with_padded_ones(name):
    """bfloat16 has 8 bits: packed rows may be off by what padded rows are themselves, against float64, and not much more."""
    register()
    answers = some_answers()
    exact, slopes = outcome(tiny(name), [pad([a], 0) for a in answers])
    found = {}
    for kind, layout in (("sdpa", pad(answers, 0)), (NAME, pack(answers, 80, share_prompts=True))):
        model = tiny(name, dtype=torch.bfloat16, attention=kind).to(CUDA)
        layout, head = layout.to(CUDA), model.get_output_embeddings()
        logps = selected_logps(hidden_states(model.base_model, layout), head.weight, layout.targets).logps
        (logps * torch.linspace(-1, 2, len(logps), device=CUDA)).sum().backward()
        gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        found[kind] = off(logps.detach(), exact), statistics.mean(off(gradients[n], slopes[n]) for n in slopes)
    for padded, packed in zip(found["sdpa"], found[NAME], strict=True):
        assert packed < 1.5 * padded + 0.01, found


def test_flex_attention_agrees_with_varlen():
    """Heads of 16 channels: the narrowest that flex_attention takes."""
    from transformers import LlamaConfig, LlamaForCausalLM

    register()
    sizes = {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 50}
    layout = pack(some_answers(), 80, share_prompts=True).to(CUDA)
    found = []
    for kernel in (NAME, "flex_attention"):
        torch.manual_seed(0)
        config = LlamaConfig(**sizes, num_hidden_layers=2, attn_implementation=kernel)
        model = LlamaForCausalLM(config).to(CUDA, torch.bfloat16)
        hidden = hidden_states(model.model, layout)
        hidden.square().sum().backward()
        found.append([hidden.detach(), model.model.layers[0].self_attn.k_proj.weight.grad])
    for got, expected in zip(*found, strict=True):
        assert off(got, expected) < 0.02


@pytest.mark.parametrize("dtype, bound", [(torch.float32, 1e-5), (torch.bfloat16, 1e-2)], ids=str)
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("settings", [{}, {"softcap": 3.0, "temperature": 0.7, "scale": 0.5}], ids=str)
def test_the_head_is_that_of_float64(dtype, bound, frozen, settings):
    generator = torch.Generator().manual_seed(2)
    hidden = torch.randn(700, 64, generator=generator).to(dtype)
    weight = (torch.randn(9001, 64, generator=generator) / 8).to(dtype)
    targets = torch.randint(9001, (700,), generator=generator)
    weights = torch.randn(700, generator=generator)
    results = []
    for device, kind in (("cpu", torch.float64), (CUDA, dtype)):
        h, w = hidden.to(device, kind, copy=True).requires_grad_(), weight.to(device, kind, copy=True).requires_grad_(not frozen)
        found = selected_logps(h, w, targets.to(device), chunk=256, entropy=True, top_k=5, **settings)
        (found.logps * weights.to(device)).sum().backward()
        results.append([found.logps.detach(), found.entropy, found.top_k_mass, h.grad] + ([] if frozen else [w.grad]))
    for got, expected in zip(results[1], results[0], strict=True):
        assert off(got, expected) < bound


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_every_golden_is_met(dtype):
    """One batch per program, its constants and inputs as the goldens have them."""
    document = golden_document()
    programs = {spec: decode_program(data) for spec, data in document["programs"].items()}
    bound = {} if dtype == torch.float64 else FLOAT32
    found = []
    for golden in document["goldens"]:
        program = programs[golden["spec"]]
        inputs = columns_of(golden, dtype)
        evaluation = compile_program(program)({name: x.to(CUDA) for name, x in inputs.items()})
        wide = compile_program(program)({name: x.double() for name, x in inputs.items()})
        expected = golden if dtype == torch.float64 else triple(wide.loss, wide.gradients)
        got = triple(evaluation.loss.cpu(), {name: x.cpu() for name, x in evaluation.gradients.items()})
        found += misses(golden, got, expected, **bound)
    assert found == []


def losses(events: list[dict]) -> list[float]:
    return [event["metrics"]["loss"] for event in events if event["event"] == "step"]


WAYS = {
    "float32": {"dtype": "float32"},
    "float32 compiled": {"dtype": "float32", "compile": True},
    "bfloat16": {"dtype": "bfloat16"},
    "packed": {"dtype": "bfloat16", "packing": True, "share_prompts": True},
    "packed in parts": {"dtype": "bfloat16", "packing": True, "share_prompts": True, "tokens_per_micro_batch": 64},
    "recomputed": {"dtype": "bfloat16", "packing": True, "gradient_checkpointing": True},
    "compiled": {"dtype": "bfloat16", "packing": True, "share_prompts": True, "compile": True},
    "compiled, recomputed": {"dtype": "bfloat16", "packing": True, "compile": True, "gradient_checkpointing": True},
}


@pytest.mark.parametrize("way", WAYS)
def test_training_is_that_of_the_cpu(way, capfd):
    job = small_job(steps=12)
    code, events = train_here({**job, "torch": {"device": "cpu"}}, capfd)
    assert code == 0
    expected = losses(events)
    code, events = train_here({**job, "torch": {"device": "cuda", **WAYS[way]}}, capfd)
    assert code == 0, json.dumps(events[-1])
    exact = WAYS[way]["dtype"] == "float32"
    assert losses(events) == pytest.approx(expected, rel=1e-4 if exact else 0.03)


def test_memory_that_runs_out_is_an_event(capfd, monkeypatch):
    """From the third update on the process may have no more memory than it holds."""
    original = Updater.update

    def without_memory(self, step, rows, tokens):
        if step == 3:
            torch.cuda.empty_cache()
            share = torch.cuda.memory_reserved() / torch.cuda.get_device_properties(0).total_memory
            torch.cuda.set_per_process_memory_fraction(share)
        return original(self, step, rows, tokens)

    monkeypatch.setattr(Updater, "update", without_memory)
    wide = {"device": "cuda", "head_chunk": 1_000_000}
    try:
        code, events = train_here(small_job(batch_size=12, torch=wide), capfd)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    last = events[-1]
    assert (code, last["event"], last["reason"], last["step"]) == (1, "failed", "out-of-memory", 3), json.dumps(last)
    assert sorted(last["rows"]) == list(range(12))
