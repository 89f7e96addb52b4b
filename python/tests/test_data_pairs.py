"""Plain pairs: tokens equal to the embedded engine's, and every bad row refused by its line."""

import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from losslattice_worker.data import DataError, DataSettings, read_rows

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "test/golden/pairTokens.json").read_text())
DPO = {"lw", "ll", "rw", "rl"}


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(ROOT / "assets/reference" / GOLDEN["model"])


def read(tokenizer, rows, needs=frozenset(DPO), **settings):
    return read_rows(rows, tokenizer=tokenizer, settings=DataSettings(**settings), needs=needs)


def test_tokens_are_the_embedded_engines(tokenizer):
    rows = read(tokenizer, [entry["row"] for entry in GOLDEN["rows"]]).rows
    for row, entry in zip(rows, GOLDEN["rows"], strict=True):
        assert (row.prompt_ids, row.chosen_ids, row.rejected_ids) == (
            entry["prompt_ids"],
            entry["chosen_ids"],
            entry["rejected_ids"],
        )


def test_files_and_inline_rows_are_the_same(tokenizer, tmp_path):
    import pyarrow
    import pyarrow.parquet

    rows = [{"prompt": f"p{i}", "chosen": f"yes {i}", "rejected": f"no {i}", "score_chosen": i} for i in range(2500)]
    lines, table = tmp_path / "pairs.jsonl", tmp_path / "pairs.parquet"
    lines.write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), table)
    inline, jsonl, parquet = (read(tokenizer, source) for source in (rows, str(lines), str(table)))
    assert inline == jsonl == parquet
    assert [row.line for row in inline.rows] == list(range(1, 2501))
    assert inline.report.read == inline.report.kept == 2500


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "a", "chosen": " ", "rejected": "b"}, "an answer is empty"),
        ({"prompt": "a", "chosen": "b", "rejected": "b"}, "chosen and rejected are the same text"),
        ({"prompt": "a", "chosen": "B", "rejected": "b"}, "chosen and rejected are different texts, but the same tokens"),
        ({"prompt": "a", "chosen": 3, "rejected": "b"}, "chosen should be text or a list of messages, found a number"),
        ({"prompt": "a", "chosen": "c", "rejected": "b", "chosen_complete": 1}, "chosen_complete should be true or false"),
        ({"prompt": "a", "chosen": "c", "rejected": "b", "score_chosen": "9"}, "score_chosen should be a finite number"),
        ({"prompt": "the " * 50, "chosen": "c", "rejected": "b"}, "positions, the model has 40"),
        ({"text": "a"}, "keys found: text; layouts known: pairs: prompt, chosen, rejected"),
    ],
)
def test_a_bad_row_is_named(tokenizer, row, reason):
    good = {"prompt": "a", "chosen": "yes", "rejected": "no"}
    with pytest.raises(DataError) as caught:
        read(tokenizer, [good, row, good], context=40)
    assert (caught.value.source, caught.value.line) == ("inline rows", 2)
    assert reason in caught.value.reason


def test_all_problems_are_told_with_their_lines(tokenizer, tmp_path):
    file = tmp_path / "bad.jsonl"
    file.write_bytes(
        b'{"prompt": "a", "chosen": "yes", "rejected": "no"}\n{"prompt": \n\n[1]\n'
        b'{"prompt": "a", "chosen": "yes", "rejected": "no", "score_chosen": NaN}\n{"prompt": "\xff"}\n'
    )
    with pytest.raises(DataError) as caught:
        read(tokenizer, str(file))
    assert [line for line, _ in caught.value.problems] == [2, 4, 5, 6]
    assert str(caught.value).startswith(f"{file}, line 2: no JSON: ")
    for part in ("line 4: an object is needed", "line 5: NaN is no JSON number", "line 6: not UTF-8"):
        assert part in str(caught.value)


def test_a_file_that_is_none_is_said_so(tokenizer, tmp_path):
    (tmp_path / "none.parquet").write_text("text")
    (tmp_path / "empty.jsonl").write_text("\n")
    for name, reason in [
        ("missing.jsonl", "cannot be read"),
        ("missing.parquet", "cannot be read"),
        ("none.parquet", "no Parquet file"),
        ("empty.jsonl", "there are no rows"),
        (".", "it is a folder"),
    ]:
        with pytest.raises(DataError, match=reason) as caught:
            read(tokenizer, str(tmp_path / name))
        assert caught.value.line == 0


def test_columns_are_numbers_of_the_row(tokenizer):
    row = {"prompt": "a", "chosen": "yes", "rejected": "no", "score_chosen": 3, "s_l": -1.5, "pol_is_w": True}
    needs = {"lw", "ll", "s_w", "s_l", "pol_is_w"}
    [found] = read(tokenizer, [row], needs).rows
    assert (found.scores, found.columns) == ({"s_w": 3.0, "s_l": -1.5}, {"pol_is_w": 1.0})
    with pytest.raises(DataError, match="line 1: the loss needs a column margin, a number"):
        read(tokenizer, [row], {"lw", "margin"})
    with pytest.raises(DataError, match="line 1: margin should be a finite number, found text"):
        read(tokenizer, [row | {"margin": "1"}], {"lw", "margin"})
    computed = read_rows([row], tokenizer=tokenizer, settings=DataSettings(), needs={"lw", "kl_w"}, computed={"kl_w"})
    assert computed.rows[0].columns == {}
    del row["s_l"]
    with pytest.raises(DataError, match="line 1: the loss needs s_l, a number, also called score_rejected"):
        read(tokenizer, [row], needs)


def test_keys_name_tokens_and_digests_name_all_that_training_sees(tokenizer):
    row = {"prompt": "a", "chosen": "yes", "rejected": "no"}
    plain, scored, other = (read(tokenizer, [row | more]) for more in ({}, {"score_chosen": 1}, {"chosen": "yes."}))
    assert plain.rows[0].key == scored.rows[0].key != other.rows[0].key
    assert len({plain.digest, scored.digest, other.digest}) == 3
    swapped = read(tokenizer, [row, row | {"prompt": "b"}]), read(tokenizer, [row | {"prompt": "b"}, row])
    assert swapped[0].digest != swapped[1].digest
