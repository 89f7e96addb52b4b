"""One row, several pairs: K-wise rows taken apart, and rows doubled by goals."""

from __future__ import annotations

import math
from itertools import combinations

from .problems import RowProblem
from .records import Answer, Record, Text
from .settings import DataSettings


def best_first(answers: list[Answer]) -> list[Answer]:
    """Answers from the highest score to the lowest; equal ones in the order of the row."""
    return sorted(answers, key=lambda answer: -answer.score)  # type: ignore[operator]


def pairs_of_ranking(record: Record, how: str) -> list[Record]:
    """Pairs of a K-wise row, better answer first, only of answers whose scores differ.

    "best-worst": the highest and the lowest score (first of each in the row's order). "adjacent": neighbours in the order of
    scores. "all": every two. Their number: at most 1, K - 1, K (K - 1) / 2.
    """
    ranked = best_first(record.answers)
    if how == "best-worst":
        worst = next(answer for answer in ranked if answer.score == ranked[-1].score)
        chosen = [(ranked[0], worst)]
    elif how == "adjacent":
        chosen = list(zip(ranked, ranked[1:]))
    else:
        chosen = list(combinations(ranked, 2))
    return [record.with_answers(better, worse) for better, worse in chosen if better.score != worse.score]


def goal_text(score: float) -> str:
    """A score as text: whole numbers without a point, others as short as they can be read back."""
    return str(int(score)) if score == int(score) else repr(score)


def _under_goal(prompt: Text, template: str, goal: float) -> Text:
    text = template.replace("{goal}", goal_text(goal))
    if isinstance(prompt, str):
        return text + prompt
    if prompt[0]["role"] == "system":
        return [{"role": "system", "content": f"{text}\n\n{prompt[0]['content']}"}, *prompt[1:]]
    return [{"role": "system", "content": text}, *prompt]


def pairs_under_goals(record: Record, template: str) -> list[Record]:
    """Reward-augmented data (Zhang et al. 2024, arXiv 2410.08067): a scored pair (x, y_w, y_l) becomes two.

    Under the goal g = r_w the answer y_w is preferred, under g = r_l it is y_l: each has the score the prompt asks for. Scores
    of the new pairs are the goal's, R(x, y, g) = -(g - r(x, y))^2: s_w = 0 and s_l = -(r_w - r_l)^2 in both. A text prompt
    gets the template's text before it, a conversation as the system's message. Equal scores would prefer both orders under one
    goal: such a row gives nothing.
    """
    chosen, rejected = record.answers
    if chosen.score is None or rejected.score is None:
        raise RowProblem("reward-augmented data need score_chosen and score_rejected")
    if chosen.score == rejected.score:
        return []
    gap = chosen.score - rejected.score
    miss = -gap * gap
    if not math.isfinite(miss):
        raise RowProblem(f"scores {chosen.score:g} and {rejected.score:g} are too far apart for goals")

    def scored(answer: Answer, score: float) -> Answer:
        return Answer(answer.text, answer.complete, score, answer.keep)

    return [
        record.with_answers(scored(meets, 0.0), scored(misses, miss), prompt=_under_goal(record.prompt, template, goal))
        for meets, misses, goal in ((chosen, rejected, chosen.score), (rejected, chosen, rejected.score))
    ]


def expand(record: Record, settings: DataSettings, keep_rankings: bool) -> tuple[list[Record], str | None]:
    """The rows that a row becomes, and why there are none.

    `keep_rankings`: the loss reads K answers at once, so K-wise rows stay whole, best answer first.
    """
    records, reason = [record], None
    if record.kind == "k-wise" and keep_rankings:
        record.answers = best_first(record.answers)
    elif record.kind == "k-wise":
        records, reason = pairs_of_ranking(record, settings.k_wise), "no two completions differ in their scores"
    if settings.goal_template is not None:
        if record.kind == "unpaired" or (record.kind == "k-wise" and keep_rankings):
            raise RowProblem("reward_augmented needs pairs with scores")
        if records:
            reason = "the scores are equal, so a goal would prefer both orders"
        records = [pair for one in records for pair in pairs_under_goals(one, settings.goal_template)]
    return records, reason
