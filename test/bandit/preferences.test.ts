import { describe, expect, it } from "vitest"
import { bradleyTerry, flipped, preferenceMatrix, sigmoid, winRates } from "../../src/bandit/preferences.ts"

describe("sigmoid", () => {
  it("is finite and complementary far out", () => {
    expect(sigmoid(-800)).toBe(0)
    expect(sigmoid(800)).toBe(1)
    expect(sigmoid(3) + sigmoid(-3)).toBeCloseTo(1, 15)
  })
})

describe("bradleyTerry", () => {
  const reward = Float64Array.of(1, 0, 0, 2)
  it("divides the reward gap by the temperature, per context", () => {
    const model = bradleyTerry(reward, 2, 0.5)
    expect(model.probability(0, 0, 1)).toBeCloseTo(1 / (1 + Math.exp(-2)), 15)
    expect(model.probability(1, 0, 1)).toBeCloseTo(1 / (1 + Math.exp(4)), 15)
  })
  it("is deterministic at temperature 0, with ties at 1/2", () => {
    const model = bradleyTerry(Float64Array.of(1, 0, 1), 3, 0)
    expect([model.probability(0, 0, 1), model.probability(0, 1, 0), model.probability(0, 0, 2)]).toEqual([1, 0, 0.5])
  })
  it("refuses a negative temperature", () => expect(() => bradleyTerry(reward, 2, -1)).toThrow(RangeError))
})

describe("preferenceMatrix", () => {
  it("refuses entries that are not complementary, and a wrong diagonal", () => {
    expect(() => preferenceMatrix(Float64Array.of(0.5, 0.9, 0.2, 0.5), 2)).toThrow(/sum 1/)
    expect(() => preferenceMatrix(Float64Array.of(0.4, 1, 0, 0.5), 2)).toThrow(/sum 1/)
  })
})

describe("flipped", () => {
  it("mixes the label with its opposite and stays complementary", () => {
    const model = flipped(bradleyTerry(Float64Array.of(1, 0), 2, 0), 0.1)
    expect(model.probability(0, 0, 1)).toBeCloseTo(0.9, 15)
    expect(model.probability(0, 1, 0)).toBeCloseTo(0.1, 15)
  })
})

describe("winRates", () => {
  it("averages over the opponent", () => {
    expect([...winRates(Float64Array.of(0.5, 1, 0, 0.5), Float64Array.of(0.25, 0.75))]).toEqual([0.875, 0.375])
  })
})
