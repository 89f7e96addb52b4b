"""The document of token lengths: numbers of the definition, problems told, bad SPECs refused."""

import json
import math
import random
from array import array
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from losslattice_worker.data import DataSettings, read_rows
from losslattice_worker.data.lengths_report import run, summary

MODEL = str(Path(__file__).resolve().parents[2] / "assets/reference/sotu-0.2m")


def document(capsys, spec):
    assert run(spec) == 0
    return json.loads(capsys.readouterr().out)


def write(path, rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(path)


def test_quantiles_are_values_of_their_rank():
    draw = random.Random(1)
    for _ in range(200):
        values = [draw.randrange(20) for _ in range(draw.randint(1, 30))]
        found = summary(array("q", values))
        for name, q in (("p05", 5), ("p25", 25), ("p50", 50), ("p75", 75), ("p95", 95)):
            # The least value that at least q percent of all do not exceed.
            least = min(v for v in values if 100 * sum(w <= v for w in values) >= q * len(values))
            assert found[name] == least
        assert (found["min"], found["max"]) == (min(values), max(values))
        assert math.isclose(found["mean"], sum(values) / len(values))


def test_lengths_are_those_of_the_rows_that_training_sees(capsys, tmp_path):
    draw = random.Random(4)
    words = ["the", "people", "peace", "war", "union."]
    rows = [
        {side: f"{side[0]} " + " ".join(draw.choices(words, k=draw.randint(1, 9))) for side in ("prompt", "chosen", "rejected")}
        for _ in range(50)
    ]
    found = document(capsys, {"source": write(tmp_path / "pairs.jsonl", rows), "model": MODEL})
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    trained = read_rows(rows, tokenizer=tokenizer, settings=DataSettings(), needs={"lw", "ll"}).rows
    lengths = {
        "prompt": [len(r.prompt_ids) for r in trained],
        "chosen": [len(r.chosen_ids) for r in trained],
        "rejected": [len(r.rejected_ids) for r in trained],
        "longest": [len(r.prompt_ids) + max(len(r.chosen_ids), len(r.rejected_ids)) for r in trained],
        "shared": [[a == b for a, b in zip(r.chosen_ids, r.rejected_ids)].index(False) for r in trained],
    }
    assert found["tokens"] == {name: summary(array("q", values)) for name, values in lengths.items()}
    assert (found["read"], found["rows"], found["kind"], found["context"]) == (50, 50, "pairs", 40)
    assert found["over_context"] == sum(longest - 1 > 40 for longest in lengths["longest"])


def test_problems_are_counted_beyond_those_told(capsys, tmp_path):
    rows = [{"prompt": "a", "chosen": "yes", "rejected": "no"}, *[{"prompt": "a"}] * 150]
    found = document(capsys, {"source": write(tmp_path / "pairs.jsonl", rows), "model": MODEL})
    assert (found["read"], found["rows"], found["problem_count"], len(found["problems"])) == (151, 1, 150, 100)
    assert found["problems"][0]["line"] == 2


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ([], "a data SPEC has source, model"),
        ({"source": "x"}, "a data SPEC has source, model"),
        ({"source": "x", "model": MODEL, "length": 3}, "a data SPEC has source, model"),
        ({"source": "missing.jsonl", "model": MODEL}, "missing.jsonl, the file cannot be read"),
        ({"source": "x", "model": MODEL, "truncation": "cut"}, "truncation is 'cut', allowed are refuse, drop, prompt-start"),
        ({"source": "x", "model": "missing.gguf"}, "missing.gguf: there is no such file"),
    ],
)
def test_a_bad_spec_ends_with_one_sentence(capsys, spec, reason):
    assert run(spec) == 2
    out, err = capsys.readouterr()
    assert out == "" and reason in err and err.count("\n") == 1
