/**
 * @file What a study found, as sentences made from its records: nothing here knows a result, only how to say one. A
 * comparison is said to be there only when its 95 % interval over seeds leaves zero out.
 */

import { brokenPhrase } from "../figures/drawing/finetuneRows.ts"
import { distinct } from "../figures/drawing/intervals.ts"
import { lossName, lossNames } from "../figures/drawing/lossNames.ts"
import { type LandscapeCountsRow, landscapeNodes, type Records } from "../figures/records.ts"
import { agreesWith } from "../figures/verdictMatrix.ts"
import { banditFindings } from "./banditFindings.ts"
import { difference, driftAgreement, finalLead, type SeedChange } from "./comparisons.ts"
import { confirmationFindings } from "./confirmationFindings.ts"
import { mapFindings } from "./mapFindings.ts"
import { counted, listed, range } from "./phrases.ts"
import { regressionFindings } from "./regressionFindings.ts"

/** Sentences about one stage, under a short heading. */
export interface Finding {
  readonly heading: string
  readonly sentences: readonly string[]
}

const catalogueFindings = (records: Records): readonly string[] => {
  const rows = records.catalogue
  if (rows.length === 0) return []
  const expressible = rows.filter((row) => row.expressible)
  const inLattice = distinct(expressible.flatMap((row) => row.latticeName ?? []))
  const normalised = expressible.filter((row) => row.lengthNormalised === true).length
  const levels = distinct(rows.filter((row) => !row.expressible).map((row) => row.level))
  const others = rows.length - expressible.length
  return [
    `Of ${rows.length} published losses, ${expressible.length === rows.length ? "all" : expressible.length}` +
      ` ${expressible.length === 1 ? "is" : "are"} a single preference structure${normalised === 0 ? "" : `, ${normalised} of them over per-token probabilities`}` +
      `${others === 0 ? "" : `; for the remaining ${others} the decompiler names the reason (${levels.length === 1 ? "level" : "levels"} ${listed(levels)})`}.`,
    ...(inLattice.length === 0
      ? []
      : [
          `${counted(inLattice.length, "class", "classes")} of the lattice ${inLattice.length === 1 ? "is" : "are"} met by published losses: ${listed(inLattice)}.`
        ])
  ]
}

const countsSentence = (counts: LandscapeCountsRow): string => {
  const said: readonly (readonly [number | null, string])[] = [
    [counts.structures, "structures"],
    [counts.nonDegenerate, "with both sides non-empty"],
    [counts.distinctLosses, "distinct losses"],
    [counts.monotone, "monotone losses (better winner, better loss)"],
    [counts.admissible, "admissible structures"]
  ]
  const parts = said.filter(([amount]) => amount !== null).map(([amount, what]) => `${amount} ${what}`)
  return `Over ${listed(counts.propositions)} there are ${listed(parts)}, counted exactly.`
}

const landscapeFindings = (records: Records): readonly string[] => {
  const counts = records.landscape.filter((row): row is LandscapeCountsRow => row.kind === "counts")
  const nodes = landscapeNodes(records)
  const covers = records.landscape.filter((row) => row.kind === "edge").length
  const known = nodes.filter((node) => node.known).map((node) => node.name)
  return [
    ...counts.map(countsSentence),
    ...(nodes.length === 0
      ? []
      : [
          `The ${nodes.length} admissible losses form a lattice with ${covers} covering pairs; ${listed(known)} were` +
            " known before, the paper that drew it named the others."
        ])
  ]
}

const deriveFindings = (records: Records): readonly string[] => {
  const rows = records.derive
  const first = rows[0]
  if (first === undefined) return []
  const outside = rows.filter((row) => row.latticeName === undefined)
  return [
    `The query “${first.query}” examined ${counted(first.examined, "structure")} (${first.pruned} pruned) and returned` +
      ` ${counted(rows.length, "loss", "losses")}: ${listed(rows.map((row) => row.name))}.`,
    outside.length === 0
      ? "All of them are among the named losses of the lattice."
      : `${listed(outside.map((row) => row.name))} ${outside.length === 1 ? "is" : "are"} none of the named losses.`
  ]
}

const validateFindings = (records: Records): readonly string[] => {
  const rows = records.validate
  if (rows.length === 0) return []
  const tally = (verdict: string) => rows.filter((row) => row.verdict === verdict).length
  const surprises = rows.filter((row) => row.expected !== undefined && !agreesWith(row.expected, row.verdict))
  return [
    `${counted(distinct(rows.map((row) => row.property)).length, "property", "properties")} were examined on` +
      ` ${counted(distinct(rows.map((row) => row.loss)).length, "loss", "losses")}: ${tally("proved")} verdicts are proved,` +
      ` ${tally("held")} held in random tests, ${tally("refuted")} refuted by a counterexample, ${tally("undecided")} undecided.`,
    ...(rows.every((row) => row.expected === undefined)
      ? []
      : [
          surprises.length === 0
            ? "Every verdict agrees with the one expected beforehand."
            : `${counted(surprises.length, "verdict differs", "verdicts differ")} from those expected beforehand: ${listed(
                surprises.slice(0, 6).map((row) => `${row.property} of ${lossName(records, row.loss)} (${row.verdict})`)
              )}${surprises.length > 6 ? " and others" : ""}.`
        ])
  ]
}

const selectFindings = (records: Records): readonly string[] => {
  const rows = records.select
  if (rows.length === 0) return []
  const name = (loss: string) => lossName(records, loss)
  const chosen = rows.filter((row) => row.selected)
  const refused = rows.filter((row) => !row.selected)
  const forced = rows.filter((row) => row.forced)
  return [
    `${listed(chosen.map((row) => name(row.loss)))} were selected for finetuning; ${counted(refused.length, "loss was", "losses were")} held back.`,
    ...(forced.length === 0
      ? []
      : [
          `${listed(forced.map((row) => name(row.loss)))} ${forced.length === 1 ? "was" : "were"} finetuned by force, against a refusal.`
        ])
  ]
}

/** How a metric's fate is said: below zero, above zero, and when the interval holds zero, of the subject and of "it". */
interface Wording {
  readonly start: string
  readonly subject: string
  readonly below: string
  readonly above: string
  /** Noun of what is not resolved: "change", "difference". */
  readonly noun: string
}

/** Losses by what happened to a metric: "… fell under A (…); it rose under B (…); its change is not resolved under C (…)." */
const directions = (
  { start, subject, below, above, noun }: Wording,
  entries: readonly (readonly [string, SeedChange])[]
): readonly string[] => {
  const say = (first: string, next: string, test: (change: SeedChange) => boolean) => {
    const own = entries.filter(([, change]) => test(change)).map(([name, change]) => `${name} (${range(change)})`)
    return own.length === 0 ? [] : [{ first, next, losses: listed(own) }]
  }
  const parts = [
    ...say(`${subject} ${below}`, `it ${below}`, (change) => change.resolved && change.mean < 0),
    ...say(`${subject} ${above}`, `it ${above}`, (change) => change.resolved && change.mean > 0),
    ...say(`the ${noun} of ${subject} is not resolved`, `its ${noun} is not resolved`, (change) => !change.resolved)
  ]
  if (parts.length === 0) return []
  const said = parts.map(({ first, next, losses }, index) => `${index === 0 ? first : next} under ${losses}`)
  return [`${start} ${said.join("; ")}.`]
}

const entries = (records: Records, metric: string, against: string): readonly (readonly [string, SeedChange])[] => {
  const losses = distinct(records.finetune.map((row) => row.loss))
  const names = lossNames(records, losses)
  return losses.flatMap((loss) => {
    const change = difference(records, loss, metric, against)
    return change === undefined ? [] : [[names.get(loss) ?? loss, change] as const]
  })
}

const moved = { start: "During training", below: "fell", above: "rose", noun: "change" } as const

const changeSentences = (records: Records): readonly string[] =>
  (
    [
      ["logps/chosen", "the mean log-probability of chosen responses (nats)"],
      ["gold/reward", "the gold reward"]
    ] as const
  ).flatMap(([metric, subject]) => directions({ ...moved, subject }, entries(records, metric, "reference")))

/** Against each loss that the summary compares the others with. */
const baselineSentences = (records: Records): readonly string[] => {
  const against = records.summary.map((row) => row.against)
  const baselines = distinct(against.filter((name): name is string => name !== undefined && name !== "reference"))
  return baselines.flatMap((baseline) => {
    const start = `Compared with ${lossName(records, baseline)},`
    const subject = "the gold reward at the end"
    return directions(
      { start, subject, below: "is lower", above: "is higher", noun: "difference" },
      entries(records, "gold/reward", baseline)
    )
  })
}

const rewardLead = (records: Records): readonly string[] => {
  const lead = finalLead(records, "gold/reward")
  if (lead === undefined) return []
  const [best, next] = [lossName(records, lead.best), lossName(records, lead.next)]
  return [
    `${best} ends with the highest gold reward; its lead over ${next} is` +
      ` ${lead.difference.resolved ? "resolved" : "not resolved"} (${range(lead.difference)}).`
  ]
}

const banditAgreement = (records: Records): readonly string[] => {
  const { same, losses } = driftAgreement(records)
  if (losses < 2) return []
  return [
    `Of ${losses} losses trained in both worlds, ${same} move the chosen log-probability in the same direction in the` +
      " finetuned model as on the bandits (signs of the means; a description, not a test)."
  ]
}

const finetuneFindings = (records: Records): readonly string[] => {
  const broken = brokenPhrase(records).trim()
  return [
    ...changeSentences(records),
    ...baselineSentences(records),
    ...rewardLead(records),
    ...banditAgreement(records),
    ...(broken === "" ? [] : [broken])
  ]
}

/** All findings of a study, in the order of its stages; stages that said nothing are left out. */
export const findings = (records: Records): readonly Finding[] =>
  [
    { heading: "Published losses", sentences: catalogueFindings(records) },
    { heading: "Landscape", sentences: landscapeFindings(records) },
    { heading: "Distances between losses", sentences: mapFindings(records) },
    { heading: "Derived losses", sentences: deriveFindings(records) },
    { heading: "Properties", sentences: validateFindings(records) },
    { heading: "Bandits", sentences: banditFindings(records) },
    { heading: "What predicts the outcomes", sentences: regressionFindings(records) },
    { heading: "Selection", sentences: selectFindings(records) },
    { heading: "Finetuning", sentences: finetuneFindings(records) },
    { heading: "Predictions", sentences: confirmationFindings(records) }
  ].filter((finding) => finding.sentences.length > 0)
