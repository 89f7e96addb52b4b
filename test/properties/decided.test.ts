/** Properties that were searched once and are decided now: no sample size stands between a loss and its verdict. */
import { describe, expect, it } from "vitest"
import { isDegenerate, makeStructure } from "../../src/logic/structure.ts"
import { structureSpec } from "../../src/logic/structureText.ts"
import { subjectOf } from "../../src/properties/subject.ts"
import { replayCase } from "../../src/properties/validate.ts"
import { lossOf, propertyOf, resultOf } from "../arbitraries/properties.ts"

const specs = Array.from({ length: 256 }, (_, code) =>
  makeStructure(["M(w)", "M(l)"], BigInt(code & 15), BigInt(code >> 4))
)
  .filter((structure) => !isDegenerate(structure))
  .flatMap((structure) => ["", "?semantics=relative"].map((reading) => structureSpec(structure) + reading))

describe("P11 on all 225 structures over a pair, in both readings", () => {
  it("is proved, or refuted by a policy that shows it", () => {
    const property = propertyOf("P11")
    const counts = { proved: 0, refuted: 0 }
    for (const spec of specs) {
      const loss = lossOf(spec)
      const decision = property.decide!(subjectOf(loss))
      if (decision === undefined || decision.verdict === "undecided") throw new RangeError(`${spec} is open`)
      counts[decision.verdict]++
      if (decision.verdict !== "refuted") continue
      expect(replayCase(loss, property, decision.case), `${spec}: ${decision.witness}`).toMatchObject({ holds: false })
    }
    expect(counts).toEqual({ proved: 349, refuted: 101 })
  })

  it("prints the simplest policy near the one that the decision found, where random policies find none", () => {
    const { verdict, counterexample } = resultOf(lossOf("rows:TF,TT/FF,TT?semantics=relative"), "P11")
    expect(verdict).toBe("refuted")
    expect(counterexample!.arms.length).toBe(3)
  })
})

describe("P12", () => {
  it("is proved for ORPO, and of the other fifteen for CPO alone", () => {
    for (const spec of ["orpo_seq", "cpo_core", "orpo_seq?semantics=relative"]) {
      expect(resultOf(lossOf(spec), "P12").verdict, spec).toBe("proved")
    }
    expect(resultOf(lossOf("cpo_core?semantics=relative"), "P12").verdict).toBe("refuted")
  })
})
