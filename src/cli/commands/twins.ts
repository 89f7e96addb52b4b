/** @file `losslattice twins`: the relative landscape beside the absolute one. */
import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"
import type { ExactVerdict } from "../../landscape/verdict.ts"
import { rationalText } from "../../logic/rational.ts"
import {
  latticeTwins,
  otherRelativeForms,
  type Publication,
  strictlyMonotoneTwins,
  type Twin,
  type TwinProperty,
  twinProperties
} from "../../properties/twins.ts"
import { printJson, style, tableLines, wrap } from "../output.ts"

interface TwinsInput {
  readonly all: boolean
  readonly json: boolean
}

const verdictJson = ({ verdict, value, explanation, witness }: ExactVerdict) => ({
  verdict,
  ...(value === undefined ? {} : { value }),
  explanation,
  ...(witness === undefined ? {} : { witness: witness.exact })
})

const twinJson = ({ structure: _, properties, oneBetaFamily, start, ...twin }: Twin) => ({
  ...twin,
  relativeLoss: `${twin.loss}?semantics=relative`,
  start: { ratio: rationalText(start.ratio), aw: rationalText(start.aw), al: rationalText(start.al) },
  oneBetaFamily: verdictJson(oneBetaFamily),
  properties: Object.fromEntries(
    twinProperties.map((name) => {
      const { absolute, relative, differs } = properties[name]
      return [name, { absolute: verdictJson(absolute), relative: verdictJson(relative), differs }]
    })
  )
})

const publicationText = ({ id, condition, everyScale, inverse }: Publication): string => {
  const at = everyScale === undefined ? condition : `${condition}, or any with oddsBeta = ${everyScale}`
  return `${inverse ? "-" : ""}${id}${at === "" ? "" : ` (${at})`}`
}

const distinctIds = (published: ReadonlyArray<Publication>): ReadonlyArray<string> => {
  // What is merged says more than the same loss's stated ratio.
  const said = published.filter(
    (one) => one.role !== "whole" || !published.some((other) => other.id === one.id && other.role === "merged")
  )
  return [...new Set(said.map(publicationText))]
}

const publishedLines = (twins: ReadonlyArray<Twin>): ReadonlyArray<string> =>
  twins.flatMap(({ name, published }) => {
    const wholes = distinctIds(published.filter(({ role }) => role !== "term"))
    const terms = distinctIds(published.filter(({ role }) => role === "term"))
    if (wholes.length + terms.length === 0) return []
    const text = [
      wholes.length === 0 ? "no loss of its own" : wholes.join(", "),
      ...(terms.length === 0 ? [] : [`a term of ${terms.join(", ")}`])
    ].join("; ")
    return wrap(`${name}: ${text}`)
  })

const signs: Readonly<Record<ExactVerdict["verdict"], string>> = {
  proved: "yes",
  refuted: "no",
  undecided: "open",
  "not-applicable": "-"
}

/** `no|yes` of both readings, starred where they differ. */
const pairText = ({ properties }: Twin, name: TwinProperty): string => {
  const { absolute, relative, differs } = properties[name]
  const text = `${signs[absolute.verdict]}|${signs[relative.verdict]}`
  return differs ? style.accent(`${text}*`) : text
}

/** Columns of the table of properties, with short heads: sixteen rows fit 80 columns. */
const shownProperties = [
  ["chosen", "chosen-safe"],
  ["rejected", "rejected-safe"],
  ["led", "chosen-led"],
  ["level", "level-invariant"],
  ["escapes", "escapes-on-policies"]
] as const satisfies ReadonlyArray<readonly [string, TwinProperty]>

const propertyLines = (twins: ReadonlyArray<Twin>): ReadonlyArray<string> => [
  ...tableLines([
    ["", ...shownProperties.map(([head]) => head), "beta"],
    ...twins.map((twin) => [
      twin.name,
      ...shownProperties.map(([, name]) => pairText(twin, name)),
      signs[twin.oneBetaFamily.verdict]
    ])
  ]),
  ...wrap(
    "absolute|relative, * where they differ. chosen, rejected: no gradient step lowers the chosen answer, raises the rejected one; led: |a_l| <= 2 a_w; level: a common factor of p changes nothing; escapes: rho is unbounded on policies, the reference fixed; beta: beta rho and odds to the power beta are one family."
  )
]

const ratioLines = (twins: ReadonlyArray<Twin>): ReadonlyArray<string> => [
  ...tableLines([
    ["", "absolute ratio", "twin at p = r: exp(rho), a_w, a_l"],
    ...twins.map(({ name, absolute, start }) => [
      name,
      `${absolute.numerator} / ${absolute.denominator}`,
      `${rationalText(start.ratio)}, ${rationalText(start.aw)}, ${rationalText(start.al)}`
    ])
  ]),
  "",
  ...tableLines([
    ["", "relative ratio"],
    ...twins.map(({ name, relative }) => [name, `${relative.numerator} / ${relative.denominator}`])
  ])
]

const limitLines = (twins: ReadonlyArray<Twin>): ReadonlyArray<string> => [
  ...tableLines([
    ["rho as", "p -> 0, absolute", "p -> 0, r fixed, relative", "r -> 0, relative"],
    ...twins.map(({ name, properties: { "vanishing-class": limit }, vanishingReference }) => [
      name,
      limit.absolute.value ?? "",
      limit.relative.value ?? "",
      vanishingReference
    ])
  ]),
  ...wrap("With p/r fixed a relative rho does not change as the probabilities vanish.")
]

const otherLines = (): ReadonlyArray<string> => [
  "",
  style.bold("published, relative, outside the sixteen"),
  ...otherRelativeForms().map(
    ({ id, role, condition, spec }) => `${id} (${condition}${role === "merged" ? ", its terms merged" : ""})\n  ${spec}`
  )
]

const page = (twins: ReadonlyArray<Twin>, all: boolean): string =>
  [
    ...ratioLines(twins),
    "",
    ...propertyLines(twins),
    "",
    ...limitLines(twins),
    "",
    style.bold("published with the reference in the weights"),
    ...publishedLines(twins),
    ...(all ? [] : otherLines())
  ].join("\n")

/** Runs `twins`. */
export const run = ({ all, json }: TwinsInput): Effect.Effect<void> => {
  const twins = all ? strictlyMonotoneTwins() : latticeTwins()
  if (!json) return Console.log(page(twins, all))
  const others = otherRelativeForms().map(({ structure: _, ...form }) => form)
  return printJson({ twins: twins.map(twinJson), others })
}
