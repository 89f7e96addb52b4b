import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { catalogue } from "../../src/loss/catalogue/index.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

const latexOf = (spec: string): string => Result.getOrThrow(resolveLoss(spec)).latex.replace(/^\\mathcal\{L\} = /, "")
const [w, l] = ["\\log \\pi_\\theta(y_w\\mid x)", "\\log \\pi_\\theta(y_l\\mid x)"]

/** What TeX would stop at, or would set as something else than is meant. */
const faults: ReadonlyArray<readonly [string, RegExp]> = [
  ["two subscripts", /_\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}_/],
  ["two signs", /[-+] ?[-+]/],
  ["an exponent of ten as a letter", /\de[-+]?\d/],
  ["two numbers side by side", /\d\\,\d/],
  ["a power of a fraction without brackets", /\\frac\{[^{}]*\}\{[^{}]*\}\^/]
]

const depths = (text: string, open: RegExp, close: RegExp): number =>
  (text.match(open)?.length ?? 0) - (text.match(close)?.length ?? 0)

describe("LaTeX of losses", () => {
  it("of the catalogue is free of what TeX refuses or misreads", () => {
    for (const { id } of catalogue) {
      const latex = latexOf(id)
      for (const [fault, pattern] of faults) expect(latex, `${id}: ${fault}`).not.toMatch(pattern)
      expect(depths(latex, /\{/g, /\}/g), id).toBe(0)
      expect(depths(latex, /\\left\b/g, /\\right\b/g), id).toBe(0)
    }
  })

  it.each([
    ["expr:(lw/ll)^2", `\\left(\\frac{${w}}{${l}}\\right)^{2}`],
    ["expr:log(-lw)^2", `\\left(\\log\\left(-${w}\\right)\\right)^{2}`],
    ["expr:2*10*lw", `2 \\cdot 10\\,${w}`],
    ["expr:-(-lw)", `-\\left(-${w}\\right)`],
    ["expr:lw+-ll", `${w} - ${l}`],
    ["expr:lw+-(ll+1)", `${w} - \\left(${l} + 1\\right)`],
    ["expr:1e-9*lw-2.5e-7", `10^{-9}\\,${w} - 2.5 \\cdot 10^{-7}`],
    ["expr:kl_w*lw", `z_{\\mathrm{KL},w}\\,${w}`],
    ["expr:lam*lw+eta1*ll?lam=1&eta1=2", `\\lambda\\,${w} + \\eta_{1}\\,${l}`],
    [
      "funl?beta=1e-7&margin=-3e-8",
      "10^{-7}\\,\\log\\frac{1 - \\pi_\\theta(y_l\\mid x)}{\\pi_\\theta(y_l\\mid x)} + 3 \\cdot 10^{-8}"
    ]
  ])("of %s", (spec, expected) => {
    expect(latexOf(spec)).toContain(expected)
  })
})
