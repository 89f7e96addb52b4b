"""Rankings, goals, unpaired rows, third answers and lengths against slow readings of their definitions."""

import json
import random
from itertools import permutations
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from losslattice_worker.data import DataError, DataSettings, read_rows
from losslattice_worker.data.expand import goal_text, pairs_of_ranking
from losslattice_worker.data.records import Answer, Record

ROOT = Path(__file__).resolve().parents[2]
DPO = {"lw", "ll", "rw", "rl"}
WORDS = ["the", "people", "of", "peace", "war", "union", "law", "great", "are", "we"]


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(ROOT / "assets/reference/sotu-0.2m")


def read(tokenizer, rows, needs=frozenset(DPO), **settings):
    return read_rows(rows, tokenizer=tokenizer, settings=DataSettings(**settings), needs=needs)


def answer_ids(tokenizer, text):
    return [*tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]


def words(draw, least, most):
    return " ".join(draw.choices(WORDS, k=draw.randint(least, most)))


# K-wise


@pytest.mark.parametrize("how", ["best-worst", "adjacent", "all"])
def test_pairs_of_a_ranking_are_those_of_the_definition(how):
    draw = random.Random(3)
    for _ in range(500):
        scores = [draw.randint(0, 4) for _ in range(draw.randint(2, 6))]
        record = Record(1, "k-wise", "q", [Answer(str(i), score=float(s)) for i, s in enumerate(scores)])
        found = {tuple(int(a.text) for a in pair.answers) for pair in pairs_of_ranking(record, how)}
        every = {(i, j) for i, j in permutations(range(len(scores)), 2) if scores[i] > scores[j]}
        if how == "all":
            assert found == every
        elif how == "best-worst":
            best, worst = scores.index(max(scores)), scores.index(min(scores))
            assert found == ({(best, worst)} if max(scores) > min(scores) else set())
        else:
            # Neighbours: nothing stands between them in the order (score down, then place in the row).
            order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
            assert found == {(i, j) for i, j in every if order.index(j) - order.index(i) == 1}


def test_k_wise_rows_become_scored_pairs(tokenizer):
    row = {"prompt": "the", "completions": ["war", "peace", "law"], "scores": [1, 3, 2]}
    rows = read(tokenizer, [row], DPO | {"s_w", "s_l"}, k_wise="adjacent")
    assert rows.kind == "pairs"
    assert [(r.chosen_ids, r.rejected_ids, r.scores) for r in rows.rows] == [
        (answer_ids(tokenizer, "peace"), answer_ids(tokenizer, "law"), {"s_w": 3.0, "s_l": 2.0}),
        (answer_ids(tokenizer, "law"), answer_ids(tokenizer, "war"), {"s_w": 2.0, "s_l": 1.0}),
    ]
    tied = row | {"scores": [2, 2, 2]}
    report = read(tokenizer, [row, tied]).report
    assert (report.read, report.kept, report.dropped_lines) == (2, 1, [2])
    assert report.dropped == {"no two completions differ in their scores": 1}
    with pytest.raises(DataError, match="there are no rows .1 left out: no two completions"):
        read(tokenizer, [tied])
    with pytest.raises(DataError, match="line 1: the same completion has two scores"):
        read(tokenizer, [row | {"completions": ["war", "war", "law"]}])


def test_losses_of_several_answers_get_them_best_first(tokenizer):
    row = {"prompt": "the", "completions": ["war", "peace", "law"], "scores": [1, 3, 2]}
    rows = read(tokenizer, [row], {"ly1", "ly2", "ly3", "ry3", "ny2", "s_y1", "s_y3"})
    best_first = [answer_ids(tokenizer, text) for text in ("peace", "law", "war")]
    [found] = rows.rows
    assert (rows.kind, found.completions, found.chosen_ids, found.rejected_ids) == ("k-wise", best_first, *best_first[:2])
    assert found.columns == {"s_y1": 3.0, "s_y3": 1.0}
    with pytest.raises(DataError, match="line 1: the loss compares 4 completions of a prompt, found 3 completions"):
        read(tokenizer, [row], {"ly4"})
    with pytest.raises(DataError, match="found a row of kind pairs"):
        read(tokenizer, [{"prompt": "a", "chosen": "b", "rejected": "c"}], {"ly3"})


# Goals


def test_goals_double_scored_pairs(tokenizer):
    row = {"prompt": "the", "chosen": "peace", "rejected": "war", "score_chosen": 9, "score_rejected": 7.5}
    settings = {"reward_augmented": {"template": "score {goal}: "}}
    rows = read_rows([row], tokenizer=tokenizer, settings=DataSettings.of_job(settings), needs=DPO).rows
    first = [tokenizer.bos_token_id]
    peace, war = (answer_ids(tokenizer, text) for text in ("peace", "war"))
    assert [(r.prompt_ids, r.chosen_ids, r.rejected_ids) for r in rows] == [
        (first + answer_ids(tokenizer, "score 9: the")[:-1], peace, war),
        (first + answer_ids(tokenizer, "score 7.5: the")[:-1], war, peace),
    ]
    # R(x, y, g) = -(g - r)^2: the chosen answer meets its goal, the other misses it by 1.5.
    assert [r.scores for r in rows] == [{"s_w": 0.0, "s_l": -2.25}] * 2


def test_goals_need_scores_that_differ(tokenizer):
    pair = {"prompt": "the", "chosen": "peace", "rejected": "war"}
    with pytest.raises(DataError, match="line 1: reward-augmented data need score_chosen and score_rejected"):
        read(tokenizer, [pair], goal_template="{goal}")
    scored = pair | {"score_chosen": 2, "score_rejected": 1}
    report = read(tokenizer, [scored, scored | {"score_rejected": 2}], goal_template="{goal}").report
    assert (report.kept, report.dropped) == (2, {"the scores are equal, so a goal would prefer both orders": 1})
    with pytest.raises(DataError, match="too far apart"):
        read(tokenizer, [pair | {"score_chosen": 1e200, "score_rejected": -1e200}], goal_template="{goal}")
    with pytest.raises(ValueError, match="with {goal} in it"):
        DataSettings(goal_template="goal")


def test_goals_are_written_so_that_they_can_be_read_back():
    assert [goal_text(score) for score in (9.0, 7.5, -2.0, 0.1, 1e22)] == ["9", "7.5", "-2", "0.1", str(10**22)]


# Unpaired


def test_unpaired_rows_meet_in_order_and_the_shorter_side_comes_again(tokenizer):
    draw = random.Random(5)
    for _ in range(20):
        data = [
            {"prompt": words(draw, 1, 3), "completion": f"{words(draw, 1, 4)} {i}", "label": draw.random() < 0.6, "score": i}
            for i in range(draw.randint(2, 12))
        ]
        sides = [[row for row in data if row["label"]], [row for row in data if not row["label"]]]
        if not all(sides):
            with pytest.raises(DataError, match="and the loss needs both"):
                read(tokenizer, data)
            continue
        rows = read(tokenizer, data, DPO | {"s_w", "s_l"})
        assert rows.kind == "unpaired"
        assert len(rows.rows) == max(map(len, sides))
        for i, row in enumerate(rows.rows):
            yes, no = sides[0][i % len(sides[0])], sides[1][i % len(sides[1])]
            assert row.chosen_ids == answer_ids(tokenizer, yes["completion"])
            assert row.rejected_ids == answer_ids(tokenizer, no["completion"])
            assert row.prompt_ids[1:] == answer_ids(tokenizer, yes["prompt"])[:-1]
            assert row.rejected_prompt_ids[1:] == answer_ids(tokenizer, no["prompt"])[:-1]
            assert row.scores == {"s_w": yes["score"], "s_l": no["score"]}
            assert (row.line, row.rejected_line) == (data.index(yes) + 1, data.index(no) + 1)


def test_single_answers_serve_losses_without_rejected_ones(tokenizer):
    data = [{"prompt": "a", "completion": "war", "label": False}, {"prompt": "a", "completion": "peace", "v": 2, "score": 1}]
    [row] = read(tokenizer, data, {"lw", "rw", "s_w", "v"}).rows
    assert (row.chosen_ids, row.rejected_ids) == (answer_ids(tokenizer, "peace"), [])
    assert (row.scores, row.columns) == ({"s_w": 1.0}, {"v": 2.0})
    with pytest.raises(DataError, match="line 2: the row has no label"):
        read(tokenizer, data)


def test_kinds_do_not_mix(tokenizer):
    data = [{"prompt": "a", "chosen": "b", "rejected": "c"}, {"prompt": "a", "completion": "d", "label": True}]
    with pytest.raises(DataError, match="line 2: a row of kind unpaired, but line 1 is of kind pairs"):
        read(tokenizer, data)


# Third answers


def test_gold_is_cut_like_an_answer_and_missed_by_name(tokenizer):
    pair = {"prompt": "a", "chosen": "war", "rejected": "law"}
    [row] = read(tokenizer, [pair | {"gold": "peace"}], {"lw", "ll", "lg", "ng"}).rows
    assert row.third == answer_ids(tokenizer, "peace")
    with pytest.raises(DataError, match="line 2: the loss needs gold, a third answer"):
        read(tokenizer, [pair | {"gold": "peace"}, pair], {"lw", "lg"})
    with pytest.raises(DataError, match="line 1: an answer is empty"):
        read(tokenizer, [pair | {"gold": " "}], {"lw", "lg"})


# Lengths


@pytest.mark.parametrize("truncation", ["refuse", "drop", "prompt-start"])
def test_lengths_follow_the_definition(tokenizer, truncation):
    draw = random.Random(11)
    first = tokenizer.bos_token_id
    for _ in range(150):
        data = [
            {"prompt": words(draw, 0, 12), "chosen": words(draw, 1, 8), "rejected": "law " + words(draw, 1, 8) + "."}
            for _ in range(6)
        ]
        most, prompt_most = draw.choice([None, draw.randint(4, 20)]), draw.choice([None, draw.randint(1, 9)])
        expected, cut, refused = [], 0, []
        for line, row in enumerate(data, start=1):
            prompt = [first, *answer_ids(tokenizer, row["prompt"])[:-1]]
            answers = [answer_ids(tokenizer, row[side]) for side in ("chosen", "rejected")]
            longest = max(map(len, answers))
            fits = [p for p in range(1, len(prompt) + 1) if p <= (prompt_most or p) and (most is None or p + longest <= most)]
            if len(prompt) in fits:
                expected.append((prompt, *answers))
            elif truncation == "refuse":
                refused.append(line)
            elif truncation == "prompt-start" and fits:
                room = max(fits)
                expected.append(([first, *prompt[len(prompt) - room + 1 :]] if room > 1 else prompt[-1:], *answers))
                cut += 1
        settings = {"max_length": most, "max_prompt_length": prompt_most, "truncation": truncation}
        if refused or not expected:
            with pytest.raises(DataError) as caught:
                read(tokenizer, data, **settings)
            assert [line for line, _ in caught.value.problems] == (refused or [0])
        else:
            rows = read(tokenizer, data, **settings)
            assert [(r.prompt_ids, r.chosen_ids, r.rejected_ids) for r in rows.rows] == expected
            assert rows.report.truncated == cut
            assert sum(rows.report.dropped.values()) == len(data) - len(expected)


def test_an_answer_that_leaves_no_room_is_named_or_left_out(tokenizer):
    data = [{"prompt": "a", "chosen": "war", "rejected": "law"}, {"prompt": "a", "chosen": "the " * 40, "rejected": "law"}]
    with pytest.raises(DataError, match="line 2: an answer has .* which leaves no room for a prompt in 20"):
        read(tokenizer, data, max_length=20)
    report = read(tokenizer, data, max_length=20, truncation="prompt-start").report
    assert (report.kept, report.dropped, report.dropped_lines) == (1, {"an answer alone is too long": 1}, [2])


def test_settings_come_from_the_job():
    torch = json.loads('{"max_length": 9, "truncation": "drop", "k_wise": "all", "dtype": "float32"}')
    assert DataSettings.of_job(torch, context=40) == DataSettings(40, 9, None, "drop", None, "all", None)
    for bad in ({"truncation": "cut"}, {"k_wise": "some"}):
        with pytest.raises(ValueError, match="allowed are"):
            DataSettings.of_job(bad)
