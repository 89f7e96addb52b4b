"""What the benches of training share: models with random weights, pairs of random words, and the worker's step without files.

The pairs are text, cut by one tokenizer of whole words, so that other trainers get the same tokens; the models' vocabularies are
as large as those of the families they stand for.
"""

import json
import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from losslattice_worker.attention import NAME as VARLEN  # noqa: E402
from losslattice_worker.attention import register  # noqa: E402
from losslattice_worker.batches import Budget, fixed_columns, roles_of  # noqa: E402
from losslattice_worker.contract import decode_job  # noqa: E402
from losslattice_worker.data import DataSettings, read_rows  # noqa: E402
from losslattice_worker.distributed import Group, Place  # noqa: E402
from losslattice_worker.inputs import Statistics, needs_of  # noqa: E402
from losslattice_worker.models import LoadedModel, add_lora, trainable_parameters  # noqa: E402
from losslattice_worker.objective import Objective  # noqa: E402
from losslattice_worker.optim import AdamW  # noqa: E402
from losslattice_worker.order import job_batches  # noqa: E402
from losslattice_worker.parallel import save_memory  # noqa: E402
from losslattice_worker.prepare import DTYPES, PairSet, Prepared, attention_of, settle  # noqa: E402
from losslattice_worker.reference import score_rows  # noqa: E402
from losslattice_worker.scorer import Scorer, Wanted  # noqa: E402
from losslattice_worker.tiny_model import COMMON, tiny_tokenizer  # noqa: E402
from losslattice_worker.update import Updater  # noqa: E402

PROGRAMS = json.loads((ROOT / "python/tests/fixtures/embedded.json").read_text())["programs"]
BETA = 0.1

#: Sizes of the families that random models stand for: Llama 3.1 8B, Qwen2 0.5B, SmolLM2 135M, and one for a trial on a CPU.
SIZES = {
    "8b": dict(vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8),
    "0.5b": dict(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True),
    "135m": dict(vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True),
    "tiny": dict(vocab_size=512, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
}  # fmt: skip


def random_model(size: str, dtype: torch.dtype, device: torch.device, context: int, seed: int = 0):
    """A Llama of a size with random weights, made on its device."""
    from transformers import LlamaConfig, LlamaForCausalLM

    register()
    config = LlamaConfig(**SIZES[size], max_position_embeddings=context, attn_implementation="sdpa")
    torch.manual_seed(seed)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            model = LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    return model.eval()


def word_pairs(count: int, prompt: int, answer: int, seed: int = 0) -> list[dict[str, str]]:
    """Pairs of random words; prompts have `prompt` words, answers half to all of `answer`."""
    chance = random.Random(seed)

    def words(number: int) -> str:
        return " ".join(chance.choice(COMMON) for _ in range(number))

    def side() -> str:
        return words(chance.randint(answer // 2, answer))

    # The space keeps the prompt a prefix of the whole for trainers that cut both as one text.
    return [{"prompt": words(prompt), "chosen": f" {side()}", "rejected": f" {side()}"} for _ in range(count)]


def worker(model, pairs, batch_size: int, spec: str = "dpo", lora: dict | None = None, **settings) -> tuple[Prepared, Updater]:
    """The worker's updater on a model in memory, references scored; settings are those of a job's section `torch`."""
    device = next(model.parameters()).device
    names = {"dtype": {v: k for k, v in DTYPES.items()}[model.dtype], "device": device.type, **settings}
    job = decode_job({
        "version": 1, "id": "bench", "model": "-", "data": {"pairs": pairs}, "steps": 1_000_000, "batch_size": batch_size,
        "loss": {"spec": spec, "program": PROGRAMS[spec], "reward_scale": BETA}, "learning_rate": 1e-6, "seed": 0,
        "torch": names if lora is None else {**names, "lora": lora},
    }, "bench")  # fmt: skip
    settle(job, device)
    attention = attention_of(job.torch, device)
    model.set_attn_implementation(VARLEN if attention == "varlen" else attention)
    tokenizer = tiny_tokenizer()
    loaded = LoadedModel(model, model.base_model, tokenizer, "0" * 16, model.config.max_position_embeddings)
    rows = read_rows(pairs, tokenizer=tokenizer, settings=DataSettings(context=loaded.context), needs=list(job.program.inputs)).rows
    needs, group = needs_of(job.program, spec), Group(Place(), device)
    roles = roles_of(needs, rows)
    budget = Budget(job.torch.tokens_per_micro_batch, not job.torch.packing, job.torch.share_prompts)
    policy = Scorer(loaded, device, job.torch.head_chunk, job.torch.packing, attention, job.torch.share_prompts)
    scores = score_rows(policy, rows, roles, Wanted(), Budget(job.torch.tokens_per_micro_batch or 16384, budget.padded, budget.shared), group)
    if lora is not None:
        add_lora(loaded, job.torch.lora)
    prepared = Prepared(
        job, "", group, device, policy, policy.reference, needs, roles, Objective(job.program, needs, 0.0, roles),
        Statistics(needs.statistics, BETA), budget, PairSet(rows, fixed_columns(rows, roles, scores), ""), None, [], "0" * 16,
        job_batches(0, len(rows), batch_size),
    )  # fmt: skip
    save_memory(policy, job.torch.gradient_checkpointing, job.torch.compile)
    return prepared, Updater(prepared, AdamW(trainable_parameters(loaded), 0.0))


def with_program(prepared: Prepared, updater: Updater, spec: str) -> Updater:
    """The same model and optimizer under another loss."""
    job = decode_job({**prepared.job.source, "loss": {"spec": spec, "program": PROGRAMS[spec], "reward_scale": BETA}}, "bench")
    objective = Objective(job.program, prepared.needs, 0.0, prepared.roles)
    return Updater(replace(prepared, job=job, objective=objective), updater.optimizer)


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def medians(runs: dict, device: torch.device, repeats: int, warm: int = 2) -> dict[str, float]:
    """Median seconds of every function, the functions taking turns so that they share whatever slows the machine."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for repeat in range(repeats + warm):
        for name, run in runs.items():
            synchronise(device)
            start = time.perf_counter()
            run()
            synchronise(device)
            if repeat >= warm:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def state_bytes(model, optimizer: AdamW) -> int:
    """Bytes of weights, their gradients and the optimizer's state: what training cannot do without."""
    seen = {p.data_ptr(): p.numel() * p.element_size() * (2 if p.requires_grad else 1) for p in model.parameters()}
    kept = [*optimizer.first.values(), *optimizer.second.values()]
    kept += [m for m in optimizer.masters.values() if m.data_ptr() not in seen]
    return sum(seen.values()) + sum(t.numel() * t.element_size() for t in kept)
