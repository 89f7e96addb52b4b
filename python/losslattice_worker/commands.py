"""The small commands: sampling, scoring, a random model for tests, and what this machine has. One JSON line per result."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from typing import Any

import torch

from . import __version__
from .contract import DTYPE_NAMES, read_json
from .errors import BadInput, BadJob
from .events import json_text
from .schema import Field, either, flag, integer, list_of, mapping, one_of, read_object, text


def _spec(file: str, fields: dict[str, Field]) -> dict[str, Any]:
    """The SPEC of a file, every issue at once."""
    version = Field(lambda v: None if v == 1 else f"expected 1, got {v!r}", 1)
    issues: list[str] = []
    found = read_object(read_json(file), {"version": version, **fields}, "", issues)
    if issues:
        raise BadJob(file, issues)
    return found


def _print(value: Any) -> None:
    sys.stdout.write(json_text(value) + "\n")
    sys.stdout.flush()


def doctor() -> int:
    """One line: versions, whether CUDA is there, and its devices."""
    devices = []
    for k in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        properties = torch.cuda.get_device_properties(k)
        devices.append({"name": properties.name, "memory_gib": round(properties.total_memory / 2**30, 1)})
    _print({
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "transformers": importlib.metadata.version("transformers"),
        "cuda": torch.cuda.is_available(),
        "devices": devices,
        "worker_version": __version__,
    })  # fmt: skip
    return 0


_MODEL = {
    "model": Field(text),
    "dtype": Field(one_of(*DTYPE_NAMES), "float32"),
    "device": Field(one_of("auto", "cpu", "cuda"), "auto"),
    "chat_template": Field(text, None),
}
_SAMPLE = {
    **_MODEL,
    "prompts": Field(list_of(text)),
    "per_prompt": Field(integer(), 1),
    "max_tokens": Field(integer(), 24),
    "seed": Field(integer(0, 2**53), 0),
    "allow_empty": Field(flag, False),
    "lexicon": Field(text, None),
}
_SCORE = {
    **_MODEL,
    "pairs": Field(either(text, list_of(mapping))),
    "packing": Field(flag, False),
    "truncation": Field(one_of("refuse", "drop", "prompt-start"), "refuse"),
    "max_length": Field(integer(2), None),
}


def _opened(spec: dict[str, Any]) -> Any:
    """A scorer of a SPEC's model."""
    from .distributed import Place, pick_device
    from .models import load_model
    from .prepare import DTYPES
    from .scorer import Scorer

    device = pick_device(spec["device"], Place())
    loaded = load_model(spec["model"], dtype=DTYPES[spec["dtype"]], device=device, chat_template=spec["chat_template"])
    return Scorer(loaded, device, None, bool(spec.get("packing")), "sdpa", False)


def sample(file: str) -> int:
    """Completions of prompts at temperature 1, prompt by prompt, with the streams of src/finetune/sentiment.ts."""
    from .order import Rng
    from .prepare import prompt_ids
    from .sampling import sample as draw
    from .sampling import special_ids
    from .sentiment import Lexicon

    spec = _spec(file, _SAMPLE)
    lexicon = Lexicon.read(spec["lexicon"]) if spec["lexicon"] else None
    scorer = _opened(spec)
    ends, forbidden = special_ids(scorer.loaded)
    rng = Rng.from_seed(int(spec["seed"])).split("sentiment").split("completions")
    room = scorer.loaded.context + 1 - spec["max_tokens"]
    jobs = []
    for i, prompt in enumerate(spec["prompts"]):
        ids = prompt_ids(scorer.loaded, prompt)
        if not 1 <= len(ids) <= room:
            raise BadInput(f'{file}: prompts: entry {i} has {len(ids)} tokens, 1 to {room} leave room for max_tokens')
        jobs += [(i, k, ids, rng.split(prompt).split(k)) for k in range(spec["per_prompt"])]
    for start in range(0, len(jobs), 64):
        part = jobs[start : start + 64]
        drawn = draw(
            scorer.language_model, [ids for _, _, ids, _ in part], [stream for *_, stream in part],
            device=scorer.device, max_tokens=spec["max_tokens"], end_ids=ends, forbidden=forbidden, allow_empty=spec["allow_empty"],
        )  # fmt: skip
        for (i, k, ids, _), line in zip(part, _completion_lines(scorer, [ids for _, _, ids, _ in part], drawn), strict=True):
            reward = {} if lexicon is None else {"reward": lexicon.reward(line["completion"])}
            _print({"prompt": i, "sample": k, **line, **reward})
    return 0


def _completion_lines(scorer: Any, prompts: list[list[int]], drawn: list[Any]) -> list[dict[str, Any]]:
    from .packing import Answer
    from .sampling import text_of
    from .scorer import Wanted

    scores = scorer([[Answer(ids, c.tokens)] for ids, c in zip(prompts, drawn, strict=True)], Wanted())
    return [
        {"completion": text_of(scorer.loaded, c), "complete": c.ended, "tokens": len(c.tokens), "logp": logp}
        for c, logp in zip(drawn, scores.quantities["logps"].tolist(), strict=True)
    ]


def score(file: str) -> int:
    """Log-probabilities of the answers of rows under a model, in the order of the rows."""
    from .batches import Budget, answer_of, kept
    from .data import DataError, DataSettings, read_rows
    from .distributed import Group, Place
    from .reference import score_rows
    from .scorer import Wanted

    spec = _spec(file, _SCORE)
    scorer = _opened(spec)
    try:
        settings = DataSettings.of_job(spec, scorer.loaded.context)
        rows = read_rows(spec["pairs"], tokenizer=scorer.loaded.tokenizer, settings=settings, needs=["lw", "ll"]).rows
    except DataError as error:
        raise BadInput(str(error)) from None
    group = Group(Place(), scorer.device)
    scores = score_rows(scorer, rows, ["w", "l"], Wanted(), Budget(None, not spec["packing"]), group)["logps"].tolist()
    for i, (row, (chosen, rejected)) in enumerate(zip(rows, scores, strict=True)):
        counts = [sum(kept(answer_of(row, role))) for role in ("w", "l")]
        numbers = {"chosen": chosen, "rejected": rejected, "chosen_tokens": counts[0], "rejected_tokens": counts[1]}
        _print({"row": i, "line": row.line, **numbers})
    return 0


_TINY = {
    "output": Field(text),
    "tokenizer": Field(text, None),
    "words": Field(list_of(text), []),
    "layers": Field(integer(), 2),
    "width": Field(integer(8), 32),
    "context": Field(integer(), 64),
    "seed": Field(integer(0, 2**53), 0),
}


def tiny_model(file: str) -> int:
    """Writes a random Llama, with a tokenizer of whole words or that of another model; prints its hash and size."""
    from .models import load_model
    from .tiny_model import tiny_model as write_model

    spec = _spec(file, _TINY)
    if spec["width"] % 8 != 0:
        raise BadJob(file, [f"width: expected a multiple of 8, got {spec['width']}"])
    if spec["tokenizer"] is not None and spec["words"]:
        raise BadJob(file, ["words: they make a tokenizer, so there can be no other one"])
    sizes = {name: spec[name] for name in ("width", "layers", "context")}
    write_model(spec["output"], int(spec["seed"]), words=spec["words"], tokenizer=spec["tokenizer"], **sizes)
    loaded = load_model(spec["output"])
    count = sum(parameter.numel() for parameter in loaded.model.parameters())
    _print({"output": spec["output"], "hash": loaded.hash, "parameters": count})
    return 0


def data(file: str) -> int:
    """Token lengths of rows, for `losslattice data check --model`."""
    from .data.lengths_report import run

    return run(read_json(file))


def audit(file: str) -> int:
    """A user's own loss beside a program, see audit/__main__.py."""
    from .audit.__main__ import main

    return main([file])
