"""The worker's command line, see USAGE. Events and results leave on standard output as JSON lines, all else on standard error.

Exit codes: 0 done, 1 failed, 2 a job, file or argument that has to be mended, 143 stopped by a signal after a checkpoint.
"""

from __future__ import annotations

import os
import sys

from .errors import EXIT_BAD_JOB, BadInput

USAGE = """usage: python -m losslattice_worker COMMAND
  train JOB.json        trains a job and prints its events; one process of a group where RANK and WORLD_SIZE say so
  sample SPEC.json      completions of prompts
  score SPEC.json       log-probabilities of rows under a model
  data SPEC.json        token lengths of rows
  audit SPEC.json       somebody's loss function, to be asked for values
  tiny-model SPEC.json  writes a small random model
  doctor                what this Python has"""

FILE_COMMANDS = ("train", "sample", "score", "data", "audit", "tiny-model")


def _train(file: str) -> int:
    from .contract import read_job
    from .distributed import place_from
    from .launch import launch

    job = read_job(file)
    alone = "RANK" not in os.environ and place_from(os.environ).world_size == 1
    if alone and job.torch.processes > 1:
        return launch(["train", file], job.torch.processes)
    from .train import train

    place = place_from(os.environ)
    code = train(job, place)
    if place.world_size > 1:
        # Threads of the process group may still run, and ending the interpreter under them can abort the process: everything
        # is written, so the process ends here.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def main(arguments: list[str]) -> int:
    """Runs a command and returns the exit code."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    command, *rest = arguments or [""]
    if len(rest) != (1 if command in FILE_COMMANDS else 0) or command not in (*FILE_COMMANDS, "doctor"):
        print(USAGE, file=sys.stderr)
        return EXIT_BAD_JOB
    try:
        if command == "train":
            return _train(rest[0])
        from . import commands

        return int(getattr(commands, command.replace("-", "_"))(*rest))
    except BadInput as error:
        print(f"losslattice_worker {command}: {error}", file=sys.stderr)
        return EXIT_BAD_JOB


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
