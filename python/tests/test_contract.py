"""Jobs: every issue at once, unknown keys with the nearest name, and settings that would do nothing refused."""

import copy

import pytest
from losslattice_worker.contract import decode_job, read_job
from losslattice_worker.errors import BadJob
from tiny import fixture_job, small_job


def issues_of(job):
    with pytest.raises(BadJob) as caught:
        decode_job(job, "job.json")
    return caught.value.issues


def test_a_sound_job_is_read():
    job = decode_job(fixture_job(torch={"lora": {"rank": 4, "alpha": 8, "targets": "all-linear"}}), "job.json")
    assert job.batch_size == 8
    assert job.evaluation.samples_per_prompt == 2
    assert job.torch.lora.rank == 4
    assert (job.torch.head_chunk, job.torch.threads) == (None, None)
    assert job.prompts


def test_every_issue_is_found_at_once():
    job = small_job(stepz=3, learning_rate=0, batch_size=True)
    job["loss"]["program"]["nodes"][0]["op"] = "inputt"
    job["data"]["pair"] = []
    job["torch"] = {"dtype": "float16", "pakking": True}
    found = issues_of(job)
    assert 'stepz: unknown key; did you mean "steps"?' in found
    assert "learning_rate: expected a number above 0, got 0" in found
    assert any(issue.startswith("batch_size: expected an integer") for issue in found)
    assert 'data.pair: unknown key; did you mean "pairs"?' in found
    assert 'torch.pakking: unknown key; did you mean "packing"?' in found
    assert any(issue.startswith("torch.dtype: expected one of") for issue in found)
    assert any(issue.startswith("loss.program: not a loss program") for issue in found)


@pytest.mark.parametrize(
    ("torch", "issue"),
    [
        ({"share_prompts": True}, "torch.share_prompts: needs packing: true"),
        ({"processes": 2}, "torch.processes: needs parallel: ddp or fsdp2"),
        ({"top_k": 5}, "torch.top_k: does nothing without top_k_mass among the metrics"),
        ({"save_model": True}, "torch.save_model: needs output"),
        ({"sinks": ["tensorboard"]}, "torch.sinks: needs output"),
        ({"kl_samples": 4}, "torch.kl_samples: needs evaluation and data.prompts"),
        ({"max_length": 8, "max_prompt_length": 8}, "torch.max_prompt_length: leaves no room for an answer within max_length"),
        ({"sinks": ["tensorbord"]}, 'torch.sinks: entry 0: expected one of "tensorboard", "wandb", "mlflow", got "tensorbord"'),
        ({"lora": {"rank": 2}}, "torch.lora.alpha: missing"),
    ],
)
def test_settings_that_would_do_nothing_are_refused(torch, issue):
    assert issue in issues_of(small_job(torch=torch))


def test_lora_has_the_base_model_as_its_reference():
    lora = {"lora": {"rank": 2, "alpha": 2, "targets": ["c_attn"]}}
    assert any(issue.startswith("reference: with torch.lora") for issue in issues_of(small_job(torch=lora, reference="x")))


def test_the_hash_names_what_events_depend_on():
    def hash_of(**changes):
        return decode_job(small_job(**changes), "job").hash(["a"])

    first = hash_of()
    assert first == hash_of(output="elsewhere", reference_cache="there")
    assert first == hash_of(torch={"parallel": "ddp", "processes": 2})
    assert first != hash_of(seed=4)
    assert first != hash_of(torch={"dtype": "float64"})
    assert first != decode_job(small_job(), "job").hash(["b"])


def test_files_that_are_no_jobs(tmp_path):
    (tmp_path / "job.json").write_text("{")
    for file, reason in ((tmp_path / "job.json", "no JSON"), (tmp_path / "none.json", "the file cannot be read")):
        with pytest.raises(BadJob, match=reason):
            read_job(str(file))
    assert issues_of([1]) == ["the job: expected an object, got [1]"]
    broken = copy.deepcopy(small_job())
    broken["data"] = 3
    assert issues_of(broken) == ["data: expected an object, got 3"]
