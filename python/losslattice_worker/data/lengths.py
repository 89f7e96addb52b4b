"""Rows that are longer than a model or a job allows: refused, left out, or their prompt's beginning cut."""

from __future__ import annotations

from .problems import RowProblem
from .settings import DataSettings
from .tokens import TokenRecord


class TooLong(Exception):
    """A row that is left out, and why."""


def _cut_start(prompt: list[int], room: int, first: list[int]) -> list[int]:
    """The last `room` tokens of a prompt, 1 at least; its first token stays where it is one that every prompt has."""
    fixed = len(first) if prompt[: len(first)] == first and room > len(first) else 0
    return [*prompt[:fixed], *prompt[len(prompt) - (room - fixed) :]]


def fit(tokens: TokenRecord, settings: DataSettings, first: list[int]) -> bool:
    """Makes a row fit its room; says whether its prompt was cut. Raises RowProblem (refused) or TooLong (left out).

    An answer is never cut: one that leaves no room for a prompt token is refused, or left out where `truncation` allows it.
    """
    longest = max(len(ids) for ids in (*tokens.answers, tokens.gold or []))
    most, refuse = settings.most_tokens, settings.truncation == "refuse"
    room = len(tokens.prompt) if most is None else most - longest
    if room < 1:
        reason = f"an answer has {longest} tokens, which leaves no room for a prompt in {most}"
        raise RowProblem(reason) if refuse else TooLong("an answer alone is too long")
    if settings.max_prompt_length is not None:
        room = min(room, settings.max_prompt_length)
    if len(tokens.prompt) <= room:
        return False
    if refuse:
        raise RowProblem(f"{_needed(tokens, longest, settings)}; see truncation")
    if settings.truncation == "drop":
        raise TooLong("too long")
    tokens.prompt = _cut_start(tokens.prompt, room, first)
    return True


def _needed(tokens: TokenRecord, longest: int, settings: DataSettings) -> str:
    prompt = len(tokens.prompt)
    if settings.max_prompt_length is not None and prompt > settings.max_prompt_length:
        return f"the prompt has {prompt} tokens, max_prompt_length is {settings.max_prompt_length}"
    if settings.max_length is not None and prompt + longest > settings.max_length:
        return f"prompt and answer have {prompt + longest} tokens, max_length is {settings.max_length}"
    return f"needs {prompt + longest - 1} positions, the model has {settings.context}"
