"""Loss programs for tests: those of the goldens, encoded by the TypeScript source of this checkout, and small ones by hand."""

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def node_executable() -> str:
    """The Node that the checkout installed, else the one on the path. Raises RuntimeError where there is none."""
    own = ROOT / "node_modules" / ".bin" / "node"
    found = str(own) if own.exists() else shutil.which("node")
    if found is None:
        raise RuntimeError("these tests read programs from the TypeScript source, and Node is not on the path")
    return found


@functools.lru_cache(maxsize=None)
def golden_document() -> dict:
    """`{"programs": {spec: program}, "goldens": [{spec, inputs, loss, dlw, dll, cond}]}` from test/golden/programs.ts.

    LOSSLATTICE_GOLDEN_PROGRAMS names a file with that script's output, for machines without Node.
    """
    written = os.environ.get("LOSSLATTICE_GOLDEN_PROGRAMS")
    if written:
        return json.loads(Path(written).read_text())
    command = [node_executable(), str(ROOT / "test" / "golden" / "programs.ts")]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def program_json(nodes: list[dict], loss: int, gradients: dict[str, int] | None = None, **params: float) -> dict:
    """A program of the nodes, its inputs declared in the order in which the nodes name them."""
    inputs = list(dict.fromkeys(node["name"] for node in nodes if node["op"] == "input"))
    outputs = {"loss": loss, "gradients": gradients or {}}
    return {"version": 1, "nodes": nodes, "inputs": inputs, "params": params, "outputs": outputs}


def operation(op: str, *args: int) -> dict:
    return {"op": op, "args": list(args)}


def variable(name: str) -> dict:
    return {"op": "input", "name": name}
