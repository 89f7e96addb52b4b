"""The log-prob head against its bare matrix products, and against the softmax of the whole matrix. Prints JSON lines.

    python bench/torch/head.py [--device cpu|cuda] [--dtype float32|bfloat16] [--tokens T] [--width H] [--words V]

Per pass (forward alone, forward and backward, and the latter with a frozen head) the median milliseconds of `bare`, the products
that any implementation must do (h W'; with backward also dz W and dz' h); `head`, this operator; `full`, log_softmax of all
logits under autograd, left out where it does not fit; and the ratio head / bare. On a GPU also the peak memory of each.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))

from losslattice_worker.logprobs import automatic_chunk, selected_logps  # noqa: E402

SHAPES = {"cpu": (1024, 576, 49152), "cuda": (8192, 4096, 151936)}


def timed(run, device: torch.device, repeats: int) -> dict[str, float]:
    """Median milliseconds of `repeats` runs after two for warming up; on a GPU also the peak of memory in MiB."""
    times = []
    for repeat in range(repeats + 2):
        if device.type == "cuda":
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    found = {"ms": round(1000 * statistics.median(times[2:]), 3)}
    if device.type == "cuda":
        found["peak_mib"] = round(torch.cuda.max_memory_allocated() / 2**20)
    return found


def measure(hidden, weight, targets, backward: bool, frozen: bool, repeats: int, with_full: bool) -> dict:
    """One line of the result: bare, head and full for one kind of pass."""
    device = hidden.device
    hidden = hidden.detach().requires_grad_(backward)
    weight = weight.detach().requires_grad_(backward and not frozen)
    rows = min(len(targets), 4 * automatic_chunk(len(weight), device)) if device.type == "cpu" else len(targets)
    slopes = torch.randn(rows, len(weight), dtype=hidden.dtype, device=device)

    def bare():
        with torch.no_grad():
            for start in range(0, len(targets), rows):
                part = hidden[start : start + rows]
                part @ weight.T
                if backward:
                    slopes[: len(part)] @ weight
                    if not frozen:
                        slopes[: len(part)].T @ part

    def head():
        logps = selected_logps(hidden, weight, targets).logps
        if backward:
            logps.sum().backward()
            hidden.grad = weight.grad = None

    def full():
        logits = (hidden @ weight.T).to(torch.float32)
        logps = torch.log_softmax(logits, dim=1).gather(1, targets[:, None])
        if backward:
            logps.sum().backward()
            hidden.grad = weight.grad = None

    line = {"pass": "forward" if not backward else "frozen head" if frozen else "forward and backward"}
    line["bare"], line["head"] = timed(bare, device, repeats), timed(head, device, repeats)
    del slopes
    if with_full:
        line["full"] = timed(full, device, repeats)
    return {**line, "ratio": round(line["head"]["ms"] / line["bare"]["ms"], 3)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", default=None)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-full", action="store_true")
    for name in ("tokens", "width", "words"):
        parser.add_argument(f"--{name}", type=int, default=None)
    options = parser.parse_args()
    device = torch.device(options.device)
    defaults = SHAPES[device.type]
    tokens, width, words = (a or b for a, b in zip((options.tokens, options.width, options.words), defaults))
    dtype = getattr(torch, options.dtype or ("bfloat16" if device.type == "cuda" else "float32"))
    generator = torch.Generator(device).manual_seed(0)
    hidden = torch.randn(tokens, width, generator=generator, device=device).to(dtype)
    weight = (torch.randn(words, width, generator=generator, device=device) / width**0.5).to(dtype)
    targets = torch.randint(words, (tokens,), generator=generator, device=device)
    about = {"device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu", "dtype": str(dtype)[6:]}
    about |= {"torch": torch.__version__, "threads": torch.get_num_threads(), "tokens": tokens, "width": width, "words": words}
    for backward, frozen in ((False, False), (True, False), (True, True)):
        line = measure(hidden, weight, targets, backward, frozen, options.repeats, not options.no_full)
        print(json.dumps({**about, **line}), flush=True)


if __name__ == "__main__":
    main()
