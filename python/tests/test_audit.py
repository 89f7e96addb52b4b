"""The audit's calls: numbers reach the user's code as they were given, token by token and through models, with exact gradients."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from losslattice_worker.audit.errors import AuditError
from losslattice_worker.audit.leaves import leaves_of
from losslattice_worker.audit.meanings import value_of
from losslattice_worker.audit.measure import measure
from losslattice_worker.audit.models import PrescribedModel
from losslattice_worker.audit.targets import open_target
from losslattice_worker.audit.tokens import batch_of, logits_of, token_logps, weights

ROWS = {
    "lw": [-12.5, -3.0],
    "ll": [-14.25, -4.0],
    "rw": [-13.0, -3.5],
    "rl": [-13.5, -4.5],
    "nw": [3, 5],
    "nl": [7, 2],
}


def leaves(**more):
    return leaves_of({"dtype": "float64", "rows": {**ROWS, **more}, "params": {"beta": 0.1}}, True)


def test_token_shares_are_uneven_and_sum_to_one():
    for n in (1, 2, 3, 50):
        assert weights(n, torch.float64).sum().item() == pytest.approx(1, abs=1e-14)
    assert len(set(weights(3, torch.float64).tolist())) > 1


def test_tokens_sum_to_the_answer_and_gradients_come_back_whole():
    at = leaves()
    tokens = token_logps(at, "ll")
    assert tokens.shape == (2, 7)
    assert tokens.sum(1).tolist() == pytest.approx(ROWS["ll"])
    (slope,) = torch.autograd.grad(tokens.sum(), [at.get("ll")])
    assert slope.tolist() == pytest.approx([1, 1])


def test_a_prescribed_tail_is_what_follows_the_shorter_length():
    tokens = token_logps(leaves(ll_tail=[-6.0, 0.0], lw_tail=[0.0, -1.0]), "ll")
    assert tokens[0, :3].sum().item() == pytest.approx(-8.25)
    assert tokens[0, 3:].sum().item() == pytest.approx(-6.0)


@pytest.mark.parametrize("value", [-1e-6, -0.05, -0.7, -5.0, -800.0])
def test_logits_give_the_prescribed_log_probability_and_slope_one(value):
    x = torch.tensor([value], dtype=torch.float64, requires_grad=True)
    logits = logits_of(x)
    logp = logits.log_softmax(-1)[0, 2]
    assert logp.item() == pytest.approx(value, rel=1e-9)
    assert logits.softmax(-1).sum().item() == pytest.approx(1)
    (slope,) = torch.autograd.grad(logp, [x])
    assert slope.item() == pytest.approx(1, abs=1e-9)


def test_the_model_knows_rows_by_their_first_token_in_any_order_and_padding():
    at = leaves()
    batch = batch_of(at)
    model = PrescribedModel(at, "l")
    for side, name in (("chosen", "lw"), ("rejected", "ll")):
        ids, labels = batch[f"{side}_input_ids"].flip(0), batch[f"{side}_labels"].flip(0)
        wide = torch.nn.functional.pad(ids, (0, 4))
        logps = model(input_ids=wide).logits.log_softmax(-1)[:, :-1]
        picked = logps[:, : ids.shape[1] - 1].gather(2, ids[:, 1:, None]).squeeze(2)
        assert (picked * (labels[:, 1:] != -100)).sum(1).tolist() == pytest.approx(ROWS[name][::-1])
        fused = model(input_ids=ids, labels=labels, fused_lm_head=True).log_probs
        assert fused.sum(1).tolist() == pytest.approx(ROWS[name][::-1])


def test_meanings_are_sums_quotients_and_joined_lists():
    at = leaves()
    assert value_of(at, "lw-ll").tolist() == [1.75, 1.0]
    assert value_of(at, "lw-rw-ll+rl").tolist() == [1.25, 0.0]
    assert value_of(at, "lw/nw").tolist() == pytest.approx([-12.5 / 3, -0.6])
    assert value_of(at, "lw,ll").tolist() == ROWS["lw"] + ROWS["ll"]
    assert value_of(at, "index(l)").tolist() == [2, 3]
    assert value_of(at, "mask(w)").sum(1).tolist() == [3, 5]
    for wrong in ("lw ll", "lw*2", "qq"):
        with pytest.raises(AuditError):
            value_of(at, wrong)


@pytest.mark.parametrize(
    "returned", [lambda x: x, lambda x: (x, None), lambda x: {"loss": x}, lambda x: {"losses": x, "other": 1}]
)
def test_the_loss_is_found_in_what_comes_back(returned):
    call = {"dtype": "float32", "rows": ROWS, "params": {}}
    found = measure(call, lambda at: returned(at.get("lw") ** 2), None)
    assert found["losses"] == [156.25, 9.0]
    assert found["gradients"]["lw"] == [-25.0, -6.0]
    assert found["gradients"]["ll"] is None
    assert found["dtype"] == "float32"


def test_exceptions_and_shapes_are_answers():
    call = {"dtype": "float64", "rows": ROWS, "params": {}}

    def fails(at):
        raise KeyError("x")

    assert measure(call, fails, None)["error"] == "KeyError: 'x'"
    assert "shape [2, 2]" in measure(call, lambda at: torch.stack([at.get("lw")] * 2), None)["error"]
    with pytest.raises(AuditError, match="no loss tensor"):
        measure(call, lambda at: 3.0, None)


def test_a_file_is_refused_with_the_reason(tmp_path: Path):
    bad = tmp_path / "bad.py"
    bad.write_text("import nothing_like_this\n")
    with pytest.raises(AuditError, match="cannot be imported: ModuleNotFoundError"):
        open_target({"kind": "file", "path": str(bad), "function": "f"})
    bad.write_text("x = 3\ndef loss(chosen_logps):\n    return chosen_logps\n")
    with pytest.raises(AuditError, match='has no "los"; it has loss'):
        open_target({"kind": "file", "path": str(bad), "function": "los"})
    with pytest.raises(AuditError, match="int and cannot be called"):
        open_target({"kind": "file", "path": str(bad), "function": "x"})


def test_the_process_answers_line_by_line_and_keeps_the_users_prints_out(tmp_path: Path):
    code = tmp_path / "mine.py"
    code.write_text("print('hello')\ndef loss(a, b=2.0):\n    print('called')\n    return (a * b).mean() / 0\n")
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"version": 1, "target": {"kind": "file", "path": str(code), "function": "loss"}}))
    request = {"arguments": {"a": {"input": "lw"}}, "returns": None, "calls": [{"dtype": "float64", "rows": ROWS, "params": {}}]}
    lines = [request, {"target": {"kind": "file", "path": str(code), "function": "no"}}, request]
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "losslattice_worker", "audit", str(spec)],
        input="\n".join(map(json.dumps, lines)),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    described, first, refused, again = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert [a["name"] for a in described["arguments"]] == ["a", "b"]
    assert first == again
    assert first["calls"][0]["value"] == "-Infinity"
    assert "has no" in refused["failure"]
    assert "hello" in done.stderr and "called" in done.stderr


def test_trl_refuses_its_own_impossible_settings_through_its_own_constructor():
    target = open_target({"kind": "trl", "trainer": "dpo"})
    call = {"dtype": "float64", "rows": ROWS, "params": {}}
    (found,) = target.answer({"arguments": {"loss_type": {"constant": "exo_pair"}}, "calls": [call]})["calls"]
    assert "Label smoothing must be greater than 0.0" in found["error"]
    with pytest.raises(AuditError, match="no adapter for a trainer"):
        open_target({"kind": "trl", "trainer": "ppo"})
