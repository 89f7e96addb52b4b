/**
 * @file Texts for LaTeX. Plain text loses nothing: another text gives other LaTeX, and any text compiles with the encoding T1, so
 * that a name with `_` or `?`, a Greek letter or a sign of logic comes out as it is read.
 */
import * as Result from "effect/Result"
import { parseFormula } from "../../logic/parse.ts"
import { formulaLatex } from "../../logic/print.ts"

const texCharacters: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "`": "\\textasciigrave{}",
  "“": "\\textquotedblleft{}",
  "”": "\\textquotedblright{}",
  "‘": "\\textquoteleft{}",
  "’": "\\textquoteright{}",
  "–": "\\textendash{}",
  "—": "\\textemdash{}",
  "…": "\\textellipsis{}",
  "\u00a0": "~"
}

/** Signs set as mathematics, each by itself: they have no place in text fonts. */
export const texMathSigns: Readonly<Record<string, string>> = {
  "−": "-",
  "‖": "\\Vert",
  "→": "\\rightarrow",
  "←": "\\leftarrow",
  "↔": "\\leftrightarrow",
  "⊕": "\\oplus",
  "∧": "\\land",
  "∨": "\\lor",
  "¬": "\\lnot",
  "⊤": "\\top",
  "⊥": "\\bot",
  "≤": "\\le",
  "≥": "\\ge",
  "≠": "\\ne",
  "≈": "\\approx",
  "≻": "\\succ",
  "⊑": "\\sqsubseteq",
  "×": "\\times",
  "·": "\\cdot",
  "±": "\\pm",
  "∞": "\\infty",
  "∈": "\\in",
  "⊆": "\\subseteq",
  "∂": "\\partial",
  "∅": "\\emptyset",
  "√": "\\surd",
  "∝": "\\propto",
  Γ: "\\Gamma",
  Δ: "\\Delta",
  Θ: "\\Theta",
  Λ: "\\Lambda",
  Π: "\\Pi",
  Σ: "\\Sigma",
  Φ: "\\Phi",
  Ψ: "\\Psi",
  Ω: "\\Omega",
  α: "\\alpha",
  β: "\\beta",
  γ: "\\gamma",
  δ: "\\delta",
  ε: "\\varepsilon",
  ζ: "\\zeta",
  η: "\\eta",
  θ: "\\theta",
  ι: "\\iota",
  κ: "\\kappa",
  λ: "\\lambda",
  μ: "\\mu",
  ν: "\\nu",
  ξ: "\\xi",
  π: "\\pi",
  ρ: "\\rho",
  σ: "\\sigma",
  τ: "\\tau",
  υ: "\\upsilon",
  φ: "\\varphi",
  χ: "\\chi",
  ψ: "\\psi",
  ω: "\\omega",
  "²": "^2",
  "³": "^3",
  ᵢ: "_i",
  ⱼ: "_j"
}

/** Letters that the encoding T1 has no sign for, among those up to U+017F. */
const notInT1 = new Set("ĦħĸŊŋŦŧŀĿŉĮįŲųĲĳſ")

const softHyphen = 0xad

const isLatin = (character: string): boolean => {
  const code = character.codePointAt(0)!
  if (code < 0xa1) return code >= 0x20 && code < 0x7f
  return code < 0x180 && code !== softHyphen && !notInT1.has(character)
}

const texCharacter = (character: string): string => {
  const escaped = texCharacters[character]
  if (escaped !== undefined) return escaped
  const sign = texMathSigns[character]
  if (sign !== undefined) return `$${sign}$`
  if (isLatin(character)) return character
  return `\\texttt{U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}}`
}

/** Pairs that a font would draw as one other sign (`--` as a dash): kept apart. */
const ligature = /(?<=-)-|(?<=')'|(?<=,),/g

/**
 * Plain text for LaTeX: every special character escaped, known signs as mathematics, white space as a blank, any other character
 * by its code point.
 */
export const texText = (text: string): string =>
  [...text.replaceAll(/[^\S\u00a0]+/g, " ")].map(texCharacter).join("").replaceAll(ligature, "{}$&")

/** A quantity of one letter with an index, `p_w`, in prose. */
const quantity = /(?<![\w$])([A-Za-z])_([a-z0-9])(?!\w)/

/** Prose for LaTeX: {@link texText}, with quantities such as `p_w` as mathematics. */
export const texProse = (text: string): string =>
  text
    .split(quantity)
    .map((part, k, parts) => (k % 3 === 0 ? texText(part) : k % 3 === 1 ? `$${part}_{${parts[k + 1]}}$` : ""))
    .join("")

/** A name to type. `breakable`: with places where a line may end, after the signs that such names have. */
export const texCode = (text: string, breakable: boolean): string => {
  if (text === "") return ""
  const parts = breakable ? text.split(/(?<=[_?&=/:,;+*()[\]-])/) : [text]
  return `\\texttt{${parts.map(texText).join("\\allowbreak{}")}}`
}

const ratioToken = /\s*(?:([A-Za-z]+\d*)(?:_([A-Za-z0-9]+))?|(\d+(?:\.\d+)?)|\^(\d+)|([-+*/()]))\s*/gy

/** One part of a ratio as LaTeX. */
const ratioPart = ([, name, lowered, digits, power, sign]: RegExpExecArray): string => {
  if (name !== undefined) {
    if (lowered === undefined) return name === "log" || name === "exp" ? `\\${name} ` : name
    return `${name.length > 1 ? `\\mathrm{${name}}` : name}_{${lowered}}`
  }
  if (power !== undefined) return `^{${power}}`
  return digits ?? (sign === "*" ? "\\," : sign!)
}

/** A side of a ratio in mathjs syntax (`p_w*(1-p_l)`) as LaTeX mathematics; a text that is none, as text. */
export const texRatio = (expression: string): string => {
  const parts: RegExpExecArray[] = []
  for (const match of expression.matchAll(ratioToken)) {
    const [, name, , digits, power, sign] = parts.at(-1) ?? []
    const carriesPower = (name ?? digits) !== undefined || (power === undefined && sign === ")")
    if (match[4] !== undefined && !carriesPower) return texText(expression)
    parts.push(match)
  }
  const isWhole = parts.map(([part]) => part).join("") === expression
  return isWhole && expression.trim() !== "" ? `$${parts.map(ratioPart).join("")}$` : texText(expression)
}

/** A formula of the records as LaTeX mathematics; a text that is none, as text. */
export const texFormula = (text: string): string => {
  const parsed = parseFormula(text)
  return Result.isSuccess(parsed) ? `$${formulaLatex(parsed.success)}$` : texText(text)
}
