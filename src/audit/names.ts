/**
 * What the arguments of preference losses are called, and what they mean. A name is cut into words at underscores and capitals;
 * the words say which response it is about, whether it is the reference's, and what kind of number it is.
 */

const words = (name: string): ReadonlyArray<string> =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split("_")
    .filter((word) => word !== "")

const sides: Readonly<Record<string, "w" | "l" | "g">> = Object.fromEntries([
  ...[
    "chosen",
    "win",
    "winner",
    "winning",
    "pos",
    "positive",
    "preferred",
    "accepted",
    "better",
    "good",
    "w",
    "yw"
  ].map((word) => [word, "w"] as const),
  ...[
    "rejected",
    "reject",
    "lose",
    "loser",
    "losing",
    "neg",
    "negative",
    "dispreferred",
    "worse",
    "bad",
    "l",
    "yl"
  ].map((word) => [word, "l"] as const),
  ["gold", "g"] as const
])

const kinds = {
  reference: ["ref", "reference", "sft", "base"],
  count: ["len", "lens", "length", "lengths", "count", "counts", "num", "n", "size", "sizes"],
  reward: ["reward", "rewards", "score", "scores"],
  mean: ["avg", "average", "averaged", "mean", "norm", "normalized", "normalised"],
  ratio: ["logratio", "logratios", "ratio", "ratios"],
  token: ["token", "tokens"],
  mask: ["mask", "masks"],
  labels: ["labels", "label"],
  logits: ["logits"],
  model: ["model"]
} as const satisfies Readonly<Record<string, ReadonlyArray<string>>>

const logProb = [
  "logp",
  "logps",
  "logprob",
  "logprobs",
  "logpi",
  "log",
  "lp",
  "prob",
  "probs",
  "p",
  "pi",
  "policy",
  "per"
]

const wholeNames: Readonly<Record<string, string>> = {
  model: "model(policy)",
  policy: "model(policy)",
  policy_model: "model(policy)",
  ref_model: "model(reference)",
  reference_model: "model(reference)",
  batch: "batch",
  pi_logratios: "lw-ll",
  policy_logratios: "lw-ll",
  logratios: "lw-ll",
  pi_logps: "lw,ll",
  policy_logps: "lw,ll",
  ref_logps: "rw,rl",
  reference_logps: "rw,rl",
  yw_idxs: "index(w)",
  chosen_idxs: "index(w)",
  yl_idxs: "index(l)",
  rejected_idxs: "index(l)",
  ref_logratios: "rw-rl",
  reference_logratios: "rw-rl"
}

/**
 * The meaning of an argument by its name alone, in the grammar of python/losslattice_worker/audit/meanings.py; undefined when the
 * name says nothing: `policy_chosen_logps` is `lw`, `ref_rejected_logps` is `rl`, `chosen_lengths` is `nw`, `avg_chosen_logp`
 * is `lw/nw`, `rejected_logratios` is `ll-rl`, `chosen_mask` is `mask(w)`.
 */
export const meaningOfName = (name: string): string | undefined => {
  const whole = wholeNames[words(name).join("_")]
  if (whole !== undefined) return whole
  const parts = words(name)
  const side = parts.map((word) => sides[word]).find((found) => found !== undefined)
  if (side === undefined) return undefined
  const has = (kind: keyof typeof kinds): boolean =>
    parts.some((word) => (kinds[kind] as ReadonlyArray<string>).includes(word))
  const known = new Set([...Object.keys(sides), ...Object.values(kinds).flat(), ...logProb])
  if (parts.some((word) => !known.has(word))) return undefined
  const letter = has("reference") ? "r" : "l"
  if (has("mask")) return `mask(${side})`
  if (has("labels")) return `labels(${side})`
  if (has("logits")) return `logits(${letter}${side})`
  if (has("ratio")) return `l${side}-r${side}`
  if (has("count")) return `n${side}`
  if (has("reward")) return `s_${side}`
  if (has("token")) return parts.some((word) => logProb.includes(word)) ? `tokens(${letter}${side})` : `n${side}`
  return has("mean") ? `${letter}${side}/n${side}` : `${letter}${side}`
}

/**
 * Arguments by which trainers take a loss's parameter, most particular first. A text with an operator is computed from the
 * loss's parameters: `1-alpha` where the trainer's coefficient is 1 less ours.
 */
export const parameterArguments: Readonly<Record<string, ReadonlyArray<string>>> = {
  beta: ["beta", "dpo_beta", "loss_beta"],
  tau: ["tau", "discopop_tau", "ipo_tau", "beta"],
  eps: ["eps", "epsilon", "label_smoothing", "smoothing"],
  gamma: ["gamma", "simpo_gamma", "tpo_l_gamma", "margin"],
  margin: ["margin", "gamma"],
  lam: ["lam", "lambda_", "lmbda", "lambda", "cpo_alpha", "nll_weight", "sft_weight", "lambda_orpo", "beta"],
  alpha: ["alpha", "ld_alpha", "tpo_alpha", "rpo_alpha", "sft_weight"],
  lam_d: ["lam_d", "desirable_weight"],
  lam_u: ["lam_u", "undesirable_weight"],
  udm: ["udm", "undesirable_weight"]
}

/** Arguments that are computed from a parameter. */
export const derivedArguments: Readonly<Record<string, string>> = { f_alpha_divergence_coef: "1-alpha" }

/** Arguments that only these losses read, whatever their parameters are called. */
export const particularArguments: Readonly<Record<string, ReadonlyArray<string>>> = {
  f_alpha_divergence_coef: ["fdpo_alpha"],
  ld_alpha: ["ld_dpo"],
  discopop_tau: ["discopop"]
}
