"""Training speed and memory on one GPU, and beside TRL's DPOTrainer on the same model, pairs and device. Prints JSON lines.

    python bench/torch/gpu.py [--only machine,mfu-0.5b,mfu-8b,trl,losses] [--small] [--wheels FOLDER] [--repeats R] [--trace]

- `machine`: what the card gives to one large bfloat16 product and to a copy in its memory, beside the vendor's 989 Tflop/s.
- `mfu-0.5b`, `mfu-8b`: tokens per second (both answers with their prompts, no padding) and model FLOP utilisation, full finetuning
  with references scored before, against 989 Tflop/s (dense bfloat16 of H100 and H200). 8b tries without recomputation, then with,
  then LoRA: whatever fits first. `mfu` counts what training needs and no more: 6 operations per weight of the blocks and token,
  6 L d T for attention (L layers of width d, mean length T; causal attention is half the square), and 6 per weight of the head
  and answer token; a shared prompt once. `mfu_6n` is the customary 6 N for every token, prompts through the head as well.
  LoRA: 4 in place of 6.
- `trl`: the 0.5b model by TRL with its own best settings (precomputed references, gradient checkpointing off and on), then by this
  worker, each from its own copy: tokens per second, and peak memory above weights, gradients and optimizer state.
- `losses`: seconds of an update under DPO and under a derived loss (`uncpo`), taking turns on one model.
The head beside its bare product is bench/torch/head.py. `--small` runs everything in seconds with a tiny model, on a CPU too: a
test that the script works, no measurement. `--wheels` installs TRL from a folder without a network. `--trace` adds the kernels
that take the most time.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import torch
from work import medians, random_model, state_bytes, synchronise, with_program, word_pairs, worker

PEAK = 989e12
FAST = {"packing": True, "share_prompts": True}


def say(name: str, **found) -> None:
    print(json.dumps({"bench": name, "device": DEVICE_NAME, "torch": torch.__version__, **found}), flush=True)


def free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak() -> int:
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0


def computed_tokens(prepared, rows) -> int:
    """Tokens that go through the model in one update."""
    groups = prepared.groups([prepared.training.rows[row] for row in rows])
    return sum(prepared.budget.size(group) for group in groups)


def both_sides(prepared, rows) -> int:
    """Tokens of both answers, each with its prompt."""
    picked = [prepared.training.rows[row] for row in rows]
    return sum(2 * len(r.prompt_ids) + len(r.chosen_ids) + len(r.rejected_ids) for r in picked)


def operations(model, prepared, rows, lora: bool) -> tuple[float, float]:
    """Floating-point operations that an update needs, and the customary count of 6 N for every token."""
    config, factor = model.config, 4 if lora else 6
    head = model.get_output_embeddings().weight.numel()
    embedding = 0 if config.tie_word_embeddings else model.get_input_embeddings().weight.numel()
    weights = sum(p.numel() for n, p in model.named_parameters() if "lora_" not in n) - embedding
    tokens = computed_tokens(prepared, rows)
    length = both_sides(prepared, rows) / (2 * len(rows))
    attention = tokens * 6 * config.num_hidden_layers * config.hidden_size * length
    answers = sum(len(r.chosen_ids) + len(r.rejected_ids) for r in (prepared.training.rows[row] for row in rows))
    return factor * ((weights - head) * tokens + head * answers) + attention, factor * weights * tokens + attention


def machine(given) -> None:
    """What one large product and one large copy reach here."""
    size, numbers = (256, 2**16) if given.small else (8192, 2**31)
    a, b = (torch.randn(size, size, device=DEVICE, dtype=DTYPE) for _ in range(2))
    source = torch.empty(numbers, dtype=torch.uint8, device=DEVICE)
    target = torch.empty_like(source)
    times = medians({"product": lambda: a @ b, "copy": lambda: target.copy_(source)}, DEVICE, 20)
    rates = {"product_tflops": 2 * size**3 / times["product"] / 1e12, "copy_tb_per_second": 2 * numbers / times["copy"] / 1e12}
    say("machine", **{name: round(rate, 3) for name, rate in rates.items()})


def trace(run) -> None:
    """The kernels of one run that take the most time, on standard error."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if DEVICE.type == "cuda" else [])]) as found:
        run()
        synchronise(DEVICE)
    order = "self_cuda_time_total" if DEVICE.type == "cuda" else "self_cpu_time_total"
    print(found.key_averages().table(sort_by=order, row_limit=22, max_name_column_width=70), file=sys.stderr, flush=True)


def mfu(size: str, given, prompt: int, answer: int, batch: int, micro: int | None, lora: dict | None = None, **settings) -> None:
    free()
    model = random_model(size, DTYPE, DEVICE, prompt + answer + 8)
    settings = {**FAST, **settings} if micro is None else {**FAST, **settings, "tokens_per_micro_batch": micro}
    prepared, updater = worker(model, word_pairs(batch, prompt, answer), batch, lora=lora, **settings)
    rows = list(range(batch))
    step = iter(range(1, 10_000))

    def update():
        updater.update(next(step), rows, 0)

    start = time.perf_counter()
    update()
    first = time.perf_counter() - start
    seconds = medians({"step": update}, DEVICE, given.repeats)["step"]
    if given.trace:
        trace(update)
    needed, customary = (count / seconds / PEAK for count in operations(model, prepared, rows, lora is not None))
    tokens, whole = computed_tokens(prepared, rows), both_sides(prepared, rows)
    above = peak() - state_bytes(model, updater.optimizer)
    say(
        f"mfu-{size}", lora=lora is not None, pairs=batch, prompt=prompt, answer=answer, settings=settings,
        first_seconds=round(first, 2), seconds=round(seconds, 4), tokens_per_second=round(whole / seconds),
        computed_tokens_per_second=round(tokens / seconds), mfu=round(needed, 4), mfu_6n=round(customary, 4),
        peak_gib=round(peak() / 2**30, 2), above_state_gib=round(above / 2**30, 2),
    )  # fmt: skip


ADAPTERS = {"rank": 16, "alpha": 32, "targets": "all-linear"}


def mfu_8b(given) -> None:
    """The first way that fits."""
    size, prompt, answer, batch = ("tiny", 16, 16, 2) if given.small else ("8b", 1024, 1024, 8)
    ways = [(None, {"compile": True}), (None, {"compile": True, "gradient_checkpointing": True}), (ADAPTERS, {"compile": True})]
    for lora, settings in ways:
        try:
            return mfu(size, given, prompt, answer, batch, 3 * (prompt + answer) // 2, lora, **settings)
        except torch.OutOfMemoryError as error:
            say(f"mfu-{size}", lora=lora is not None, settings=settings, does_not_fit=str(error).splitlines()[0])


def mfu_small(given) -> None:
    size, prompt, answer, batch = ("tiny", 16, 16, 2) if given.small else ("0.5b", 1024, 1024, 16)
    for compiled in (False, True):
        mfu(size, given, prompt, answer, batch, None, compile=compiled)


def trl_run(model, tokenizer, pairs, batch: int, steps: int, checkpointing: bool, length: int) -> dict:
    """TRL's trainer: seconds of an update after two for warming up, and the peak of memory."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import DPOConfig, DPOTrainer

    class Clock(TrainerCallback):
        def __init__(self):
            self.begun, self.times = 0.0, []

        def on_step_begin(self, *_args, **_rest):
            synchronise(DEVICE)
            self.begun = time.perf_counter()

        def on_step_end(self, *_args, **_rest):
            synchronise(DEVICE)
            self.times.append(time.perf_counter() - self.begun)

    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        config = DPOConfig(
            output_dir=folder, per_device_train_batch_size=batch, max_steps=steps, learning_rate=1e-6, bf16=DTYPE == torch.bfloat16,
            gradient_checkpointing=checkpointing, precompute_ref_log_probs=True, max_length=length, report_to=[], logging_steps=1000,
            save_strategy="no", use_cpu=DEVICE.type == "cpu", disable_tqdm=True, optim="adamw_torch_fused",
        )  # fmt: skip
        trainer = DPOTrainer(
            model=model, args=config, train_dataset=Dataset.from_list(pairs), processing_class=tokenizer, callbacks=[clock]
        )
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        trainer.train()
    found = sorted(clock.times[2:])
    state = sum(t.numel() * t.element_size() for s in trainer.optimizer.state.values() for t in s.values() if torch.is_tensor(t))
    kept = state + sum(2 * p.numel() * p.element_size() for p in model.parameters())
    return {"seconds": found[len(found) // 2], "above": peak() - kept}


def trl(given) -> None:
    """TRL and this worker, from equal models on equal pairs, each in ways that spend memory for speed and ways that spare it;
    `fastest` compares the fastest of both, `leanest` those with the least memory."""
    from losslattice_worker.tiny_model import tiny_tokenizer

    size, prompt, answer, batch = ("tiny", 16, 16, 2) if given.small else ("0.5b", 1024, 1024, 8)
    pairs, steps, length = word_pairs(batch, prompt, answer), given.repeats + 2, prompt + answer + 8
    results: dict[str, dict] = {}
    whole = 0
    for checkpointing in (False, True):
        free()
        try:
            model = random_model(size, DTYPE, DEVICE, length)
            results[f"trl{'-checkpointing' if checkpointing else ''}"] = trl_run(
                model, tiny_tokenizer(), pairs, batch, steps, checkpointing, length
            )
            del model
        except torch.OutOfMemoryError as error:
            say("trl", checkpointing=checkpointing, reason=str(error).splitlines()[0])
    lean = {"compile": True, "gradient_checkpointing": True, "tokens_per_micro_batch": 3 * (prompt + answer), "head_chunk": 512}
    for name, settings in {"worker": {}, "worker-compiled": {"compile": True}, "worker-lean": lean}.items():
        free()
        model = random_model(size, DTYPE, DEVICE, length)
        prepared, updater = worker(model, pairs, batch, **FAST, **settings)
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        rows, step = list(range(batch)), iter(range(1, 10_000))
        seconds = medians({"s": lambda: updater.update(next(step), rows, 0)}, DEVICE, given.repeats)["s"]
        results[name] = {"seconds": seconds, "above": peak() - state_bytes(model, updater.optimizer)}
        whole = both_sides(prepared, rows)
        del model, prepared, updater
    compared = {}
    for name, key in (("fastest", "seconds"), ("leanest", "above")):
        theirs, own = (
            min((found for way, found in results.items() if way.startswith(who)), key=lambda found: found[key]) for who in ("trl", "worker")
        )
        compared[name] = {"speed": round(theirs["seconds"] / own["seconds"], 3), "memory": round(own["above"] / theirs["above"], 3)}
    for found in results.values():
        found |= {"tokens_per_second": round(whole / found["seconds"]), "above_state_gib": round(found.pop("above") / 2**30, 3)}
    say("trl", size=size, pairs=batch, prompt=prompt, answer=answer, trl_version=version("trl"), **results, **compared)


def losses(given) -> None:
    size, prompt, answer, batch = ("tiny", 16, 16, 2) if given.small else ("0.5b", 1024, 1024, 8)
    free()
    model = random_model(size, DTYPE, DEVICE, prompt + answer + 8)
    prepared, updater = worker(model, word_pairs(batch, prompt, answer), batch, compile=not given.small, **FAST)
    derived = with_program(prepared, updater, "uncpo")
    rows, step = list(range(batch)), iter(range(1, 10_000))
    runs = {name: (lambda u=u: u.update(next(step), rows, 0)) for name, u in (("dpo", updater), ("uncpo", derived))}
    times = medians(runs, DEVICE, max(given.repeats, 25))
    say("losses", size=size, **{k: round(v, 5) for k, v in times.items()}, ratio=round(times["uncpo"] / times["dpo"], 4))


PARTS = {"machine": machine, "mfu-0.5b": mfu_small, "mfu-8b": mfu_8b, "trl": trl, "losses": losses}


def main() -> None:
    global DEVICE, DTYPE, DEVICE_NAME
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--wheels")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--trace", action="store_true")
    given = parser.parse_args()
    if given.wheels:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", given.wheels, "trl"]
        subprocess.run(command, check=True)
    DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    DTYPE = torch.bfloat16 if DEVICE.type == "cuda" else torch.float32
    DEVICE_NAME = torch.cuda.get_device_name() if DEVICE.type == "cuda" else "cpu"
    if DEVICE.type == "cpu" and not given.small:
        sys.exit("no CUDA device: only --small runs here")
    for name in given.only.split(","):
        PARTS[name](given)


if __name__ == "__main__":
    main()
