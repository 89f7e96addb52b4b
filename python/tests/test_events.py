"""Event lines and the order of the data, held to what TypeScript writes (fixtures/embedded.json)."""

import json
from pathlib import Path

import pytest
from losslattice_worker.events import EventLog, event_line, json_text, number_text
from losslattice_worker.order import Rng, batch_order

FIXTURE = json.loads((Path(__file__).parent / "fixtures/embedded.json").read_text())


def test_numbers_have_javascripts_form():
    for text in FIXTURE["numbers"]:
        assert number_text(float(text)) == text
    assert number_text(-0.0) == "0"
    assert number_text(3) == "3"
    assert number_text(-1.5e-9) == "-1.5e-9"
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError):
            number_text(bad)


def test_numbers_keep_their_value():
    rng = Rng.from_seed("numbers")
    for _ in range(2000):
        value = (rng.uniform() - 0.5) * 10.0 ** (rng.integer(60) - 30)
        assert float(number_text(value)) == value


def test_lines_repeat_the_embedded_engines_bytes():
    for line in FIXTURE["lines"]:
        assert event_line(json.loads(line)) == line
    assert json_text(json.loads(FIXTURE["texts"])) == FIXTURE["texts"]


def test_random_streams_are_the_embedded_engines():
    rng = Rng.from_seed(7).split("a").split(3)
    expected = FIXTURE["rng"]
    assert [rng.word(), rng.word()] == expected["words"]
    assert [rng.uniform(), rng.uniform()] == expected["uniforms"]
    assert [rng.integer(10), rng.integer(7)] == expected["ints"]
    label = FIXTURE["unicode"]["label"]
    assert [Rng.from_seed(label).word(), Rng.from_seed(label).split("🙂").word()] == FIXTURE["unicode"]["words"]


def test_batches_come_in_the_embedded_engines_order():
    batches = batch_order(11, 4, Rng.from_seed(9).split("batches"))
    for step, rows in FIXTURE["order"]:
        assert batches(step) == rows


def test_an_event_file_is_cut_back_to_whole_events(tmp_path):
    log = EventLog(str(tmp_path))
    event = {"version": 1, "job": "é", "event": "finished", "step": 1}
    log.append(event)
    first = log.bytes
    log.append(event)
    with open(tmp_path / "events.jsonl", "ab") as file:
        file.write(b'{"version":1,"jo')
    again = EventLog(str(tmp_path))
    assert again.earlier() == [event, event]
    assert again.keep(first + 3) is None
    assert again.keep(first) == [event]
    assert (tmp_path / "events.jsonl").stat().st_size == first == again.bytes
    (tmp_path / "events.jsonl").write_text("something else\n")
    assert EventLog(str(tmp_path)).earlier() is None
