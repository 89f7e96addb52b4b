"""From a job to everything its training loop needs: models, rows in tokens, reference scores, the objective."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from .batches import Budget, answer_of, fixed_columns, roles_of
from .contract import Job, TorchSettings
from .data import DataError, DataSettings, Row, Rows, read_rows
from .distributed import Group
from .errors import TrainFailure
from .inputs import COMPUTED, Columns, Needs, Statistics, needs_of
from .models import LoadedModel, add_lora, load_model
from .objective import Objective
from .order import job_batches
from .packing import check_packing
from .reference import Key, cached_scores, rows_hash, score_rows, text_hash
from .scorer import Scorer, Wanted

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float64": torch.float64}


@dataclass
class PairSet:
    """Rows in tokens, and the columns that training does not change."""

    rows: list[Row]
    fixed: Columns
    digest: str


@dataclass
class Prepared:
    """A job ready to train."""

    job: Job
    hash: str
    group: Group
    device: torch.device
    policy: Scorer
    reference: Callable[[], Scorer]
    needs: Needs
    roles: tuple[str, ...]
    objective: Objective
    statistics: Statistics
    budget: Budget
    training: PairSet
    held_out: PairSet | None
    prompts: list[list[int]]
    model_hash: str
    order: Callable[[int], list[int]]

    @property
    def sharded(self) -> bool:
        """Whether every process holds a part of the weights only."""
        return not self.group.alone and self.job.torch.parallel == "fsdp2"

    @property
    def needs_training_mode(self) -> bool:
        """Whether updates need the model's training mode."""
        lora = self.job.torch.lora
        return self.job.torch.gradient_checkpointing or (lora is not None and lora.dropout > 0)

    @property
    def gradient_scale(self) -> int:
        """What weights are multiplied by, since DDP divides the sum of gradients by the number of processes."""
        return self.group.place.world_size if not self.group.alone and not self.sharded else 1

    def unsynchronised(self) -> AbstractContextManager:
        """A context in which gradients stay in this process, for all micro-batches but the last."""
        no_sync = getattr(self.policy.module, "no_sync", None)
        return nullcontext() if no_sync is None else no_sync()

    @property
    def wanted(self) -> Wanted:
        """Quantities that the loss reads of every answer."""
        return Wanted(tail=self.needs.tails, kl=self.needs.token_kl, weight=self.needs.weights)

    def groups(self, rows: list[Row]) -> list[list]:
        return [[answer_of(row, role) for role in self.roles] for row in rows]


def settle(job: Job, device: torch.device) -> None:
    """What makes equal runs on a CPU give equal bytes: deterministic kernels, the job's seed, and its number of threads, by
    which sums are split (torch's own number where the job has none). On a GPU kernels are the fast ones, and the last digits of
    equal runs differ."""
    if job.torch.threads is not None:
        torch.set_num_threads(job.torch.threads)
    torch.manual_seed(job.seed)
    torch.use_deterministic_algorithms(device.type == "cpu")
    if job.torch.dtype != "float64":
        torch.set_float32_matmul_precision("highest")


def attention_of(settings: TorchSettings, device: torch.device) -> str:
    """The kernel of attention. "auto": "varlen" for packed rows where the device has it as one call, else "sdpa"."""
    if settings.attention != "auto":
        return settings.attention
    return "varlen" if settings.packing and device.type == "cuda" and settings.dtype == "bfloat16" else "sdpa"


def _load(job: Job, source: str, device: torch.device) -> LoadedModel:
    settings = job.torch
    options = {"device": device, "attention": attention_of(settings, device), "chat_template": settings.chat_template}
    loaded = load_model(source, dtype=DTYPES[settings.dtype], **options)
    if settings.packing:
        check_packing(loaded.base, settings.share_prompts)
    return loaded


def _scorer(job: Job, loaded: LoadedModel, device: torch.device) -> Scorer:
    s = job.torch
    return Scorer(loaded, device, s.head_chunk, s.packing, attention_of(s, device), s.share_prompts)


def _read(job: Job, source: Any, name: str, loaded: LoadedModel, needs: list[str]) -> Rows:
    settings = DataSettings.of_job(job.source.get("torch", {}), loaded.context)
    try:
        rows = read_rows(source, tokenizer=loaded.tokenizer, settings=settings, needs=needs, computed=COMPUTED)
    except DataError as error:
        text = str(error) if isinstance(source, str) else f"{job.id}: {name}: {error}"
        raise TrainFailure("invalid-input", text) from None
    report = rows.report
    dropped = "".join(f"; {count} left out: {reason}" for reason, count in report.dropped.items())
    cut = f"; {report.truncated} prompts cut" if report.truncated else ""
    print(f"{name}: {report.kept} rows of {report.read} read{dropped}{cut}", file=sys.stderr, flush=True)
    return rows


def prompt_ids(loaded: LoadedModel, prompt: str) -> list[int]:
    """A prompt's tokens as those of text rows: the first token that every text has, then the text's."""
    from .data.tokens import Cutter

    return [*Cutter(loaded.tokenizer).first, *loaded.tokenizer(prompt, add_special_tokens=False)["input_ids"]]


def _prompts(job: Job, loaded: LoadedModel) -> list[list[int]]:
    if job.evaluation is None:
        return []
    prompts = [prompt_ids(loaded, prompt) for prompt in job.prompts]
    room = loaded.context + 1 - job.evaluation.max_tokens
    for text, ids in zip(job.prompts, prompts, strict=True):
        if not 1 <= len(ids) <= room:
            reason = "has no tokens" if not ids else "leaves no room for max_tokens in the context"
            raise TrainFailure("invalid-input", f'prompt "{text}" {reason}')
    return prompts


def _check_budget(job: Job, budget: Budget, rows: list[Row], roles: tuple[str, ...]) -> None:
    try:
        budget.split([[answer_of(row, role) for role in roles] for row in rows])
    except ValueError as error:
        row = rows[error.args[0]]
        cost = budget.cost([[answer_of(row, role) for role in roles]])
        message = f"torch.tokens_per_micro_batch: row {row.line} alone takes {cost} tokens, more than {budget.tokens}"
        raise TrainFailure("invalid-input", message) from None


class LazyReference:
    """The reference model as a scorer, loaded when somebody first needs it: cached scores spare it."""

    def __init__(self, job: Job, device: torch.device, policy: Scorer):
        self.job, self.device, self.policy = job, device, policy
        self._held: Scorer | None = None

    def __call__(self) -> Scorer:
        if self._held is None and self.job.torch.lora is not None:
            self._held = self.policy.reference()
        if self._held is None:
            loaded = _load(self.job, self.job.reference or self.job.model, self.device)
            loaded.model.requires_grad_(False)
            self._held = _scorer(self.job, loaded, self.device)
        return self._held


def prepare(job: Job, group: Group, device: torch.device) -> Prepared:
    """Reads, checks and scores everything. Raises TrainFailure."""
    needs = needs_of(job.program, job.spec)
    settle(job, device)
    loaded = _load(job, job.model, device)
    names = list(job.program.inputs)
    training = _read(job, job.pairs, "pairs", loaded, names)
    held_out = None if job.held_out_pairs is None else _read(job, job.held_out_pairs, "held-out pairs", loaded, names)
    prompts = _prompts(job, loaded)
    roles = roles_of(needs, training.rows)
    budget = Budget(job.torch.tokens_per_micro_batch, padded=not job.torch.packing, shared=job.torch.share_prompts)
    _check_budget(job, budget, [*training.rows, *(held_out.rows if held_out else [])], roles)
    if job.batch_size < group.place.world_size:
        message = f"batch_size {job.batch_size} is less than the number of processes, {group.place.world_size}"
        raise TrainFailure("invalid-input", message)
    policy = _scorer(job, loaded, device)
    reference = LazyReference(job, device, policy)
    start_hash = loaded.hash
    reference_hash = start_hash if job.reference is None else reference().loaded.hash

    def pair_set(rows: Rows) -> PairSet:
        scorer = policy if job.reference is None else reference()
        wanted = Wanted(tail=needs.tails)
        key = _key(job, loaded, reference_hash, roles, wanted, device, rows.rows)
        shape = (len(rows.rows), len(roles))
        scores = cached_scores(
            job.reference_cache, key, shape, group, lambda: score_rows(scorer, rows.rows, roles, wanted, budget, group)
        )
        return PairSet(rows.rows, fixed_columns(rows.rows, roles, scores), rows.digest)

    sets = pair_set(training), None if held_out is None else pair_set(held_out)
    if job.torch.lora is not None:
        add_lora(loaded, job.torch.lora, job.seed)
    digests = [start_hash, reference_hash, training.digest, held_out.digest if held_out else "", "torch/1"]
    return Prepared(
        job, job.hash(digests), group, device, policy, reference, needs, roles,
        Objective(job.program, needs, job.ce_weight, roles),
        Statistics(needs.statistics, job.program.params.get("beta", 1.0)),
        budget, *sets, prompts, start_hash, job_batches(job.seed, len(training.rows), job.batch_size),
    )  # fmt: skip


def tokenizer_hash(tokenizer: Any) -> str:
    """16 hex digits that name a tokenizer: its backend's own description, or its vocabulary where it has none."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return text_hash(json.dumps(sorted(tokenizer.get_vocab().items())) if backend is None else backend.to_str())


def _key(job, loaded, model_hash, roles, wanted, device, rows) -> Key:
    settings = job.torch
    limits = f"{settings.truncation},{settings.max_length},{settings.max_prompt_length}"
    return Key(
        model=model_hash, tokenizer=tokenizer_hash(loaded.tokenizer), template=text_hash(loaded.tokenizer.chat_template), truncation=limits, dtype=settings.dtype, device=device.type,
        attention=attention_of(settings, device), roles=",".join(roles), quantities="logps,tail" if wanted.tail else "logps",
        rows=rows_hash(rows),
    )  # fmt: skip
