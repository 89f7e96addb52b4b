"""Executes notebooks on Deno's Jupyter kernel.

    python execute.py FOLDER NAME...            writes the executed notebooks back
    python execute.py --check FOLDER NAME...    compares them with what they hold, and writes nothing

Outputs are compared whole, texts and pictures alike, character by character. Exit code 1 says that a cell failed or differs;
each such cell is named on stderr.
"""

from __future__ import annotations

import argparse
import sys
from itertools import zip_longest
from os.path import commonprefix
from pathlib import Path

import nbformat
from kernel import CellError, deno_kernel
from nbformat import NotebookNode

#: How much of a difference is shown: lines of a form, characters of a line.
SHOWN_LINES, SHOWN_WIDTH = 6, 300


def report(notebook: str, index: int, cell: NotebookNode, problem: str) -> None:
    first = cell.source.strip().split("\n")[0]
    print(f"{notebook}: cell {index + 1} ({cell.id}), which begins `{first}`: {problem}", file=sys.stderr)


def forms(output: NotebookNode) -> dict[str, str]:
    """An output's forms by MIME type; a stream's text under the stream's name."""
    if output.output_type == "stream":
        return {output.name: output.text}
    return {kind: data if isinstance(data, str) else repr(data) for kind, data in output.get("data", {}).items()}


def changed_lines(before: str, now: str) -> list[str]:
    """The first lines that differ, each as committed and as it is now."""
    pairs = zip_longest(before.split("\n"), now.split("\n"), fillvalue="")
    changed = [(old, new) for old, new in pairs if old != new][:SHOWN_LINES]
    return [line for old, new in changed for line in (f"-{window(old, new)}", f"+{window(new, old)}")]


def window(line: str, other: str) -> str:
    """A line cut to the place from which it differs: a picture is one line of thousands of characters."""
    if len(line) <= SHOWN_WIDTH:
        return line
    start = max(0, len(commonprefix([line, other])) - SHOWN_WIDTH // 2)
    return f"…{line[start : start + SHOWN_WIDTH]}…"


def difference(before: list[NotebookNode], after: list[NotebookNode]) -> str | None:
    """What differs between a cell's outputs, in a few lines; None when nothing does."""
    if before == after:
        return None
    if len(before) != len(after):
        return f"it gives {len(after)} outputs, and the notebook holds {len(before)}"
    lines: list[str] = []
    for old, new in zip(before, after):
        committed, now = forms(old), forms(new)
        for kind in sorted(committed.keys() | now.keys()):
            if committed.get(kind) != now.get(kind):
                lines += [f"{kind} differs:", *changed_lines(committed.get(kind, ""), now.get(kind, ""))]
    return "\n  ".join(lines) or "its outputs are of another kind or number"


def executed(notebook: NotebookNode, folder: Path) -> tuple[int, CellError] | None:
    """Runs the cells in order and puts their outputs into the notebook. Returns the cell that failed and why, or None."""
    with deno_kernel(folder) as kernel:
        count = 0
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            count += 1
            try:
                cell.outputs = kernel.run(cell.source)
            except CellError as error:
                return index, error
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    return None


def without_traces(notebook: NotebookNode) -> NotebookNode:
    """What editors add to a file and running does not need is left out."""
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
    kernelspec = NotebookNode(display_name="Deno", language="typescript", name="deno")
    notebook.metadata = NotebookNode(kernelspec=kernelspec, language_info=NotebookNode(name="typescript"))
    return notebook


def run(path: Path, *, check: bool) -> bool:
    """Executes one notebook. Returns whether it ran and, in a check, holds what it gives."""
    committed = nbformat.read(path, as_version=4)
    nbformat.validate(committed)
    notebook = without_traces(nbformat.read(path, as_version=4))
    failed = executed(notebook, path.parent)
    if failed is not None:
        index, error = failed
        report(path.name, index, notebook.cells[index], str(error))
        return False
    if not check:
        nbformat.write(notebook, path)
        return True
    same = True
    for index, (old, new) in enumerate(zip(committed.cells, notebook.cells)):
        problem = difference(old.outputs, new.outputs) if new.cell_type == "code" else None
        if problem is not None:
            report(path.name, index, new, problem)
            same = False
    return same


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    # Every notebook is tried, so that one look shows all that is wrong.
    results = [run(options.folder / name, check=options.check) for name in options.names]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
