"""One update of the worker against a plain transformers loop with the same loss, on the CPU. Prints one JSON line.

    python bench/torch/step.py [--size tiny|135m|0.5b] [--pairs N] [--prompt W] [--answer W] [--repeats R]

The plain loop pads the batch's answers to one length, takes the whole logits, log_softmax and gather, the loss by its formula with
given reference log-probabilities, clips, and steps torch's fused AdamW: what a careful user writes. Both start from the same
weights and see the same batch; `difference` is that of their first losses. `ratio` is worker over plain, less than 1 is faster.
"""

import argparse
import copy
import json
import os
import platform

import torch
from torch.nn.functional import logsigmoid
from work import BETA, medians, random_model, word_pairs, worker


def plain_loop(model, rows, references, pad: int):
    """A function that trains one batch and returns its loss."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, weight_decay=0.0, fused=True)
    sequences = [(r.prompt_ids, r.chosen_ids) for r in rows] + [(r.prompt_ids, r.rejected_ids) for r in rows]
    longest = max(len(p) + len(a) for p, a in sequences)
    ids = torch.tensor([[*p, *a, *[pad] * (longest - len(p) - len(a))] for p, a in sequences])
    mask = torch.tensor([[1] * (len(p) + len(a)) + [0] * (longest - len(p) - len(a)) for p, a in sequences])
    answer = torch.tensor([[0.0] * len(p) + [1.0] * len(a) + [0.0] * (longest - len(p) - len(a)) for p, a in sequences])
    chosen, rejected = references.float().unbind(1)

    def step() -> float:
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
        tokens = torch.log_softmax(logits, -1).gather(2, ids[:, 1:, None])[..., 0]
        sums = (tokens * answer[:, 1:]).sum(1)
        own, other = sums.chunk(2)
        loss = -logsigmoid(BETA * ((own - chosen) - (other - rejected))).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    return step


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="135m")
    for name, value in (("pairs", 4), ("prompt", 64), ("answer", 64), ("repeats", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    device = torch.device("cpu")
    model = random_model(given.size, torch.float32, device, 2 * (given.prompt + given.answer) + 8)
    twin = copy.deepcopy(model)
    pairs = word_pairs(given.pairs, given.prompt, given.answer)
    found = {}
    for name, settings in (("padded", {}), ("shared", {"packing": True, "share_prompts": True})):
        prepared, updater = worker(model, pairs, given.pairs, **settings)
        fixed = prepared.training.fixed
        references = torch.stack([fixed["rw"], fixed["rl"]], 1)
        plain = plain_loop(twin, prepared.training.rows, references, 0)
        rows = list(range(given.pairs))
        step = iter(range(1, 1000))
        losses = updater.update(next(step), rows, 0)[0]["loss"], plain()
        runs = {"worker": lambda: updater.update(next(step), rows, 0), "plain": plain}
        times = medians(runs, device, given.repeats, warm=1)
        found[name] = {**{k: round(v, 4) for k, v in times.items()}, "ratio": round(times["worker"] / times["plain"], 3)}
        found[name]["difference"] = abs(losses[0] - losses[1])
    machine = {"threads": torch.get_num_threads(), "torch": torch.__version__, "python": platform.python_version(), "cpus": os.cpu_count()}
    print(json.dumps({"bench": "step", **vars(given), **found, **machine}))


if __name__ == "__main__":
    main()
