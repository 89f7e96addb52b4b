"""What stops a run before its end: typed events that name the update and the pairs."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch
from losslattice_worker import prepare as preparing
from losslattice_worker import scorer as scoring
from losslattice_worker import step_zero, update
from losslattice_worker.optim import AdamW
from tiny import FIXTURE, ROOT, name, node, program, small_job, train_here

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def failure_of(job, capfd):
    code, events = train_here(job, capfd)
    assert events[-1]["event"] == "failed"
    return code, events[-1], events


def log_margin():
    """log(lw - rw + 1e-3): finite at the reference, and not after the chosen answer has fallen by a thousandth."""
    nodes = [name("lw"), name("rw"), node("sub", 0, 1), {"op": "const", "value": 1e-3}, node("add", 2, 3), node("log", 4)]
    nodes += [{"op": "const", "value": 1}, node("div", 6, 4)]
    return program(*nodes, inputs=["lw", "rw"], gradients={"lw": 7}, loss=5)


def test_a_loss_that_stops_being_finite_names_update_and_pairs(tmp_path, capfd):
    job = small_job(output=str(tmp_path), ce_weight=0)
    job["loss"] = {"spec": "mine", "program": log_margin()}
    code, event, events = failure_of(job, capfd)
    assert code == 1
    assert event["reason"] == "non-finite-loss"
    assert event["step"] == len([e for e in events if e["event"] == "step"]) + 1
    assert event["rows"] and set(event["rows"]) <= set(range(12))
    assert event["message"] == f"the loss of mine is not finite at update {event['step']}"
    assert json.loads((tmp_path / "events.jsonl").read_text().splitlines()[-1]) == event
    status = json.loads((tmp_path / "status.json").read_text())
    assert (status["state"], status["message"]) == ("failed", event["message"])


def test_a_gradient_that_is_not_finite(capfd, monkeypatch):
    original = AdamW.gradient
    monkeypatch.setattr(AdamW, "gradient", lambda self, key: original(self, key) * float("inf"))
    code, event, _ = failure_of(small_job(), capfd)
    assert (code, event["reason"], event["step"]) == (1, "non-finite-gradient", 1)
    assert len(event["rows"]) == 4


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError()])
def test_memory_that_runs_out_names_update_and_rows(capfd, monkeypatch, error):
    calls = []
    original = update._send_back

    def fails_at_third(*arguments):
        calls.append(1)
        if len(calls) == 6:
            raise error
        original(*arguments)

    monkeypatch.setattr(update, "_send_back", fails_at_third)
    job = small_job(torch={"tokens_per_micro_batch": 160})
    code, event, events = failure_of(job, capfd)
    assert (code, event["reason"]) == (1, "out-of-memory")
    assert event["step"] == len([e for e in events if e["event"] == "step"]) + 1
    assert 0 < len(event["rows"]) < 4
    assert event["message"].startswith(f"memory ran out at update {event['step']}: ")


def test_memory_that_runs_out_while_references_are_scored_is_said(capfd, monkeypatch):
    def runs_out(*_arguments):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(preparing, "score_rows", runs_out)
    code, event, _ = failure_of(small_job(), capfd)
    assert (code, event["reason"], event["step"]) == (1, "out-of-memory", 0)
    assert event["message"] == "memory ran out before the first update: CUDA out of memory. Tried to allocate 2 GiB"


def test_a_policy_that_is_not_the_reference_fails_the_step_zero_check(capfd, monkeypatch):
    original = preparing.cached_scores

    def stale(*arguments):
        return {key: values + 0.01 for key, values in original(*arguments).items()}

    monkeypatch.setattr(preparing, "cached_scores", stale)
    code, event, _ = failure_of(small_job(), capfd)
    assert (code, event["reason"], event["step"]) == (1, "step-zero", 0)
    assert "the chosen answer of pair" in event["message"] and "the reference" in event["message"]
    assert len(event["rows"]) == 1


def test_a_training_path_that_differs_from_the_textbook_fails_the_step_zero_check(capfd, monkeypatch):
    original = scoring.ScoringModule.forward

    def wrong(self, *arguments, **options):
        found = original(self, *arguments, **options)
        return {**found, "logps": found["logps"] * 1.001} if isinstance(found, dict) else found

    monkeypatch.setattr(scoring.ScoringModule, "forward", wrong)
    code, event, _ = failure_of(small_job(), capfd)
    assert (code, event["reason"]) == (1, "step-zero")
    assert "textbook operations" in event["message"]


def test_a_program_that_is_computed_wrongly_fails_the_step_zero_check(capfd, monkeypatch):
    original = step_zero.programs_value
    monkeypatch.setattr(step_zero, "programs_value", lambda *arguments: original(*arguments) + 1e-3)
    code, event, _ = failure_of(small_job(), capfd)
    assert (code, event["reason"]) == (1, "step-zero")
    assert "its program gives" in event["message"]


def test_inputs_that_cannot_be_used(tmp_path, capfd):
    code, event, _ = failure_of(small_job(model=str(tmp_path)), capfd)
    assert (code, event["reason"]) == (2, "invalid-input")
    assert str(tmp_path) in event["message"]
    job = small_job()
    job["data"]["pairs"][2]["chosen"] = " "
    code, event, _ = failure_of(job, capfd)
    assert (code, event["reason"]) == (2, "invalid-input")
    assert "an answer is empty" in event["message"]
    code, event, _ = failure_of(small_job(torch={"tokens_per_micro_batch": 10}), capfd)
    assert code == 2
    assert "torch.tokens_per_micro_batch: row 1 alone takes" in event["message"]
    code, event, _ = failure_of(small_job(torch={"device": "cuda"}), capfd) if not torch.cuda.is_available() else (2, None, None)
    assert code == 2 and (event is None or event["reason"] == "engine-unavailable")
    job = small_job(torch={})
    job["loss"]["program"] = FIXTURE["programs"]["dro"]
    code, event, _ = failure_of(job, capfd)
    assert code == 2
    assert "the loss needs a column v" in event["message"]


def test_a_process_that_dies_ends_the_others(tmp_path):
    job = small_job(output=str(tmp_path), steps=5000, torch={"parallel": "ddp", "processes": 2})
    (tmp_path / "job.json").write_text(json.dumps(job))
    places = [{"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"} for rank in range(2)]
    from losslattice_worker.launch import free_port

    port = str(free_port())
    command = [sys.executable, "-m", "losslattice_worker", "train", str(tmp_path / "job.json")]
    first, second = (
        subprocess.Popen(command, env={**ENVIRONMENT, **place, "MASTER_PORT": port}, stdout=subprocess.PIPE, text=True)
        for place in places
    )
    try:
        assert first.stdout.readline().startswith('{"version":1')
        second.send_signal(signal.SIGKILL)
        assert first.wait(timeout=60) != 0
    finally:
        first.kill()
        second.kill()
    last = json.loads((tmp_path / "events.jsonl").read_text().splitlines()[-1])
    assert last["event"] in ("step", "started", "failed")
