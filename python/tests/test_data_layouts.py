"""Layouts: every row of the shared fixture in the common form, every fault with its reason; prompts split as by definition."""

import json
import random
from pathlib import Path

import pytest

from losslattice_worker.data.layouts import LAYOUTS, layout_of
from losslattice_worker.data.problems import RowProblem
from losslattice_worker.data.prompts import split_text

GOLDEN = json.loads((Path(__file__).resolve().parents[2] / "test/golden/layouts.json").read_text())


@pytest.mark.parametrize("case", GOLDEN["rows"], ids=lambda case: case["note"])
def test_a_layout_becomes_the_common_form(case):
    layout = layout_of(case["row"])
    record = layout.read(1, case["row"])
    assert (layout.name, record.kind, record.label) == (case["layout"], case["kind"], case.get("label"))
    assert (record.prompt, [answer.text for answer in record.answers]) == (case["prompt"], case["answers"])
    assert [answer.score for answer in record.answers] == case["scores"]


@pytest.mark.parametrize("fault", GOLDEN["faults"], ids=lambda fault: fault["reason"][:60])
def test_a_fault_is_told(fault):
    with pytest.raises(RowProblem) as caught:
        layout_of(fault["row"]).read(1, fault["row"])
    assert str(caught.value).startswith(fault["reason"])


def test_every_layout_has_a_row():
    assert {case["layout"] for case in GOLDEN["rows"]} == {layout.name for layout in LAYOUTS}


def slow_split(chosen: str, rejected: str) -> int:
    """The longest shared beginning after which both go on with white space, and which ends with a word."""
    lengths = [k for k in range(1, min(len(chosen), len(rejected))) if chosen[:k] == rejected[:k]]
    ends = [k for k in lengths if not chosen[k - 1].isspace() and chosen[k].isspace() and rejected[k].isspace()]
    return max(ends, default=0)


def test_texts_are_split_after_their_last_shared_word():
    draw = random.Random(7)
    for _ in range(3000):
        chosen, rejected = ("".join(draw.choices("ab \n", k=draw.randrange(1, 9))) for _ in range(2))
        if draw.random() < 0.5:
            shared = "".join(draw.choices("ab ", k=5))
            chosen, rejected = shared + chosen, shared + rejected
        at = slow_split(chosen, rejected)
        if at == 0:
            with pytest.raises(RowProblem):
                split_text(chosen, rejected)
        else:
            assert split_text(chosen, rejected) == (chosen[:at], chosen[at:], rejected[at:])
