"""
Losses of the installed TRL by driving its own trainers: each is made by its real constructor (so settings that it refuses are
refused) on a tiny model, then its loss method runs on a model with prescribed log-probabilities. No formula of TRL's is here.
"""
import atexit
import dataclasses
import importlib
import logging
import shutil
import warnings
from dataclasses import dataclass
from typing import Any, Callable

import torch

from .errors import AuditError
from .leaves import Leaves
from .measure import measure
from .models import PrescribedModel
from .tokens import batch_of, response

PAIR = {"prompt": ["is it"], "chosen": ["good yes"], "rejected": ["bad no"]}
UNPAIRED = {"prompt": ["is it", "is it"], "completion": ["good yes", "bad no"], "label": [True, False]}
TRIPLE = {**PAIR, "reference": ["good good"]}


def stacked(leaves: Leaves, responses: str) -> dict[str, torch.Tensor]:
    """One batch of the responses ("wl": chosen then rejected), padded to one length."""
    parts = [response(leaves, which, place * leaves.rows) for place, which in enumerate(responses)]
    longest = max(part.input_ids.shape[1] for part in parts)
    parts = [part.padded(longest) for part in parts]
    names = ("input_ids", "attention_mask", "completion_mask")
    return {name: torch.cat([getattr(part, name) for part in parts]) for name in names}


def dpo_loss(trainer, leaves: Leaves):
    trainer.ref_model = PrescribedModel(leaves, "r")
    return trainer.compute_loss(PrescribedModel(leaves, "l"), stacked(leaves, "wl"))


def batch_loss(trainer, leaves: Leaves):
    return trainer.compute_loss(PrescribedModel(leaves, "l"), batch_of(leaves))


def tpo_loss(trainer, leaves: Leaves):
    return trainer.compute_loss(PrescribedModel(leaves, "l"), stacked(leaves, "wlg" if trainer.tpo_alpha != 0 else "wl"))


def kto_loss(trainer, leaves: Leaves):
    """
    Chosen rows are desirable examples, rejected ones undesirable. The KL estimate comes from further rows, whose log-ratio is the
    prescribed `kl` in every one. KTO averages over examples, two a pair: twice that is the sum of both halves per pair.
    """
    rows = 2 * leaves.rows
    kl = leaves.values.get("kl", torch.zeros(leaves.rows, dtype=leaves.dtype))
    nothing = torch.zeros_like(kl)
    mismatched = torch.cat([torch.stack([nothing, kl.detach()], dim=1)] * 2)
    batch = stacked(leaves, "wl")
    batch["label"] = torch.tensor([True] * leaves.rows + [False] * leaves.rows)
    if trainer.calculate_KL:
        ids = torch.tensor([[rows + k, 2, 2] for k in range(rows)])
        batch["KL_input_ids"], batch["KL_attention_mask"] = ids, torch.ones_like(ids)
        batch["KL_completion_mask"] = torch.tensor([[0, 0, 1]] * rows)
    trainer.ref_model = PrescribedModel(leaves, "r", torch.zeros_like(mismatched))
    return 2 * trainer.compute_loss(PrescribedModel(leaves, "l", mismatched), batch)


def bco_loss(trainer, leaves: Leaves):
    """The trainer's loss method at a prescribed running mean; averages over examples like KTO, so twice that is a pair's sum."""
    delta = leaves.values.get("delta", torch.zeros(leaves.rows))
    trainer.running.mean = delta[0]
    policy = [leaves.get(name) for name in ("lw", "ll")]
    reference = [leaves.get(name).detach() for name in ("rw", "rl")]
    return 2 * trainer.bco_loss(*policy, *reference, None, None, do_train=False)[0].mean()


@dataclass
class Trainer:
    module: str
    trainer: str
    config: str
    data: dict
    loss: Callable[[Any, Leaves], Any]
    reference: bool = False
    note: str = ""


HALVES = "mean over examples, two a pair: shown times 2"

# `experimental` trainers come and go between releases of TRL: BCO's is in none since 1.16.
TRAINERS = {
    "dpo": Trainer("trl", "DPOTrainer", "DPOConfig", PAIR, dpo_loss, reference=True),
    "cpo": Trainer("trl.experimental.cpo", "CPOTrainer", "CPOConfig", PAIR, batch_loss),
    "orpo": Trainer("trl.experimental.orpo", "ORPOTrainer", "ORPOConfig", PAIR, batch_loss),
    "tpo": Trainer("trl.experimental.tpo", "TPOTrainer", "TPOConfig", TRIPLE, tpo_loss),
    "kto": Trainer("trl", "KTOTrainer", "KTOConfig", UNPAIRED, kto_loss, True, HALVES),
    "bco": Trainer("trl.experimental.bco", "BCOTrainer", "BCOConfig", UNPAIRED, bco_loss, True, HALVES),
}


def quiet() -> None:
    warnings.simplefilter("ignore")
    for name in ("transformers", "trl", "datasets", "accelerate"):
        logging.getLogger(name).setLevel(logging.ERROR)


class TrlTarget:
    def __init__(self, name: str):
        if name not in TRAINERS:
            raise AuditError(f'trl: no adapter for a trainer "{name}"; there are {", ".join(TRAINERS)}')
        self.entry = entry = TRAINERS[name]
        quiet()
        try:
            self.version = importlib.import_module("trl").__version__
            module = importlib.import_module(entry.module)
            self.trainer, self.config = getattr(module, entry.trainer), getattr(module, entry.config)
        except (ImportError, AttributeError) as error:
            version = getattr(self, "version", None)
            where = "trl cannot be imported" if version is None else f"TRL {version} has no {entry.trainer}"
            raise AuditError(f"{where}: {error}") from error
        self.made: dict[tuple, Any] = {}

    def describe(self) -> dict:
        from transformers import TrainingArguments

        general = {field.name for field in dataclasses.fields(TrainingArguments)}
        listed = []
        for field in dataclasses.fields(self.config):
            if field.name in general or not field.init:
                continue
            default = field.default if isinstance(field.default, (bool, int, float, str)) else None
            listed.append({"name": field.name, "required": False, "default": default, "positional": False})
        return {
            "kind": "trainer",
            "made": [],
            "arguments": listed,
            "torch": torch.__version__,
            "trl": self.version,
            "note": self.entry.note,
        }

    def make(self, settings: dict):
        """The trainer with these loss settings, made once."""
        key = tuple(sorted((name, repr(value)) for name, value in settings.items()))
        if key not in self.made:
            from datasets import Dataset
            from datasets.utils.logging import disable_progress_bar

            from .tiny import common_arguments, tiny_model, tiny_tokenizer

            disable_progress_bar()
            common = common_arguments()
            atexit.register(shutil.rmtree, common["output_dir"], ignore_errors=True)
            reference = {"ref_model": tiny_model()} if self.entry.reference else {}
            self.made[key] = self.trainer(
                model=tiny_model(),
                args=self.config(**common, **settings),
                train_dataset=Dataset.from_dict(self.entry.data),
                processing_class=tiny_tokenizer(),
                **reference,
            )
        return self.made[key]

    def answer(self, request: dict) -> dict:
        def run(leaves: Leaves):
            settings = {
                name: leaves.params[source["param"]] if "param" in source else source["constant"]
                for name, source in request["arguments"].items()
            }
            return self.entry.loss(self.make(settings), leaves)

        return {"calls": [measure(call, run, None, self.entry.reference) for call in request["calls"]]}
