import { describe, expect, it } from "vitest"
import { dominanceReport, orderedKinds } from "../../src/derive/order.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { entails } from "../../src/logic/order.ts"
import { pairPropositions } from "../../src/logic/structure.ts"

const report = Object.fromEntries(orderedKinds.map((kind) => [kind, dominanceReport(pairPropositions, kind)]))

describe("dominanceReport", () => {
  it("counts all, the monotone, the strictly monotone, the sixteen", () => {
    expect(orderedKinds.map((kind) => report[kind]!.losses.length)).toEqual([187, 41, 34, 16])
    expect(report.all!.pairs).toMatchObject({ dominance: 5364, entailment: 3468, undecided: 0 })
    for (const kind of orderedKinds) {
      const { pairs, losses } = report[kind]!
      expect(pairs.entailed + pairs.finer).toBe(pairs.dominance)
      expect(pairs.onSimplex).toBeGreaterThanOrEqual(pairs.dominance)
      expect(losses.flatMap(({ entails }) => entails)).toHaveLength(pairs.entailed)
      expect(losses.flatMap(({ dominatedOnly }) => dominatedOnly)).toHaveLength(pairs.finer)
    }
  })

  it("orders the sixteen as the published lattice does, and no further", () => {
    const { pairs, covers, losses, noJoin, noMeet } = report.admissible!
    const published = NAMED.flatMap(({ structure: a, name }) =>
      NAMED.filter((b) => b.name !== name && entails(a, b.structure)).map((b) => `${name} ${b.name}`)
    )
    expect(losses.map(({ name }) => name).sort()).toEqual(NAMED.map(({ name }) => name).sort())
    expect(pairs).toMatchObject({ dominance: published.length, finer: 0 })
    expect(covers).toHaveLength(32)
    expect([noJoin, noMeet]).toEqual([undefined, undefined])
  })

  it("finds pairs without a least upper bound among the 34 strictly monotone: bounds that are themselves incomparable", () => {
    const { noJoin, losses } = report.strict!
    const structureNamed = (name: string) => {
      const { ticks, crosses } = losses.find((loss) => loss.name === name)!
      const mask = (rows: ReadonlyArray<string>) =>
        rows.reduce((set, row) => set | (1n << BigInt(["FF", "TF", "FT", "TT"].indexOf(row))), 0n)
      return { propositions: pairPropositions, ticks: mask(ticks), crosses: mask(crosses) }
    }
    expect(noJoin!.bounds.length).toBeGreaterThan(1)
    for (const bound of noJoin!.bounds) {
      for (const one of noJoin!.pair) expect(dominance(structureNamed(one), structureNamed(bound)).verdict).toBe("A<=B")
      for (const other of noJoin!.bounds)
        if (other !== bound)
          expect(dominance(structureNamed(bound), structureNamed(other)).verdict).toBe("incomparable")
    }
  })

  it("refuses more than two propositions", () => {
    expect(() => dominanceReport(["M(w)", "M(l)", "Ref(w)"], "strict")).toThrow(/at most 2/)
  })
})
