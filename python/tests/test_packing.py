"""Packed, shared, padded and one-by-one batches compute the same, and a wrong boundary is seen."""

import dataclasses

import pytest
import torch
from tiny_models import WORDS, Float64Inside, tiny

from losslattice_worker import attention, packing
from losslattice_worker.attention import NAME as VARLEN
from losslattice_worker.attention import Span, register, spans_of
from losslattice_worker.logprobs import selected_logps
from losslattice_worker.packing import PADDING, Answer, PackingError, check_packing, hidden_states, pack, pad

ARCHITECTURES = ["llama", "gpt2", "gemma2", "gemma3", "mistral", "qwen2", "qwen3", "gpt_neox"]


def some_answers(seed: int = 1) -> list[Answer]:
    """Three prompts of 3, 7 and 1 tokens with two answers each, of 1 to 12 tokens: longer than every window."""
    generator = torch.Generator().manual_seed(seed)

    def ids(count: int) -> list[int]:
        return torch.randint(WORDS, (count,), generator=generator).tolist()

    prompts = [ids(3), ids(7), ids(1)]
    return [Answer(prompts[k // 2], ids(count)) for k, count in enumerate([5, 9, 1, 4, 12, 6])]


LAYOUTS = {
    "padded": lambda answers: pad(answers, 0),
    "packed": lambda answers: pack(answers),
    "packed in one row": lambda answers: pack(answers, 80),
    "packed to a fixed width": lambda answers: pack(answers, 30, fixed_width=True),
    "shared": lambda answers: pack(answers, 80, share_prompts=True),
    "shared in rows": lambda answers: pack(answers, 22, share_prompts=True, fixed_width=True),
}


def outcome(model: torch.nn.Module, layouts: list) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Log-probabilities of all answer tokens, and the gradient of a weighted sum of them by every parameter."""
    model.zero_grad(set_to_none=True)
    head = model.get_output_embeddings()
    with Float64Inside():
        logps = torch.cat(
            [selected_logps(hidden_states(model.base_model, layout), head.weight, layout.targets).logps for layout in layouts]
        )
        (logps * torch.linspace(-1, 2, len(logps), dtype=torch.float64)).sum().backward()
    return logps.detach(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def varlen(name: str, dtype: torch.dtype = torch.float64) -> torch.nn.Module:
    register()
    return tiny(name, dtype=dtype, attention=VARLEN)


#: Gemma 2 caps the logits of attention, which varlen refuses: see below.
KERNELS = [(name, "masks") for name in ARCHITECTURES] + [(name, "varlen") for name in ARCHITECTURES if name != "gemma2"]


@pytest.mark.parametrize("name, kernel", KERNELS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_computes_what_one_answer_at_a_time_does(name, kernel, layout):
    answers = some_answers()
    expected, slopes = outcome(tiny(name), [pad([answer], 0) for answer in answers])
    got, other = outcome(tiny(name) if kernel == "masks" else varlen(name), [LAYOUTS[layout](answers)])
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-10)
    assert other.keys() == slopes.keys()
    torch.testing.assert_close(other, slopes, rtol=1e-10, atol=1e-10)


def test_rows_may_be_wider_than_the_positions_of_a_model():
    """GPT-2 has learned 64 positions; two documents of 61 and 3 + 2 * 30 tokens make a row of 61 + 63, and padding behind."""
    model = tiny("gpt2")
    answers = [Answer([1, 2, 3], [4 + k] * 31) for k in range(2)] + [Answer([7], [5] * 61)]
    expected, _ = outcome(model, [pad([answer], 0) for answer in answers])
    got, _ = outcome(model, [pack(answers, 140, share_prompts=True, fixed_width=True)])
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-10)


def test_one_answer_at_a_time_is_the_model_on_the_whole_text():
    """The oracle of the test above against the model's own logits, the unread last token included."""
    model = tiny("llama")
    for answer in some_answers():
        got, _ = outcome(model, [pad([answer], 0)])
        ids = torch.tensor([[*answer.prompt, *answer.answer]])
        with Float64Inside(), torch.no_grad():
            logps = model(input_ids=ids).logits[0].log_softmax(-1)
        start = len(answer.prompt)
        expected = torch.stack([logps[start - 1 + k, token] for k, token in enumerate(answer.answer)])
        torch.testing.assert_close(got, expected, rtol=0, atol=1e-10)


right = packing.sees


def without_documents(layout, window):
    return right(dataclasses.replace(layout, document=torch.zeros_like(layout.document)), window)


def without_branches(layout, window):
    return right(dataclasses.replace(layout, branch=torch.zeros_like(layout.branch)), window)


def without_windows(layout, _window):
    return right(layout, None)


def blind_to_prompts(layout, window):
    return right(dataclasses.replace(layout, branch=layout.branch + 1), window)


@pytest.mark.parametrize("wrong", [without_documents, without_branches, without_windows, blind_to_prompts])
def test_a_wrong_mask_is_seen(wrong, monkeypatch):
    model, answers = tiny("mistral"), some_answers()
    expected, slopes = outcome(model, [pad(answers, 0)])
    monkeypatch.setattr(packing, "sees", wrong)
    got, other = outcome(model, [pack(answers, 80, share_prompts=True)])
    assert (got - expected).abs().max() > 1e-4
    assert max((other[name] - slopes[name]).abs().max() for name in slopes) > 1e-4
    with pytest.raises(PackingError, match="mistral cannot be packed: its packed hidden states differ"):
        check_packing(model.base_model, share_prompts=True)


def test_wrong_positions_and_a_wrong_selection_are_seen():
    answers = some_answers()
    for name in ("llama", "gpt2"):
        model = tiny(name)
        expected, _ = outcome(model, [pad(answers, 0)])
        layout = pack(answers, 80)
        running = torch.arange(layout.input_ids.numel()).reshape(layout.input_ids.shape)
        wrong = [dataclasses.replace(layout, select=(layout.select + 1) % running.numel())]
        if name == "gpt2":  # rotary positions are relative: a shift of a whole document is none
            wrong.append(dataclasses.replace(layout, position_ids=running))
        for other in wrong:
            assert (outcome(model, [other])[0] - expected).abs().max() > 1e-4


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_models_that_can_be_packed_pass_the_check(name, dtype):
    check_packing(tiny(name, dtype=dtype).base_model, share_prompts=True)
    check_packing(tiny(name, dtype=dtype).base_model, share_prompts=False)


def test_varlen_refuses_what_it_does_not_compute_and_a_broken_rule_is_seen(monkeypatch):
    with pytest.raises(PackingError, match="gemma2: attention with softcap has no varlen kernel: set attention to sdpa or eager"):
        hidden_states(varlen("gemma2").base_model, pack(some_answers()))
    right = attention._visible
    shifted = lambda q, k, window, device: right(q, k, window if window is None else window + 1, device)
    monkeypatch.setattr(attention, "_visible", shifted)
    with pytest.raises(PackingError, match="mistral cannot be packed: its packed hidden states differ"):
        check_packing(varlen("mistral").base_model, share_prompts=True)


@pytest.mark.parametrize("share", [True, False])
def test_models_that_can_be_packed_pass_the_check_with_varlen(share):
    for name in ("llama", "gpt2", "mistral", "gemma3"):
        check_packing(varlen(name, torch.bfloat16).base_model, share)


def test_spans_give_every_answer_of_a_shared_prompt_the_prompts_keys():
    layout = pack([Answer([5, 6], [7, 8, 9]), Answer([5, 6], [1, 2]), Answer([4], [3])], 8, share_prompts=True, fixed_width=True)
    spans = layout.spans
    assert layout.input_ids.tolist() == [[5, 6, 7, 8, 1, 4, 0, 0]]
    assert spans.lengths == ((2, 2), (2, 4), (1, 3), (1, 1), (2, 2))
    assert spans.keys.tolist() == [0, 1, 0, 1, 2, 3, 0, 1, 4, 5, 6, 7]
    assert spans.queries_until.tolist() == [0, 2, 4, 5, 6, 8] and spans.keys_until.tolist() == [0, 2, 6, 9, 10, 12]
    for token, row in enumerate(spans.copies.tolist()):
        assert [at for at in row if at >= 0] == [at for at, key in enumerate(spans.keys.tolist()) if key == token]


def test_spans_must_be_all_tokens_in_order():
    with pytest.raises(ValueError, match="follow each other"):
        spans_of([Span(1, 2)], 3)
    with pytest.raises(ValueError, match="spans have 2 tokens of 3"):
        spans_of([Span(0, 2)], 3)


def test_flex_attention_computes_the_same_where_it_runs():
    """Forward alone: torch has no backward of it on a CPU, and that is said in words."""
    model = tiny("mistral", dtype=torch.float32, attention="flex_attention")
    other = tiny("mistral", dtype=torch.float32)
    layout = pack(some_answers(), 80, share_prompts=True)
    with torch.no_grad():
        got, expected = (hidden_states(m.base_model, layout) for m in (model, other))
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
    with pytest.raises(PackingError, match="no backward on a CPU: set attention to sdpa"):
        hidden_states(model.base_model, layout)


def test_models_without_positions_or_with_unknown_layers_are_refused():
    import transformers

    small = {"vocab_size": WORDS, "hidden_size": 16, "n_layer": 1, "n_head": 2}
    bloom = transformers.AutoModelForCausalLM.from_config(transformers.BloomConfig(**small), attn_implementation="eager")
    with pytest.raises(PackingError, match="bloom takes no positions, and cannot be packed: set packing to false"):
        hidden_states(bloom.base_model, pack(some_answers()))
    config = tiny("llama").config
    config.layer_types = ["full_attention", "linear_attention"]
    with pytest.raises(PackingError, match="layers of the kind linear_attention"):
        packing.layer_windows(config)
    config.layer_types = ["sliding_attention"]
    with pytest.raises(PackingError, match="sliding layers without a window"):
        packing.layer_windows(config)


# Layouts by themselves.


def test_a_padded_batch_reads_prompt_and_answer_but_the_last_token():
    layout = pad([Answer([5, 6], [7, 8, 9]), Answer([4], [3])], 0)
    assert layout.input_ids.tolist() == [[5, 6, 7, 8], [4, 0, 0, 0]]
    assert layout.select.tolist() == [1, 2, 3, 4]
    assert layout.targets.tolist() == [7, 8, 9, 3]
    assert layout.segments.tolist() == [0, 0, 0, 1]
    assert (layout.answers, layout.read, layout.padding, layout.mask) == (2, 5, 3 / 8, None)


def test_a_shared_document_holds_the_prompt_once_and_counts_on_for_each_answer():
    layout = pack([Answer([5, 6], [7, 8, 9], [True, False, True]), Answer([5, 6], [1, 2])], share_prompts=True)
    assert layout.input_ids.tolist() == [[5, 6, 7, 8, 1]]
    assert layout.position_ids.tolist() == [[0, 1, 2, 3, 2]]
    assert layout.branch.tolist() == [[0, 0, 1, 1, 2]]
    assert layout.select.tolist() == [1, 2, 3, 1, 4]
    assert layout.mask.tolist() == [True, False, True, True, True]
    seen = packing.dense_mask(layout, None)[0, 0].int().tolist()
    assert seen == [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 0, 0, 1]]


def test_packing_keeps_every_token_once_and_within_the_budget():
    generator = torch.Generator().manual_seed(5)
    for trial in range(30):
        counts = torch.randint(1, 12, (20, 2), generator=generator).tolist()
        answers = [Answer([9] * (p % 4 + 1), list(range(100 * k, 100 * k + a))) for k, (p, a) in enumerate(counts)]
        layout = pack(answers, 24, share_prompts=trial % 2 == 0)
        assert layout.input_ids.shape[1] <= 24
        assert layout.targets.tolist() == [token for answer in answers for token in answer.answer]
        inside = layout.document != PADDING
        assert int(inside.sum()) == layout.read
        for at, target, answer in zip(layout.select.tolist(), layout.targets.tolist(), layout.segments.tolist()):
            first = target == answers[answer].answer[0]
            assert layout.input_ids.flatten()[at] == (9 if first else target - 1)


def test_prompts_are_shared_only_as_far_as_a_row_has_room():
    answers = [Answer([1, 2, 3], [4] * 5) for _ in range(4)]
    layout = pack(answers, 11, share_prompts=True)
    assert layout.input_ids.shape == (2, 11) and layout.read == 22


def test_what_cannot_be_laid_out_is_named():
    fine = Answer([1], [2])
    for answers, fault in (
        ([], "at least one answer"),
        ([fine, Answer([], [1])], "answer 1: the prompt has no tokens"),
        ([Answer([1], [])], "answer 0: the answer has no tokens"),
        ([Answer([1], [2, 3], [True])], "answer 0: 1 mask values for 2 tokens"),
    ):
        for lay_out in (pack, lambda answers: pad(answers, 0)):
            with pytest.raises(PackingError, match=fault):
                lay_out(answers)
    with pytest.raises(PackingError, match="answer 1 with its prompt has 6 tokens, and a row has room for 5"):
        pack([fine, Answer([1, 2, 3], [4] * 4)], 5)
