/** What the schema of environments refuses, and in which words. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { EnvironmentSpec } from "../../src/bandit/environments/registry.ts"
import { decodeWhole, findingText } from "../../src/loss/schemaFindings.ts"

const refusals: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
  [{ kind: "tree", branching: 1 }, ["branching: expected a value between 2 and 100, found 1"]],
  [{ kind: "tree", branching: 10, depth: 5 }, ["depth: the tree has 100000 leaves, at most 10000"]],
  [{ kind: "tree", depth: 1, end: true }, ["end: an answer of one token cannot end early"]],
  [{ kind: "tree", depth: 1, pairs: 4 }, ["pairs: there are only 3 different pairs, found 4"]],
  [{ kind: "tree", branching: 2, depth: 2, end: true, pairs: 4 }, ["pairs: there are only 3 different pairs, found 4"]],
  [
    {
      kind: "tree",
      pairs: [
        [0, 27],
        [1, 1]
      ]
    },
    ["pairs[0]: leaf 27 is not in 0..26", "pairs[1]: leaf 1 cannot meet itself"]
  ],
  [{ kind: "tree", depth: 7, pairs: 1 }, [`pairs: a table of ${3 ** 14} pairs, at most 4000000; use "uniform"`]],
  [{ kind: "shifted-labels", shift: 1000 }, ["shift: (shift + 9) / temperature must be at most 700, found 1009"]],
  [{ kind: "shifted-labels", temperature: 0 }, ["temperature: expected a value greater than 0, found 0"]],
  [
    { kind: "shifted-labels", reference: "peaked" },
    ['reference: expected "uniform" or "normal" or "zipf", found "peaked"']
  ],
  [{ kind: "dispreferred", harmful: 0.001 }, ["harmful: 0 of 50 arms are harmful, needed are 1 to 49"]],
  [{ kind: "dispreferred", arms: 10, noisy: 0.3 }, ["harmful: 1 of 10 arms are harmful, needed are 2 to 9"]],
  [{ kind: "dispreferred", arms: 1000, contexts: 5 }, ["arms: a table of 5000000 pairs, at most 4000000"]],
  [{ kind: "multi-objective", correlation: -1.5 }, ["correlation: expected a value between -1 and 1, found -1.5"]],
  [{ kind: "multi-objective", labels: "third" }, [expect.stringMatching(/^labels: "third" is not allowed;.*mixture/)]],
  [{ kind: "over-optimisation", proxyNoise: -1 }, [expect.stringMatching(/^proxyNoise: .* found -1$/)]],
  [{ kind: "best-of-n", arms: 1 }, ["arms: expected a value between 2 and 10000, found 1"]],
  [{ kind: "noise", rate: 1.5, of: { kind: "copg" } }, ["rate: expected a value between 0 and 1, found 1.5"]],
  [{ kind: "noise", rate: 0.1 }, ['of: missing key "of"']],
  [
    { kind: "noise", rate: 0.1, of: { kind: "ties", rate: 0, of: { kind: "bradley-terry", arms: 1, beta: -1 } } },
    [
      "of.of.arms: expected a value between 2 and 10000, found 1",
      "of.of.beta: expected a value greater than 0, found -1"
    ]
  ],
  [{ kind: "ties", rate: 1, of: { kind: "copg" } }, [expect.stringMatching(/^rate: .* found 1$/)]],
  [{ kind: "ties", rate: 0.5, as: "dice", of: { kind: "copg" } }, ['as: expected "coin" or "dropped", found "dice"']],
  [{ kind: "coverage", keep: 0, of: { kind: "copg" } }, [expect.stringMatching(/^keep: .* found 0$/)]],
  [{ kind: "coverage", keep: 0.5, of: { kind: "copgg" } }, [expect.stringMatching(/^of.kind: .* found "copgg"$/)]],
  [
    { kind: "coverage", keep: 0.5, of: { kind: "copg", betta: 1 } },
    [expect.stringMatching(/^of: unknown key "betta"/)]
  ],
  [{ kind: "cyclic", game: "circular", arms: 4 }, ["arms: a circle needs an odd number of arms, found 4"]],
  [{ kind: "cyclic", arms: 4 }, ["arms: arms means nothing with game: published"]],
  [
    {
      kind: "cyclic",
      preference: [
        [0.5, 0.7],
        [0.3, 0.5]
      ],
      game: "random",
      scale: 2
    },
    ["game: game means nothing beside preference", "scale: scale means nothing beside preference"]
  ],
  [
    {
      kind: "cyclic",
      preference: [
        [0.5, 0.7],
        [0.4, 0.5]
      ]
    },
    [expect.stringMatching(/^preference\[1\]\[0\]: P\(1, 0\)/)]
  ],
  [{ kind: "cyclic", game: "random", arms: 5, reference: [1, 1] }, ["reference: reference has 2 of 5 entries"]],
  [{ kind: "cyclic", game: "random", arms: 1000, contexts: 5 }, ["arms: matrices of 5000000 entries, at most 4000000"]],
  [{ kind: "domains", domains: 1 }, ["domains: expected a value between 2 and 50, found 1"]],
  [{ kind: "domains", similarity: -0.1 }, ["similarity: expected a value between 0 and 1, found -0.1"]],
  [{ kind: "low-rank-pairs", quintile: 0 }, ["quintile: expected a value between 1 and 5, found 0"]],
  [{ kind: "reward-conditioned", arms: 3 }, ["arms: 3 arms cannot have 4 qualities, each at least once"]],
  [
    { kind: "unseen", world: "grid", epsilon: 0.1, size: 3, pairs: 4 },
    ["epsilon: epsilon means nothing with world: grid", "pairs: there are only 3 different pairs, found 4"]
  ],
  [{ kind: "unseen", size: 3 }, ["size: size means nothing with world: actions"]]
]

describe("environments refuse", () => {
  it.each(refusals.map(([spec, issues]) => [JSON.stringify(spec), spec, issues] as const))(
    "%s",
    (_name, spec, issues) => {
      const decoded = decodeWhole(EnvironmentSpec, spec)
      expect(Result.isFailure(decoded) ? decoded.failure.map(findingText) : []).toEqual(issues)
    }
  )
})
