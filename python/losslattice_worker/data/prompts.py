"""Prompt and answers apart: where a row does not say the prompt, it is what the answers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .problems import RowProblem
from .records import Message, Text

HH_TURN = "\n\nAssistant:"  # a turn of the model in the transcripts of Bai et al. 2022, arXiv 2204.05862


def shared_length(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many characters, or tokens, two answers begin with in common."""
    length = 0
    for left, right in zip(one, other):
        if left != right:
            break
        length += 1
    return length


def split_text(chosen: str, rejected: str) -> tuple[str, str, str]:
    """Prompt and answers of two texts that begin alike.

    In a transcript (`\\n\\nHuman: … \\n\\nAssistant: …`) the prompt ends with the last turn marker they share; elsewhere with
    the last shared word, so an answer begins with its white space. Words that both answers begin with count as prompt.
    """
    shared = chosen[: shared_length(chosen, rejected)]
    if chosen.startswith("\n\nHuman:") and HH_TURN in shared:
        end = shared.rindex(HH_TURN) + len(HH_TURN)
    else:
        end = len(shared)
        # A word that goes on in one of them, and the white space before it, belong to the answers.
        word_ends = chosen[end : end + 1].isspace() and rejected[end : end + 1].isspace()
        while not word_ends and end > 0 and not shared[end - 1].isspace():
            end -= 1
        while end > 0 and shared[end - 1].isspace():
            end -= 1
    if end == 0:
        raise RowProblem("there is no prompt, and chosen and rejected do not begin alike")
    return chosen[:end], chosen[end:], rejected[end:]


def _answers_only(answer: list[Message], where: str) -> list[Message]:
    other = next((message["role"] for message in answer if message["role"] != "assistant"), None)
    if other is not None:
        raise RowProblem(
            f"{where} has a message of {other} after the prompt: only the assistant's words can be trained on"
        )
    return answer


def _checked_prompt(prompt: list[Message]) -> list[Message]:
    if not prompt:
        raise RowProblem("there is no prompt, and chosen and rejected do not begin with the same message")
    if prompt[-1]["role"] not in ("user", "tool"):
        raise RowProblem(f"the prompt ends with a message of {prompt[-1]['role']}, a message of the user is needed")
    return prompt


def split_messages(
    chosen: list[Message], rejected: list[Message]
) -> tuple[list[Message], list[Message], list[Message]]:
    """Prompt and answers of two conversations that begin alike: the prompt is their shared messages."""
    end = shared_length(chosen, rejected)
    if end in (len(chosen), len(rejected)):
        if len(chosen) == len(rejected):
            raise RowProblem("chosen and rejected are the same messages")
        raise RowProblem("one answer is the beginning of the other")
    prompt = _checked_prompt(chosen[:end])
    return prompt, _answers_only(chosen[end:], "chosen"), _answers_only(rejected[end:], "rejected")


def split_implicit(chosen: Text, rejected: Text) -> tuple[Text, Text, Text]:
    """Prompt, chosen and rejected of a row that has no prompt of its own."""
    if isinstance(chosen, str) and isinstance(rejected, str):
        return split_text(chosen, rejected)
    if isinstance(chosen, list) and isinstance(rejected, list):
        return split_messages(chosen, rejected)
    raise RowProblem("chosen and rejected should both be text or both be lists of messages")


def _after_prompt(prompt: list[Message], answer: list[Message], where: str) -> list[Message]:
    rest = answer[len(prompt) :] if answer[: len(prompt)] == prompt else answer
    if not rest:
        raise RowProblem(f"{where} has no message after the prompt")
    return _answers_only(rest, where)


def with_prompt(prompt: Text, answers: list[Text], names: list[str]) -> tuple[Text, list[Text]]:
    """Prompt and answers where the row says the prompt.

    All texts: as they are. As soon as one is messages, all become messages: a text prompt the user's, a text answer the
    assistant's. Conversations that repeat the prompt lose it; one that repeats it as a text prompt's message must agree.
    """
    if isinstance(prompt, str) and all(isinstance(answer, str) for answer in answers):
        return prompt, answers
    turns = [[{"role": "assistant", "content": a}] if isinstance(a, str) else a for a in answers]
    if isinstance(prompt, str):
        first = [turn[: max(0, len(turn) - 1)] for turn in turns]
        whole = first[0] if first[0] and all(head == first[0] for head in first) else None
        if whole is None:
            messages = [{"role": "user", "content": prompt}]
        elif any(m["role"] == "user" and m["content"].strip() == prompt.strip() for m in whole):
            messages = whole
        else:
            raise RowProblem("prompt is none of the user's messages before the answers")
    else:
        messages = prompt
    messages = _checked_prompt(messages)
    return messages, [_after_prompt(messages, turn, name) for turn, name in zip(turns, names)]
