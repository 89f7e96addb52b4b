import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { declaredPropositions, evaluate, type Formula, formulaRows, variables } from "../../src/logic/formula.ts"
import { FormulaSyntaxError, maxFormulaLength, parseFormula } from "../../src/logic/parse.ts"
import { FormulaJsonError, formulaFromJson, formulaJson, formulaLatex, formulaText } from "../../src/logic/print.ts"
import { hasRow } from "../../src/logic/rows.ts"
import { formula, sixPropositions } from "../arbitraries/logic.ts"

const read = (text: string): Formula => Result.getOrThrow(parseFormula(text))

const syntaxError = (text: string): FormulaSyntaxError => {
  const result = parseFormula(text)
  if (Result.isSuccess(result)) throw new Error(`${text} was read as ${formulaText(result.success)}`)
  return result.failure
}

describe("meaning", () => {
  it("evaluating on all rows at once agrees with evaluating row by row", () => {
    fc.assert(
      fc.property(formula(sixPropositions), (f) => {
        const rows = formulaRows(f, sixPropositions)
        for (let row = 0; row < 64; row++) expect(hasRow(rows, row)).toBe(evaluate(f, row, sixPropositions))
      })
    )
  })

  it("refuses a proposition that is not declared", () => {
    expect(() => formulaRows(read("M(g)"), ["M(w)", "M(l)"])).toThrow(/M\(g\)/)
    expect(() => evaluate(read("M(g)"), 0, ["M(w)", "M(l)"])).toThrow(RangeError)
  })

  it("lists propositions by occurrence, and as a loss declares them", () => {
    expect(variables(read("Ref(l) and M(y3) -> M(l) xor Ref(l)"))).toEqual(["Ref(l)", "M(y3)", "M(l)"])
    expect(declaredPropositions(read("M(y3)"), read("Ref(l)"))).toEqual(["M(w)", "M(l)", "Ref(w)", "Ref(l)", "M(y3)"])
  })
})

describe("reading", () => {
  it.each([
    ["not M(w) and M(l)", "(not M(w)) and M(l)"],
    ["M(w) xor M(l) and M(g)", "M(w) xor (M(l) and M(g))"],
    ["M(w) or M(l) xor M(g)", "M(w) or (M(l) xor M(g))"],
    ["M(w) -> M(l) or M(g)", "M(w) -> (M(l) or M(g))"],
    ["M(w) -> M(l) -> M(g)", "M(w) -> (M(l) -> M(g))"],
    ["M(w) <-> M(l) -> M(g)", "M(w) <-> (M(l) -> M(g))"],
    ["not not M(w)", "not (not M(w))"],
    ["M(w) implies M(l)", "M(w) -> M(l)"]
  ])("%s means %s", (text, bracketed) => {
    expect(read(text)).toEqual(read(bracketed))
  })

  it.each([
    ["M(w) ∧ ¬M(l)", "M(w) and not M(l)"],
    ["M(w) ∨ M(l) ⊕ ⊤", "M(w) or M(l) xor true"],
    ["M(l) → M(w)", "M(l) -> M(w)"],
    ["M(l) ↔ ⊥", "M(l) <-> false"],
    ["!M(w) & M(l) | M(g)", "not M(w) and M(l) or M(g)"],
    ["M(w)&&M(l)||~M(g)=>TRUE", "M(w) and M(l) or not M(g) -> true"],
    ["not(M(w)) AND (M( l ))", "not M(w) and M(l)"]
  ])("signs and spacing: %s is %s", (text, words) => {
    expect(read(text)).toEqual(read(words))
  })

  it.each([
    ["", 0, "the end"],
    ["M(w) and", 8, "the end"],
    ["M(w) M(l)", 5, '"M(l)"'],
    ["(M(w) or M(l)", 13, "the end"],
    ["M(w))", 4, '")"'],
    ["M(w) -> -> M(l)", 8, '"->"'],
    ["M(w) + M(l)", 5, '"+"'],
    ["M(w) and q", 9, '"q"'],
    ["M(W)", 0, '"M(W)"'],
    ["M1(w)", 0, '"M1(w)"'],
    ["M(w) 💥", 5, '"💥"'],
    ["()", 1, '")"']
  ])("%j fails at offset %d, finding %s", (text, position, found) => {
    const error = syntaxError(text)
    expect(error).toBeInstanceOf(FormulaSyntaxError)
    expect(error._tag).toBe("FormulaSyntaxError")
    expect([error.position, error.found]).toEqual([position, found])
    expect(error.message).toContain(`at position ${position + 1} found ${found}, expected ${error.expected}`)
  })

  it("refuses texts that are too long or too deep instead of exhausting the stack", () => {
    expect(syntaxError("(".repeat(9_000)).expected).toContain("levels of nesting")
    expect(syntaxError("not ".repeat(4_000)).expected).toContain("levels of nesting")
    expect(syntaxError("M(w) -> ".repeat(2_000)).expected).toContain("levels of nesting")
    expect(syntaxError("M(w) or ".repeat(maxFormulaLength)).expected).toContain("characters")
    expect(Result.isSuccess(parseFormula(`${"M(w) or ".repeat(2_000)}M(l)`))).toBe(true)
  })

  it("never throws on any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."M(wl) RefnotandxorT->∧¬⊕") })),
        (text) => {
          const result = parseFormula(text)
          if (Result.isFailure(result)) {
            expect(result.failure).toBeInstanceOf(FormulaSyntaxError)
            expect(result.failure.position).toBeLessThanOrEqual(text.length)
          }
        }
      )
    )
  })
})

describe("writing", () => {
  it("text is read back as the same formula", () => {
    fc.assert(
      fc.property(formula(sixPropositions), (f) => {
        expect(read(formulaText(f))).toEqual(f)
      })
    )
  })

  it("JSON is read back as the same formula, through text too", () => {
    fc.assert(
      fc.property(formula(sixPropositions), (f) => {
        expect(Result.getOrThrow(formulaFromJson(JSON.parse(JSON.stringify(formulaJson(f)))))).toEqual(f)
      })
    )
  })

  it("brackets only where a reader would want them", () => {
    for (const text of [
      "M(l) -> M(w)",
      "not (M(w) and M(l))",
      "(M(w) and M(l)) or (not M(w) and not M(l))",
      "Ref(w) and (M(l) or not Ref(l)) -> M(w) and not M(l)",
      "M(w) -> (M(l) -> M(g))",
      "M(w) xor M(l)"
    ]) {
      expect(formulaText(read(text))).toBe(text)
    }
  })

  it("chains of no or one argument print as what they mean", () => {
    expect(formulaText({ _tag: "And", args: [] })).toBe("true")
    expect(formulaText({ _tag: "Xor", args: [] })).toBe("false")
    expect(formulaText({ _tag: "Not", arg: { _tag: "Or", args: [read("M(w) and M(l)")] } })).toBe("not (M(w) and M(l))")
  })

  it("LaTeX uses mathematical signs", () => {
    expect(formulaLatex(read("Ref(w) and M(l) -> M2(w) xor not M(y3)"))).toBe(
      "\\mathrm{Ref}(y_w) \\land \\mathrm{M}(y_l) \\rightarrow \\mathrm{M}_{2}(y_w) \\oplus \\lnot \\mathrm{M}(y_{3})"
    )
    expect(formulaLatex(read("true <-> false or M(w)"))).toBe("\\top \\leftrightarrow \\bot \\lor \\mathrm{M}(y_w)")
  })

  it.each<[unknown, string]>([
    [null, "$"],
    [{ and: [true, { var: "X(w)" }] }, "$.and[1]"],
    [{ and: true }, "$"],
    [{ implies: [true] }, "$"],
    [{ not: { not: 3 } }, "$.not.not"],
    [{ var: "M(w)", not: true }, "$"],
    [[true], "$"],
    [{}, "$"]
  ])("JSON %j is refused at %s", (json, path) => {
    const result = formulaFromJson(json)
    if (Result.isSuccess(result)) throw new Error("was read")
    expect(result.failure).toBeInstanceOf(FormulaJsonError)
    expect(result.failure.path).toBe(path)
    expect(result.failure.message).toContain(`at ${path} found`)
  })

  it("JSON nested without end is refused", () => {
    let json: unknown = true
    for (let i = 0; i < 5_000; i++) json = { not: json }
    expect(Result.isFailure(formulaFromJson(json))).toBe(true)
  })
})
