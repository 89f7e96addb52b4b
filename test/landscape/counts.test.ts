import { describe, expect, it } from "vitest"
import { checkSign } from "../../src/landscape/checker.ts"
import { distinctLossCount, lossClasses, structureOf } from "../../src/landscape/classes.ts"
import { dominancePairs, entailmentPairs, landscapeCounts, monotoneClasses } from "../../src/landscape/counts.ts"
import { difference } from "../../src/landscape/odds.ts"
import { scale, signAt, toPolynomial } from "../../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../../src/landscape/sign.ts"
import { admissibleStructures, latticeCovers } from "../../src/logic/lattice.ts"
import { entails } from "../../src/logic/order.ts"

const pair = ["M(w)", "M(l)"]

describe("the landscape of one and two propositions", () => {
  it("has 16 structures, 9 non-degenerate, 7 distinct losses for one proposition", () => {
    expect(landscapeCounts(["M(w)"])).toMatchObject({
      propositions: ["M(w)"],
      structures: 16,
      nonDegenerate: 9,
      distinctLosses: 7,
      zeroClassSize: 3,
      strictlyMonotone: 0,
      swapAntisymmetricStrictlyMonotone: null,
      admissible: null,
      admissibleCovers: null
    })
  })

  it("has 256, 225, 187 for two, 15 of them zero, 41 monotone, 16 admissible with 32 covers", () => {
    expect(landscapeCounts(pair)).toEqual({
      propositions: pair,
      structures: 256,
      nonDegenerate: 225,
      distinctLosses: 187,
      zeroClassSize: 15,
      monotone: 41,
      strictlyMonotone: 34,
      swapAntisymmetricStrictlyMonotone: 4,
      admissible: 16,
      admissibleCovers: 32,
      distinctLossesClosedForm: 187
    })
    expect(admissibleStructures()).toHaveLength(16)
    expect(latticeCovers()).toHaveLength(32)
  })

  it("counts what is monotone as finite differences on a grid see it", () => {
    const grid = [0.03, 0.2, 0.5, 0.7, 0.96]
    const rho = (masks: { ticks: number; crosses: number }, w: number, l: number): number => {
      const weights = [(1 - w) * (1 - l), w * (1 - l), (1 - w) * l, w * l]
      const count = (set: number) => weights.reduce((sum, weight, row) => ((set >> row) & 1 ? sum + weight : sum), 0)
      return Math.log(count(masks.ticks) / count(masks.crosses))
    }
    const slopesOf = (masks: { ticks: number; crosses: number }) =>
      grid.flatMap((w) =>
        grid.map((l) => ({
          up: rho(masks, w + 1e-4, l) - rho(masks, w, l),
          down: rho(masks, w, l) - rho(masks, w, l + 1e-4)
        }))
      )
    const { weak, strict } = monotoneClasses(lossClasses(pair))
    for (const entry of lossClasses(pair)) {
      const slopes = slopesOf(entry.members[0]!)
      const seen = slopes.every(({ up, down }) => up > -1e-12 && down > -1e-12)
      const moving = slopes.some(({ up }) => up > 1e-9) && slopes.some(({ down }) => down > 1e-9)
      const same = (other: typeof entry) =>
        other.members[0]!.ticks === entry.members[0]!.ticks && other.members[0]!.crosses === entry.members[0]!.crosses
      expect(weak.some(same)).toBe(seen)
      expect(strict.some(same)).toBe(seen && moving)
    }
  })

  it("decides every pair of the 187 distinct losses, with evidence that stands", () => {
    const classes = lossClasses(pair)
    const verdicts = new Map<string, string>()
    let ordered = 0
    classes.forEach((a, i) => {
      for (const b of classes.slice(i + 1)) {
        for (const question of [difference(a.counts, b.counts), difference(b.counts, a.counts)]) {
          const key = `${question.degrees}:${question.coefficients}`
          let verdict = verdicts.get(key)
          if (verdict === undefined) {
            const decision = decideSign(question)
            expect(decision.verdict).not.toBe("undecided")
            if (decision.verdict === "holds") expect(checkSign(toPolynomial(question), decision.proof)).toBe(true)
            if (decision.verdict === "fails") expect(signAt(question, decision.witness)).toBe(-1)
            verdict = decision.verdict
            verdicts.set(key, verdict)
          }
          if (verdict === "holds") ordered++
        }
      }
    })
    expect(ordered).toBe(5364)
    expect(dominancePairs(classes)).toEqual({ dominance: 5364, undecided: 0 })
  })

  it("counts the pairs that entailment orders as comparing all members does", () => {
    for (const propositions of [["M(w)"], pair, ["M(w)", "M2(w)"]]) {
      const classes = lossClasses(propositions)
      const structures = classes.map((entry) => entry.members.map((masks) => structureOf(propositions, masks)))
      let slow = 0
      structures.forEach((as, i) => {
        structures.forEach((bs, j) => {
          if (i !== j && as.some((a) => bs.some((b) => entails(a, b)))) slow++
        })
      })
      expect(entailmentPairs(classes, 2 ** propositions.length)).toBe(slow)
    }
    expect(landscapeCounts(pair, { pairs: true }).comparablePairs).toEqual({
      entailment: 3468,
      dominance: 5364,
      undecided: 0
    })
  })

  it("entailment implies dominance: no pair is entailed and not dominated", () => {
    const classes = lossClasses(pair)
    const structures = classes.map((entry) => entry.members.map((masks) => structureOf(pair, masks)))
    structures.forEach((as, i) => {
      structures.forEach((bs, j) => {
        if (i === j || !as.some((a) => bs.some((b) => entails(a, b)))) return
        const rise = difference(classes[i]!.counts, classes[j]!.counts)
        expect(decideSign(rise).verdict).toBe("holds")
        expect(decideSign(scale(rise, -1n)).verdict).toBe("fails")
      })
    })
  })
})

describe("larger landscapes", () => {
  it("counts three propositions exactly: 65536 structures, 63475 distinct losses", () => {
    expect(landscapeCounts(["M(w)", "M(l)", "Ref(w)"], { pairs: true })).toEqual({
      propositions: ["M(w)", "M(l)", "Ref(w)"],
      structures: 65536,
      nonDegenerate: 65025,
      distinctLosses: 63475,
      zeroClassSize: 255,
      monotone: 4833,
      strictlyMonotone: 4672,
      swapAntisymmetricStrictlyMonotone: null,
      admissible: 256,
      admissibleCovers: 1024,
      distinctLossesClosedForm: 63475,
      comparablePairs: { entailment: 39183540, dominance: null, undecided: null }
    })
  })

  it("the closed form agrees with the listing", () => {
    expect([1, 2, 3].map(distinctLossCount)).toEqual(
      [["M(w)"], pair, ["M(w)", "M(l)", "M(y3)"]].map((list) => BigInt(lossClasses(list).length))
    )
    expect(distinctLossCount(4)).toBe(4294246507n)
  })

  it("counts copies on the diagonal", () => {
    const counts = landscapeCounts(["M(w)", "M2(w)"])
    // Four rows weigh 1, o, o, o²: fewer losses, and more structures with rho = 0 than the 15 with equal sides.
    expect(counts).toMatchObject({ distinctLosses: 99, zeroClassSize: 23, distinctLossesClosedForm: null })
  })

  it("gives null, not an estimate, where four propositions would have to be listed, and what a search finds at once", () => {
    const propositions = [...pair, "Ref(w)", "Ref(l)"]
    expect(landscapeCounts(propositions, { pairs: true })).toEqual({
      propositions,
      structures: 2 ** 32,
      nonDegenerate: 65535 ** 2,
      zeroClassSize: 65535,
      distinctLosses: null,
      monotone: null,
      strictlyMonotone: null,
      swapAntisymmetricStrictlyMonotone: 6488,
      admissible: 65536,
      admissibleCovers: 65536 * 8,
      distinctLossesClosedForm: 4294246507,
      comparablePairs: null
    })
  })
})
