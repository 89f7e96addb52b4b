/** @file One section per loss that the study looked at closely: what it is as logic, what is known of it, what it did. */

import { outcomeRows } from "../figures/drawing/banditRows.ts"
import { distinct, seedInterval } from "../figures/drawing/intervals.ts"
import { lossNames } from "../figures/drawing/lossNames.ts"
import { formulaSigns, ratioSigns } from "../figures/drawing/notation.ts"
import { classLook } from "../figures/drawing/theme.ts"
import {
  type BehaviourClass,
  behaviourClassOf,
  finite,
  landscapeNodes,
  type Records,
  type Verdict
} from "../figures/records.ts"
import { lossBase } from "../quantities/lossBase.ts"
import { htmlMath, htmlText } from "../tables/html.ts"
import { intervalText } from "../tables/table.ts"
import { difference, lastValue, type SeedChange } from "./comparisons.ts"

/** Sections of a study that finetunes and derives nothing; the tables have all losses. */
const mostSections = 8

/** Losses with a section: those finetuned, selected or derived, in that order; where there are none, the first examined. */
export const closelyExamined = (records: Records): readonly string[] => {
  const chosen = distinct([
    ...records.finetune.map((row) => row.loss),
    ...records.select.filter((row) => row.selected).map((row) => row.loss),
    ...records.derive.map((row) => row.loss)
  ])
  if (chosen.length > 0) return chosen
  return distinct([...records.bandit, ...records.validate].map((row) => row.loss)).slice(0, mostSections)
}

interface Logic {
  readonly core: string
  readonly conditioning: string
  readonly additive: string
  readonly numerator: string | undefined
  readonly denominator: string | undefined
  readonly class: BehaviourClass | undefined
  readonly sentence: string | undefined
}

const logicOf = (records: Records, loss: string): Logic | undefined => {
  const base = lossBase(loss)
  const derived = records.derive.find((row) => row.loss === loss || lossBase(row.loss) === base)
  const node = landscapeNodes(records).find((one) => one.id === base || one.name === derived?.latticeName)
  const entry = records.catalogue.find((row) => row.id === base)
  const source = derived ?? node ?? entry
  if (source?.core === undefined) return undefined
  return {
    core: source.core,
    conditioning: source.conditioning ?? "true",
    additive: source.additive ?? "false",
    numerator: derived?.ratio.numerator ?? node?.numerator ?? entry?.numerator,
    denominator: derived?.ratio.denominator ?? node?.denominator ?? entry?.denominator,
    class: node?.class ?? behaviourClassOf(records, loss),
    sentence: derived?.sentence
  }
}

const math = (html: string): string => `<span class="math">${html}</span>`

/** A constraint, with its meaning in words where it is trivial. */
const constraint = (formula: string, trivial: string, words: string): string =>
  math(htmlText(formulaSigns(formula))) + (formula === trivial ? ` (${words})` : "")

const logicItems = (logic: Logic): readonly (readonly [string, string])[] => [
  ["Core", math(htmlText(formulaSigns(logic.core)))],
  ["Given", constraint(logic.conditioning, "true", "every row of the truth table counts")],
  ["Both", constraint(logic.additive, "false", "no row counts on both sides")],
  ...(logic.numerator === undefined || logic.denominator === undefined
    ? []
    : [
        [
          "ρ",
          math(`log [ ${htmlMath(ratioSigns(logic.numerator))} ] − log [ ${htmlMath(ratioSigns(logic.denominator))} ]`)
        ] as const
      ]),
  ...(logic.class === undefined
    ? []
    : [["Behaviour class", htmlText(`${classLook(logic.class).label}: ${classLook(logic.class).meaning}`)] as const])
]

const verdictWords: Readonly<Record<Verdict, string>> = {
  proved: "proved",
  held: "held",
  refuted: "refuted",
  undecided: "undecided",
  "not-applicable": "not applicable",
  "not-run": "not run"
}

const verdictItems = (records: Records, loss: string): readonly (readonly [string, string])[] => {
  const rows = records.validate.filter((row) => row.loss === loss)
  return (["proved", "held", "refuted", "undecided"] as const).flatMap((verdict) => {
    const own = rows.filter((row) => row.verdict === verdict)
    if (own.length === 0) return []
    const names = own.map((row) => htmlText(row.property)).join(", ")
    return [[`Properties ${verdictWords[verdict]}`, `<span class="${verdict}">${names}</span>`] as const]
  })
}

const banditItems = (records: Records, loss: string): readonly (readonly [string, string])[] => {
  const rows = outcomeRows(records).filter((row) => row.loss === loss)
  return distinct(rows.map((row) => row.environment)).map((environment) => {
    const own = rows.filter((row) => row.environment === environment)
    const said = (
      [
        ["expectedReward", "expected reward"],
        ["regret", "regret"],
        ["rankingAccuracy", "ranking accuracy"],
        ["unseenMassChange", "change of unseen mass"]
      ] as const
    ).flatMap(([metric, words]) => {
      const interval = seedInterval(own.map((row) => finite(row[metric])))
      return interval === undefined ? [] : [`${words} ${intervalText(interval)}`]
    })
    return [`Bandit “${htmlText(environment)}”`, htmlText(said.join("; "))] as const
  })
}

const change = (records: Records, loss: string, metric: string): SeedChange | undefined =>
  difference(records, loss, metric, "reference")

/** The LOSS that finetuning used, where it is not the one selected: structures may read per-token probabilities there. */
const trainedAs = (records: Records, loss: string): readonly (readonly [string, string])[] => {
  const spec = records.finetune.find((row) => row.loss === loss)?.spec
  return spec === undefined || spec === loss ? [] : [["Finetuned as", `<code>${htmlText(spec)}</code>`]]
}

const finetuneItems = (records: Records, loss: string): readonly (readonly [string, string])[] =>
  (
    [
      ["logps/chosen", "Change of chosen log-probability, nats", change],
      ["logps/rejected", "Change of rejected log-probability, nats", change],
      ["gold/reward", "Change of gold reward", change],
      ["kl", "Final KL to the reference, nats", lastValue]
    ] as const
  ).flatMap(([metric, words, measure]) => {
    const value = measure(records, loss, metric)
    if (value === undefined) return []
    return [[words, htmlText(intervalText(measure === change ? value : { ...value, resolved: true }))] as const]
  })

const section = (records: Records, loss: string, name: string): string => {
  const logic = logicOf(records, loss)
  const items = [
    ["To type", `<code>${htmlText(loss)}</code>`] as const,
    ...(logic === undefined ? [] : logicItems(logic)),
    ...verdictItems(records, loss),
    ...banditItems(records, loss),
    ...trainedAs(records, loss),
    ...finetuneItems(records, loss)
  ]
  const sentence = logic?.sentence === undefined ? "" : `<p>${htmlText(logic.sentence)}</p>`
  const list = items.map(([term, meaning]) => `<dt>${term}</dt><dd>${meaning}</dd>`).join("\n")
  return `<section class="loss"><h3>${htmlText(name)}</h3>${sentence}\n<dl>\n${list}\n</dl></section>`
}

/** The sections as HTML, one per loss of {@link closelyExamined}. */
export const lossSections = (records: Records): string => {
  const losses = closelyExamined(records)
  const names = lossNames(records, losses)
  return losses.map((loss) => section(records, loss, names.get(loss) ?? loss)).join("\n")
}
