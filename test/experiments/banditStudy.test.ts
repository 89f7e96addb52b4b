/** What a bandit study refuses before anything runs: settings that fit the schema but not each other. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { BanditStudy } from "../../src/experiments/banditStudy.ts"
import { decodeWhole, findingText } from "../../src/loss/schemaFindings.ts"

const study = {
  losses: ["dpo"],
  environment: { kind: "copg" },
  data: { mode: "exact" },
  optimizer: { kind: "adam", learningRate: 0.05 },
  steps: 10,
  checkpoints: 1
}

const problems = (change: object): ReadonlyArray<string> => {
  const decoded = decodeWhole(BanditStudy, { ...study, ...change })
  return Result.isFailure(decoded) ? decoded.failure.map(findingText) : []
}

describe("a bandit study", () => {
  it("is accepted with wrappers in wrappers and with a policy that its environment can carry", () => {
    const tree = { kind: "tree", pairs: 4 }
    expect(problems({})).toEqual([])
    expect(
      problems({
        environment: { kind: "noise", rate: 0.1, of: { kind: "coverage", keep: 0.9, of: tree } },
        policy: { kind: "tree", sharing: "depth" }
      })
    ).toEqual([])
  })

  it("says where in nested environments the fault is", () => {
    const environment = { kind: "noise", rate: 0.1, of: { kind: "coverage", keep: [0, 7], of: { kind: "copg" } } }
    expect(problems({ environment })).toEqual(["environment.of.keep: arm 7 is not in 0..2 of copg"])
  })

  it("refuses an environment whose numbers overflow", () => {
    const environment = { kind: "bradley-terry", arms: 100, rewardScale: 1e308 }
    expect(problems({ environment })).toEqual(["environment: bradley-terry: reward has an entry that is not finite"])
  })

  it("refuses a policy that the environment cannot carry", () => {
    expect(problems({ policy: { kind: "tree" } })).toEqual([
      "policy.kind: tree needs an environment with a token tree; copg has none"
    ])
  })
})
