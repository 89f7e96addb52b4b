/** @file How `validate` shows verdicts to people. */
import type { Validation } from "../../properties/validate.ts"
import type { PropertyResult, Verdict } from "../../properties/verdict.ts"
import { labelled, style, textWidth, wrap } from "../output.ts"

const verdictText: Readonly<Record<Verdict, (text: string) => string>> = {
  proved: style.good,
  held: style.good,
  refuted: style.bad,
  undecided: style.open,
  "not-applicable": style.dim
}

const evidence = (result: PropertyResult): ReadonlyArray<string> => {
  const reason = result.reason === undefined ? [] : [result.reason]
  switch (result.verdict) {
    case "held":
      // A mean over data sets says more than how many there were.
      return result.reason?.startsWith("mean ") ? reason : [`in ${result.runs} cases`]
    case "proved":
      return result.certificate === undefined ? [] : [result.certificate]
    case "refuted":
      return (result.counterexample?.text ?? result.certificate ?? "").split("\n")
    case "undecided":
    case "not-applicable":
      return reason
  }
}

/** A line of evidence, wrapped unless it is a row of a table. */
const evidenceLines = (line: string): ReadonlyArray<string> =>
  (/\S {2,}\S/.test(line) ? [line] : wrap(line, textWidth - 7)).map((row) => `       ${style.dim(row)}`)

/** Verdicts with their evidence, then what does not apply. */
export const validationPage = ({ loss, results, seed }: Validation): string => {
  const asked = results.filter(({ verdict }) => verdict !== "not-applicable")
  // Numbers fit into four columns; the few properties that have only a name push their first line.
  const [width, column] = [4, 15]
  const lines = asked.flatMap(({ property, verdict, statement, ...rest }) => {
    const [first = "", ...others] = wrap(statement, textWidth - column - Math.max(0, property.length - width))
    return [
      `${style.bold(property.padEnd(width))} ${verdictText[verdict](verdict.padEnd(9))} ${first}`,
      ...others.map((row) => " ".repeat(column) + row),
      ...evidence({ property, verdict, statement, ...rest }).flatMap(evidenceLines)
    ]
  })
  const left = results.filter(({ verdict }) => verdict === "not-applicable")
  const tail = left.flatMap(({ property, reason }) =>
    labelled(property, `not applicable: ${reason ?? ""}`, { column: width + 1, paint: style.dim })
  )
  return [`${style.bold(loss)}  seed ${seed}`, "", ...lines, ...(tail.length > 0 ? ["", ...tail] : [])].join("\n")
}
