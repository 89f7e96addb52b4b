"""The worker beside the embedded engine: the same job on the published reference model gives the same numbers."""

import json

import pytest
from tiny import FIXTURE, fixture_job, train_here


def test_a_run_agrees_with_the_embedded_engine(capfd, tmp_path):
    lexicon = tmp_path / "lexicon.json"
    lexicon.write_text(json.dumps(FIXTURE["lexicon"]))
    code, events = train_here(fixture_job(torch={"lexicon": str(lexicon)}), capfd)
    assert code == 0
    expected = [json.loads(line) for line in FIXTURE["lines"]]
    assert [event["event"] for event in events] == [event["event"] for event in expected]
    for found, wanted in zip(events, expected, strict=True):
        for key in ("step_zero_loss", "step_zero_expected", "pairs", "held_out_pairs", "parameters"):
            assert found.get(key) == pytest.approx(wanted.get(key), rel=1e-5) if key in wanted else key not in found
        assert found.get("samples") == wanted.get("samples")
        assert found.get("rewards") == wanted.get("rewards")
        for name, value in wanted.get("metrics", {}).items():
            if name != "num_tokens":  # the embedded engine shares prompts
                # Log-probabilities and rewards are differences of large sums: 1e-4 of the sums' size.
                scale = 60 if name.startswith(("rewards", "kl")) else 1
                assert found["metrics"][name] == pytest.approx(value, rel=1e-4, abs=1e-5 * scale), (found["step"], name)
