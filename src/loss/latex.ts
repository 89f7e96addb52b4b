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

/** Names that are written otherwise, as a letter and the beginning of its subscript. */
const symbols: Readonly<Record<string, readonly [letter: string, subscript?: string]>> = {
  lam: ["\\lambda"],
  eps: ["\\varepsilon"],
  kl: ["z", "\\mathrm{KL}"],
  v: ["V"]
}

/** A parameter or input that is no log-probability: Greek where it is, the part after `_` as a subscript. */
const plainName = (name: string): string => {
  const [head = "", ...rest] = name.split("_")
  const digits = /^([a-z]+)(\d+)$/.exec(head)
  const stem = digits?.[1] ?? head
  const plain = greek.has(stem) ? `\\${stem}` : stem.length > 1 ? `\\mathrm{${stem}}` : stem
  const [letter, first = ""] = symbols[stem] ?? [plain]
  const index = [digits?.[2] ?? "", ...rest].map((part) => (/^[a-z]{2,}$/i.test(part) ? `\\mathrm{${part}}` : part))
  // One subscript for all of it: TeX refuses a second one.
  const subscript = [first, ...index].filter((part) => part !== "").join(",")
  return subscript === "" ? letter : `${letter}_{${subscript}}`
}

/** A number as it is set: an exponent of ten as a power. */
const numberLatex = (value: number): string => {
  const [digits = "", exponent] = String(value).split("e")
  if (exponent === undefined) return digits
  const power = `10^{${Number(exponent)}}`
  return digits === "1" ? power : digits === "-1" ? `-${power}` : `${digits} \\cdot ${power}`
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

// An exponent right after a logarithm, a fraction or cases would be read as part of it: they are no atoms.
const functionLatex: Readonly<Record<FunctionName, (...args: ReadonlyArray<string>) => Printed>> = {
  exp: (x) => ({ text: `\\exp${bracket(x!)}`, strength: ATOM }),
  expm1: (x) => ({ text: `\\exp${bracket(x!)} - 1`, strength: SUM }),
  log: (x) => ({ text: `\\log${bracket(x!)}`, strength: POWER }),
  log1p: (x) => ({ text: `\\log${bracket(`1 + ${x}`)}`, strength: POWER }),
  log1mexp: (x) => ({ text: `\\log${bracket(`1 - e^{${x}}`)}`, strength: POWER }),
  logaddexp: (a, b) => ({ text: `\\log${bracket(`e^{${a}} + e^{${b}}`)}`, strength: POWER }),
  sigmoid: (x) => ({ text: `\\sigma${bracket(x!)}`, strength: ATOM }),
  logsigmoid: (x) => ({ text: `\\log\\sigma${bracket(x!)}`, strength: POWER }),
  softplus: (x) => ({ text: `\\log${bracket(`1 + e^{${x}}`)}`, strength: POWER }),
  abs: (x) => ({ text: `\\left|${x}\\right|`, strength: ATOM }),
  sqrt: (x) => ({ text: `\\sqrt{${x}}`, strength: ATOM }),
  max: (a, b) => ({ text: `\\max${bracket(`${a},\\, ${b}`)}`, strength: ATOM }),
  min: (a, b) => ({ text: `\\min${bracket(`${a},\\, ${b}`)}`, strength: ATOM }),
  where: (c, a, b) => ({
    text: `\\begin{cases} ${a} & \\text{if } ${c} \\\\ ${b} & \\text{otherwise} \\end{cases}`,
    strength: POWER
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

/** Digits alone: no sign, no power of ten. */
const isPlain = (value: number): boolean => /^[\d.]+$/.test(String(value))

const atLeast = ({ text, strength }: Printed, least: number): string => (strength < least ? bracket(text) : text)

/** The same; a sign is never written right after an operator or another sign. */
const unsigned = (printed: Printed, least: number): string =>
  printed.text.startsWith("-") ? bracket(printed.text) : atLeast(printed, least)

const print = (expression: Expression): Printed => {
  switch (expression._tag) {
    case "Number":
      return { text: numberLatex(expression.value), strength: isPlain(expression.value) ? ATOM : PRODUCT }
    case "Name":
      return { text: nameLatex(expression.name), strength: POWER }
    case "Negate":
      return { text: `-${unsigned(print(expression.arg), PRODUCT)}`, strength: PRODUCT }
    case "Call":
      return functionLatex[expression.name](...expression.args.map((arg) => print(arg).text))
    case "Binary":
      return printBinary(expression)
  }
}

const printBinary = ({ op, left, right }: Extract<Expression, { _tag: "Binary" }>): Printed => {
  const [first, second] = [print(left), print(right)]
  if (op === "/") return { text: `\\frac{${first.text}}{${second.text}}`, strength: POWER }
  if (op === "^") return { text: `${atLeast(first, ATOM)}^{${second.text}}`, strength: POWER }
  if (op === "+" && right._tag === "Negate") return printBinary({ _tag: "Binary", op: "-", left, right: right.arg })
  const [symbol, strength, least, leastRight] = operators[op]
  const rightText = unsigned(second, leastRight)
  // Two numbers side by side would read as one.
  const between = op === "*" && /^\d/.test(rightText) ? " \\cdot " : symbol
  return { text: `${atLeast(first, least)}${between}${rightText}`, strength }
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
