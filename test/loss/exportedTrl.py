"""
Trains tiny random models with the exported trainers, and says what they measured: the pairs' log-probabilities by a forward pass
of our own, the losses that were logged, the first loss with precomputed reference values, and which settings were refused.
"""
import copy
import glob
import importlib
import json
import logging
import tempfile
import warnings

import torch
from datasets import Dataset
from datasets.utils.logging import disable_progress_bar
from losslattice_worker.audit.tiny import tiny_model, tiny_tokenizer
from trl import DPOConfig

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
disable_progress_bar()

DATA = {
    "prompt": ["is it", "it", "is", "is it it"],
    "chosen": ["good yes", "yes", "good good good", "yes is good"],
    "rejected": ["bad", "no bad bad", "bad no", "no"],
}
SETTINGS = {
    "loss_type": ["ipo"],
    "loss_weights": [2.0],
    "ld_alpha": 0.5,
    "use_weighting": True,
    "label_smoothing": 0.1,
    "f_divergence_type": "js_divergence",
    "discopop_tau": 0.1,
    "beta": 0.37,
}


def models():
    torch.manual_seed(3)
    pair = tiny_model(), tiny_model()
    for model in pair:
        for weight in model.parameters():
            weight.data.normal_(0, 0.6)
    return pair


def trainer_of(module, model, reference, **settings):
    common = dict(
        output_dir=tempfile.mkdtemp(), report_to="none", use_cpu=True, bf16=False, disable_tqdm=True, max_steps=4, save_strategy="no",
        per_device_train_batch_size=4, logging_steps=1, learning_rate=0.01, lr_scheduler_type="constant", gradient_checkpointing=False,
    )
    return module.PairLossTrainer(
        model, ref_model=reference, args=DPOConfig(**{**common, **settings}), train_dataset=Dataset.from_dict(DATA),
        processing_class=tiny_tokenizer(),
    )


def measured(trainer, model, reference):
    """lw, ll, rw, rl, nw, nl of every pair by log softmax of plain logits."""
    batch = trainer.data_collator([trainer.train_dataset[k] for k in range(4)])
    mask = batch["completion_mask"][:, 1:]
    sums = []
    for one in (model, reference):
        with torch.no_grad():
            logps = one(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.double().log_softmax(-1)
        picked = logps[:, :-1].gather(2, batch["input_ids"][:, 1:, None]).squeeze(2)
        sums.append((picked * mask).sum(1).tolist())
    counts = mask.sum(1).tolist()
    return [
        dict(lw=sums[0][k], ll=sums[0][k + 4], rw=sums[1][k], rl=sums[1][k + 4], nw=counts[k], nl=counts[k + 4]) for k in range(4)
    ]


def result_of(module):
    model, reference = models()
    trainer = trainer_of(module, model, reference)
    pairs = measured(trainer, copy.deepcopy(model).eval(), copy.deepcopy(reference).eval())
    before = [weight.clone() for weight in model.parameters()]
    trainer.train()
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    model, reference = models()
    again = trainer_of(module, model, reference, precompute_ref_log_probs=True, max_steps=1)
    again.train()
    refused = {}
    for setting, value in SETTINGS.items():
        model, reference = models()
        try:
            trainer_of(module, model, reference, **{setting: value})
            refused[setting] = "accepted"
        except ValueError as error:
            refused[setting] = str(error)
    return {
        "checked": module.check(),
        "pairs": pairs,
        "losses": [entry["loss"] for entry in logs],
        "precomputed": again.state.log_history[0]["loss"],
        "metrics": sorted(logs[0]),
        "moved": any(not torch.equal(a, b) for a, b in zip(before, trainer.model.parameters())),
        "refused": refused,
    }


names = sorted(name.removesuffix(".py") for name in glob.glob("trained*.py"))
print(json.dumps([result_of(importlib.import_module(name)) for name in names]))
