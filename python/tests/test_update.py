"""Gradients of updates: exact however a batch is split, for every kind of loss, and equal to autograd through textbook formulas.

The formulas stand here as oracles, independent of programs, layouts, chunks and weights per answer.
"""

import copy
import json

import pytest
import torch
from losslattice_worker.contract import decode_job
from losslattice_worker.models import trainable_parameters
from losslattice_worker.optim import AdamW
from losslattice_worker.prepare import prepare
from losslattice_worker.update import Updater
from tiny import FIXTURE, alone, small_job
from torch.nn.functional import logsigmoid, sigmoid

CPU = torch.device("cpu")
ROWS = [3, 0, 7, 5, 9, 11, 1, 4]
BETA = {"dpo": 0.1}


def job_of(spec, **torch_settings):
    job = small_job(batch_size=8, ce_weight=0.05)
    job["loss"] = {"spec": spec, "program": FIXTURE["programs"][spec], "reward_scale": 0.1}
    job["torch"] = {"dtype": "float64", **torch_settings}
    for number, row in enumerate(job["data"]["pairs"]):
        row["v"] = 0.1 * number - 0.3
        row["gold"] = row["chosen"] + " and more"
    job["data"]["pairs"][3]["chosen_mask"] = None
    for row in job["data"]["pairs"]:
        row.pop("chosen_mask", None)
    return decode_job(job, spec)


def disturb(model):
    """Moves the policy off the reference, the same way every time."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)


def gradient(spec, **torch_settings):
    """Metrics and gradients of one update, the weights left as they are."""
    prepared = prepare(job_of(spec, **torch_settings), alone(CPU), CPU)
    reference = copy.deepcopy(prepared.policy.loaded.model)
    disturb(prepared.policy.loaded.model)
    optimizer = AdamW(trainable_parameters(prepared.policy.loaded), 0.0)
    found = {}

    def keep(rate, factor):
        found.update({name: optimizer.gradient(name).clone() for name in optimizer.parameters})

    optimizer.step = keep
    metrics, _ = Updater(prepared, optimizer).update(1, ROWS, 0)
    return prepared, reference, metrics, found


class Answers:
    """Textbook numbers of the answers of one side of the batch."""

    def __init__(self, policy, reference, sequences):
        self.lengths = torch.tensor([float(len(answer)) for _, answer in sequences], dtype=torch.float64)
        self.policy, self.reference, self.logits, self.targets = [], [], [], []
        for prompt, answer in sequences:
            ids = torch.tensor([[*prompt, *answer]])
            at = slice(len(prompt) - 1, -1)
            own = torch.log_softmax(policy(input_ids=ids).logits[0, at], -1)
            with torch.no_grad():
                other = torch.log_softmax(reference(input_ids=ids).logits[0, at], -1)
            targets = torch.tensor(answer)[:, None]
            self.logits.append((own, other))
            self.policy.append(own.gather(1, targets)[:, 0])
            self.reference.append(other.gather(1, targets)[:, 0])

    def logps(self):
        return torch.stack([tokens.sum() for tokens in self.policy])

    def refs(self):
        return torch.stack([tokens.sum() for tokens in self.reference])

    def tail(self, tokens, shorter):
        return torch.stack([t[n:].sum() for t, n in zip(tokens, shorter, strict=True)])

    def kl(self):
        return torch.stack([(q.exp() * (q - p)).sum() for p, q in self.logits])

    def weight(self):
        means = [(t.detach() - (2 * p.detach()).logsumexp(-1)).mean() for t, (p, _) in zip(self.policy, self.logits, strict=True)]
        return torch.stack(means).exp()


def textbook(spec, prepared, reference):
    """The batch's loss by its published formula."""
    policy = prepared.policy.loaded.model
    rows = [prepared.training.rows[row] for row in ROWS]
    w = Answers(policy, reference, [(row.prompt_ids, row.chosen_ids) for row in rows])
    l = Answers(policy, reference, [(row.prompt_ids, row.rejected_ids) for row in rows])
    a, b = w.logps() - w.refs(), l.logps() - l.refs()
    losses = FORMULAS[spec](a, b, w, l, Context(policy, reference, rows, prepared.job.program.params))
    return (losses - 0.05 * w.logps() / w.lengths).mean()


class Context:
    def __init__(self, policy, reference, rows, params):
        self.policy, self.reference, self.rows, self.params = policy, reference, rows, params

    def mismatched(self):
        others = [*self.rows[1:], self.rows[0]]
        ratios = []
        for row, other in zip(self.rows, others, strict=True):
            if len(row.prompt_ids) + max(len(other.chosen_ids), len(other.rejected_ids)) - 1 > 40:
                continue
            for answer in (other.chosen_ids, other.rejected_ids):
                pair = Answers(self.policy, self.reference, [(row.prompt_ids, answer)])
                ratios.append(float((pair.logps() - pair.refs()).detach()))
        return max(0.0, sum(ratios) / len(ratios))


def dpo(a, b, w, l, c):
    return -logsigmoid(c.params["beta"] * (a - b))


def kto(a, b, w, l, c):
    z, beta = c.mismatched(), c.params["beta"]
    return 1 - sigmoid(beta * (a - z)) + 1 - sigmoid(beta * (z - b))


def bco(a, b, w, l, c):
    beta = c.params["beta"]
    shift = (beta * (a + b) / 2).mean().detach()
    return -logsigmoid(beta * a - shift) - logsigmoid(-(beta * b - shift))


def beta_dpo(a, b, w, l, c):
    gap = (a - b).mean().detach()
    beta = c.params["beta"] * (1 + c.params["alpha"] * (gap - 0.1 * gap))
    return -logsigmoid(torch.clamp(beta, min=1e-3) * (a - b))


def alpha_dpo(a, b, w, l, c):
    gap = (a / w.lengths - b / l.lengths).detach()
    star = (gap - gap.mean()) / gap.std(correction=0)
    margin = w.logps() / w.lengths - l.logps() / l.lengths
    return -logsigmoid(c.params["beta"] * (margin - c.params["alpha"] * star - c.params["gamma_beta_ratio"]))


def aot(a, b, w, l, c):
    u, v = (w.logps() - l.logps()).sort().values, (w.refs() - l.refs()).sort().values
    return -logsigmoid(c.params["beta"] * (u - v))


def aot_unpaired(a, b, w, l, c):
    return -logsigmoid(c.params["beta"] * (a.sort().values - b.sort().values))


def tdpo1(a, b, w, l, c):
    return -logsigmoid(c.params["beta"] * (a - b - (l.kl() - w.kl())))


def tdpo2(a, b, w, l, c):
    return -logsigmoid(c.params["beta"] * (a - b - c.params["alpha"] * (l.kl() - w.kl().detach())))


def ld_dpo(a, b, w, l, c):
    shorter = torch.minimum(w.lengths, l.lengths).long().tolist()
    rest = 1 - c.params["alpha"]
    left = a - rest * (w.tail(w.policy, shorter) - w.tail(w.reference, shorter))
    right = b - rest * (l.tail(l.policy, shorter) - l.tail(l.reference, shorter))
    return -logsigmoid(c.params["beta"] * (left - right))


def wpo(a, b, w, l, c):
    return -w.weight() * l.weight() * logsigmoid(c.params["beta"] * (a - b))


FORMULAS = {f.__name__: f for f in (dpo, kto, bco, beta_dpo, alpha_dpo, aot, aot_unpaired, tdpo1, tdpo2, ld_dpo, wpo)}


def assert_equal(found, wanted, relative):
    scale = max(float(value.abs().max()) for value in wanted.values())
    for name, value in wanted.items():
        assert float((found[name] - value).abs().max()) <= relative * scale, name


@pytest.mark.parametrize("spec", list(FORMULAS))
def test_gradients_are_those_of_the_formula_however_the_batch_is_split(spec):
    prepared, reference, metrics, whole = gradient(spec)
    policy = prepared.policy.loaded.model
    policy.zero_grad(set_to_none=True)
    loss = textbook(spec, prepared, reference)
    loss.backward()
    wanted = {name: p.grad for name, p in policy.named_parameters() if p.grad is not None}
    assert metrics["loss"] == pytest.approx(loss.item(), rel=1e-11)
    assert_equal(whole, wanted, 1e-10)
    longest = max(prepared.budget.cost([group]) for group in prepared.groups(prepared.training.rows))
    for settings in ({"tokens_per_micro_batch": longest}, {"packing": True, "tokens_per_micro_batch": 2 * longest}):
        _, _, parts, split = gradient(spec, **settings)
        assert parts["loss"] == pytest.approx(metrics["loss"], rel=1e-12)
        assert_equal(split, whole, 1e-12)


def test_a_third_answer_and_columns_of_the_data_reach_the_loss():
    for spec in ("tpo", "dro"):
        _, _, metrics, whole = gradient(spec)
        _, _, parts, split = gradient(spec, tokens_per_micro_batch=200)
        assert parts["loss"] == pytest.approx(metrics["loss"], rel=1e-12)
        assert_equal(split, whole, 1e-12)


def test_losses_that_sort_the_batch_are_known_by_every_name():
    from losslattice_worker.inputs import loss_name

    names = {"aot": "aot", "aot?beta=1": "aot", "trl.aot?label_smoothing=0.1": "aot", "trl-0.24.aot_pair": "aot_pair"}
    names |= {"expr:-lw/nw": "", "logic:w": "", "rows:/FT": "", "ratio:p_w/p_l": "", "losses/aot.json": ""}
    assert {spec: loss_name(spec) for spec in names} == names


def test_losses_of_other_engines_are_refused_by_name():
    from losslattice_worker.errors import TrainFailure
    from losslattice_worker.inputs import needs_of

    job = json.loads(json.dumps(small_job()))
    program = decode_job(job, "job").program
    with pytest.raises(TrainFailure, match="diffusion_dpo cannot be trained here: its inputs are denoising errors"):
        needs_of(program, "diffusion_dpo?beta=2")
    job["loss"]["program"] = {**FIXTURE["programs"]["ld_dpo"]}
    outputs = job["loss"]["program"]["outputs"]
    kept = {name: id for name, id in outputs["gradients"].items() if name in ("lw", "ll")}
    job["loss"]["program"]["outputs"] = {**outputs, "gradients": kept}
    with pytest.raises(TrainFailure, match="ld_dpo reads lw_tail, which moves with the policy"):
        needs_of(decode_job(job, "job").program, "ld_dpo")
