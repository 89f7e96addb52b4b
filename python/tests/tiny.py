"""A small job for tests: the pairs of the fixture on a random model, or on the published reference model."""

import json
from pathlib import Path

from losslattice_worker.contract import decode_job
from losslattice_worker.distributed import Group, Place
from losslattice_worker.train import train

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = json.loads((Path(__file__).parent / "fixtures/embedded.json").read_text())
REFERENCE_MODEL = str(ROOT / "assets/reference/sotu-0.2m")


def program(*nodes, inputs, params=None, gradients, loss=None):
    """A program from nodes; the loss is the node before the gradients' unless told."""
    return {
        "version": 1,
        "nodes": list(nodes),
        "inputs": list(inputs),
        "params": params or {},
        "outputs": {"loss": loss, "gradients": gradients},
    }


def node(op, *args):
    return {"op": op, "args": list(args)}


def name(text):
    return {"op": "input", "name": text}


def fixture_job(**changes):
    """The job of the fixture, changed; `torch` is merged."""
    job = json.loads(json.dumps(FIXTURE["job"]))
    job["model"] = REFERENCE_MODEL
    return {**job, **changes}


def small_job(**changes):
    """Few and short updates without an evaluation."""
    job = fixture_job(steps=6, batch_size=4, warmup=2, learning_rate=1e-3)
    job["data"] = {"pairs": job["data"]["pairs"][:12]}
    del job["evaluation"]
    return {**job, **changes}


def train_here(job, capfd):
    """Trains in this process: exit code, events."""
    capfd.readouterr()
    code = train(decode_job(job, "test"), Place())
    return code, [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]


def alone(device):
    return Group(Place(), device)
