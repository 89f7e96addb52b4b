"""Sentence masks (Mask-DPO, arXiv 2503.02846): from kept characters of an answer to kept tokens.

A token is kept when its first character that is no white space stands in a kept span (its first character if all are white
space): a token that straddles two sentences goes with the one that its word begins in, and a space before a word goes with the
word, whichever sentence the space was counted to. Tokens that a template or the end-of-text token adds go with the nearest
character of the answer.
"""

from __future__ import annotations

from typing import Any

from .problems import RowProblem
from .records import Span, Text, content_of, kind_of_value


def _sentences(value: list[Any], text: str, where: str) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for i, sentence in enumerate(value):
        content, keep = (sentence.get(key) for key in ("text", "keep"))
        if not isinstance(content, str) or not isinstance(keep, bool):
            raise RowProblem(f"{where}[{i}] should have text and keep (true or false)")
        if not text.startswith(content, at):
            raise RowProblem(f"{where}[{i}].text is not what the answer has at character {at}")
        if keep:
            spans.append((at, at + len(content)))
        at += len(content)
    if at != len(text):
        raise RowProblem(f"the sentences of {where} end at character {at}, the answer has {len(text)}")
    return spans


def _characters(value: list[Any], text: str, where: str) -> list[Span]:
    for i, span in enumerate(value):
        numbers = isinstance(span, list) and len(span) == 2 and all(type(n) is int for n in span)
        if not numbers or not 0 <= span[0] < span[1] <= len(text):
            raise RowProblem(f"{where}[{i}] should be [start, end] with 0 <= start < end <= {len(text)}")
    return [(start, end) for start, end in value]


def read_spans(value: Any, answer: Text, where: str) -> list[Span]:
    """Kept characters of an answer, in Unicode code points.

    `value`: sentences `[{text, keep}, …]`, which must join to the answer, or spans `[[start, end], …]`. Errors: RowProblem.
    """
    if isinstance(answer, list) and len(answer) != 1:
        raise RowProblem(f"{where} needs an answer of one message")
    text = content_of(answer)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return _sentences(value, text, where)
    if isinstance(value, list):
        return _characters(value, text, where)
    raise RowProblem(f"{where} should be a list of sentences or of spans, found {kind_of_value(value)}")


def kept_characters(length: int, spans: list[Span]) -> list[bool]:
    """Which characters stand in a span; overlapping spans are one."""
    kept = [False] * length
    for start, end in spans:
        kept[start:end] = [True] * (end - start)
    return kept


def token_mask(text: str, offsets: list[Span], kept: list[bool], start: int = 0) -> list[bool]:
    """Kept tokens of a text.

    `offsets`: the characters [a, b) of each token in `text`; `kept`: one flag per character of the answer, which begins at
    character `start` of `text`. Characters outside the answer count as its nearest one.
    """
    last = len(kept) - 1

    def flag(a: int, b: int) -> bool:
        first = next((i for i in range(a, b) if not text[i].isspace()), a)
        return kept[min(max(first - start, 0), last)]

    return [flag(a, b) for a, b in offsets]
