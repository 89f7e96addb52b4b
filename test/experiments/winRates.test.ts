/** Win rates of finetuned models against a baseline, on rewards made by hand. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { winRates } from "../../src/experiments/winRates.ts"

const rewards = (loss: string, seed: number, values: ReadonlyArray<number>, ceWeight = 0, samples = 1) =>
  values.map((reward, i) => ({
    ...{ cell: `finetune/${loss}/seed=${seed}`, loss, ceWeight, seed },
    prompt: Math.floor(i / samples),
    sample: i % samples,
    reward
  }))

const over = (rows: ReturnType<typeof winRates>, kind: "seeds" | "prompts") => rows.filter((row) => row.over === kind)

describe("win rates", () => {
  it("count wins as 1 and ties as 1/2, with Student's interval over seeds and over prompts", () => {
    const rows = winRates(
      [
        ...rewards("cpo_core", 0, [0, 0, 0, 0]),
        ...rewards("cpo_core", 1, [0, 0, 0, 0]),
        ...rewards("dpo", 0, [1, 1, 0, -1]),
        ...rewards("dpo", 1, [1, 1, 1, 0])
      ],
      "cpo_core"
    )
    const [seeds] = over(rows, "seeds")
    // Means per seed 2.5/4 and 3.5/4: mean 3/4, standard error 1/8, t(1) = 12.7062.
    expect(seeds).toMatchObject({ loss: "dpo", against: "cpo_core", winRate: 0.75, n: 2, seeds: 2, comparisons: 8 })
    expect(seeds).toMatchObject({ wins: 5 / 8, ties: 2 / 8, losses: 1 / 8, resolved: false })
    expect(Number(seeds?.high) - 0.75).toBeCloseTo(12.7062 / 8, 4)
    // Means per prompt 1, 1, 3/4, 1/4: the interval holds 1/2.
    const [prompts] = over(rows, "prompts")
    expect(prompts).toMatchObject({ winRate: 0.75, n: 4, resolved: false })
    expect(prompts?.low).toBeCloseTo(0.75 - (3.182446 * Math.sqrt(0.375 / 3)) / 2, 5)
  })

  it("compare at one weight of the cross-entropy term, and with the baseline's own where it has no other", () => {
    const rows = winRates(
      [
        ...rewards("cpo_core", 0, [0, 0]),
        ...rewards("cpo_core", 0, [1, 1], 0.1),
        ...rewards("dpo", 0, [0.5, 0.5]),
        ...rewards("dpo", 0, [0.5, 0.5], 0.1),
        ...rewards("ipo", 0, [0.5, 0.5], 0.3)
      ],
      "cpo_core"
    )
    expect(over(rows, "seeds").map(({ loss, ceWeight, winRate }) => [loss, ceWeight, winRate])).toEqual([
      ["dpo", 0, 1],
      ["dpo", 0.1, 0],
      ["ipo", 0.3, 1]
    ])
    // One seed has no interval, and nothing is resolved without one.
    expect(over(rows, "seeds").every(({ low, high, resolved }) => low === "NaN" && high === "NaN" && !resolved)).toBe(
      true
    )
  })

  it("compare completions that both have, of the same prompt, number and seed", () => {
    const rows = winRates(
      [...rewards("cpo_core", 0, [0, 1, 0, 1], 0, 2), ...rewards("dpo", 0, [1, 0, 1], 0, 2), ...rewards("dpo", 9, [5])],
      "cpo_core"
    )
    expect(over(rows, "seeds")[0]).toMatchObject({ comparisons: 3, wins: 2 / 3, losses: 1 / 3, seeds: 1 })
    expect(winRates(rewards("dpo", 0, [1]), "cpo_core")).toEqual([])
    expect(winRates(rewards("dpo", 0, [1]), undefined)).toEqual([])
    expect(winRates([], "dpo")).toEqual([])
  })

  it("of two losses against each other add up to 1", () => {
    const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        const all = [...rewards("a", 0, a), ...rewards("b", 0, b)]
        const rate = (baseline: string) => over(winRates(all, baseline), "prompts")[0]?.winRate ?? Number.NaN
        const count = a.filter((x, i) => x > b[i]!).length + a.filter((x, i) => x === b[i]).length / 2
        expect(rate("a") + rate("b")).toBeCloseTo(1, 12)
        expect(rate("b")).toBeCloseTo(count / 12, 12)
      })
    )
  })
})
