"""The worker's command line: python -m losslattice_worker COMMAND FILE.json, see USAGE."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .errors import EXIT_BAD_JOB, BadInput

USAGE = """usage: python -m losslattice_worker COMMAND
  train JOB.json     trains a job and prints its events, one JSON line each
  doctor             prints what this Python has, one JSON line"""


def _train(arguments: list[str]) -> int:
    import os

    from .contract import read_job
    from .distributed import place_from
    from .launch import launch

    (file,) = arguments
    job = read_job(file)
    place = place_from(os.environ)
    if place.world_size == 1 and job.torch.processes > 1 and "RANK" not in os.environ:
        return launch(["train", file], job.torch.processes)
    from .train import train

    return train(job, place)


COMMANDS: dict[str, tuple[Callable[[list[str]], int], int]] = {"train": (_train, 1)}


def main(arguments: list[str]) -> int:
    """Runs a command and returns the exit code."""
    if not arguments or arguments[0] not in COMMANDS or len(arguments) != COMMANDS[arguments[0]][1] + 1:
        print(USAGE, file=sys.stderr)
        return EXIT_BAD_JOB
    command, _ = COMMANDS[arguments[0]]
    try:
        return command(arguments[1:])
    except BadInput as error:
        print(f"losslattice_worker: {error}", file=sys.stderr)
        return EXIT_BAD_JOB


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
