"""The worker beside the embedded engine: the same job on the published reference model gives the same numbers."""

import json
from pathlib import Path

import pytest
from losslattice_worker.contract import decode_job
from losslattice_worker.distributed import Place
from losslattice_worker.train import train

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = json.loads((Path(__file__).parent / "fixtures/embedded.json").read_text())


def fixture_job(**changes):
    job = json.loads(json.dumps(FIXTURE["job"]))
    job["model"] = str(ROOT / job["model"])
    return {**job, **changes}


@pytest.fixture
def run(capfd):
    """Trains a job in this process: exit code and events."""

    def go(job, place=None):
        capfd.readouterr()
        code = train(decode_job(job, "test"), place or Place())
        return code, [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]

    return go


def test_a_run_agrees_with_the_embedded_engine(run, tmp_path):
    lexicon = tmp_path / "lexicon.json"
    lexicon.write_text(json.dumps(FIXTURE["lexicon"]))
    code, events = run(fixture_job(torch={"lexicon": str(lexicon)}))
    assert code == 0
    expected = [json.loads(line) for line in FIXTURE["lines"]]
    assert [event["event"] for event in events] == [event["event"] for event in expected]
    for found, wanted in zip(events, expected, strict=True):
        for key in ("step_zero_loss", "step_zero_expected", "pairs", "held_out_pairs", "parameters"):
            assert found.get(key) == pytest.approx(wanted.get(key), rel=1e-5) if key in wanted else key not in found
        assert found.get("model_hash") == wanted.get("model_hash")
        assert found.get("samples") == wanted.get("samples")
        assert found.get("rewards") == wanted.get("rewards")
        for name, value in wanted.get("metrics", {}).items():
            if name != "num_tokens":  # the embedded engine shares prompts
                # Log-probabilities and rewards are differences of large sums: 1e-4 of the sums' size.
                scale = 60 if name.startswith(("rewards", "kl")) else 1
                assert found["metrics"][name] == pytest.approx(value, rel=1e-4, abs=1e-5 * scale), (found["step"], name)
