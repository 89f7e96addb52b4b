"""status.json: where a job stands, for whoever waits for it. Clock times, hosts and process ids are here and never in events."""

from __future__ import annotations

import os
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

from .files import write_json

STATUS_FILE = "status.json"
#: Most seconds between two writings.
EVERY = 5.0


def restart_count() -> int:
    """How often the launcher has started this job again."""
    counts = (os.environ.get(name, "0") for name in ("SLURM_RESTART_COUNT", "TORCHELASTIC_RESTART_COUNT"))
    return sum(int(count) for count in counts if count.isdigit())


class Status:
    """The status file of a job; nothing is written without a folder."""

    def __init__(self, folder: str | None, job: str, steps: int, world_size: int):
        self._file = None if folder is None else Path(folder) / STATUS_FILE
        self._job, self._steps, self._world_size = job, steps, world_size
        self._state, self._step, self._message = "starting", 0, None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        if self._file is not None:
            self._write()
            threading.Thread(target=self._beat, daemon=True).start()

    def _write(self) -> None:
        if self._file is None:
            return
        value = {
            "version": 1,
            "job": self._job,
            "state": self._state,
            "step": self._step,
            "steps": self._steps,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "world_size": self._world_size,
            "updated": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "restart": restart_count(),
        }
        if self._message is not None:
            value["message"] = self._message
        try:
            write_json(self._file, value)
        except OSError:  # a full disk must not end the training that it reports on
            return

    def _beat(self) -> None:
        while not self._ended.wait(EVERY):
            with self._lock:
                if not self._ended.is_set():
                    self._write()

    def at(self, step: int) -> None:
        """Remembers the updates done; written at the next occasion."""
        self._step = step

    def update(self, state: str, step: int | None = None, message: str | None = None) -> None:
        """Writes a new state: starting, running, finished, failed or cancelled; the last three end the writing."""
        with self._lock:
            self._state, self._message = state, message
            self._step = self._step if step is None else step
            if state in ("finished", "failed", "cancelled"):
                self._ended.set()
            self._write()
