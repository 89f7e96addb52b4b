"""How rows become tokens: the part of a job's section `torch` that data reading uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

TRUNCATIONS = ("refuse", "drop", "prompt-start")
K_WISE = ("best-worst", "adjacent", "all")


@dataclass(frozen=True)
class DataSettings:
    """Room and form of rows.

    `context`: positions of the model; a row needs prompt + longest answer - 1 of them, the last token is never read.
    `max_length`: most tokens of prompt and answer together. `max_prompt_length`: most tokens of a prompt.
    `truncation`: what becomes of a longer row. "refuse": an error. "drop": it is left out. "prompt-start": the prompt loses
    tokens from its beginning (the first token stays if it is the one that every prompt begins with), an answer none; a row
    whose answer alone leaves no room for one prompt token is left out.
    """

    context: int | None = None
    max_length: int | None = None
    max_prompt_length: int | None = None
    truncation: Literal["refuse", "drop", "prompt-start"] = "refuse"
    chat_template: str | None = None
    k_wise: Literal["best-worst", "adjacent", "all"] = "best-worst"
    goal_template: str | None = None  # text with {goal}; None: rows are not reward-augmented

    def __post_init__(self) -> None:
        if self.truncation not in TRUNCATIONS:
            raise ValueError(f"truncation is {self.truncation!r}, allowed are {', '.join(TRUNCATIONS)}")
        if self.k_wise not in K_WISE:
            raise ValueError(f"k_wise is {self.k_wise!r}, allowed are {', '.join(K_WISE)}")
        if self.goal_template is not None and "{goal}" not in self.goal_template:
            raise ValueError("reward_augmented.template should be a text with {goal} in it")

    @staticmethod
    def of_job(torch: Mapping[str, Any], context: int | None = None) -> DataSettings:
        """The settings of a job's section `torch` for a model of `context` positions."""
        names = ("max_length", "max_prompt_length", "truncation", "chat_template", "k_wise")
        known = {name: torch[name] for name in names if torch.get(name) is not None}
        augmented = torch.get("reward_augmented")
        return DataSettings(context=context, goal_template=augmented["template"] if augmented else None, **known)

    @property
    def most_tokens(self) -> int | None:
        """Most tokens of prompt and one answer; None: any number."""
        limits = [self.max_length, None if self.context is None else self.context + 1]
        given = [limit for limit in limits if limit is not None]
        return min(given) if given else None
