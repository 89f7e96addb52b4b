import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type ArithmeticOperator,
  type Expression,
  expressionNames,
  expressionText
} from "../../../src/logic/decompile/expression.ts"
import {
  maxBracketDepth,
  maxExpressionDepth,
  maxExpressionLength,
  parseExpression
} from "../../../src/logic/decompile/mathjs.ts"

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom("p_w", "nw", "beta").map((name): Expression => ({ _tag: "Name", name })),
    fc
      .double({ min: 0, max: 1e6, noNaN: true })
      .map((value): Expression => ({ _tag: "Number", value: Math.abs(value) })),
    tie("expression").map((arg): Expression => ({ _tag: "Negate", arg })),
    fc
      .tuple(fc.constantFrom<ArithmeticOperator>("+", "-", "*", "/", "^"), tie("expression"), tie("expression"))
      .map(([operator, left, right]): Expression => ({ _tag: "Binary", operator, left, right })),
    fc
      .array(tie("expression"), { minLength: 1, maxLength: 2 })
      .map((args): Expression => ({ _tag: "Call", name: "max", args })),
    fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(
      ([a, b, c]): Expression => ({
        _tag: "Conditional",
        test: { _tag: "Compare", operator: "<", left: a, right: b },
        whenTrue: b,
        whenFalse: c
      })
    )
  )
}))

const value = (e: Expression): number => {
  switch (e._tag) {
    case "Number":
      return e.value
    case "Name":
      return e.name.length / 7
    case "Negate":
      return -value(e.arg)
    case "Call":
      return Math.max(...e.args.map(value))
    case "Compare":
      return value(e.left) < value(e.right) ? 1 : 0
    case "Conditional":
      return value(e.test) === 1 ? value(e.whenTrue) : value(e.whenFalse)
    case "Binary": {
      const [a, b] = [value(e.left), value(e.right)]
      if (e.operator === "+") return a + b
      if (e.operator === "-") return a - b
      if (e.operator === "*") return a * b
      return e.operator === "/" ? a / b : a ** b
    }
  }
}

describe("expressions", () => {
  it("text is read back with the same value and the same names", () => {
    fc.assert(
      fc.property(expression, (e) => {
        const read = Result.getOrThrow(parseExpression(expressionText(e)))
        expect(value(read)).toEqual(value(e))
        expect(expressionNames(read)).toEqual(expressionNames(e))
        expect(expressionText(read)).toBe(expressionText(e))
      })
    )
  })

  it.each([
    ["a-(b-c)", "a - (b - c)"],
    ["(a-b)-c", "a - b - c"],
    // Found by the law above: without the brackets 15.99999999927973 + (p_w + p_w) rounds differently.
    ["a+(b+c)", "a + (b + c)"],
    ["(a+b)+c", "a + b + c"],
    ["a/(b*c)", "a/(b*c)"],
    ["-(a+b)", "-(a + b)"],
    ["(-a)^2", "(-a)^2"],
    ["2^3^2", "2^3^2"],
    ["+a", "a"],
    ["2 a", "2*a"],
    ["a < b ? 1 : 2", "a < b ? 1 : 2"]
  ])("%s prints as %s", (text, printed) => {
    expect(expressionText(Result.getOrThrow(parseExpression(text)))).toBe(printed)
  })

  it.each([
    ["", 0, "nothing"],
    ["p_w*(", 5, "the end"],
    ["p_w + ) 2", 6, '") 2"'],
    ["p_w p_l)", 7, '")"'],
    ["p_w + x = 3", 8, '"= 3"'],
    ["x = 3", 0, '"x = 3"'],
    ["1 + [1, 2]", 4, '"[1, 2]"'],
    ["p_w * a'", 6, `"a'"`],
    ["p_w!", 0, '"p_w!"'],
    ["a; b", 0, '"a; b"'],
    ["f.g(3)", 0, '"f.g(3)"'],
    ["1e999 + 1", 0, '"Infinity"'],
    ["a % b", 0, '"a % b"'],
    ["true", 0, '"true"']
  ])("%j is refused at offset %d, finding %s", (text, position, found) => {
    const result = parseExpression(text)
    if (Result.isSuccess(result)) throw new Error(`was read as ${expressionText(result.success)}`)
    expect([result.failure.position, result.failure.found]).toEqual([position, found])
    expect(result.failure.message).toContain(`found ${found}, expected ${result.failure.expected}`)
  })

  it.each([
    ["(".repeat(maxBracketDepth + 1), "brackets"],
    ["-".repeat(maxExpressionLength - 10), "signs in a row"],
    ["not ".repeat(maxExpressionLength / 4 - 10), "signs in a row"],
    ["2^".repeat(maxExpressionLength / 2 - 10) + "2", "powers"],
    ["a?b:".repeat(maxExpressionLength / 4 - 10) + "c", "conditionals"],
    ["a=".repeat(maxExpressionLength / 2 - 10) + "2", "equal signs"],
    ["1+".repeat(maxExpressionDepth + 10) + "1", "deep"],
    ["1+".repeat(maxExpressionLength) + "1", "characters"]
  ])("refuses what is too deep or too long: %#", (text, expected) => {
    const result = parseExpression(text)
    if (Result.isSuccess(result)) throw new Error("was read")
    expect(result.failure.expected).toContain(expected)
    expect(result.failure.message.length).toBeLessThan(300)
  })

  it("reads what is just within the limits", () => {
    for (const text of [
      `${"-".repeat(maxBracketDepth)}a`,
      `${"2^".repeat(maxExpressionDepth - 1)}2`,
      `${"a<b?b:".repeat(maxBracketDepth)}c`,
      `${"(".repeat(maxBracketDepth)}a${")".repeat(maxBracketDepth)}`,
      Array(maxExpressionDepth).fill("a").join("+"),
      Array(maxBracketDepth + 5)
        .fill("-a")
        .join(" ")
    ]) {
      expect(Result.isSuccess(parseExpression(text))).toBe(true)
    }
  })

  it("never throws on any text", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."p_w l12.5e+-*/^(),;=[]{}:?<>'\"!%#\n ") }))
    fc.assert(
      fc.property(text, (source) => {
        const result = parseExpression(source)
        if (Result.isFailure(result)) expect(result.failure._tag).toBe("ExpressionSyntaxError")
      }),
      { numRuns: 500 }
    )
  })
})
