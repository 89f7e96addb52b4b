/** `losslattice simplex` in a real process. */
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { json, losslattice } from "./process.ts"

interface Attractor {
  readonly kind: string
  readonly loss: string
  readonly metric: string
  readonly end: string
  readonly policy: ReadonlyArray<number>
  readonly share: number
}

const attractors = (...args: ReadonlyArray<string>): ReadonlyArray<Attractor> =>
  json<{ readonly records: ReadonlyArray<Attractor> }>("simplex", ...args).records.filter(
    ({ kind, metric }) => kind === "attractor" && metric === "softmax"
  )

describe("simplex", () => {
  it("finds DPO's minimum at the KL-regularised optimum, and that unCPO has none", () => {
    const file = join(mkdtempSync(join(tmpdir(), "simplex-")), "triangles.svg")
    const found = attractors("dpo?beta=1", "uncpo", "--starts", "4", "--out", file)
    const [dpo] = found.filter(({ loss }) => loss === "dpo?beta=1")
    // π_ref exp(R): (0.2 e², 0.3 e, 0.5), normalised.
    const weights = [0.2 * Math.exp(2), 0.3 * Math.E, 0.5]
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    expect([dpo!.end, dpo!.share]).toEqual(["minimum", 1])
    dpo!.policy.forEach((p, i) => {
      expect(p).toBeCloseTo(weights[i]! / total, 4)
    })
    expect(found.filter(({ loss }) => loss === "uncpo").map(({ end }) => end)).not.toContain("minimum")
    expect(readFileSync(file, "utf8")).toMatch(/^<svg/)
  })

  it.each([
    [["dpo", "--environment", "sparse"], "three arms"],
    [["dpo", "--environment", "{kind: cyclc}"], "--environment: kind: expected one of"],
    [["dpo", "--environment", "{kind: [}"], "--environment:"],
    [["kto"], "kl"],
    [["dpo", "--starts", "0"], "--starts: expected a whole number from 1 to 40, found 0"],
    [["dpo", "--out", "x.gif"], "ends in .svg, .pdf, .png"]
  ])("%j is refused with exit code 2", (args, reason) => {
    const { code, err } = losslattice("simplex", ...args)
    expect([code, err]).toEqual([2, expect.stringContaining(reason)])
  })
})
