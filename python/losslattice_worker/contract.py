"""A training job, decoded from JSON: the Python reading of src/finetune/job.ts and torchSettings.ts.

Every issue is found at once, unknown keys are refused with the nearest name, and so is a setting that the chosen path would
ignore. JSON keys are field names.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BadJob
from .program import Program, ProgramError, decode_program
from .schema import REQUIRED, Field, either, flag, integer, list_of, mapping, number, one_of, read_object, text

JOB_VERSION = 1
DTYPE_NAMES = ("float32", "bfloat16", "float64")


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters: a weight W becomes `W + (alpha / rank) B A`; only A and B are trained."""

    rank: int
    alpha: float
    targets: list[str] | str
    dropout: float = 0.0


@dataclass(frozen=True)
class TorchSettings:
    """The section `torch`: see src/finetune/torchSettings.ts for the meaning of every key."""

    dtype: str = "float32"
    device: str = "auto"
    attention: str = "auto"
    packing: bool = False
    share_prompts: bool = False
    tokens_per_micro_batch: int | None = None
    head_chunk: int | None = None
    gradient_checkpointing: bool = False
    compile: bool = False
    parallel: str = "none"
    processes: int = 1
    threads: int | None = None
    lora: Lora | None = None
    max_length: int | None = None
    max_prompt_length: int | None = None
    truncation: str = "refuse"
    chat_template: str | None = None
    k_wise: str = "best-worst"
    reward_augmented: dict[str, str] | None = None
    metrics: list[str] = field(default_factory=list)
    top_k: int = 10
    kl_samples: int | None = None
    sinks: list[str] = field(default_factory=list)
    save_model: bool = False
    lexicon: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """When and how the policy is evaluated: at step 0, every `every` steps and at the end."""

    every: int
    samples_per_prompt: int = 1
    max_tokens: int = 24
    judge: str = "afinn-165"
    seed: int = 0


@dataclass(frozen=True)
class Job:
    """One training run; `source` is the JSON value it was read from."""

    id: str
    spec: str
    program: Program
    length_normalised: bool
    reward_scale: float
    model: str
    reference: str | None
    pairs: str | list
    held_out_pairs: str | list | None
    prompts: list[str]
    steps: int
    batch_size: int
    learning_rate: float
    warmup: int
    final_rate: float
    clip: float
    weight_decay: float
    ce_weight: float
    seed: int
    evaluation: Evaluation | None
    checkpoint_every: int | None
    output: str | None
    reference_cache: str | None
    torch: TorchSettings
    source: dict[str, Any]

    def hash(self, inputs: list[str]) -> str:
        """Names what the events depend on (24 hex digits of SHA-256): the job without its folders and without how processes
        share the work, and the hashes of the models and the data."""
        rest = {key: value for key, value in self.source.items() if key not in _FOLDERS}
        rest["data"] = {key: value for key, value in rest["data"].items() if key == "prompts"}
        rest["torch"] = {key: value for key, value in rest.get("torch", {}).items() if key not in _OUTSIDE}
        canonical = json.dumps([rest, inputs], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:24]


_FOLDERS = {"output", "reference_cache", "model", "reference"}
#: Settings of `torch` that change where and how fast a job runs, not what it computes.
_OUTSIDE = {"parallel", "processes", "sinks", "lexicon", "save_model"}

_TORCH = {
    "dtype": Field(one_of(*DTYPE_NAMES), "float32"),
    "device": Field(one_of("auto", "cpu", "cuda"), "auto"),
    "attention": Field(one_of("auto", "varlen", "sdpa", "eager", "flex_attention"), "auto"),
    "packing": Field(flag, False),
    "share_prompts": Field(flag, False),
    "tokens_per_micro_batch": Field(integer(), None),
    "head_chunk": Field(integer(), None),
    "gradient_checkpointing": Field(flag, False),
    "compile": Field(flag, False),
    "parallel": Field(one_of("none", "ddp", "fsdp2"), "none"),
    "processes": Field(integer(), 1),
    "threads": Field(integer(), None),
    "lora": Field(mapping, None),
    "max_length": Field(integer(2), None),
    "max_prompt_length": Field(integer(), None),
    "truncation": Field(one_of("refuse", "drop", "prompt-start"), "refuse"),
    "chat_template": Field(text, None),
    "k_wise": Field(one_of("best-worst", "adjacent", "all"), "best-worst"),
    "reward_augmented": Field(mapping, None),
    "metrics": Field(list_of(one_of("entropy", "top_k_mass")), []),
    "top_k": Field(integer(), 10),
    "kl_samples": Field(integer(), None),
    "sinks": Field(list_of(one_of("tensorboard", "wandb", "mlflow")), []),
    "save_model": Field(flag, False),
    "lexicon": Field(text, None),
}
_LORA = {
    "rank": Field(integer()),
    "alpha": Field(number(above=0)),
    "dropout": Field(number(at_least=0, at_most=1), 0.0),
    "targets": Field(either(one_of("all-linear"), list_of(text))),
}
_AUGMENTED = {
    "template": Field(lambda v: None if isinstance(v, str) and "{goal}" in v else "expected a text with {goal} in it")
}
_LOSS = {
    "spec": Field(text),
    "program": Field(mapping),
    "length_normalised": Field(flag, False),
    "reward_scale": Field(number(above=0), 1),
}
_ROWS = either(text, list_of(mapping))
_DATA = {
    "pairs": Field(_ROWS),
    "held_out_pairs": Field(_ROWS, None),
    "prompts": Field(list_of(text), []),
}
_EVALUATION = {
    "every": Field(integer()),
    "samples_per_prompt": Field(integer(), 1),
    "max_tokens": Field(integer(), 24),
    "judge": Field(one_of("afinn-165"), "afinn-165"),
    "seed": Field(integer(0, 2**53), 0),
}
_JOB = {
    "version": Field(lambda v: None if v == JOB_VERSION else f"this worker reads version {JOB_VERSION}, got {v!r}"),
    "id": Field(text),
    "loss": Field(mapping),
    "model": Field(text),
    "reference": Field(text, None),
    "data": Field(mapping),
    "steps": Field(integer()),
    "batch_size": Field(integer()),
    "learning_rate": Field(number(above=0)),
    "warmup": Field(integer(0), 0),
    "final_rate": Field(number(at_least=0), 1),
    "clip": Field(number(above=0), 1),
    "weight_decay": Field(number(at_least=0), 0),
    "ce_weight": Field(number(at_least=0), 0),
    "seed": Field(integer(0, 2**53)),
    "evaluation": Field(mapping, None),
    "checkpoint_every": Field(integer(), None),
    "output": Field(text, None),
    "reference_cache": Field(text, None),
    "torch": Field(mapping, {}),
}


def _conflicts(job: dict[str, Any], data: dict[str, Any], given: dict[str, Any], torch: dict[str, Any]) -> list[str]:
    """Settings beside others that would make them do nothing, or that they cannot do without."""
    evaluates = isinstance(job["evaluation"], dict)
    rules = [
        (torch["share_prompts"] and not torch["packing"], "torch.share_prompts: needs packing: true"),
        (torch["processes"] > 1 and torch["parallel"] == "none", "torch.processes: needs parallel: ddp or fsdp2"),
        ("top_k" in given and "top_k_mass" not in torch["metrics"], "torch.top_k: does nothing without top_k_mass among the metrics"),
        (
            torch["max_prompt_length"] is not None and torch["max_prompt_length"] >= (torch["max_length"] or 1 << 60),
            "torch.max_prompt_length: leaves no room for an answer within max_length",
        ),
        (torch["lora"] is not None and job["reference"] is not None, "reference: with torch.lora the reference is the base model"),
        (torch["save_model"] and job["output"] is None, "torch.save_model: needs output"),
        (bool(torch["sinks"]) and job["output"] is None, "torch.sinks: needs output"),
        (job["checkpoint_every"] is not None and job["output"] is None, "checkpoint_every: needs output"),
        (torch["kl_samples"] is not None and not (evaluates and data["prompts"]), "torch.kl_samples: needs evaluation and data.prompts"),
        (torch["lexicon"] is not None and not (evaluates and data["prompts"]), "torch.lexicon: needs evaluation and data.prompts"),
        (bool(data["prompts"]) and not evaluates, "data.prompts: does nothing without evaluation"),
        (data["held_out_pairs"] is not None and not evaluates, "data.held_out_pairs: does nothing without evaluation"),
    ]
    return [message for broken, message in rules if broken]


def _issues_of(value: Any) -> tuple[list[str], dict[str, Any]]:
    issues: list[str] = []
    job = read_object(value, _JOB, "", issues)
    if not isinstance(value, dict):
        return issues, job
    sections = {name: job[name] if job[name] not in (REQUIRED, None) else {} for name in ("loss", "data", "torch")}
    loss = read_object(sections["loss"], _LOSS, "loss", issues if job["loss"] is not REQUIRED else [])
    data = read_object(sections["data"], _DATA, "data", issues if job["data"] is not REQUIRED else [])
    torch = read_object(sections["torch"], _TORCH, "torch", issues)
    if torch["lora"] is not None:
        torch["lora"] = read_object(torch["lora"], _LORA, "torch.lora", issues)
    if torch["reward_augmented"] is not None:
        torch["reward_augmented"] = read_object(torch["reward_augmented"], _AUGMENTED, "torch.reward_augmented", issues)
    if job["evaluation"] is not None:
        job["evaluation"] = read_object(job["evaluation"], _EVALUATION, "evaluation", issues)
    if isinstance(loss["program"], dict):
        try:
            loss["program"] = decode_program(loss["program"])
        except ProgramError as error:
            issues.append(f"loss.program: {error}")
    issues += _conflicts(job, data, sections["torch"], torch)
    return issues, {**job, "loss": loss, "data": data, "torch": torch}


def decode_job(value: Any, source: str) -> Job:
    """The job of a JSON value. Raises BadJob with every issue; `source` names where it came from."""
    issues, found = _issues_of(value)
    if issues:
        raise BadJob(source, issues)
    loss, data, torch = found["loss"], found["data"], found["torch"]
    settings = TorchSettings(**{**torch, "lora": torch["lora"] and Lora(**torch["lora"])})
    evaluation = found["evaluation"] and Evaluation(**found["evaluation"])
    flat = {k: v for k, v in found.items() if k not in ("version", "loss", "data", "torch", "evaluation")}
    scalars = {k: loss[k] for k in ("spec", "program", "length_normalised", "reward_scale")}
    return Job(**flat, **scalars, **data, torch=settings, evaluation=evaluation, source=value)


def read_json(file: str) -> Any:
    """The JSON value of a file. Raises BadJob when there is none."""
    try:
        content = Path(file).read_text(encoding="utf8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadJob(file, [f"the file cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"]) from None
    try:
        return json.loads(content)
    except ValueError as error:
        raise BadJob(file, [f"no JSON: {error}"]) from None


def read_job(file: str) -> Job:
    """The job of a file."""
    return decode_job(read_json(file), file)
