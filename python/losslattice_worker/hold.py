"""Becomes a worker that holds its job's folder, so that no two processes work in one.

    python -m losslattice_worker.hold FOLDER JOB.json COMMAND [--with-parent]

Takes an exclusive lock on FOLDER/worker.lock, which the kernel gives back when the process ends, however it ends; moves JOB.json
to FOLDER/job.json; sends standard output and error to fresh files worker.out and worker.err; says who it is in worker.json; then
goes on as `python -m losslattice_worker COMMAND FOLDER/job.json`, the same process. Ends with TAKEN where another process holds
the folder. With `--with-parent` the worker is stopped when the process that started it dies (Linux).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import sys

#: Exit code where another process holds the folder.
TAKEN = 75

_PR_SET_PDEATHSIG = 1


def start_ticks() -> str | None:
    """When this process started, in the kernel's count: a process id alone may be used again. None where /proc is missing."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def _fresh(path: str) -> int:
    """A new empty file in place of an old one, which who still reads it keeps."""
    if os.path.exists(path):
        os.unlink(path)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)


def _say_who(path: str) -> None:
    who = {"pid": os.getpid(), "host": socket.gethostname(), "ticks": start_ticks()}
    with open(f"{path}.tmp", "w", encoding="utf8") as file:
        json.dump({key: value for key, value in who.items() if value is not None}, file)
    os.replace(f"{path}.tmp", path)


def hold(folder: str, job: str, command: str, with_parent: bool) -> int:
    """Does not return unless the folder is taken."""
    lock = os.open(os.path.join(folder, "worker.lock"), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return TAKEN
    os.set_inheritable(lock, True)
    if with_parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    target = os.path.join(folder, "job.json")
    os.replace(job, target)
    os.dup2(_fresh(os.path.join(folder, "worker.out")), 1)
    os.dup2(_fresh(os.path.join(folder, "worker.err")), 2)
    _say_who(os.path.join(folder, "worker.json"))
    os.execv(sys.executable, [sys.executable, "-m", "losslattice_worker", command, target])


if __name__ == "__main__":
    sys.exit(hold(*sys.argv[1:4], with_parent="--with-parent" in sys.argv[4:]))
