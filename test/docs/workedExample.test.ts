/** docs/worked-example.md: its commands print what it says, and its numbers are the program's. */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { compileKernel, resolveLoss } from "../../src/index.ts"
import { root } from "../e2e/process.ts"
import { stepsOf, take, workplace } from "./page.ts"

const page = readFileSync(join(root, "docs/worked-example.md"), "utf8")
const log = Math.log
const inputs = { lw: log(1 / 4), ll: log(1 / 2), rw: log(1 / 3), rl: log(1 / 6) }
const at = (spec: string, point: Readonly<Record<string, number>> = inputs) =>
  compileKernel(Result.getOrThrow(resolveLoss(spec)).program).evaluate(point)

/** A loss, the number whose logarithm it is at the point, and how the page writes that. */
const losses = [
  ["cpo_core", 3, "log 3 = 1.0986"],
  ["cpo_core?reference=true", 5, "log 5 = 1.6094"],
  ["dpo?beta=1", 5, "log 5 = 1.6094"],
  ["cpo_core?semantics=relative", 11 / 4, "log 11/4 = 1.0116"],
  ["ccpo", 5 / 2, "log 5/2 = 0.9163"],
  ["uncpo", 8 / 5, "log 8/5 = 0.4700"],
  ["rows:TF,FT,TT/FT,TT", 9 / 5, "log 9/5 = 0.5878"]
] as const

describe("the worked example", () => {
  const place = workplace()
  afterAll(() => {
    for (const folder of [place.folder, place.tools]) rmSync(folder, { recursive: true, force: true })
  })

  it.each(stepsOf("worked-example.md"))("$name", (step) => take(step, place))

  it.each(losses)("%s is the logarithm of %d", (spec, value, shown) => {
    expect(at(spec).loss).toBeCloseTo(log(value), 12)
    expect(page).toContain(`\`${shown}\``)
    expect(log(value).toFixed(4)).toBe(shown.split(" = ")[1])
  })

  it("is right about the rows and their counts", () => {
    const weights = { FF: 3 / 8, TF: 1 / 8, FT: 3 / 8, TT: 1 / 8 }
    for (const [row, weight] of Object.entries(weights)) {
      // A tick against all rows but it: the loss is -log(1 - …) of its weight's odds.
      const others = Object.keys(weights).filter((other) => other !== row)
      expect(Math.exp(-at(`rows:${row}/${others.join(",")}`).loss), row).toBeCloseTo(weight, 12)
      expect(page).toMatch(new RegExp(`^\\| ${row} \\|.* \\| ${weight * 8}/8 \\|$`, "m"))
    }
  })

  it("is right about derivatives", () => {
    const cpo = at("cpo_core")
    expect([cpo.dlw, cpo.dll]).toEqual([expect.closeTo(-2 / 3, 12), expect.closeTo(2 / 3, 12)])
    // d loss = -σ(-rho) a, and σ(-rho) = D / (N + D).
    const neighbour = at("rows:TF,FT,TT/FT,TT")
    const share = 1 / 2 / (5 / 8 + 1 / 2)
    expect([-neighbour.dlw / share, -neighbour.dll / share]).toEqual([
      expect.closeTo(1 / 5, 12),
      expect.closeTo(-2 / 5, 12)
    ])
    const third = at("uncpo", { lw: log(1 / 7), ll: log(1 / 7) })
    expect([third.loss, third.dlw, third.dll]).toEqual([
      expect.closeTo(log(49 / 43), 12),
      expect.closeTo(-1 / 43, 12),
      expect.closeTo(6 / 43, 12)
    ])
    const step = (aw: number, al: number, pw: number, pl: number, s: number) =>
      aw * (1 - 2 * pw + s) + al * (s - pw - pl)
    expect(step(1 / 5, -2 / 5, 1 / 4, 1 / 2, 3 / 8)).toBeCloseTo(13 / 40, 12)
    expect(step(1 / 43, -6 / 43, 1 / 7, 1 / 7, 27 / 49)).toBeCloseTo(-16 / 2107, 12)
    expect((-16 / 2107).toPrecision(4)).toBe("-0.007594")
    const [ow, ol] = [1 / 3, 1]
    expect(ol + ow * ol + ow ** 2 * ol + ow ** 2 * ol ** 2).toBeCloseTo(14 / 9, 12)
  })
})
