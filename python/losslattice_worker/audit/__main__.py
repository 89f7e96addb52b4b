"""
python -m losslattice_worker audit SPEC.json

SPEC.json is `{"version": 1, "target": TARGET}`: `{"kind": "file", "path": …, "function": …}` or
`{"kind": "trl", "trainer": "dpo"}`. The first line on stdout says what was found there (its arguments, versions); after that
every line on stdin is a request `{"arguments": …, "returns": …, "calls": […]}` and is answered by one line, until stdin ends; a
line `{"target": TARGET}` turns to another target, and is answered like the first, or by `{"failure": sentence}`.
Whatever the user's code prints goes to stderr. Exit code 0; 2 with one sentence on stderr when the target cannot be had.
"""
import json
import math
import os
import sys

from .errors import AuditError


def plain(value):
    """JSON has no NaN and no infinities: they become the strings that JavaScript's Number() reads."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def read_spec(argv: list[str]) -> dict:
    if len(argv) != 1:
        raise AuditError("usage: python -m losslattice_worker audit SPEC.json")
    try:
        with open(argv[0], encoding="utf8") as file:
            spec = json.load(file)
    except (OSError, ValueError) as error:
        raise AuditError(f"{argv[0]}: {error}") from error
    if not isinstance(spec, dict) or spec.get("version") != 1 or not isinstance(spec.get("target"), dict):
        raise AuditError(f'{argv[0]}: expected {{"version": 1, "target": …}}')
    return spec


def main(argv: list[str]) -> int:
    answers = os.fdopen(os.dup(1), "w", encoding="utf8")
    os.dup2(2, 1)  # the user's prints

    def answer(document: dict) -> None:
        answers.write(json.dumps(plain(document), allow_nan=False) + "\n")
        answers.flush()

    try:
        spec = read_spec(argv)
        from .targets import open_target

        target = open_target(spec["target"])
        answer(target.describe())
        for line in sys.stdin:
            request = json.loads(line)
            if "target" not in request:
                answer(target.answer(request))
                continue
            try:
                target = open_target(request["target"])
                answer(target.describe())
            except AuditError as error:
                answer({"failure": str(error)})
    except AuditError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
