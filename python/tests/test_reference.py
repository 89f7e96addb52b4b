"""Reference scores are computed once and shared: by losses, seeds and runs, and by writers at the same time."""

import json
import multiprocessing
from dataclasses import replace

import pytest
import torch
from losslattice_worker import reference
from losslattice_worker.distributed import Group, Place
from losslattice_worker.reference import Key, cached_scores
from tiny import FIXTURE, small_job, train_here

KEY = Key("model", "tokenizer", "", "refuse,None,None", "float32", "cpu", "sdpa", "w,l", "logps", "rows")
ALONE = Group(Place(), torch.device("cpu"))


@pytest.fixture
def counted(monkeypatch):
    """How many times a forward pass over rows was asked for while references were scored."""
    calls = []
    original = reference.score_rows
    monkeypatch.setattr("losslattice_worker.prepare.score_rows", lambda *a, **k: calls.append(1) or original(*a, **k))
    return calls


def test_a_second_job_scores_no_reference(tmp_path, counted, capfd):
    job = small_job(steps=1, reference_cache=str(tmp_path))
    job["data"]["held_out_pairs"] = FIXTURE["job"]["data"]["held_out_pairs"]
    job["evaluation"] = {"every": 5}
    code, events = train_here(job, capfd)
    assert code == 0 and len(counted) == 2
    assert len(list(tmp_path.glob("reference-*.safetensors"))) == 2
    other = {**job, "seed": 9, "id": "other", "loss": {"spec": "bco", "program": FIXTURE["programs"]["bco"]}}
    code, _ = train_here(other, capfd)
    assert code == 0 and len(counted) == 2
    again, repeated = train_here(job, capfd)
    assert again == 0 and repeated == events and len(counted) == 2
    changed = json.loads(json.dumps(job))
    changed["data"]["pairs"][0]["chosen"] += " indeed"
    assert train_here(changed, capfd)[0] == 0
    assert len(counted) == 3
    wide = {**job, "torch": {"dtype": "float64"}}
    assert train_here(wide, capfd)[0] == 0
    assert len(counted) == 5


def test_a_damaged_file_is_computed_again(tmp_path):
    scores = {"logps": torch.arange(6, dtype=torch.float64).reshape(3, 2)}
    calls = []

    def compute():
        calls.append(1)
        return scores

    for _ in range(2):
        found = cached_scores(str(tmp_path), KEY, (3, 2), ALONE, compute)
        assert torch.equal(found["logps"], scores["logps"])
    assert len(calls) == 1
    (file,) = tmp_path.glob("*.safetensors")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    cached_scores(str(tmp_path), KEY, (3, 2), ALONE, compute)
    file.write_bytes(b"x")
    cached_scores(str(tmp_path), KEY, (3, 2), ALONE, compute)
    assert len(calls) == 3


def test_every_part_of_the_key_counts():
    names = {KEY.name()} | {replace(KEY, **{part: "other"}).name() for part in vars(KEY)}
    assert len(names) == 1 + len(vars(KEY))


def _write(folder, number):
    for _ in range(20):
        scores = {"logps": torch.full((50, 2), 3.0, dtype=torch.float64)}
        reference.write_tensors(f"{folder}/reference-{KEY.name()}.safetensors", [reference.entry("logps", scores["logps"])],
                                {"sha256": reference._digest(scores)})


def test_writers_at_the_same_time_leave_a_whole_file(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(str(tmp_path), k)) for k in range(3)]
    for writer in writers:
        writer.start()
    file = tmp_path / f"reference-{KEY.name()}.safetensors"
    while any(writer.is_alive() for writer in writers):
        if file.exists():
            assert reference._read(file, ["logps"], (50, 2)) is not None
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert not list(tmp_path.glob("*.tmp"))
