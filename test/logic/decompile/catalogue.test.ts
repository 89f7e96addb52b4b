import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { type Decompiled, decompileRatio } from "../../../src/logic/decompile/index.ts"
import { latticeNameOf, NAMED } from "../../../src/logic/lattice.ts"
import { equalStructures, withReference } from "../../../src/logic/structure.ts"

interface Ratio {
  readonly n: string
  readonly d: string
  readonly when?: string
}
interface PublishedLoss {
  readonly id: string
  readonly level: string
  readonly params: Readonly<Record<string, number>>
  readonly inputs: ReadonlyArray<string>
  readonly rho: Ratio | null
  readonly terms: ReadonlyArray<Ratio> | null
}

const losses: ReadonlyArray<PublishedLoss> = JSON.parse(
  readFileSync(new URL("../../golden/losses.json", import.meta.url), "utf8")
)
const byId = (id: string): PublishedLoss => losses.find((loss) => loss.id === id)!

const decompiled = (loss: PublishedLoss, ratio: Ratio = loss.rho!): Decompiled =>
  Result.getOrThrow(
    decompileRatio(
      { kind: "parts", numerator: ratio.n, denominator: ratio.d },
      { extras: [...Object.keys(loss.params), ...loss.inputs] }
    )
  )

const withRatio = losses.filter((loss) => loss.rho !== null)

describe("published losses", () => {
  it("the ratios are those of levels exact, exact_norm, tilt, norm_tilt and counting, and two with a condition", () => {
    const count = (level: string): number => withRatio.filter((loss) => loss.level === level).length
    expect(["exact", "exact_norm", "tilt", "norm_tilt", "counting"].map(count)).toEqual([45, 4, 3, 3, 1])
    expect(withRatio.filter((loss) => loss.rho?.when !== undefined).map((loss) => loss.id)).toEqual([
      "bco_pair",
      "unlikelihood"
    ])
    expect(withRatio.length).toBe(58)
  })

  it.each(withRatio.map((loss) => [loss.id, loss] as const))("%s has a structure", (_id, loss) => {
    const found = decompiled(loss)
    expect(found.kind).toBe("structure")
    expect(found.lengthNormalised).toBe(/[gh]_/.test(`${loss.rho!.n} ${loss.rho!.d}`))
    expect(found.semantics).toBe(loss.level === "counting" || loss.id === "bco_pair" ? "relative" : "absolute")
    // A tilt is a policy-free factor, and nothing else leaves one.
    expect(found.logFactor.text !== "0").toBe(loss.level.includes("tilt"))
  })

  it("every term of a sum has a structure of its own", () => {
    const terms = losses.flatMap((loss) => (loss.terms ?? []).map((term) => ({ loss, term })))
    expect(terms.length).toBeGreaterThan(40)
    for (const { loss, term } of terms) expect(decompiled(loss, term).kind).toBe("structure")
  })

  it("the sixteen of the lattice have exactly the lattice's rows", () => {
    for (const { id, name, structure } of NAMED) {
      const found = decompiled(byId(id))
      expect(found.kind === "structure" && equalStructures(found.structure, structure)).toBe(true)
      expect(found.kind === "structure" && latticeNameOf(found.structure)).toBe(name)
    }
  })

  it.each([
    ["dpo", "CPO"],
    ["ipo_norm", "CPO"],
    ["r_dpo", "CPO"],
    ["ref_orpo", "ORPO"]
  ])("%s is the reference form of %s", (id, name) => {
    const found = decompiled(byId(id))
    const expected = withReference(NAMED.find((entry) => entry.name === name)!.structure)
    expect(found.kind === "structure" && equalStructures(found.structure, expected)).toBe(true)
  })

  it.each([
    ["r_dpo", "alpha*(nw - nl)/beta"],
    ["odpo", "-(alpha/beta*log(s_w - s_l))"],
    ["modpo", "-(w_m*(s_w - s_l)/beta)"],
    ["alpha_dpo", "-(alpha*m_star + gamma_beta_ratio)"],
    ["simpo", "-(gamma/beta)"],
    ["simnpo", "-gamma/beta"]
  ])("%s leaves the margin factor exp(%s)", (id, text) => {
    expect(decompiled(byId(id)).logFactor.text).toBe(text)
  })
})
