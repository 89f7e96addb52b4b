import { describe, expect, it } from "vitest"
import { testMean } from "../../src/properties/sequential.ts"
import { Rng } from "../../src/random/rng.ts"

const half = { threshold: 0.5, alpha: 0.05 }

/** Verdicts of many tests of up to 200 draws each, with fixed seeds. */
const verdictsOf = (tests: number, draw: (rng: Rng) => number, test = half) =>
  Array.from({ length: tests }, (_, i) => {
    const rng = Rng.fromSeed(11).split(i)
    return testMean(test, 200, () => draw(rng))
  })

const share = (verdicts: ReadonlyArray<{ readonly verdict: string }>, verdict: string): number =>
  verdicts.filter((one) => one.verdict === verdict).length / verdicts.length

describe("the sequential test of a mean", () => {
  it.each([
    ["a fair coin", (rng: Rng) => (rng.uniform() < 0.5 ? 1 : 0), half],
    ["uniform numbers", (rng: Rng) => rng.uniform(), half],
    ["rare successes at their own rate", (rng: Rng) => (rng.uniform() < 0.1 ? 1 : 0), { threshold: 0.1, alpha: 0.05 }],
    ["a point on the threshold", () => 0.5, half]
  ])("errs at most at its rate in each direction: %s", (_, draw, test) => {
    const verdicts = verdictsOf(1000, draw, test)
    // Three standard errors above 0.05 for 1000 tests.
    expect(share(verdicts, "above")).toBeLessThan(0.071)
    expect(share(verdicts, "below")).toBeLessThan(0.071)
  })

  it("keeps its rate although it is looked at after every draw, where a z-test looked at as often does not", () => {
    const naive = Array.from({ length: 1000 }, (_, i) => {
      const rng = Rng.fromSeed(11).split(i)
      let sum = 0
      for (let n = 1; n <= 200; n++) {
        sum += rng.uniform() < 0.5 ? 1 : 0
        if (n >= 10 && (sum - n / 2) / Math.sqrt(n / 4) > 1.645) return 1
      }
      return 0
    }).reduce<number>((a, b) => a + b, 0)
    expect(naive / 1000).toBeGreaterThan(0.2)
  })

  it("finds a mean that is away from the threshold, in few draws where it is far away", () => {
    const far = verdictsOf(200, (rng) => (rng.uniform() < 0.9 ? 1 : 0))
    expect(share(far, "above")).toBe(1)
    expect(Math.max(...far.map(({ count }) => count))).toBeLessThan(80)
    expect(
      share(
        verdictsOf(200, (rng) => 0.3 * rng.uniform()),
        "below"
      )
    ).toBe(1)
    expect(
      share(
        verdictsOf(200, (rng) => (rng.uniform() < 0.7 ? 1 : 0)),
        "above"
      )
    ).toBeGreaterThan(0.9)
  })

  it("treats both directions alike", () => {
    const [up, down] = [0.8, 0.2].map((value) => testMean(half, 50, () => value))
    expect([up!.verdict, up!.count, up!.againstAtMost]).toEqual(["above", down!.count, down!.againstAtLeast])
  })

  it("stays open at the largest number of draws, and refuses what is no observation", () => {
    expect(testMean(half, 3, () => 0.5)).toMatchObject({ verdict: "open", count: 3, mean: 0.5 })
    expect(() => testMean(half, 3, () => 1.5)).toThrow(/observation 0 is 1.5/)
    expect(() => testMean({ threshold: 0, alpha: 0.05 }, 3, () => 0.5)).toThrow(/threshold/)
    expect(() => testMean({ threshold: 0.5, alpha: 1 }, 3, () => 0.5)).toThrow(/alpha/)
  })
})
