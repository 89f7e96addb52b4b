import * as Result from "effect/Result"
import * as mathjs from "mathjs/number"
import { expect, it } from "vitest"
import { expressionText } from "../../../src/logic/decompile/expression.ts"
import { parseExpression, provideMathjs } from "../../../src/logic/decompile/mathjs.ts"

it("a host without require hands mathjs over before the first parse", () => {
  const texts: Array<string> = []
  provideMathjs({
    parse: (text) => {
      texts.push(text)
      return mathjs.parse(text)
    }
  })
  expect(expressionText(Result.getOrThrow(parseExpression("p_w*(1-p_l)")))).toBe("p_w*(1 - p_l)")
  expect(texts).toEqual(["p_w*(1-p_l)"])
})
