"""The gold reward of a text by a word list, as src/finetune/sentiment.ts defines it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .errors import BadInput

#: Valence at which the gold reward saturates.
VALENCE_LIMIT = 5

_WORDS = re.compile(r"[a-z]+(?:['-][a-z]+)*")


class Lexicon:
    """Word scores. The reward of a completion is the sum of its words' scores over 5, cut to [-1, 1]; words are runs of
    letters, lower-cased; words not listed score 0, and so does an empty text."""

    def __init__(self, scores: dict[str, float]):
        self.scores = scores

    @staticmethod
    def read(file: str) -> Lexicon:
        """The lexicon of a JSON file {word: valence}."""
        try:
            scores = json.loads(Path(file).read_text(encoding="utf8"))
        except (OSError, ValueError):
            raise BadInput(f"{file}: no JSON object of word scores can be read there") from None
        fine = isinstance(scores, dict) and all(isinstance(v, int | float) for v in scores.values())
        if not fine:
            raise BadInput(f"{file}: expected an object of numbers by word")
        return Lexicon(scores)

    def valence(self, text: str) -> float:
        """Sum of the scores of a text's words."""
        return sum(self.scores.get(word, 0) for word in _WORDS.findall(text.lower()))

    def reward(self, completion: str) -> float:
        """The gold reward of a completion, in [-1, 1]."""
        return max(-1.0, min(1.0, self.valence(completion) / VALENCE_LIMIT))
