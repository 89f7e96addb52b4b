"""Layouts of preference data found in the wild, each a small adapter to Record; a row of no known layout is refused by name.

A layout is recognised by the keys that it needs, first match first. One more layout: one function and one line in LAYOUTS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .files import finite_number
from .masks import read_spans
from .problems import RowProblem
from .prompts import split_implicit, with_prompt
from .records import Answer, Record, Text, kind_of_value, read_text, shown

Fields = dict[str, Any]

SCORE_KEYS = ("score_{}", "{}_score", "{}-rating", "{}_rating", "overall_score_{}")
INPUT_SCORES = {"chosen": "s_w", "rejected": "s_l"}


def _number(fields: Fields, key: str) -> float:
    number = finite_number(fields[key])
    if number is None:
        raise RowProblem(f"{key} should be a finite number, found {shown(fields[key])}")
    return number


def _score(fields: Fields, side: str) -> float | None:
    keys = [INPUT_SCORES[side], *(key.format(side) for key in SCORE_KEYS)]
    key = next((key for key in keys if fields.get(key) is not None), None)
    return None if key is None else _number(fields, key)


def _flag(fields: Fields, key: str, missing: bool) -> bool:
    value = fields.get(key)
    if value is None:
        return missing
    if not isinstance(value, bool):
        raise RowProblem(f"{key} should be true or false, found {kind_of_value(value)}")
    return value


def _sided(fields: Fields, side: str, text: Text) -> Answer:
    answer = Answer(text, complete=_flag(fields, f"{side}_complete", True), score=_score(fields, side))
    if fields.get(f"{side}_mask") is not None:
        answer.keep = read_spans(fields[f"{side}_mask"], answer.text, f"{side}_mask")
    return answer


def _pair(line: int, fields: Fields, prompt: Text, chosen: Text, rejected: Text) -> Record:
    texts = {"chosen": chosen, "rejected": rejected}
    if fields.get("gold") is not None:
        texts["gold"] = read_text(fields["gold"], "gold")
    prompt, answers = with_prompt(prompt, list(texts.values()), list(texts))
    pair = [_sided(fields, "chosen", answers[0]), _sided(fields, "rejected", answers[1])]
    gold = Answer(answers[2], complete=_flag(fields, "gold_complete", True)) if len(answers) > 2 else None
    return Record(line, "pairs", prompt, pair, gold=gold, fields=fields)


def _pairs(line: int, fields: Fields) -> Record:
    prompt, chosen, rejected = (read_text(fields[key], key) for key in ("prompt", "chosen", "rejected"))
    return _pair(line, fields, _with_system(fields, prompt), chosen, rejected)


def _implicit_pairs(line: int, fields: Fields) -> Record:
    chosen, rejected = (read_text(fields[key], key) for key in ("chosen", "rejected"))
    return _pair(line, fields, *split_implicit(chosen, rejected))


def _with_system(fields: Fields, prompt: Text) -> Text:
    system = fields.get("system")
    if not isinstance(system, str) or system.strip() == "":
        return prompt
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    return [{"role": "system", "content": system}, *messages]


def _renamed(prompt_key: str, chosen_key: str, rejected_key: str) -> Callable[[int, Fields], Record]:
    def read(line: int, fields: Fields) -> Record:
        prompt, chosen, rejected = (read_text(fields[key], key) for key in (prompt_key, chosen_key, rejected_key))
        return _pair(line, fields, _with_system(fields, prompt), chosen, rejected)

    return read


def _instruction(line: int, fields: Fields) -> Record:
    """Alpaca's form: `input` is what the instruction is about, on lines of its own."""
    names = ("chosen_response", "rejected_response") if "chosen_response" in fields else ("chosen", "rejected")
    prompt = read_text(fields["instruction"], "instruction")
    about = fields.get("input")
    if isinstance(prompt, str) and isinstance(about, str) and about.strip() != "":
        prompt = f"{prompt}\n\n{about}"
    chosen, rejected = (read_text(fields[name], name) for name in names)
    return _pair(line, fields, _with_system(fields, prompt), chosen, rejected)


def _unpaired(line: int, fields: Fields) -> Record:
    completion = read_text(fields["completion"], "completion")
    prompt, [text] = with_prompt(read_text(fields["prompt"], "prompt"), [completion], ["completion"])
    label = fields.get("label")
    if label is not None and not isinstance(label, bool) and label not in (0, 1):
        raise RowProblem(f"label should be true or false, found {shown(label)}")
    answer = Answer(text, complete=_flag(fields, "completion_complete", True))
    if fields.get("completion_mask") is not None:
        answer.keep = read_spans(fields["completion_mask"], text, "completion_mask")
    answer.score = _number(fields, "score") if fields.get("score") is not None else None
    return Record(line, "unpaired", prompt, [answer], label=None if label is None else bool(label), fields=fields)


def _ranked(line: int, fields: Fields, prompt: Text, texts: Any, scores: Any) -> Record:
    if not isinstance(texts, list) or not isinstance(scores, list):
        raise RowProblem("completions and scores should be lists")
    if len(texts) < 2 or len(texts) != len(scores):
        raise RowProblem(f"{len(texts)} completions and {len(scores)} scores: as many of each are needed, 2 at least")
    numbers = [finite_number(score) for score in scores]
    if None in numbers:
        at = numbers.index(None)
        raise RowProblem(f"scores[{at}] should be a finite number, found {shown(scores[at])}")
    names = [f"completions[{i}]" for i in range(len(texts))]
    prompt, answers = with_prompt(prompt, [read_text(text, name) for text, name in zip(texts, names)], names)
    ranked = [Answer(text, score=number) for text, number in zip(answers, numbers)]
    return Record(line, "k-wise", prompt, ranked, fields=fields)


def _k_wise(line: int, fields: Fields) -> Record:
    return _ranked(line, fields, read_text(fields["prompt"], "prompt"), fields["completions"], fields["scores"])


def _ultrafeedback(line: int, fields: Fields) -> Record:
    """UltraFeedback's own form (arXiv 2310.01377): several responses with an overall score each."""
    found = fields["completions"]
    if not isinstance(found, list) or not all(isinstance(item, dict) and "response" in item for item in found):
        raise RowProblem("completions should be a list of objects with response and overall_score")
    scores = [item.get("overall_score") for item in found]
    prompt = read_text(fields["instruction"], "instruction")
    return _ranked(line, fields, prompt, [item["response"] for item in found], scores)


def _sharegpt(line: int, fields: Fields) -> Record:
    prompt, chosen, rejected = (read_text(fields[key], key) for key in ("conversations", "chosen", "rejected"))
    return _pair(line, fields, _with_system(fields, prompt), chosen, rejected)


def _shp(line: int, fields: Fields) -> Record:
    """Stanford Human Preferences: answer A is the preferred one where `labels` is 1."""
    first = fields["labels"]
    if first not in (0, 1):
        raise RowProblem(f"labels should be 0 or 1, found {shown(first)}")
    sides = ("A", "B") if first == 1 else ("B", "A")
    chosen, rejected = (read_text(fields[f"human_ref_{side}"], f"human_ref_{side}") for side in sides)
    record = _pair(line, fields, read_text(fields["history"], "history"), chosen, rejected)
    for answer, side in zip(record.answers, sides):
        if fields.get(f"score_{side}") is not None:
            answer.score = _number(fields, f"score_{side}")
    return record


@dataclass(frozen=True)
class Layout:
    """A layout: its name, the keys that a row must have, and how a row becomes a Record."""

    name: str
    keys: tuple[str, ...]
    read: Callable[[int, Fields], Record]


LAYOUTS = (
    Layout("pairs", ("prompt", "chosen", "rejected"), _pairs),
    Layout("K-wise", ("prompt", "completions", "scores"), _k_wise),
    Layout("unpaired", ("prompt", "completion"), _unpaired),
    Layout("UltraFeedback", ("instruction", "completions"), _ultrafeedback),
    Layout("question pairs (Orca DPO)", ("question", "chosen", "rejected"), _renamed("question", "chosen", "rejected")),
    Layout("Argilla pairs", ("instruction", "chosen_response", "rejected_response"), _instruction),
    Layout("instruction pairs", ("instruction", "chosen", "rejected"), _instruction),
    Layout("input pairs", ("input", "chosen", "rejected"), _renamed("input", "chosen", "rejected")),
    Layout("ShareGPT pairs", ("conversations", "chosen", "rejected"), _sharegpt),
    Layout("Stanford Human Preferences", ("history", "human_ref_A", "human_ref_B", "labels"), _shp),
    Layout("pairs with the prompt inside", ("chosen", "rejected"), _implicit_pairs),
)


def _unknown(fields: Fields) -> str:
    known = "; ".join(f"{layout.name}: {', '.join(layout.keys)}" for layout in LAYOUTS)
    return f"keys found: {', '.join(map(str, fields)) or 'none'}; layouts known: {known}"


def layout_of(fields: Fields) -> Layout:
    """The first layout whose keys a row has (null counts as missing); RowProblem names what was found and what is known."""
    for layout in LAYOUTS:
        if all(fields.get(key) is not None for key in layout.keys):
            return layout
    raise RowProblem(_unknown(fields))


def record_of(line: int, fields: Fields) -> Record:
    """A row in the common form. Errors: RowProblem."""
    return layout_of(fields).read(line, fields)
