"""What ends a job: a job that cannot be read (exit code 2), or a failure that becomes the last event."""

from __future__ import annotations

from difflib import get_close_matches

#: Exit codes of the worker. 143 is what a shell reports for a process ended by SIGTERM.
EXIT_FINISHED, EXIT_FAILED, EXIT_BAD_JOB, EXIT_STOPPED = 0, 1, 2, 143

#: Failure reasons of events, as in src/finetune/events.ts, that the job's author has to mend.
INPUT_REASONS = frozenset({"invalid-input", "unsupported-loss", "engine-unavailable"})


class BadInput(ValueError):
    """A file or text that cannot be used; one sentence that names it and says what is wrong and what is allowed."""


class BadJob(BadInput):
    """A job file with issues: every one of them, each `key: what is wrong`."""

    def __init__(self, source: str, issues: list[str]):
        self.source, self.issues = source, issues
        super().__init__(f"{source}: " + "; ".join(issues))


class TrainFailure(Exception):
    """Training stopped: the content of a `failed` event. `step` 0 is before the first update; `rows` are pairs, from 0."""

    def __init__(self, reason: str, message: str, step: int = 0, rows: list[int] | None = None):
        super().__init__(message)
        self.reason, self.message, self.step, self.rows = reason, message, step, rows or []

    @property
    def exit_code(self) -> int:
        return EXIT_BAD_JOB if self.reason in INPUT_REASONS else EXIT_FAILED


class Stopped(Exception):
    """A signal asked the worker to stop, and it did, after a checkpoint where there is a folder for one."""


def nearest(name: str, names: list[str] | tuple[str, ...]) -> str:
    """`did you mean "x"?` for the known name closest to `name`, else the list of all of them."""
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else "known: " + ", ".join(sorted(names))
