/** The sets of losses that a study can name, against values of the losses themselves on a grid. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { lossesOf, lossSets } from "../../src/derive/index.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { interpret } from "../../src/loss/interpret.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

const grid = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95]

/** Loss and slopes at every point of the grid, in p_w, p_l. */
const table = (text: string) => {
  const { program } = Result.getOrThrow(resolveLoss(text))
  return grid.flatMap((w) => grid.map((l) => interpret(program, { lw: Math.log(w), ll: Math.log(l) })))
}

describe("sets of losses", () => {
  it("are 16, 34 and 41 losses, all different as functions", () => {
    expect(lossSets.map((set) => lossesOf(set).length)).toEqual([16, 34, 41])
    const values = lossesOf("monotone").map((text) =>
      table(text)
        .map(({ loss }) => loss.toPrecision(10))
        .join()
    )
    expect(new Set(values).size).toBe(41)
  })

  it("are monotone, strictly or not, by their slopes", () => {
    const strict = lossesOf("strict")
    for (const text of lossesOf("monotone")) {
      const slopes = table(text)
      expect(slopes.every(({ dlw, dll }) => dlw <= 1e-12 && dll >= -1e-12)).toBe(true)
      const moves = slopes.some(({ dlw }) => dlw < -1e-9) && slopes.some(({ dll }) => dll > 1e-9)
      expect(moves, text).toBe(strict.includes(text))
    }
  })

  it("call the sixteen by their names, in the published order", () => {
    const names = NAMED.map(({ id }) => id)
    expect(lossesOf("lattice")).toEqual(names)
    expect(lossesOf("monotone").slice(0, 16)).toEqual(names)
    // CE and fUNL look at one answer only.
    expect(names.filter((name) => !lossesOf("strict").includes(name))).toEqual(["ce_odds", "funl"])
  })
})
