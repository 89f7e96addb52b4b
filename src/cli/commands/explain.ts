/** @file `losslattice explain`: the page on one loss. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  type Explanation,
  type Expressed,
  explainLoss,
  type LogicText,
  type Refused
} from "../../explain/explanation.ts"
import { rowName } from "../../logic/rows.ts"
import { catalogueStructures } from "../../loss/catalogueLoss.ts"
import { parseKnownExpression } from "../../loss/expression.ts"
import { listedPropertyIds } from "../../properties/ids.ts"
import { type CliFailure, fromInput } from "../failure.ts"
import { resolve } from "../losses.ts"
import { labelled, printJson, style, tableLines, textWidth, wrap } from "../output.ts"

interface ExplainInput {
  readonly loss: string
  readonly json: boolean
  readonly certificates: boolean
}

const heading = (text: string): ReadonlyArray<string> => ["", style.bold(text)]
const indented = (lines: ReadonlyArray<string>): ReadonlyArray<string> => lines.map((line) => `  ${line}`)
/** Everything stands two columns in; labels take fourteen. */
const field = (label: string, text: string, paint?: (line: string) => string): ReadonlyArray<string> =>
  labelled(label, text, { indent: 2, ...(paint === undefined ? {} : { paint }) })
const paragraph = (text: string): ReadonlyArray<string> => indented(wrap(text, textWidth - 2))

/** Truth table with one line per row: ✓ counts for the chosen answer, ✗ against it. */
const truthTable = ({ propositions, ticks, crosses }: LogicText): ReadonlyArray<string> => {
  const n = propositions.length
  // True rows first, as truth tables are read.
  const rows = Array.from({ length: 2 ** n }, (_, i) => 2 ** n - 1 - i)
  const marked = rows.filter((row) => ticks.includes(rowName(row, n)) || crosses.includes(rowName(row, n)))
  const shown = n <= 3 ? rows : marked
  const lines = shown.map((row) => {
    const name = rowName(row, n)
    const marks = [ticks.includes(name) ? style.good("✓") : " ", crosses.includes(name) ? style.bad("✗") : " "].join(
      " "
    )
    return [...[...name], marks]
  })
  const table = tableLines([[...propositions, "counts as"], ...lines])
  return shown.length === rows.length
    ? table
    : [...table, style.dim(`the other ${rows.length - shown.length} rows count for nothing`)]
}

const logicLines = (logic: LogicText): ReadonlyArray<string> => [
  ...field("core", logic.core, style.accent),
  ...field("conditioning", logic.conditioning),
  ...field("additive", logic.additive),
  ...field("ratio", logic.ratio.numerator),
  ...field("over", logic.ratio.denominator)
]

const isSum = (text: string): boolean => {
  const expression = parseKnownExpression(text)
  return expression._tag === "Binary" && (expression.op === "+" || expression.op === "-")
}

/** ` - margin` as it is written: signs merged, a sum bracketed. */
const lessMargin = (margin: number | string): string => {
  if (margin === 0) return ""
  const text = String(margin)
  if (isSum(text)) return ` - (${text})`
  return text.startsWith("-") ? ` + ${text.slice(1)}` : ` - ${text}`
}

const linkLine = (loss: Expressed): string => {
  const { kind, beta, margin, formula } = loss.link
  const scaled = beta === 1 ? "rho" : `${isSum(String(beta)) ? `(${beta})` : beta} rho`
  const argument = `${scaled}${lessMargin(margin)}`
  const named: Record<string, string> = {
    logistic: `softplus(-t), t = ${argument}`,
    hinge: `max(0, 1 - t), t = ${argument}`,
    squared: `t^2, t = ${argument}`,
    exponential: `exp(-t), t = ${argument}`
  }
  return kind === "custom" ? `${formula ?? ""}, z = ${scaled}` : `${kind}: ${named[kind]}`
}

const coloured = (verdict: string): string =>
  verdict === "proved" ? style.good(verdict) : verdict === "refuted" ? style.bad(verdict) : style.dim(verdict)

const readingLines = (loss: Explanation): ReadonlyArray<string> => [
  ...field(
    "probabilities",
    loss.lengthNormalised ? "per-token geometric means, exp(logp / tokens)" : "of whole sequences"
  ),
  ...(loss.semantics === "relative" ? field("literals", "relative: M(x) weighs p_x when true, r_x when false") : []),
  ...(loss.expressible && loss.oddsBeta !== 1 ? field("odds", `each to the power ${loss.oddsBeta}`) : [])
]

const infimumText = ({ value, attained, escapesTo }: NonNullable<Expressed["infimum"]>): string =>
  `${Number(value.toPrecision(6))}, ${attained ? "attained" : `approached along ${escapesTo} as t grows`}`

const expressedLines = (loss: Expressed): ReadonlyArray<string> => {
  const { neighbours } = loss
  const list = (names: ReadonlyArray<string>) => (names.length === 0 ? "none" : names.join(", "))
  const decided = Object.entries(loss.properties).filter(
    ([name, verdict]) => !/^P\d+$/.test(name) && verdict !== "not-applicable"
  )
  return [
    ...heading("logic"),
    ...indented([...logicLines(loss), ...field("loss", linkLine(loss)), ...readingLines(loss)]),
    ...heading("truth table"),
    ...indented(truthTable(loss)),
    ...heading("place"),
    ...indented([
      ...(loss.latticeName === undefined
        ? []
        : field(
            "rho of",
            `${loss.latticeName}, one of the sixteen${loss.semantics === "relative" ? ", read relatively" : ""}`
          )),
      ...(neighbours === undefined
        ? []
        : [
            ...field("lattice", neighbours.name),
            ...field("entailed by", list(neighbours.moreConstrained)),
            ...field("entails", list(neighbours.lessConstrained))
          ]),
      ...field("same rho as", list(loss.sameLossAs))
    ]),
    ...heading("properties (exact; `validate` tries the others)"),
    ...indented(tableLines([["property", "verdict"], ...decided.map(([name, verdict]) => [name, coloured(verdict)])])),
    ...heading("answers that come with them"),
    ...indented(
      Object.entries(loss.answers)
        // Masks over four propositions fit no line; --json has them.
        .filter(([, answer]) => !/\S{53}/.test(answer))
        .flatMap(([name, answer]) => labelled(name, answer, { column: 26, indent: 2 }))
    ),
    ...(loss.infimum === undefined
      ? []
      : indented(labelled("infimum of the loss", infimumText(loss.infimum), { column: 26, indent: 2 }))),
    ...heading("LaTeX"),
    ...indented([loss.latex, loss.logicLatex])
  ]
}

/** A side of a fraction: bracketed where it is more than one factor, or `a / b*c` would read as `(a/b)*c`. */
const factor = (text: string): string => (/[-+*/]/.test(text) ? `(${text})` : text)

/** The rows that weigh anything, with their weights for and against the chosen answer. */
const weightedLines = ({ weighted, propositions }: Refused): ReadonlyArray<string> => {
  if (weighted === undefined || propositions === undefined) return []
  const rows = [...new Set([...Object.keys(weighted.ticks), ...Object.keys(weighted.crosses)])].sort().reverse()
  const weight = (side: Readonly<Record<string, number>>, row: string): string => String(side[row] ?? "")
  const lines = rows.map((row) => [...row, weight(weighted.ticks, row), weight(weighted.crosses, row)])
  return [...heading("weights of the rows"), ...indented(tableLines([[...propositions, "for", "against"], ...lines]))]
}

const refusedLines = (loss: Refused): ReadonlyArray<string> => [
  ...heading("not one structure"),
  ...paragraph(loss.reason),
  ...weightedLines(loss),
  ...(loss.terms ?? []).flatMap((term, i) => [
    ...(i === 0 ? heading("a sum of terms, each one ratio") : []),
    `  ${term.link},  z = ${term.scale} * log(${factor(term.numerator)} / ${factor(term.denominator)})`
  ]),
  ...(loss.parts ?? []).flatMap((part) => [
    ...heading(`the part that is one: ${part.when}`),
    ...indented([...field("propositions", part.propositions.join(", ")), ...logicLines(part)])
  ]),
  ...heading("LaTeX"),
  `  ${loss.latex}`
]

/** What a trainer means by its name, in its own parameters. */
const projectLines = ({ project }: Explanation): ReadonlyArray<string> => {
  if (project === undefined) return []
  const params = Object.entries(project.params).map(([parameter, value]) => `${parameter} = ${value}`)
  return [
    ...heading(`${project.name}: as ${project.project} has it`),
    ...indented([
      ...field("stands for", project.is),
      ...field("takes", params.length === 0 ? "no parameters" : `${params.join(", ")} (its defaults)`),
      ...(project.note === undefined ? [] : field("note", project.note)),
      ...field("read in", project.checked)
    ])
  ]
}

/** Who else uses the name. */
const sameNameLines = ({ sameName }: Explanation): ReadonlyArray<string> =>
  sameName === undefined
    ? []
    : [
        ...heading("the same name elsewhere (`losslattice compare` says where two differ)"),
        ...indented(
          sameName.flatMap(({ name, is, refused }) =>
            labelled(name, is ?? `refused: ${refused ?? ""}`, { column: 30, indent: 2 })
          )
        )
      ]

const page = (loss: Explanation): string => {
  const { arxiv, year } = loss.citation ?? {}
  const source = [arxiv === undefined ? "" : `arXiv ${arxiv}`, year === undefined ? "" : String(year)].filter(
    (part) => part !== ""
  )
  const params = Object.entries(loss.params).map(([parameter, value]) => `${parameter} = ${value}`)
  const name = loss.id ?? loss.spec
  return [
    `${style.bold(name)}${loss.title === name ? "" : `  ${loss.title}`}${source.length > 0 ? style.dim(`  (${source.join(", ")})`) : ""}`,
    ...(params.length > 0 ? [`  ${params.join(", ")}`] : []),
    ...projectLines(loss),
    ...(loss.expressible ? expressedLines(loss) : refusedLines(loss)),
    ...(loss.notes ? [...heading("notes"), ...paragraph(loss.notes)] : []),
    ...(loss.codeVersusPaper ? [...heading("code against paper"), ...paragraph(loss.codeVersusPaper)] : []),
    ...(loss.variants ? [...heading("not to be confused with"), ...paragraph(loss.variants.join(", "))] : []),
    ...sameNameLines(loss)
  ].join("\n")
}

/** Runs `explain`. */
export const run = ({ loss: spec, json, certificates }: ExplainInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const loss = yield* fromInput(resolve(spec))
    const explanation = explainLoss(loss, catalogueStructures(), listedPropertyIds, { certificates })
    yield* json ? printJson(explanation) : Console.log(page(explanation))
  })
