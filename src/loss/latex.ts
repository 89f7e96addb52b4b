/** LaTeX of losses: of expressions as written, and of `f(beta·log N/D - margin)` for those that are one ratio. */
import { responseLatex } from "../logic/proposition.ts"
import { type RatioOptions, ratioLatex } from "../logic/ratio.ts"
import type { Structure } from "../logic/structure.ts"
import { type BinaryOperator, type Expression, type FunctionName, parseKnownExpression } from "./expression.ts"
import { links } from "./links.ts"
import type { Link } from "./loss.ts"

interface Printed {
  readonly text: string
  readonly strength: number
}

const [COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM] = [0, 1, 2, 3, 4, 5] as const

const bracket = (text: string): string => `\\left(${text}\\right)`

const greek = new Set(["alpha", "beta", "gamma", "delta", "eta", "tau", "lambda", "sigma", "rho", "epsilon"])

const symbols: Readonly<Record<string, string>> = {
  lam: "\\lambda",
  eps: "\\varepsilon",
  kl: "z_{\\mathrm{KL}}",
  z: "z",
  v: "V"
}

/** A parameter or input that is no log-probability: Greek where it is, the part after `_` as a subscript. */
const plainName = (name: string): string => {
  if (symbols[name] !== undefined) return symbols[name]
  const [head = "", ...rest] = name.split("_")
  const digits = /^([a-z]+)(\d+)$/.exec(head)
  const stem = digits?.[1] ?? head
  const base = symbols[stem] ?? (greek.has(stem) ? `\\${stem}` : stem.length > 1 ? `\\mathrm{${stem}}` : stem)
  const index = [digits?.[2] ?? "", ...rest].filter((part) => part !== "").map((part) => part.replace(/_/g, "\\_"))
  if (index.length === 0) return base
  const subscript = index.map((part) => (part.length > 1 && !/^\d+$/.test(part) ? `\\mathrm{${part}}` : part)).join(",")
  return `${base}_{${subscript}}`
}

const nameLatex = (name: string): string => {
  const probability = /^([prgh])_(w|l|g|y\d+)$/.exec(name)
  if (probability !== null) {
    const y = responseLatex(probability[2]!)
    const model = "pg".includes(probability[1]!) ? "\\pi_\\theta" : "\\pi_{\\mathrm{ref}}"
    return `${model}(${y}\\mid x)${"gh".includes(probability[1]!) ? `^{1/|${y}|}` : ""}`
  }
  const part = /^([lrn])(w|l|g|y\d+)$/.exec(name)
  if (part === null) return plainName(name)
  const y = responseLatex(part[2]!)
  if (part[1] === "n") return `|${y}|`
  return `\\log ${part[1] === "l" ? "\\pi_\\theta" : "\\pi_{\\mathrm{ref}}"}(${y}\\mid x)`
}

const functionLatex: Readonly<Record<FunctionName, (...args: ReadonlyArray<string>) => Printed>> = {
  exp: (x) => ({ text: `\\exp${bracket(x!)}`, strength: ATOM }),
  expm1: (x) => ({ text: `\\exp${bracket(x!)} - 1`, strength: SUM }),
  log: (x) => ({ text: `\\log${bracket(x!)}`, strength: ATOM }),
  log1p: (x) => ({ text: `\\log${bracket(`1 + ${x}`)}`, strength: ATOM }),
  log1mexp: (x) => ({ text: `\\log${bracket(`1 - e^{${x}}`)}`, strength: ATOM }),
  logaddexp: (a, b) => ({ text: `\\log${bracket(`e^{${a}} + e^{${b}}`)}`, strength: ATOM }),
  sigmoid: (x) => ({ text: `\\sigma${bracket(x!)}`, strength: ATOM }),
  logsigmoid: (x) => ({ text: `\\log\\sigma${bracket(x!)}`, strength: ATOM }),
  softplus: (x) => ({ text: `\\log${bracket(`1 + e^{${x}}`)}`, strength: ATOM }),
  abs: (x) => ({ text: `\\left|${x}\\right|`, strength: ATOM }),
  sqrt: (x) => ({ text: `\\sqrt{${x}}`, strength: ATOM }),
  max: (a, b) => ({ text: `\\max${bracket(`${a},\\, ${b}`)}`, strength: ATOM }),
  min: (a, b) => ({ text: `\\min${bracket(`${a},\\, ${b}`)}`, strength: ATOM }),
  where: (c, a, b) => ({
    text: `\\begin{cases} ${a} & \\text{if } ${c} \\\\ ${b} & \\text{otherwise} \\end{cases}`,
    strength: ATOM
  }),
  stopGradient: (x) => ({ text: `\\mathrm{sg}${bracket(x!)}`, strength: ATOM })
}

const operators: Readonly<Record<Exclude<BinaryOperator, "/" | "^">, readonly [string, number, number, number]>> = {
  "+": [" + ", SUM, SUM, SUM],
  "-": [" - ", SUM, SUM, PRODUCT],
  "*": ["\\,", PRODUCT, PRODUCT, SIGN],
  "<": [" < ", COMPARE, SUM, SUM],
  "<=": [" \\le ", COMPARE, SUM, SUM],
  ">": [" > ", COMPARE, SUM, SUM],
  ">=": [" \\ge ", COMPARE, SUM, SUM],
  "==": [" = ", COMPARE, SUM, SUM]
}

const atLeast = ({ text, strength }: Printed, least: number): string => (strength < least ? bracket(text) : text)

/** A number as a paper prints it: 1e-7 is `10^{-7}`, 2.5e-9 is `2.5\cdot 10^{-9}`. */
const numberLatex = (value: number): string => {
  const [mantissa, exponent] = String(value).split("e") as [string, string?]
  if (exponent === undefined) return mantissa
  const power = `10^{${Number(exponent)}}`
  return mantissa === "1" ? power : `${mantissa}\\cdot ${power}`
}

const print = (expression: Expression): Printed => {
  switch (expression._tag) {
    case "Number":
      return { text: numberLatex(expression.value), strength: String(expression.value).includes("e") ? PRODUCT : ATOM }
    case "Name":
      return { text: nameLatex(expression.name), strength: POWER }
    case "Negate":
      return { text: `-${atLeast(print(expression.arg), PRODUCT)}`, strength: PRODUCT }
    case "Call":
      return functionLatex[expression.name](...expression.args.map((arg) => print(arg).text))
    case "Binary": {
      const [left, right] = [print(expression.left), print(expression.right)]
      if (expression.op === "/") return { text: `\\frac{${left.text}}{${right.text}}`, strength: ATOM }
      if (expression.op === "^") return { text: `${atLeast(left, ATOM)}^{${right.text}}`, strength: POWER }
      const [symbol, strength, least, leastRight] = operators[expression.op]
      // A sign is never written right after an operator.
      const rightText = right.text.startsWith("-") ? bracket(right.text) : atLeast(right, leastRight)
      return { text: `${atLeast(left, least)}${symbol}${rightText}`, strength }
    }
  }
}

/** LaTeX of an expression: `lw` is `\log\pi_\theta(y_w\mid x)`, `nw` is `|y_w|`, Greek parameters are Greek. */
export const expressionLatex = (expression: Expression): string => print(expression).text

const product = (factor: number | string, ratio: string): string => {
  if (factor === 1) return ratio
  const text = typeof factor === "number" ? numberLatex(factor) : atLeast(print(parseKnownExpression(factor)), PRODUCT)
  return `${text}\\,${ratio}`
}

const minus = (margin: number | string): string => {
  if (margin === 0) return ""
  if (typeof margin === "number") return margin > 0 ? ` - ${numberLatex(margin)}` : ` + ${numberLatex(-margin)}`
  const expression = parseKnownExpression(margin)
  if (expression._tag === "Binary" && expression.op === "*" && expression.left._tag === "Negate") {
    return ` + ${print({ ...expression, left: expression.left.arg }).text}`
  }
  if (expression._tag === "Negate") return ` + ${atLeast(print(expression.arg), PRODUCT)}`
  return ` - ${atLeast(print(expression), PRODUCT)}`
}

/** LaTeX of a loss that is one ratio, numbers in place of parameters: `\mathcal{L} = -\log\sigma\left(0.1\,\log\frac…\right)`. */
export const ratioLossLatex = (structure: Structure, link: Link, reading: RatioOptions): string =>
  linkedLatex(`\\log${ratioLatex(structure, reading)}`, link)

/** LaTeX of the loss of a core ratio, given the LaTeX of the ratio's logarithm. */
export const linkedLatex = (rho: string, link: Link): string => {
  const z = product(link.beta, rho)
  if (link.kind !== "custom") return `\\mathcal{L} = ${links[link.kind].latex(`${z}${minus(link.margin)}`)}`
  const formula = expressionLatex(parseKnownExpression(link.formula ?? "z"))
  return `\\mathcal{L} = ${formula}, \\quad z = ${z}`
}

/** LaTeX of a loss that is given as an expression. */
export const expressionLossLatex = (expression: Expression): string => `\\mathcal{L} = ${expressionLatex(expression)}`
