"""Evaluation of a policy: what it writes after held-out prompts (gold reward, KL to the reference, entropy, length, diversity) and
how it ranks held-out pairs. Metric names and definitions are those of src/finetune/tfjs/evaluate.ts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from .batches import chosen_columns
from .errors import TrainFailure
from .metrics import Metrics, distinct_share, mean, pair_metrics, with_error
from .order import Rng
from .packing import Answer
from .prepare import PairSet, Prepared
from .reference import score_rows
from .sampling import Completion, sample, special_ids, text_of
from .scorer import Wanted
from .sentiment import Lexicon
from .update import mismatched_ratios

#: Texts sampled or scored in one pass.
BATCH = 64
#: Prompts whose first sample is shown in the event.
SHOWN = 4


def per_prompt(values: Sequence[float], samples: int) -> list[float]:
    """Means over the samples of each prompt, which stand side by side."""
    return [mean(values[i : i + samples]) for i in range(0, len(values), samples)]


def best_of(rewards: Sequence[float], samples: int) -> list[float]:
    """The largest reward of the samples of each prompt: what best-of-N sampling of the policy would get."""
    return [max(rewards[i : i + samples]) for i in range(0, len(rewards), samples)]


def draw_completions(prepared: Prepared, prompts: Sequence[int], per: int, max_tokens: int, rng: Rng) -> list[Completion]:
    """`per` completions of each prompt (numbers of prepared.prompts); prompt i, sample k draws from `rng.split(i).split(k)`, the
    same at every evaluation: common random numbers. Sampling runs in every process alike."""
    jobs = [(i, k) for i in prompts for k in range(per)]
    found: list[Completion] = []
    ends, forbidden = special_ids(prepared.policy.loaded)
    for start in range(0, len(jobs), BATCH):
        group = jobs[start : start + BATCH]
        found += sample(
            prepared.policy.language_model,
            [prepared.prompts[i] for i, _ in group],
            [rng.split(i).split(k) for i, k in group],
            device=prepared.device,
            max_tokens=max_tokens,
            end_ids=ends,
            forbidden=forbidden,
            agree=prepared.group.from_first,
        )
    return found


def completion_statistics(prepared: Prepared, prompts: Sequence[int], completions: Sequence[Completion]) -> dict[str, list[float]]:
    """Per completion, summed over its tokens: `kl`, exact divergences KL(pi || pi_ref) of next-token distributions; `entropy` of
    the policy's; `ratio`, log pi - log pi_ref. Nats."""
    settings = prepared.job.torch
    top = settings.top_k if "top_k_mass" in settings.metrics else 0
    wanted = Wanted(entropy=True, reverse_kl=True, top_k=top)
    sums: dict[str, list[float]] = {"kl": [], "entropy": [], "ratio": [], "top_k_mass": []}
    answers = [[Answer(prepared.prompts[i], c.tokens, None)] for i, c in zip(prompts, completions, strict=True)]
    reference = prepared.reference()
    for places in prepared.budget.split(answers, BATCH):
        groups = [answers[place] for place in places]
        own = prepared.policy(groups, wanted, reference=reference)
        other = reference(groups, Wanted())
        sums["kl"] += own.quantities["reverse_kl"].tolist()
        sums["ratio"] += (own.quantities["logps"] - other.quantities["logps"]).tolist()
        for name in ("entropy", "top_k_mass"):
            if name in own.tokens:
                zeros = torch.zeros(len(groups), dtype=torch.float64, device=own.segments.device)
                sums[name] += zeros.index_add(0, own.segments, own.tokens[name].double()).tolist()
    return sums


def evaluate_samples(prepared: Prepared, lexicon: Lexicon) -> tuple[Metrics, list[dict[str, Any]], list[float]]:
    """Samples completions and measures, each as a mean over prompts with its standard error `_se`: `gold/reward`; `kl`, the sum
    over a completion's tokens of the exact KL of the two next-token distributions (its expectation is KL(pi || pi_ref)); `kl/
    sampled`, the log-ratio itself; and `entropy` (nats per token), `length/mean` (tokens), `length/ended`, `distinct/tokens`,
    `distinct/bigrams`. Returns metrics, a few samples for readers, and all gold rewards."""
    evaluation = prepared.job.evaluation
    per = evaluation.samples_per_prompt
    rng = Rng.from_seed(evaluation.seed).split("evaluation")
    jobs = [i for i in range(len(prepared.prompts)) for _ in range(per)]
    completions = draw_completions(prepared, range(len(prepared.prompts)), per, evaluation.max_tokens, rng)
    sums = completion_statistics(prepared, jobs, completions)
    texts = [text_of(prepared.policy.loaded, completion) for completion in completions]
    rewards = [lexicon.reward(text) for text in texts]
    tokens = sum(len(c.tokens) for c in completions)
    metrics: Metrics = {
        **with_error("gold/reward", per_prompt(rewards, per)),
        **({f"gold/best_of_{per}": mean(best_of(rewards, per))} if per > 1 else {}),
        **with_error("kl", per_prompt(sums["kl"], per)),
        **with_error("kl/sampled", per_prompt(sums["ratio"], per)),
        "entropy": sum(sums["entropy"]) / tokens,
        **({"top_k_mass": sum(sums["top_k_mass"]) / tokens} if sums["top_k_mass"] else {}),
        "length/mean": tokens / len(completions),
        "length/ended": sum(c.ended for c in completions) / len(completions),
        "distinct/tokens": distinct_share([c.tokens for c in completions], 1),
        "distinct/bigrams": distinct_share([c.tokens for c in completions], 2),
        **_further_kl(prepared, rng),
    }
    shown = range(0, min(SHOWN * per, len(texts)), per)
    samples = [{"prompt": prepared.job.prompts[jobs[i]], "completion": texts[i], "reward": rewards[i]} for i in shown]
    return metrics, samples, rewards


def _further_kl(prepared: Prepared, rng: Rng) -> Metrics:
    """`kl/estimate`: KL(pi || pi_ref) from `kl_samples` completions of every prompt, with standard error and the ends `_low` and
    `_high` of the 95 % interval, at least 0."""
    count = prepared.job.torch.kl_samples
    if count is None:
        return {}
    numbers = range(len(prepared.prompts))
    drawn = draw_completions(prepared, numbers, count, prepared.job.evaluation.max_tokens, rng.split("kl"))
    sums = completion_statistics(prepared, [i for i in numbers for _ in range(count)], drawn)
    found = with_error("kl/estimate", per_prompt(sums["kl"], count))
    if "kl/estimate_se" in found:
        half = 1.96 * found["kl/estimate_se"]
        found |= {"kl/estimate_low": max(0.0, found["kl/estimate"] - half), "kl/estimate_high": found["kl/estimate"] + half}
    return found


def evaluate_pairs(prepared: Prepared, pairs: PairSet) -> Metrics:
    """Loss and pair metrics of the policy on held-out pairs, under the names of training steps. Where the loss of some pairs is
    not finite, their number is given as `non_finite_pairs` in place of the mean."""
    job = prepared.job
    reference = prepared.reference() if prepared.needs.token_kl else None
    wanted = prepared.wanted
    quantities = score_rows(prepared.policy, pairs.rows, prepared.roles, wanted, prepared.budget, prepared.group, reference)
    mismatched = mismatched_ratios(prepared, pairs.rows, range(len(pairs.rows)))
    fixed = chosen_columns(pairs.fixed, range(len(pairs.rows)))
    outcome = prepared.objective.outcome(quantities, fixed, prepared.statistics, mismatched=mismatched)
    bad = len(outcome.bad_pairs())
    lengths = {"length/chosen": float(fixed["nw"].mean()), "length/rejected": float(fixed["nl"].mean())}
    return {
        **({"loss": outcome.loss} if bad == 0 else {"non_finite_pairs": bad}),
        **pair_metrics(outcome.columns, job.reward_scale, job.length_normalised),
        **lengths,
    }


def evaluate(prepared: Prepared, lexicon: Lexicon, step: int) -> dict[str, Any]:
    """The content of an evaluation event after `step` updates. Raises TrainFailure when a metric is no finite number."""
    job = prepared.job
    metrics: Metrics = {}
    content: dict[str, Any] = {"metrics": metrics, "samples": []}
    if prepared.prompts:
        sampled, content["samples"], content["rewards"] = evaluate_samples(prepared, lexicon)
        metrics |= sampled
    if prepared.held_out is not None:
        metrics |= evaluate_pairs(prepared, prepared.held_out)
    bad = next(((name, value) for name, value in metrics.items() if not math.isfinite(value)), None)
    if bad is not None:
        message = f"the policy that {job.spec} trains is not finite after update {step}: {bad[0]} is {bad[1]}"
        raise TrainFailure("non-finite-loss", message, step)
    return content
