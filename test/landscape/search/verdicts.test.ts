import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decideProperty, type ExactPropertyName, exactPropertyNames } from "../../../src/landscape/exactProperties.ts"
import { ballAround, searchStructures, verdictDecider } from "../../../src/landscape/search/index.ts"
import { makeStructure, type Semantics, type Structure, withReference } from "../../../src/logic/structure.ts"
import { sixPropositions, structureOver } from "../../arbitraries/logic.ts"

const quick = exactPropertyNames.filter((name) => !["chosen-safe", "rejected-safe", "chosen-led"].includes(name))

const expectSame = (structure: Structure, semantics: Semantics, names: ReadonlyArray<ExactPropertyName>) => {
  const decide = verdictDecider(structure.propositions, semantics)(structure)
  for (const name of names) {
    const { verdict, value } = decideProperty(structure, semantics, name)
    expect({ name, verdict: decide(name).verdict, value: decide(name).value }).toEqual({ name, verdict, value })
  }
}

describe("verdicts without evidence", () => {
  it.each([
    [["M(w)", "M(l)"], 60],
    [["M(l)", "M(w)", "M(y3)"], 25],
    [["M(w)", "M(l)", "M2(w)"], 15]
  ] as const)("are those with evidence, over %s", (propositions, numRuns) => {
    fc.assert(
      fc.property(structureOver(propositions), fc.constantFrom("absolute", "relative"), (structure, semantics) =>
        expectSame(structure, semantics, exactPropertyNames)
      ),
      { numRuns }
    )
  })

  it("are those with evidence over four propositions, safety aside", () => {
    fc.assert(
      fc.property(structureOver(sixPropositions.slice(0, 4)), (one) => expectSame(one, "absolute", quick)),
      {
        numRuns: 60
      }
    )
  })

  it("are those with evidence next to DPO, where much is proved", () => {
    const dpo = withReference(makeStructure(["M(w)", "M(l)"], 0b1010n, 0b1100n))
    for (const one of searchStructures(ballAround(dpo, 1))) expectSame(one, "absolute", quick)
    expectSame(dpo, "absolute", exactPropertyNames)
  })

  it("do not take chosen-led for chosen-safe where a third answer of the policy pulls", () => {
    // rho = log p_y3 / (1 - p_w): monotone, a_l = 0, and the gain of y3 comes at the chosen answer's cost too.
    const led = makeStructure(["M(l)", "M(w)", "M(y3)"], 80n, 17n)
    const decide = verdictDecider(led.propositions, "absolute")(led)
    expect(decide("preference-monotone").verdict).toBe("proved")
    expect(decide("chosen-led").verdict).toBe("proved")
    expect(decide("chosen-safe").verdict).toBe("refuted")
    expectSame(led, "absolute", exactPropertyNames)
  })

  it("prove chosen-safe of CPO, which is monotone and led by the chosen answer, and refute it of unCPO", () => {
    const pair = ["M(w)", "M(l)"]
    const decide = verdictDecider(pair, "absolute")
    expect(decide(makeStructure(pair, 0b1010n, 0b1100n))("chosen-safe").verdict).toBe("proved")
    expectSame(makeStructure(pair, 0b1011n, 0b0100n), "absolute", exactPropertyNames)
  })
})
