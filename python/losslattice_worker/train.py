"""Preference training of one policy by one loss program, from job to events.

The n-th update is a function of the job alone, so a run that is killed and started again in the same folder ends with the same
bytes of events.jsonl. Only rank 0 writes. SIGTERM and SIGUSR1 end the run after the update in hand, with a checkpoint.
"""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import torch

from .checkpoint import CHECKPOINT_FILE, Checkpoint, Progress, read_checkpoint, write_checkpoint
from .contract import Job
from .distributed import Group, Place, join, pick_device
from .errors import EXIT_BAD_JOB, EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED, BadInput, Stopped, TrainFailure
from .evaluate import evaluate
from .events import EVENT_VERSION, EVENTS_FILE, EventLog, event_line
from .models import save_model, trainable_parameters
from .optim import AdamW, square_sum
from .packing import PackingError
from .parallel import spread
from .prepare import Prepared, prepare
from .sentiment import Lexicon
from .sinks import Sinks, open_sinks
from .status import Status
from .step_zero import check_step_zero
from .update import Updater

class Signals:
    """Remembers that a signal asked to stop; the update in hand is finished first."""

    def __init__(self) -> None:
        self.asked: int | None = None
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        self.asked = number

class Reporter:
    """Where a run's events go: the file first, then standard output, the status file and the sinks. Silent beyond rank 0."""

    def __init__(self, job: Job, place: Place):
        self.job, self.first = job, place.first
        self.log = EventLog(job.output if place.first else None)
        #: Whether the folder is known to be this job's: before that nothing is written to its events.
        self.began = False
        #: Updates done, as far as events tell.
        self.step = 0
        self.status = Status(job.output if place.first else None, job.id, job.steps, place.world_size)
        self.sinks: Sinks = Sinks([])

    def repeat(self, events: list[dict[str, Any]]) -> None:
        """Prints the events of an earlier run."""
        for event in events:
            self._print(event)

    def _print(self, event: dict[str, Any]) -> None:
        if self.first:
            sys.stdout.write(event_line(event))
            sys.stdout.flush()

    def emit(self, kind: str, printed_after: Callable[[], None] | None = None, **content: Any) -> None:
        """Appends an event; `printed_after` runs when it is on disk and before anybody hears of it."""
        event = {"version": EVENT_VERSION, "job": self.job.id, "event": kind, **content}
        if self.began:
            self.log.append(event)
        if printed_after is not None:
            printed_after()
        self._print(event)
        self.sinks.take(event)
        step = content.get("step", 0)
        self.step = step
        self.status.at(step)
        if kind in ("started", "evaluation", "checkpoint"):
            self.status.update("running", step)
        elif kind == "finished":
            self.status.update("finished", step)
        elif kind == "failed":
            self.status.update("failed", step, content["message"])

    def fail(self, failure: TrainFailure) -> None:
        self.emit("failed", step=failure.step, reason=failure.reason, message=failure.message, rows=failure.rows)

def _is_out_of_memory(error: BaseException) -> bool:
    text = str(error)
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and ("can't allocate memory" in text or "out of memory" in text)
    )


def _detail(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else "the process has no more"


class Run:
    """One job in this process."""

    def __init__(self, prepared: Prepared, reporter: Reporter, signals: Signals, lexicon: Lexicon):
        self.prepared, self.reporter, self.signals, self.lexicon = prepared, reporter, signals, lexicon
        self.job, self.group = prepared.job, prepared.group
        self.optimizer = AdamW(trainable_parameters(prepared.policy.loaded), self.job.weight_decay)
        self.updater = Updater(prepared, self.optimizer)
        self.progress = Progress()

    def _invalid(self, message: str) -> TrainFailure:
        return TrainFailure("invalid-input", message)

    def begin(self) -> str:
        """Finds out where to begin: "new", "resumed" or "finished"; the event file is cut back to there. A folder with another
        job's results is refused. Where the events up to the checkpoint are not all there, the run begins anew."""
        job, log = self.job, self.reporter.log
        if job.output is None:
            return "new"
        decision = torch.zeros(1, dtype=torch.float64)
        checkpoint: Checkpoint | None = None
        error: TrainFailure | None = None
        if self.group.place.first:
            try:
                decision[0], checkpoint = self._decide(log)
            except TrainFailure as failure:
                error = failure
        if self.group.any(error is not None):
            raise error or Stopped("rank 0 refused the folder")
        choice = int(self.group.from_first(decision)[0])
        if choice == 1:
            checkpoint = checkpoint or read_checkpoint(job.output)
            assert checkpoint is not None
            checkpoint.restore(self.optimizer)
            self.progress = checkpoint.progress
            self.prepared.statistics.state = checkpoint.state
        return ("new", "resumed", "finished")[choice]

    def _decide(self, log: EventLog) -> tuple[int, Checkpoint | None]:
        job = self.job
        events = log.earlier()
        if events is None:
            raise self._invalid(f"{job.output}/{EVENTS_FILE} holds no events of this version; it is left alone")
        foreign = self._invalid(f"{job.output} holds the results of another job; choose another output folder")
        if events and events[0].get("event") == "started" and events[0].get("job_hash") != self.prepared.hash:
            raise foreign
        if events and events[-1]["event"] == "finished":
            self.reporter.repeat(events)
            return 2, None
        checkpoint = read_checkpoint(job.output or "")
        if checkpoint is not None and checkpoint.job_hash != self.prepared.hash:
            raise foreign
        kept = None if checkpoint is None else log.keep(checkpoint.progress.event_bytes)
        if kept is None:
            log.keep(0)
            return 0, None
        self.reporter.repeat(kept)
        return 1, checkpoint

    def opening(self) -> None:
        """The events before the first update: the outcome of the step-0 check and the first evaluation."""
        prepared, job = self.prepared, self.job
        check = check_step_zero(prepared, prepared.order(1))
        self.reporter.emit(
            "started",
            job_hash=prepared.hash,
            loss=job.spec,
            parameters=sum(p.numel() for p in self.optimizer.parameters.values()),
            pairs=len(prepared.training.rows),
            held_out_pairs=len(prepared.held_out.rows) if prepared.held_out else 0,
            model_hash=prepared.model_hash,
            step_zero_loss=check.loss,
            step_zero_expected=check.expected,
        )
        if job.evaluation is not None:
            self._evaluate(0)

    def _evaluate(self, step: int) -> None:
        self.reporter.emit("evaluation", step=step, **evaluate(self.prepared, self.lexicon, step))

    def _is_due(self, every: int | None) -> bool:
        step = self.progress.step
        return step == self.job.steps or (every is not None and step % every == 0)

    def _write_checkpoint(self) -> None:
        self.progress.event_bytes = self.reporter.log.bytes
        state = self.prepared.statistics.state
        write_checkpoint(self.job.output, self.prepared.hash, self.optimizer, self.progress, state, self.group.place.first)

    def _checkpoint(self) -> None:
        total = square_sum(self.optimizer.masters.values()).cpu().reshape(1)
        if not torch.isfinite(self.group.sum(total)).all():
            message = f"the parameters that {self.job.spec} trains are not finite after update {self.progress.step}"
            raise TrainFailure("non-finite-loss", message, self.progress.step)
        self.reporter.emit("checkpoint", self._write_checkpoint, step=self.progress.step, file=CHECKPOINT_FILE)

    def train(self) -> None:
        """All updates that are left."""
        job = self.job
        while self.progress.step < job.steps:
            step = self.progress.step + 1
            metrics, tokens = self.updater.update(step, self.prepared.order(step), self.progress.tokens)
            self.progress = Progress(step, self.progress.event_bytes, tokens)
            self.reporter.emit("step", step=step, metrics=metrics)
            if job.evaluation is not None and self._is_due(job.evaluation.every):
                self._evaluate(step)
            if job.output is not None and self._is_due(job.checkpoint_every):
                self._checkpoint()
            if step < job.steps and self.group.any(self.signals.asked is not None):
                self._stop()
        if job.torch.save_model and job.output is not None:
            save_model(self.prepared.policy.loaded, f"{job.output}/model", writes=self.group.place.first)
        self.reporter.emit("finished", step=job.steps)

    def _stop(self) -> None:
        """Ends on a signal; the checkpoint has no event, so that the final bytes do not tell of the interruption."""
        step = self.progress.step
        if self.job.output is not None:
            self._write_checkpoint()
        name = signal.Signals(self.signals.asked).name if self.signals.asked is not None else "a signal of another process"
        self.reporter.status.update("cancelled", step, f"stopped by {name} after update {step}")
        raise Stopped(name)

    def go(self) -> None:
        """The whole run. Raises TrainFailure or Stopped."""
        start = self.begin()
        self.reporter.began = True
        if start == "finished":
            self.reporter.status.update("finished", self.job.steps)
            return
        try:
            if start == "new":
                self.opening()
            self.reporter.status.update("running", self.progress.step)
            self.train()
        except (RuntimeError, MemoryError) as error:
            if not _is_out_of_memory(error):
                raise
            step, rows = self.progress.step + 1, self.updater.in_hand
            raise TrainFailure("out-of-memory", f"memory ran out at update {step}: {_detail(error)}", step, rows) from None

def _train_in(group: Group, job: Job, reporter: Reporter, signals: Signals, device: torch.device) -> None:
    try:
        lexicon = Lexicon.read(job.torch.lexicon) if job.torch.lexicon else Lexicon({})
        reporter.sinks = open_sinks(job) if group.place.first else reporter.sinks
        prepared = prepare(job, group, device)
        spread(prepared)
        Run(prepared, reporter, signals, lexicon).go()
    except (BadInput, PackingError) as error:
        raise TrainFailure("invalid-input", str(error)) from None
    except (Stopped, TrainFailure):
        raise
    except Exception as error:
        if _is_out_of_memory(error):
            raise TrainFailure("out-of-memory", f"memory ran out before the first update: {_detail(error)}", 0) from None
        traceback.print_exc()
        text = next(iter(str(error).splitlines()), "")
        raise TrainFailure("engine-failed", f"{type(error).__name__}: {text}", reporter.step) from error

def _run(job: Job, place: Place, reporter: Reporter, signals: Signals) -> None:
    group: Group | None = None
    try:
        device = pick_device(job.torch.device, place)
        group = join(place, device)
        group.watch(reporter.fail)
        _train_in(group, job, reporter, signals, device)
        group.leave()
    except TrainFailure as failure:
        if place.first:
            reporter.fail(failure)
        if group is not None:
            group.report(failure)
        raise
    finally:
        reporter.sinks.close()

def train(job: Job, place: Place) -> int:
    """Trains a job and returns the exit code; events leave on standard output, the last one `finished` or `failed`."""
    signals = Signals()
    try:
        reporter = Reporter(job, place)
    except OSError as error:
        message = f"output folder {job.output} cannot be made: {error.strerror}"
        sys.stdout.write(event_line({
            "version": EVENT_VERSION, "job": job.id, "event": "failed", "step": 0, "reason": "invalid-input", "message": message,
            "rows": [],
        }))  # fmt: skip
        return EXIT_BAD_JOB
    try:
        _run(job, place, reporter, signals)
        return EXIT_FINISHED
    except TrainFailure as failure:
        print(f"losslattice_worker: {failure.message}", file=sys.stderr, flush=True)
        return failure.exit_code
    except Stopped as stopped:
        print(f"losslattice_worker: {stopped}", file=sys.stderr, flush=True)
        return EXIT_STOPPED
