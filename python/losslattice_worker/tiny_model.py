"""A tiny random language model with a tokenizer of whole words, for tests and for trying a study in seconds.

The model is a Llama of a few thousand weights; every word is a token, so that a handful of updates changes what it writes, and
the vocabulary has words of both sentiments, so that the change shows in a gold reward by a word list.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

GOOD = """good great love happy nice best fun wonderful beautiful excellent enjoy brilliant charming perfect superb amazing
delight win hope kind""".split()
BAD = """bad awful hate sad terrible worst boring horrible ugly poor fail stupid dull weak mess annoying waste lose fear
cruel""".split()
COMMON = """the a an and or but of to in on at by for with from as is was are were be been it this that these those he she
they we you i his her their our my your its not no yes very so too more most less least some any all every each other one two
three first last new old long short big small high low early late day night year time way work world life man woman child
people place home house city story film movie book music scene actor plot end start part side point case word name line hand
eye head face door water food money car road tree light what who when where why how do does did have has had will would can
could should may might must go come see look think know say tell give take make get find want need feel seem try ask leave
call keep let put show turn play run move like live believe here there now then again still just only also even never always
often about over under after before between through up down out off""".split()
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>"]
PUNCTUATION = list(".,!?;:'\"-()")

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }} : {{ message['content'] }} . {% endfor %}"
    "{% if add_generation_prompt %}assistant :{% endif %}"
)


def vocabulary(words: Iterable[str] = ()) -> list[str]:
    """Special tokens, punctuation, then words as they stand after a space, each once, in a fixed order."""
    known = dict.fromkeys([*COMMON, *GOOD, *BAD, "user", "assistant", "system", *(word.lower() for word in words)])
    return [*SPECIAL, *PUNCTUATION, *(f"\u2581{word}" for word in known)]


def tiny_tokenizer(words: Iterable[str] = ()):
    """A fast tokenizer of whole lower-case words: `<s>` before every text, unknown words are `<unk>`, and a text of known
    words in lower case comes back as it was."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    ids = {token: id for id, token in enumerate(vocabulary(words))}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", ids["<s>"])])
    names = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, **names)
    fast.chat_template = CHAT_TEMPLATE
    return fast


def tiny_model(
    folder: str | Path,
    seed: int = 0,
    *,
    words: Iterable[str] = (),
    tokenizer: str | None = None,
    width: int = 32,
    layers: int = 2,
    context: int = 64,
) -> Path:
    """Writes the model's folder and returns it; the same arguments give the same bytes.

    words: further vocabulary (a lexicon, say); tokenizer: a model whose tokenizer it gets instead of one of whole words;
    width: hidden size, a multiple of 8; context: positions.
    """
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    own = tiny_tokenizer(words) if tokenizer is None else AutoTokenizer.from_pretrained(tokenizer, local_files_only=True)
    config = LlamaConfig(
        vocab_size=len(own), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=context, tie_word_embeddings=True,
        bos_token_id=own.bos_token_id, eos_token_id=own.eos_token_id, pad_token_id=own.pad_token_id,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    own.save_pretrained(folder)
    return Path(folder)
