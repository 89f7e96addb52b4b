"""Where metrics go beside the events: TensorBoard files, Weights & Biases, MLflow. Each is imported only when a job asks for it.

Sinks read events and never change them, so a run writes the same events with or without; they may hold clock times.
"""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from .contract import Job
from .errors import BadInput


class Writer(Protocol):
    """Takes numbers by name after `step` updates."""

    def write(self, step: int, values: dict[str, float]) -> None: ...

    def close(self) -> None: ...


def _module(name: str, sink: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise BadInput(f"torch.sinks: {sink} needs the Python package {name.split('.')[0]}, which is not installed") from None


class TensorBoard:
    """Event files in <output>/tensorboard."""

    def __init__(self, job: Job):
        _module("tensorboard", "tensorboard")
        self._writer = _module("torch.utils.tensorboard", "tensorboard").SummaryWriter(str(Path(job.output or "") / "tensorboard"))

    def write(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()


class Wandb:
    """A run of Weights & Biases, named as the job; WANDB_PROJECT and WANDB_MODE are read by the package itself."""

    def __init__(self, job: Job):
        self._run = _module("wandb", "wandb").init(name=job.id, dir=job.output, config={"loss": job.spec, "seed": job.seed})

    def write(self, step: int, values: dict[str, float]) -> None:
        self._run.log(values, step=step)

    def close(self) -> None:
        self._run.finish()


class Mlflow:
    """A run of MLflow, named as the job; MLFLOW_TRACKING_URI is read by the package itself. Slashes of a name after its first
    become dots, as its store of files has no room for a number `eval/kl` beside others in `eval/kl/`."""

    def __init__(self, job: Job):
        self._module = _module("mlflow", "mlflow")
        self._module.start_run(run_name=job.id)
        self._module.log_params({"loss": job.spec, "seed": job.seed})

    def write(self, step: int, values: dict[str, float]) -> None:
        parts = {name: name.partition("/") for name in values}
        names = {name: first + slash + rest.replace("/", ".") for name, (first, slash, rest) in parts.items()}
        self._module.log_metrics({names[name]: value for name, value in values.items()}, step=step)

    def close(self) -> None:
        self._module.end_run()


KINDS: dict[str, type[TensorBoard] | type[Wandb] | type[Mlflow]] = {"tensorboard": TensorBoard, "wandb": Wandb, "mlflow": Mlflow}


class Sinks:
    """All sinks of a job. Step metrics keep their names, those of evaluations begin with `eval/`, TRL's manner. A sink that fails
    is named on standard error and gets nothing more: training does not end with somebody's tracking server."""

    def __init__(self, writers: list[Writer]):
        self.writers = writers

    def take(self, event: dict[str, Any]) -> None:
        """Passes on the numbers of a step or an evaluation."""
        if event["event"] not in ("step", "evaluation"):
            return
        prefix = "eval/" if event["event"] == "evaluation" else ""
        values = {prefix + name: float(value) for name, value in event["metrics"].items() if math.isfinite(value)}
        self._all(lambda writer: writer.write(event["step"], values), f"at update {event['step']}")

    def close(self) -> None:
        self._all(lambda writer: writer.close(), "when it was closed")

    def _all(self, action: Callable[[Writer], None], when: str) -> None:
        for writer in list(self.writers):
            try:
                action(writer)
            except Exception as error:
                self.writers.remove(writer)
                reason = next(iter(str(error).splitlines()), type(error).__name__)
                name = type(writer).__name__.lower()
                print(f"losslattice_worker: the sink {name} failed {when} and gets nothing more: {reason}", file=sys.stderr, flush=True)


def open_sinks(job: Job) -> Sinks:
    """The sinks that a job asks for. Raises BadInput for one whose package is not installed."""
    return Sinks([KINDS[name](job) for name in job.torch.sinks])
