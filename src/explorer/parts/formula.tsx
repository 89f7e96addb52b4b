/** Formulas as mathematics that browsers draw and screen readers read: MathML, by KaTeX. */
import katex from "katex"
import { useMemo } from "preact/hooks"

const drawn = (latex: string, display: boolean): string =>
  // Output of KaTeX alone, which escapes what it is given; `trust` is off, so that no link or style can come with a formula.
  katex.renderToString(latex, { output: "mathml", displayMode: display, throwOnError: false, strict: "ignore" })

/** A formula from its LaTeX. `display`: on a line of its own. */
export const Formula = ({ latex, display = false }: { readonly latex: string; readonly display?: boolean }) => {
  // Made by KaTeX, see above.
  const html = useMemo(() => drawn(latex, display), [latex, display])
  return <span class={display ? "formula display" : "formula"} dangerouslySetInnerHTML={{ __html: html }} />
}
