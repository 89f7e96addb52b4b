"""
What an argument of a user's function stands for. A meaning is a text:

    lw, ll, rw, rl, nw, nl, s_w, …    an input, [rows]
    lw-ll, lw-rw+1*…                  a sum of inputs with signs
    lw/nw                             a quotient of two inputs (per-token mean)
    lw,ll                             joined along the batch, [2·rows]
    tokens(lw), mask(w), logits(lw), labels(w)    token by token, [rows, T] ([rows, T, vocabulary]); `labels` and `logits` hold
                                      the prompt as well and are not shifted: position t predicts token t + 1
    index(w), index(l)                places of chosen and rejected in a joined `lw,ll`, [rows]
    model(policy), model(reference)   a model with the prescribed log-probabilities
    batch                             a collated dict (chosen_input_ids, chosen_labels, …)
"""
import re

import torch

from .errors import AuditError
from .leaves import Leaves
from .models import PrescribedModel
from .tokens import batch_of, logits_of, response, sequence_logps, token_logps

TERM = re.compile(r"([+-]?)([a-z][a-z_0-9]*)(?:/([a-z][a-z_0-9]*))?")
CALL = re.compile(r"(tokens|mask|logits|labels|index)\(([a-z]+)\)")


def linear(leaves: Leaves, text: str):
    total, at = None, 0
    while at < len(text):
        match = TERM.match(text, at)
        if match is None or (at > 0 and match[1] == ""):
            raise AuditError(f'"{text}" is no meaning of an argument')
        value = leaves.get(match[2])
        if match[3]:
            value = value / leaves.get(match[3])
        value = -value if match[1] == "-" else value
        total = value if total is None else total + value
        at = match.end()
    return total


def by_token(leaves: Leaves, kind: str, name: str):
    if kind == "index":
        return torch.arange(leaves.rows) + leaves.rows * "wlg".index(name)
    if kind == "tokens":
        return token_logps(leaves, name)
    if kind == "logits":
        logits = logits_of(sequence_logps(leaves, name))
        return torch.cat([logits, torch.zeros_like(logits[:, :1])], dim=1)
    own = response(leaves, name, 0)
    if kind == "labels":
        return own.labels
    first = own.completion_mask.argmax(dim=1)[0]
    return own.completion_mask[:, first:]  # as long as tokens(lw)


def joined(parts: list):
    """Along the batch, padded to one length."""
    if parts[0].dim() == 1:
        return torch.cat(parts)
    longest = max(part.shape[1] for part in parts)

    def pad(part):
        gap = longest - part.shape[1]
        value = -100 if part.dtype == torch.long and part.min() < 0 else 0
        return torch.nn.functional.pad(part, (0, gap) if part.dim() == 2 else (0, 0, 0, gap), value=value)

    return torch.cat([pad(part) for part in parts])


def value_of(leaves: Leaves, meaning: str):
    """The tensor, model or batch that an argument gets."""
    text = meaning.replace(" ", "")
    if text == "batch":
        return batch_of(leaves)
    if text in ("model(policy)", "model(reference)"):
        return PrescribedModel(leaves, "l" if text == "model(policy)" else "r")
    parts = [
        by_token(leaves, match[1], match[2]) if (match := CALL.fullmatch(part)) else linear(leaves, part)
        for part in text.split(",")
    ]
    return parts[0] if len(parts) == 1 else joined(parts)
