/** Mathematics in pages as GitHub shows it: `$…$` in a line, a fence of `math` by itself. Typeset by KaTeX, an error fails the build. */
import katex from "katex"
import type { InlineState, MarkdownIt } from "./markdownIt.ts"

/** HTML and MathML of TeX. @throws ParseError of KaTeX, with the position */
const typeset = (tex: string, displayMode: boolean): string =>
  katex.renderToString(tex, { displayMode, throwOnError: true, strict: "error" })

/** Where the formula that starts at `from` ends; undefined where a dollar is only a dollar. */
const closing = (source: string, from: number): number | undefined => {
  const opens = source[from] === "$" && /\S/.test(source[from + 1] ?? " ") && !/[\w$]/.test(source[from - 1] ?? " ")
  if (!opens) return undefined
  const end = source.indexOf("$", from + 1)
  return end === -1 || /\s/.test(source[end - 1]!) || /[\w$]/.test(source[end + 1] ?? " ") ? undefined : end
}

const inlineRule = (state: InlineState, silent: boolean): boolean => {
  const end = closing(state.src, state.pos)
  if (end === undefined) return false
  if (!silent) state.push("math_inline", "span", 0).content = state.src.slice(state.pos + 1, end)
  state.pos = end + 1
  return true
}

/** The plugin. */
export const math = (markdown: MarkdownIt): void => {
  markdown.inline.ruler.after("escape", "math_inline", inlineRule)
  markdown.renderer.rules.math_inline = (tokens, index) =>
    `<span v-pre>${typeset(tokens[index]!.content, false)}</span>`
  const fence = markdown.renderer.rules.fence!
  markdown.renderer.rules.fence = (...rendered) => {
    const token = rendered[0][rendered[1]]!
    return token.info.trim() === "math" ? `<div v-pre>${typeset(token.content, true)}</div>\n` : fence(...rendered)
  }
}
