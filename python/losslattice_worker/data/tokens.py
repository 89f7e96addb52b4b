"""Text to tokens, a batch of rows at a time.

Text rows: prompt = [first token] + tokens of the text; answer = tokens of its text, cut on its own, + [end-of-text] if it is
complete. The first token is the tokenizer's beginning-of-text token if it sets one, or if it is the end-of-text token too (in
GPT-2's manner, which is the embedded engine's); else there is none. As always with Hugging Face's tokenizers, a text that
spells a special token has that token.

Message rows: the chat template (the job's, else the tokenizer's) writes everything, special tokens included. Prompt = the
prompt's messages with the header of the answer; answer = the rest of the whole conversation. The whole conversation's tokens
must begin with the prompt's; no end-of-text token is added, since templates end a turn in their own way. Of an incomplete
answer everything from its last end-of-text token on is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .masks import kept_characters, token_mask
from .problems import RowProblem
from .records import Answer, Message, Record, Span


@dataclass(slots=True)
class TokenRecord:
    """A Record in tokens: `answers[i]` belongs to `record.answers[i]`, `masks[i]` to its tokens (None: all are kept)."""

    record: Record
    prompt: list[int]
    answers: list[list[int]]
    masks: list[list[bool] | None]
    gold: list[int] | None


class Cutter:
    """Cuts records into tokens with a Hugging Face tokenizer."""

    def __init__(self, tokenizer: Any, chat_template: str | None = None) -> None:
        self.tokenizer = tokenizer
        self.template = chat_template or getattr(tokenizer, "chat_template", None)
        self.eos: int | None = tokenizer.eos_token_id
        self.first = self._first_token()
        self._shared: list[int] = []  # one int object per id: rows of a list cost 8 bytes a token

    def _first_token(self) -> list[int]:
        bos, added = self.tokenizer.bos_token_id, list(self.tokenizer("")["input_ids"])
        if bos is None or (added[:1] != [bos] and bos != self.eos):
            return []
        return [bos]

    def _share(self, ids: list[int]) -> list[int]:
        top = max(ids, default=-1)
        if top >= len(self._shared):
            self._shared.extend(range(len(self._shared), top + 1))
        shared = self._shared
        return [shared[i] for i in ids]

    def cut(self, texts: list[str]) -> dict[str, list[int]]:
        """Token ids of each text, no special tokens added."""
        distinct = list(dict.fromkeys(texts))
        if not distinct:
            return {}
        cut = self.tokenizer(distinct, add_special_tokens=False, return_attention_mask=False, verbose=False)
        return {text: self._share(ids) for text, ids in zip(distinct, cut["input_ids"])}

    def _offsets(self, text: str) -> list[Span]:
        if not self.tokenizer.is_fast:
            raise RowProblem("masks need a fast tokenizer, one with character offsets")
        cut = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return cut["offset_mapping"]

    def render(self, messages: list[Message], *, header: bool) -> str:
        """Messages through the chat template; `header`: with what opens the assistant's answer."""
        if self.template is None:
            raise RowProblem("the row has messages, but neither the job nor the tokenizer has a chat template")
        try:
            return self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=header, chat_template=self.template
            )
        except Exception as error:  # whatever a template's text may do
            reason = next(iter(str(error).splitlines()), "")
            raise RowProblem(f"the chat template fails: {type(error).__name__}: {reason}") from None


@dataclass(slots=True)
class _Texts:
    """What a record is cut from. `wholes`: per answer its text, or for messages the whole conversation's."""

    record: Record
    prompt: str
    wholes: list[str]
    chat: bool


def _texts_of(cutter: Cutter, record: Record) -> _Texts:
    answers = [*record.answers, *([record.gold] if record.gold else [])]
    if isinstance(record.prompt, str):
        return _Texts(record, record.prompt, [answer.text for answer in answers], False)
    prompt = cutter.render(record.prompt, header=True)
    return _Texts(record, prompt, [cutter.render([*record.prompt, *a.text], header=False) for a in answers], True)


def _chat_answer(cutter: Cutter, prompt: list[int], whole: list[int], answer: Answer) -> list[int]:
    if whole[: len(prompt)] != prompt:
        raise RowProblem("the chat template writes the prompt with other tokens when an answer follows")
    tokens = whole[len(prompt) :]
    if answer.complete:
        return tokens
    if cutter.eos not in tokens:
        raise RowProblem("the answer is incomplete, but the chat template puts no end-of-text token to leave out")
    return tokens[: len(tokens) - 1 - tokens[::-1].index(cutter.eos)]


def _text_answer(cutter: Cutter, tokens: list[int], answer: Answer) -> list[int]:
    if answer.complete and cutter.eos is None:
        raise RowProblem("the answer is complete, but the tokenizer has no end-of-text token")
    return [*tokens, cutter.eos] if answer.complete else tokens


def _mask(cutter: Cutter, texts: _Texts, answer: Answer, whole: str, count: int, skip: int) -> list[bool] | None:
    """Kept tokens of an answer of `count` tokens that stand after `skip` others in `whole`."""
    if answer.keep is None:
        return None
    content = answer.text if isinstance(answer.text, str) else answer.text[0]["content"]
    start = whole.find(content, len(texts.prompt)) if texts.chat else 0
    if start < 0:
        raise RowProblem("the chat template changes the answer's text, so its mask fits no tokens")
    kept = kept_characters(len(content), answer.keep)
    flags = token_mask(whole, cutter._offsets(whole), kept, start)[skip : skip + count]
    return [*flags, *[kept[-1]] * (count - len(flags))]


def _token_record(cutter: Cutter, texts: _Texts, ids: dict[str, list[int]]) -> TokenRecord:
    record = texts.record
    prompt = ids[texts.prompt] if texts.chat else [*cutter.first, *ids[texts.prompt]]
    sources: list[Answer] = [*record.answers, *([record.gold] if record.gold else [])]
    cut: list[list[int]] = []
    for answer, whole in zip(sources, texts.wholes):
        tokens = ids[whole]
        cut.append(_chat_answer(cutter, prompt, tokens, answer) if texts.chat else _text_answer(cutter, tokens, answer))
    count = len(record.answers)
    skip = len(prompt) if texts.chat else 0
    masks = [_mask(cutter, texts, a, w, len(c), skip) for a, w, c in zip(record.answers, texts.wholes, cut)]
    return TokenRecord(record, prompt, cut[:count], masks, cut[count] if record.gold else None)


def token_records(cutter: Cutter, records: list[Record]) -> list[TokenRecord | tuple[int, str]]:
    """Records in tokens, in order; a (line, reason) in place of one that cannot be cut."""
    results: list[TokenRecord | tuple[int, str] | _Texts] = []
    for record in records:
        try:
            results.append(_texts_of(cutter, record))
        except RowProblem as problem:
            results.append((record.line, str(problem)))
    ids = cutter.cut([text for r in results if isinstance(r, _Texts) for text in (r.prompt, *r.wholes)])
    for i, result in enumerate(results):
        if isinstance(result, _Texts):
            try:
                results[i] = _token_record(cutter, result, ids)
            except RowProblem as problem:
                results[i] = (result.record.line, str(problem))
    return results  # type: ignore[return-value]
