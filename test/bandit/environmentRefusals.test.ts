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
  [{ kind: "tree", depth: 7, pairs: 1 }, [`pairs: a table of ${3 ** 14} pairs, at most 4000000; use "uniform"`]]
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
