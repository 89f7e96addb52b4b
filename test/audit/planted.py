"""Preference losses with one planted error each, and right ones under many signatures: what the audit must tell apart."""
import torch
import torch.nn.functional as F

# Right.


def dpo(policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps, beta=0.1):
    pi_logratios = policy_chosen_logps - policy_rejected_logps
    ref_logratios = reference_chosen_logps - reference_rejected_logps
    return -F.logsigmoid(beta * (pi_logratios - ref_logratios))


def dpo_mean(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta).mean()


def dpo_tuple(policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps, beta,
              label_smoothing=0.0, ipo=False, reference_free=False):
    """The signature of the first public implementation: losses and both rewards."""
    logits = (policy_chosen_logps - policy_rejected_logps) - (reference_chosen_logps - reference_rejected_logps)
    if reference_free:
        logits = policy_chosen_logps - policy_rejected_logps
    if ipo:
        losses = (logits - 1 / (2 * beta)) ** 2
    else:
        losses = -F.logsigmoid(beta * logits) * (1 - label_smoothing) - F.logsigmoid(-beta * logits) * label_smoothing
    chosen_rewards = beta * (policy_chosen_logps - reference_chosen_logps).detach()
    rejected_rewards = beta * (policy_rejected_logps - reference_rejected_logps).detach()
    return losses, chosen_rewards, rejected_rewards


class DPOLoss(torch.nn.Module):
    def __init__(self, beta: float, label_smoothing: float = 0.0):
        super().__init__()
        self.beta, self.label_smoothing = beta, label_smoothing

    def forward(self, policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps):
        return dpo_tuple(policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps,
                         self.beta, self.label_smoothing)[0].mean()


def dpo_ratios(pi_logratios, ref_logratios, beta):
    return {"loss": -F.logsigmoid(beta * (pi_logratios - ref_logratios)).mean()}


def dpo_joined(pi_logps, ref_logps, yw_idxs, yl_idxs, beta):
    """The form of the DPO paper's appendix: all answers in one list, and where the pairs are in it."""
    pi_yw, pi_yl = pi_logps[yw_idxs], pi_logps[yl_idxs]
    ref_yw, ref_yl = ref_logps[yw_idxs], ref_logps[yl_idxs]
    losses = -F.logsigmoid(beta * ((pi_yw - pi_yl) - (ref_yw - ref_yl)))
    return losses, beta * (pi_logps - ref_logps).detach()


def odd_names(a, b, t, mode="plain"):
    if mode != "squared":
        raise ValueError(mode)
    return {"first": t, "second": ((a - b - 1 / (2 * t)) ** 2).mean()}


def ipo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, tau=0.1):
    return ((chosen_logps - rejected_logps - ref_chosen_logps + ref_rejected_logps) - 1 / (2 * tau)) ** 2


def ipo_norm(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, chosen_lengths, rejected_lengths, beta):
    a = (chosen_logps - ref_chosen_logps) / chosen_lengths
    b = (rejected_logps - ref_rejected_logps) / rejected_lengths
    return ((a - b - 1 / (2 * beta)) ** 2).mean()


def cpo(policy_chosen_logps, policy_rejected_logps, beta, cpo_alpha=1.0):
    return -F.logsigmoid(beta * (policy_chosen_logps - policy_rejected_logps)) - cpo_alpha * policy_chosen_logps


def simpo(chosen_avg_logps, rejected_avg_logps, beta=2.0, gamma=0.5):
    return -F.logsigmoid(beta * (chosen_avg_logps - rejected_avg_logps) - gamma)


def hinge(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return torch.relu(1 - beta * ((chosen_logps - rejected_logps) - (ref_chosen_logps - ref_rejected_logps)))


def kto(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, kl, beta):
    return 2 - torch.sigmoid(beta * (chosen_logps - ref_chosen_logps - kl)) - torch.sigmoid(beta * (kl - rejected_logps + ref_rejected_logps))


def dpo_tokens(chosen_token_logps, rejected_token_logps, ref_chosen_token_logps, ref_rejected_token_logps, chosen_mask, rejected_mask, beta):
    c = ((chosen_token_logps - ref_chosen_token_logps) * chosen_mask).sum(-1)
    r = ((rejected_token_logps - ref_rejected_token_logps) * rejected_mask).sum(-1)
    return -F.logsigmoid(beta * (c - r)).mean()


def sequence_logps(logits, labels):
    labels = labels[:, 1:].clone()
    mask = labels != -100
    labels[~mask] = 0
    logps = torch.gather(logits[:, :-1].log_softmax(-1), 2, labels.unsqueeze(2)).squeeze(2)
    return (logps * mask).sum(-1)


def dpo_models(model, ref_model, batch, beta):
    def logps(m, side):
        out = m(input_ids=batch[f"{side}_input_ids"], attention_mask=batch[f"{side}_attention_mask"])
        return sequence_logps(out.logits, batch[f"{side}_labels"])

    with torch.no_grad():
        ref = [logps(ref_model, side) for side in ("chosen", "rejected")]
    return dpo_mean(logps(model, "chosen"), logps(model, "rejected"), *ref, beta)


# Wrong.


def beta_ignored(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, 0.1)


def beta_other(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps):
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, 0.25).mean()


def beta_squared(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return -F.logsigmoid(beta * (beta * (chosen_logps - ref_chosen_logps) - beta * (rejected_logps - ref_rejected_logps)))


def reference_dropped(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return -F.logsigmoid(beta * (chosen_logps - rejected_logps)).mean()


def rejected_reference_dropped(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return -F.logsigmoid(beta * (chosen_logps - ref_chosen_logps - rejected_logps))


def reference_added(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return -F.logsigmoid(beta * (chosen_logps + ref_chosen_logps)) - F.logsigmoid(-beta * (rejected_logps + ref_rejected_logps))


def summed(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta).sum()


def swapped(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(rejected_logps, chosen_logps, ref_rejected_logps, ref_chosen_logps, beta)


def swapped_policy(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(rejected_logps, chosen_logps, ref_chosen_logps, ref_rejected_logps, beta)


def swapped_reference(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps, rejected_logps, ref_rejected_logps, ref_chosen_logps, beta)


def smoothing_missing(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, label_smoothing=0.0):
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta)


def wrong_bfloat16(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(*(x.to(torch.bfloat16) for x in (chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps)), beta).float()


def wrong_bfloat16_inputs(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(*(x.to(torch.bfloat16).double() for x in (chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps)), beta)


def wrong_half(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(*(x.half() for x in (chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps)), beta).mean()


def wrong_float32(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(*(x.float() for x in (chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps)), beta).mean()


def detached(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps.detach(), rejected_logps.detach(), ref_chosen_logps, ref_rejected_logps, beta)


def detached_rejected(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps, rejected_logps.detach(), ref_chosen_logps, ref_rejected_logps, beta).mean()


def sign(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return -dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta)


def factor(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return 0.5 * dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta)


def offset(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta) - 0.6931471805599453


def naive(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return -torch.log(torch.sigmoid(beta * ((chosen_logps - rejected_logps) - (ref_chosen_logps - ref_rejected_logps))))


def length_normalised(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, chosen_lengths, rejected_lengths, beta):
    return dpo(chosen_logps / chosen_lengths, rejected_logps / rejected_lengths,
               ref_chosen_logps / chosen_lengths, ref_rejected_logps / rejected_lengths, beta)


def coupled(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    losses = dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta)
    return losses * len(losses) * torch.softmax(losses.detach(), 0)


def ipo_dropped(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, tau):
    return (chosen_logps - rejected_logps - 1 / (2 * tau)) ** 2


def ipo_margin(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, tau):
    return ((chosen_logps - rejected_logps - ref_chosen_logps + ref_rejected_logps) - 1 / tau) ** 2


def ipo_summed(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, tau):
    return ipo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, tau).sum()


def cpo_swapped(policy_chosen_logps, policy_rejected_logps, beta, cpo_alpha=1.0):
    return cpo(policy_rejected_logps, policy_chosen_logps, beta, cpo_alpha)


def cpo_without_nll(policy_chosen_logps, policy_rejected_logps, beta, cpo_alpha=1.0):
    return cpo(policy_chosen_logps, policy_rejected_logps, beta, 0.0)


def cpo_summed(policy_chosen_logps, policy_rejected_logps, beta, cpo_alpha=1.0):
    return cpo(policy_chosen_logps, policy_rejected_logps, beta, cpo_alpha).sum()


def dropped_and_summed(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return reference_dropped(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta) * len(chosen_logps)


def raises_alone(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    if len(chosen_logps) == 1:
        raise RuntimeError("needs more than one pair")
    return dpo(chosen_logps, rejected_logps, ref_chosen_logps, ref_rejected_logps, beta)


def model_reference_trained(model, ref_model, batch, beta):
    def logps(m, side):
        return sequence_logps(m(batch[f"{side}_input_ids"]).logits, batch[f"{side}_labels"])

    return dpo_mean(*(logps(m, side) for m in (model, ref_model) for side in ("chosen", "rejected")), beta)
