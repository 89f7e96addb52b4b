"""Starts the processes of a job on this machine: what `train` does by itself when a job asks for more than one.

Every process gets RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun gives them. Signals are passed on;
when one process ends with an error the others are ended too, and its exit code is the code of all.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

#: Seconds that processes have to end after one has failed, before they are killed.
GRACE = 10.0


def free_port() -> int:
    """A TCP port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(arguments: list[str], count: int) -> list[subprocess.Popen[bytes]]:
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(count)}
    command = [sys.executable, "-m", "losslattice_worker", *arguments]
    places = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
    return [subprocess.Popen(command, env={**os.environ, **shared, **place}) for place in places]


def launch(arguments: list[str], count: int) -> int:
    """Runs the worker's command `count` times as one group; returns the exit code of the first that failed, else 0."""
    processes: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: object) -> None:
        for process in processes:
            if process.poll() is None:
                process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        signal.signal(number, forward)
    processes += _start(arguments, count)
    failed, deadline = 0, float("inf")
    while any(process.poll() is None for process in processes):
        time.sleep(0.05)
        codes = [process.poll() for process in processes]
        bad = next((code for code in codes if code not in (None, 0)), None)
        if bad is not None and failed == 0:
            failed, deadline = bad, time.monotonic() + GRACE
        if time.monotonic() > deadline:
            for process in processes:
                if process.poll() is None:
                    process.kill()
    codes = [process.returncode for process in processes]
    first = codes[0] if codes[0] != 0 else next((code for code in codes if code != 0), 0)
    return 128 - first if first < 0 else first
