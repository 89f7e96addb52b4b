"""A run that is killed and started again ends with the same bytes as one that was not."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import ROOT, fixture_job, train_here

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def job_in(folder: Path, **changes):
    job = fixture_job(steps=24, batch_size=4, checkpoint_every=3, output=str(folder), **changes)
    job["evaluation"] |= {"every": 8, "samples_per_prompt": 1, "max_tokens": 4}
    job["data"]["prompts"] = job["data"]["prompts"][:2]
    return job


def start(file: Path):
    command = [sys.executable, "-m", "losslattice_worker", "train", str(file)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    file = folder / "job.json"
    file.write_text(json.dumps(job_in(folder)))
    assert start(file).wait() == 0
    return (folder / "events.jsonl").read_bytes()


def test_killed_runs_end_with_the_same_bytes(whole, tmp_path):
    file = tmp_path / "job.json"
    file.write_text(json.dumps(job_in(tmp_path)))
    chance = random.Random(5)
    starts = 0
    for after in (chance.randrange(1, 6), chance.randrange(7, 12), chance.randrange(14, 22), 10_000):
        process = start(file)
        starts += 1
        for count, _ in enumerate(process.stdout, 1):
            if count >= after:
                process.send_signal(signal.SIGKILL)
                break
        code = process.wait()
        process.stdout.close()
    assert code == 0
    assert starts == 4
    assert (tmp_path / "events.jsonl").read_bytes() == whole
    assert not list(tmp_path.glob("*.tmp"))


def test_a_signal_ends_the_update_and_the_run_goes_on_later(whole, tmp_path, capfd):
    file = tmp_path / "job.json"
    file.write_text(json.dumps(job_in(tmp_path)))
    process = start(file)
    for count, _ in enumerate(process.stdout, 1):
        if count == 7:
            process.send_signal(signal.SIGTERM)
            break
    process.stdout.read()
    assert process.wait() == 143
    status = json.loads((tmp_path / "status.json").read_text())
    assert status["state"] == "cancelled"
    assert status["message"] == f"stopped by SIGTERM after update {status['step']}"
    before = (tmp_path / "events.jsonl").read_bytes()
    assert whole.startswith(before)
    code, events = train_here(json.loads(file.read_text()), capfd)
    assert code == 0
    assert (tmp_path / "events.jsonl").read_bytes() == whole
    assert "".join(json.dumps(event) for event in events) == "".join(json.dumps(json.loads(line)) for line in whole.splitlines())
    assert json.loads((tmp_path / "status.json").read_text())["state"] == "finished"
    again, repeated = train_here(json.loads(file.read_text()), capfd)
    assert again == 0
    assert repeated == events


def test_folders_of_others_are_refused(whole, tmp_path, capfd):
    (tmp_path / "events.jsonl").write_bytes(whole)
    other = job_in(tmp_path, seed=11)
    code, events = train_here(other, capfd)
    assert code == 2
    assert events[-1]["reason"] == "invalid-input"
    assert "another job" in events[-1]["message"]
    (tmp_path / "events.jsonl").write_text("notes\n")
    code, events = train_here(other, capfd)
    assert code == 2
    assert "holds no events" in events[-1]["message"]
    assert (tmp_path / "events.jsonl").read_text() == "notes\n"
