"""The smallest real model, tokenizer and data with which a trainer of TRL can be made: its constructor runs as for a user."""
import tempfile

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

WORDS = ["[PAD]", "[UNK]", "[EOS]", "[BOS]", "is", "it", "good", "bad", "yes", "no"]


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(WordLevel({word: k for k, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", eos_token="[EOS]", bos_token="[BOS]"
    )


def tiny_model(layers: int = 1) -> GPT2LMHeadModel:
    return GPT2LMHeadModel(GPT2Config(vocab_size=len(WORDS), n_positions=64, n_embd=8, n_layer=layers, n_head=2))


def common_arguments() -> dict:
    """Settings of the trainer that have nothing to do with its loss."""
    return {
        "output_dir": tempfile.mkdtemp(prefix="losslattice-audit-"),
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
        "disable_tqdm": True,
        "per_device_train_batch_size": 2,
        "remove_unused_columns": False,
    }
