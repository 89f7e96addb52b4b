"""Two processes (gloo, CPU) train as one does, with DDP and FSDP2; a checkpoint of one continues with the other."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch
from losslattice_worker.models import load_model
from tiny import FIXTURE, ROOT, small_job, train_here

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def start(folder, job):
    file = folder / "job.json"
    file.write_text(json.dumps(job))
    command = [sys.executable, "-m", "losslattice_worker", "train", str(file)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def job_of(spec, folder, parallel=None, **changes):
    job = small_job(batch_size=5, output=str(folder), **changes)
    job["loss"] = {"spec": spec, "program": FIXTURE["programs"][spec], "reward_scale": 0.1}
    job["torch"] = {"dtype": "float64", "tokens_per_micro_batch": 200}
    if parallel is not None:
        job["torch"] |= {"parallel": parallel, "processes": 2}
    return job


def metrics_of(text):
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [event["metrics"] for event in events if event["event"] == "step"]


@pytest.mark.parametrize(("parallel", "spec"), [("ddp", "bco"), ("fsdp2", "bco"), ("fsdp2", "tdpo2")])
def test_two_processes_train_as_one(parallel, spec, tmp_path, capfd):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    evaluation = {"evaluation": {"every": 6, "max_tokens": 4}}
    job = job_of(spec, tmp_path / "one", **evaluation)
    job["data"]["prompts"] = ["we must", "the people of"]
    code, events = train_here(job, capfd)
    assert code == 0
    expected = [event["metrics"] for event in events if event["event"] in ("step", "evaluation")]
    pair = job_of(spec, tmp_path / "two", parallel, **evaluation)
    pair["data"] = job["data"]
    process = start(tmp_path / "two", pair)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err[-3000:]
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    found = [event["metrics"] for event in lines if event["event"] in ("step", "evaluation")]
    assert len(found) == len(expected) == 8
    for one, two in zip(expected, found, strict=True):
        # At the reference margins are zero but for rounding, and which of them count as positive is chance.
        assert abs(two.pop("rewards/accuracies", 0) - one.pop("rewards/accuracies", 0)) <= 0.5
        assert two == pytest.approx(one, rel=1e-6, abs=1e-9)
    assert (tmp_path / "two" / "events.jsonl").read_text() == "".join(line + "\n" for line in out.splitlines() if line.startswith("{"))


def test_a_checkpoint_continues_with_another_number_of_processes(tmp_path, capfd):
    job = job_of("bco", tmp_path / "whole")
    code, events = train_here(job, capfd)
    assert code == 0
    expected = [event["metrics"] for event in events if event["event"] == "step"]
    (tmp_path / "parts").mkdir()
    process = start(tmp_path / "parts", job_of("bco", tmp_path / "parts", "fsdp2", checkpoint_every=1))
    for line in process.stdout:
        if '"checkpoint"' in line and '"step":3' in line:
            process.send_signal(signal.SIGTERM)
            break
    process.communicate(timeout=200)
    assert process.returncode == 143
    code, events = train_here(job_of("bco", tmp_path / "parts", checkpoint_every=1), capfd)
    assert code == 0
    found = [event["metrics"] for event in events if event["event"] == "step"]
    assert len(found) == 6
    for one, two in zip(expected[1:], found[1:], strict=True):
        assert two == pytest.approx(one, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("parallel", ["ddp", "fsdp2"])
@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_adapters_train_in_two_processes_as_in_one_and_are_saved_merged(parallel, dtype, tmp_path, capfd):
    """bfloat16 weights have float32 adapters beside them; there the two only agree to what bfloat16 rounds."""
    adapters = {"dtype": dtype, "save_model": True, "lora": {"rank": 4, "alpha": 8, "targets": "all-linear"}}
    models = []
    for name, way in (("one", None), ("two", parallel)):
        (tmp_path / name).mkdir()
        job = job_of("bco", tmp_path / name, way)
        job["torch"] |= adapters
        job["learning_rate"] = 0.02
        if way is None:
            code, events = train_here(job, capfd)
            assert code == 0, events[-1]
            expected = [event["metrics"] for event in events if event["event"] == "step"]
        else:
            process = start(tmp_path / name, job)
            out, err = process.communicate(timeout=200)
            assert process.returncode == 0, err[-3000:]
        models.append(load_model(str(tmp_path / name / "model"), dtype=torch.float64))
    close = {"rel": 1e-6, "abs": 1e-9} if dtype == "float64" else {"rel": 0.05, "abs": 0.02}
    for one, two in zip(expected, metrics_of(out), strict=True):
        assert two["loss"] == pytest.approx(one["loss"], **close)
    start_weights = dict(load_model(small_job()["model"], dtype=torch.float64).model.named_parameters())
    for (name, one), (_, two) in zip(*(m.model.named_parameters() for m in models), strict=True):
        torch.testing.assert_close(two, one, rtol=0, atol=1e-6 if dtype == "float64" else 0.1)
    moved = [name for name, one in models[1].model.named_parameters() if (one - start_weights[name]).abs().max() > 0.02]
    assert moved and all("attn" in name or "mlp" in name for name in moved)
