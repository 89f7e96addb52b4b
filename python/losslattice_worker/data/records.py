"""The one form that every layout of preference data is brought into, before it is cut into tokens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .problems import RowProblem

Message = dict[str, str]  # role, content
Text = str | list[Message]
Kind = Literal["pairs", "unpaired", "k-wise"]
Span = tuple[int, int]  # characters [start, end), Unicode code points


@dataclass(slots=True)
class Answer:
    """An answer: text, or the messages that follow the prompt. `keep`: the characters whose tokens count; None: all."""

    text: Text
    complete: bool = True  # whether the answer ended by itself
    score: float | None = None
    keep: list[Span] | None = None


@dataclass(slots=True)
class Record:
    """One row. Answers of pairs: [chosen, rejected]; unpaired: one, and a label; K-wise: K of them with scores."""

    line: int
    kind: Kind
    prompt: Text
    answers: list[Answer]
    label: bool | None = None
    gold: Answer | None = None
    fields: dict[str, Any] = field(default_factory=dict)  # the row as it stands in the file, for numeric columns

    def with_answers(self, *answers: Answer, prompt: Text | None = None) -> Record:
        """The pair of two answers of this row, maybe under another prompt."""
        return replace(self, kind="pairs", answers=list(answers), prompt=self.prompt if prompt is None else prompt)


def kind_of_value(value: Any) -> str:
    """What a JSON value is, for messages."""
    if value is None:
        return "nothing"
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)


def shown(value: Any) -> str:
    """A number as it is, anything else by its kind."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return repr(value) if is_number else kind_of_value(value)


def content_of(text: Text) -> str:
    """The text of an answer without roles and templates."""
    return text if isinstance(text, str) else "\n".join(message["content"] for message in text)


ROLES = {role: role for role in ("system", "user", "assistant")} | {"human": "user", "gpt": "assistant", "tool": "tool"}


def _message(value: Any, where: str) -> Message:
    if not isinstance(value, dict):
        raise RowProblem(f"{where} should be a message with role and content, found {kind_of_value(value)}")
    role = value.get("role", value.get("from"))
    content = value.get("content", value.get("value"))
    if not isinstance(role, str) or role not in ROLES:
        found = repr(role) if isinstance(role, str) else kind_of_value(role)
        raise RowProblem(f"{where}.role is {found}, allowed are {', '.join(ROLES)}")
    if not isinstance(content, str):
        raise RowProblem(f"{where}.content should be text, found {kind_of_value(content)}")
    return {"role": ROLES[role], "content": content}


def read_text(value: Any, where: str) -> Text:
    """Text or a list of messages (`role`/`content`, or ShareGPT's `from`/`value`; one message alone is a list of one)."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return [_message(value, where)]
    if isinstance(value, list) and value:
        return [_message(message, f"{where}[{i}]") for i, message in enumerate(value)]
    found = "an empty list" if isinstance(value, list) else kind_of_value(value)
    raise RowProblem(f"{where} should be text or a list of messages, found {found}")
