"""Settings of the section `torch` change speed and memory, not numbers; and what evaluations can measure beside."""

import json
import sys
import types

import pytest
import torch
from losslattice_worker.contract import decode_job
from losslattice_worker.distributed import Place
from losslattice_worker.tiny_model import tiny_model
from losslattice_worker.train import train
from tiny import FIXTURE, small_job, train_here


def steps_of(events):
    return [event["metrics"] for event in events if event["event"] == "step"]


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    """A tiny Llama with the reference model's tokenizer."""
    from tiny import REFERENCE_MODEL

    return str(tiny_model(tmp_path_factory.mktemp("llama"), 3, tokenizer=REFERENCE_MODEL, context=80))


def run(capfd, model, **torch_settings):
    code, events = train_here(small_job(model=model, torch=torch_settings), capfd)
    assert code == 0, events
    return events


@pytest.fixture(scope="module")
def plain(llama):
    return {}


@pytest.mark.parametrize(
    "settings",
    [
        {"packing": True},
        {"packing": True, "share_prompts": True},
        {"packing": True, "share_prompts": True, "tokens_per_micro_batch": 120, "attention": "eager"},
        {"gradient_checkpointing": True},
        {"head_chunk": 3},
        {"tokens_per_micro_batch": 120, "gradient_checkpointing": True},
    ],
)
def test_how_a_batch_runs_changes_no_number(settings, llama, plain, capfd):
    if not plain:
        plain["steps"] = steps_of(run(capfd, llama, dtype="float64"))
    found = steps_of(run(capfd, llama, dtype="float64", **settings))
    for one, two in zip(plain["steps"][1:], found[1:], strict=True):
        # Llama's norms, rotations and eager softmax are float32 inside a float64 model.
        assert two == pytest.approx(one, rel=1e-5, abs=1e-6 if settings.get("attention") == "eager" else 1e-8)


def test_compiled_blocks_agree(llama, capfd):
    one = steps_of(run(capfd, llama))
    two = steps_of(run(capfd, llama, compile=True))
    for a, b in zip(one, two, strict=True):
        assert b["loss"] == pytest.approx(a["loss"], rel=1e-4)


def test_bfloat16_keeps_small_updates(llama, capfd):
    """A learning rate far below the spacing of bfloat16 weights still moves them, through the float32 masters."""
    job = small_job(model=llama, torch={"dtype": "bfloat16"}, learning_rate=2e-5, steps=40, warmup=0)
    job["data"]["pairs"] = job["data"]["pairs"][:4]
    code, events = train_here(job, capfd)
    assert code == 0
    steps = steps_of(events)
    assert steps[-1]["rewards/margins"] > steps[0]["rewards/margins"] + 0.002


def test_adapters_train_against_the_model_without_them(llama, tmp_path, capfd):
    job = small_job(
        model=llama,
        output=str(tmp_path),
        checkpoint_every=2,
        evaluation={"every": 3, "max_tokens": 4},
        torch={"lora": {"rank": 4, "alpha": 8, "dropout": 0.1, "targets": "all-linear"}, "save_model": True},
    )
    job["data"]["prompts"] = ["we must"]
    code, events = train_here(job, capfd)
    assert code == 0, events[-1]
    assert events[0]["parameters"] < 20_000
    evaluations = [event["metrics"] for event in events if event["event"] == "evaluation"]
    assert evaluations[0]["kl"] == 0
    assert evaluations[-1]["kl"] > 0
    before = (tmp_path / "events.jsonl").read_bytes()
    saved = small_job(model=str(tmp_path / "model"), steps=1)
    assert train_here(saved, capfd)[0] == 0
    # Again in parts: dropout is a function of the update, so the bytes are the same.
    other = tmp_path / "parts"
    stopped = {**job, "output": str(other), "steps": 6}
    assert train_here(stopped, capfd)[0] == 0
    assert (other / "events.jsonl").read_bytes() == before


def test_evaluations_measure_what_is_asked_for(capfd):
    job = small_job(evaluation={"every": 6, "samples_per_prompt": 2, "max_tokens": 6})
    job["data"] |= {"prompts": ["we must", "the people of"], "held_out_pairs": FIXTURE["job"]["data"]["held_out_pairs"]}
    job["torch"] = {"metrics": ["entropy", "top_k_mass"], "top_k": 5, "kl_samples": 8}
    code, events = train_here(job, capfd)
    assert code == 0
    steps = steps_of(events)
    assert all(0 < step["top_k_mass"] < 1 and 0 < step["entropy"] < 7 for step in steps)
    last = [event for event in events if event["event"] == "evaluation"][-1]
    metrics = last["metrics"]
    assert metrics["kl/estimate_low"] <= metrics["kl/estimate"] <= metrics["kl/estimate_high"]
    assert 0 < metrics["kl/estimate"] < 5
    assert 0 < metrics["top_k_mass"] < 1
    assert metrics["gold/best_of_2"] >= metrics["gold/reward"]
    assert len(last["rewards"]) == 4
    assert {"length/chosen", "length/rejected", "rewards/margins", "loss"} <= set(metrics)


def test_tensorboard_gets_the_numbers_of_events(tmp_path, capfd):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    job = small_job(output=str(tmp_path), torch={"sinks": ["tensorboard"]})
    code, events = train_here(job, capfd)
    assert code == 0
    reader = EventAccumulator(str(tmp_path / "tensorboard"))
    reader.Reload()
    written = [(scalar.step, scalar.value) for scalar in reader.Scalars("loss")]
    assert [step for step, _ in written] == [1, 2, 3, 4, 5, 6]
    assert [value for _, value in written] == pytest.approx([step["loss"] for step in steps_of(events)], rel=1e-6)
    bare = small_job(output=str(tmp_path / "bare"))
    assert train_here(bare, capfd)[0] == 0
    assert (tmp_path / "bare" / "events.jsonl").read_bytes() == (tmp_path / "events.jsonl").read_bytes()


def test_a_sink_that_is_not_installed_is_refused_with_a_sentence(tmp_path, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    code, events = train_here(small_job(output=str(tmp_path), torch={"sinks": ["wandb"]}), capfd)
    assert code == 2
    assert events[-1]["message"] == "torch.sinks: wandb needs the Python package wandb, which is not installed"


class Recorder(types.ModuleType):
    """Stands in for the packages wandb and mlflow: keeps what it is called with; from update `breaks` on it fails."""

    def __init__(self, breaks: int | None = None):
        super().__init__("recorder")
        self.numbers, self.ended, self.breaks = {}, 0, breaks

    def init(self, **settings):
        self.settings = settings
        return self

    def start_run(self, run_name):
        self.settings = {"name": run_name}

    def log_params(self, params):
        self.settings["config"] = params

    def log(self, values, step):
        if self.breaks is not None and step >= self.breaks:
            raise OSError("the server is away\nand more")
        self.numbers.setdefault(step, {}).update(values)

    log_metrics = log

    def finish(self):
        self.ended += 1

    end_run = finish


def test_wandb_and_mlflow_get_the_numbers_of_events(tmp_path, capfd, monkeypatch):
    wandb, mlflow = Recorder(), Recorder()
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    job = small_job(output=str(tmp_path), evaluation={"every": 3, "max_tokens": 2}, torch={"sinks": ["wandb", "mlflow"]})
    job["data"]["prompts"] = ["we must"]
    code, events = train_here(job, capfd)
    assert code == 0
    for sink in (wandb, mlflow):
        assert sink.settings["name"] == job["id"] and sink.settings["config"] == {"loss": "dpo", "seed": job["seed"]}
        assert [sink.numbers[step]["loss"] for step in range(1, 7)] == [step["loss"] for step in steps_of(events)]
        assert sink.ended == 1
    evaluation = next(event["metrics"] for event in events if event["event"] == "evaluation")
    assert {"eval/" + name for name in evaluation} == set(wandb.numbers[0])
    # A store of files cannot hold a number `eval/kl` and others in a folder `eval/kl`.
    names = set(mlflow.numbers[0])
    assert "eval/kl" in names and all(name.count("/") <= 1 for name in names) and len(names) == len(wandb.numbers[0])


def test_a_sink_that_fails_ends_nothing_but_itself(tmp_path, capfd, monkeypatch):
    wandb, mlflow = Recorder(breaks=3), Recorder()
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    capfd.readouterr()
    assert train(decode_job(small_job(output=str(tmp_path), torch={"sinks": ["wandb", "mlflow"]}), "test"), Place()) == 0
    assert set(wandb.numbers) == {1, 2} and set(mlflow.numbers) == {1, 2, 3, 4, 5, 6} and wandb.ended == 0
    text = capfd.readouterr().err
    assert "losslattice_worker: the sink wandb failed at update 3 and gets nothing more: the server is away\n" in text


def test_masks_and_unpaired_rows_train(capfd):
    job = small_job(batch_size=2)
    pairs = job["data"]["pairs"]
    job["data"]["pairs"] = [
        {"prompt": row["prompt"], "completion": row[side], "label": side == "chosen"}
        for row in pairs[:6]
        for side in ("chosen", "rejected")
    ]
    job["loss"] = {"spec": "bco", "program": FIXTURE["programs"]["bco"]}
    code, events = train_here(job, capfd)
    assert code == 0, events
    assert events[0]["pairs"] == 6
    job["loss"] = {"spec": "kto", "program": FIXTURE["programs"]["kto"]}
    assert train_here(json.loads(json.dumps(job)), capfd)[0] == 0


def test_a_forbidden_token_is_never_drawn_at_either_end():
    from losslattice_worker.sampling import draw

    logits = torch.zeros(2, 3)
    ends = torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)
    assert draw(logits, ends, torch.tensor([True, False, True])).tolist() == [1, 1]
    assert draw(logits, ends, torch.tensor([False, False, False])).tolist() == [0, 2]


@pytest.mark.parametrize("name", ["cache", "past_key_values"])
def test_a_model_gets_its_cache_back_under_the_name_that_it_has_for_it(name):
    from types import SimpleNamespace

    from losslattice_worker.order import Rng
    from losslattice_worker.sampling import sample

    seen = []

    def model(**inputs):
        seen.append({key: inputs.get(key) for key in ("cache", "past_key_values")})
        return SimpleNamespace(logits=torch.zeros(1, 1, 4), **{name: len(seen)})

    sample(model, [[1, 2]], [Rng.from_seed(0)], device=torch.device("cpu"), max_tokens=3, end_ids=frozenset())
    assert [turn[name] for turn in seen] == [None, 1, 2]
    other = "cache" if name == "past_key_values" else "past_key_values"
    assert [turn[other] for turn in seen] == [None, None, None]
