/** Specifications that the laws of environments are tested on: at least one of every kind. */
import type { EnvironmentKind, EnvironmentSpec } from "../../src/bandit/environments/registry.ts"

/** The compiler asks for a new kind's here. */
export const samples = {
  "bradley-terry": [
    { kind: "bradley-terry" },
    { kind: "bradley-terry", arms: 4, contexts: 3, reference: "normal", behaviour: "reference", unseen: 1, beta: 0.2 },
    {
      kind: "bradley-terry",
      rewards: [
        [1, 2, 3],
        [0, 0, 0]
      ],
      temperature: 0,
      reference: [1, 2, 1]
    },
    { kind: "bradley-terry", arms: 6, contexts: 2, reference: "zipf", referenceScale: 2, behaviour: "reference" },
    { kind: "bradley-terry", rewards: [5, -5], behaviour: [[3, 1]], referenceScale: 0 }
  ],
  copg: [{ kind: "copg" }, { kind: "copg", beta: 0.1 }],
  deterministic: [
    { kind: "deterministic", dataset: "D1" },
    { kind: "deterministic", dataset: "D2" },
    { kind: "deterministic", dataset: "D3'" }
  ],
  sparse: [{ kind: "sparse" }, { kind: "sparse", arms: 8, unseen: 0, temperature: 3, behaviour: "uniform" }],
  "low-rank": [{ kind: "low-rank" }, { kind: "low-rank", b: -10 }],
  cyclic: [
    { kind: "cyclic" },
    {
      kind: "cyclic",
      preference: [
        [0.5, 1],
        [0, 0.5]
      ],
      reference: [1, 3],
      behaviour: [2, 1]
    },
    { kind: "cyclic", contexts: 2, reference: [1, 2, 3] },
    { kind: "cyclic", game: "circular", arms: 7, scale: 3 },
    { kind: "cyclic", game: "random", arms: 6, contexts: 3, scale: 2 }
  ],
  tree: [
    { kind: "tree" },
    { kind: "tree", branching: 2, depth: 4, contexts: 2, reward: "tokens", reference: "normal", pairs: "reference" },
    { kind: "tree", reward: "prefixes", end: true, reference: "normal", referenceScale: 0.5, pairs: 5, temperature: 0 },
    { kind: "tree", reward: "correct", rewardScale: 2, contexts: 3, beta: 0.3, pairs: 1 },
    {
      kind: "tree",
      depth: 1,
      pairs: [
        [0, 1],
        [1, 0]
      ]
    }
  ],
  "shifted-labels": [
    { kind: "shifted-labels" },
    { kind: "shifted-labels", arms: 3, prompts: 1, shift: 0, temperature: 0.5, reference: "zipf", referenceScale: 2 }
  ],
  dispreferred: [
    { kind: "dispreferred" },
    { kind: "dispreferred", arms: 6, contexts: 3, harmful: 0.4, noisy: 0.33, share: 0.5, reference: "normal", harm: 1 }
  ],
  "multi-objective": [
    { kind: "multi-objective" },
    { kind: "multi-objective", arms: 4, contexts: 2, correlation: 1, weight: 0.1, labels: "gold", temperature: 0 },
    { kind: "multi-objective", arms: 5, labels: "second", behaviour: "reference", reference: "normal" },
    { kind: "multi-objective", arms: 6, labels: "mixture", weight: 0.3, marginNoise: 0.5 }
  ],
  "over-optimisation": [
    { kind: "over-optimisation" },
    { kind: "over-optimisation", contexts: 3, arms: 16, reference: "zipf", proxyNoise: 0, temperature: 0 }
  ],
  "best-of-n": [{ kind: "best-of-n" }, { kind: "best-of-n", arms: 5, contexts: 2, reference: "normal", beta: 0.5 }],
  domains: [
    { kind: "domains" },
    {
      kind: "domains",
      domains: 2,
      prompts: 2,
      arms: 3,
      dimension: 2,
      similarity: 0,
      spread: 1,
      heldOut: true,
      reference: "normal"
    }
  ],
  "low-rank-pairs": [
    { kind: "low-rank-pairs" },
    { kind: "low-rank-pairs", pairs: 6, dimension: 3, quintile: 5, beta: 0.5 }
  ],
  "reward-conditioned": [
    { kind: "reward-conditioned" },
    { kind: "reward-conditioned", prompts: 1, levels: 2, arms: 2, reference: "normal", beta: 2 }
  ],
  unseen: [
    { kind: "unseen" },
    { kind: "unseen", epsilon: 1e-6, beta: 0.1 },
    { kind: "unseen", world: "grid" },
    { kind: "unseen", world: "grid", size: 4, pairs: 6, reference: "normal" }
  ],
  noise: [
    { kind: "noise", rate: 0.2, of: { kind: "copg" } },
    { kind: "noise", rate: 0.1, of: { kind: "shifted-labels" } },
    { kind: "noise", rate: 0, of: { kind: "dispreferred" } },
    { kind: "noise", rate: 1, of: { kind: "ties", rate: 0.4, of: { kind: "tree", pairs: 3 } } }
  ],
  coverage: [
    { kind: "coverage", keep: 0.5, of: { kind: "bradley-terry", contexts: 3 } },
    { kind: "coverage", keep: [0, 2], of: { kind: "cyclic" } },
    { kind: "coverage", keep: 0.7, of: { kind: "noise", rate: 0.1, of: { kind: "shifted-labels" } } },
    { kind: "coverage", keep: [0, 1], of: { kind: "deterministic", dataset: "D1" } }
  ],
  ties: [
    { kind: "ties", rate: 0.3, of: { kind: "copg" } },
    {
      kind: "ties",
      rate: 0.9,
      as: "dropped",
      of: { kind: "bradley-terry", arms: 5, contexts: 2, reference: "normal" }
    },
    { kind: "ties", rate: 0.5, as: "dropped", of: { kind: "coverage", keep: 0.6, of: { kind: "dispreferred" } } }
  ]
} satisfies { readonly [K in EnvironmentKind]: ReadonlyArray<Extract<EnvironmentSpec, { readonly kind: K }>> }

export const allSamples: ReadonlyArray<EnvironmentSpec> = Object.values(samples).flat()

/** Specifications by which nothing is drawn: every seed gives the same world. */
export const isFixed = (spec: EnvironmentSpec): boolean =>
  ("of" in spec && isFixed(spec.of) && !(spec.kind === "coverage" && typeof spec.keep === "number")) ||
  spec.kind === "copg" ||
  spec.kind === "deterministic" ||
  (spec.kind === "cyclic" && spec.game !== "random") ||
  (spec.kind === "unseen" && spec.world !== "grid") ||
  (spec.kind === "bradley-terry" &&
    spec.rewards !== undefined &&
    spec.reference !== "normal" &&
    spec.reference !== "zipf")
