/** @file What the bandits of a study showed, as sentences: by behaviour class, or by loss where a study has no classes. */
import { outcomeRows } from "../figures/drawing/banditRows.ts"
import { distinct, seedInterval } from "../figures/drawing/intervals.ts"
import { isReadRelatively, lossNames } from "../figures/drawing/lossNames.ts"
import { classLook } from "../figures/drawing/theme.ts"
import { type BanditRow, finite, type Records } from "../figures/records.ts"
import { classGap, classShare, regretLead } from "./comparisons.ts"
import { listed, range } from "./phrases.ts"

const classMetrics = [
  ["rankingAccuracy", "ranking accuracy", "has the highest ranking accuracy"],
  ["expectedReward", "expected reward", "has the highest expected reward"],
  ["unseenMassChange", "the change of mass on unseen arms", "moves most mass to arms that are in no pair"]
] as const

/** How much of the losses' differences their class accounts for, in one sentence. */
const shareSentence = (where: string, rows: readonly BanditRow[]): readonly string[] => {
  const shares = classMetrics.flatMap(([metric, noun]) => {
    const share = classShare(rows, metric)
    return share === undefined ? [] : [`${Math.round(100 * share)} % in ${noun}`]
  })
  const losses = distinct(rows.flatMap((row) => (row.class === undefined ? [] : [row.loss]))).length
  return shares.length === 0
    ? []
    : [
        `Of the variance between the means of ${losses} losses in ${where} the behaviour class, that is what` +
          ` a loss does with the row “both invalid”, accounts for ${listed(shares)} (a description, not a test).`
      ]
}

const leadSentences = (where: string, rows: readonly BanditRow[]): readonly string[] =>
  classMetrics.flatMap(([metric, , words]) => {
    const gap = classGap(rows, metric)
    if (gap === undefined || (gap.difference.low === 0 && gap.difference.high === 0)) return []
    return [
      `In ${where} the class “${classLook(gap.best).label}” ${words}; its lead over` +
        ` “${classLook(gap.next).label}” is ${gap.difference.resolved ? "resolved" : "not resolved"} (${range(gap.difference)}).`
    ]
  })

const regretSentence = (records: Records, environment: string, rows: readonly BanditRow[]): readonly string[] => {
  const lead = regretLead(rows)
  if (lead === undefined) return []
  const names = lossNames(
    records,
    rows.map((row) => row.loss)
  )
  const interval = seedInterval(rows.filter((row) => row.loss === lead.best).map((row) => finite(row.regret)))
  return [
    `In the environment “${environment}” ${names.get(lead.best)} ends with the smallest regret` +
      `${interval === undefined ? "" : ` (${range({ ...interval, resolved: true })})`}; its lead over ${names.get(lead.next)} is` +
      ` ${lead.difference.resolved ? "resolved" : "not resolved"} (${range(lead.difference)}).`
  ]
}

/** Whether it is one of several that differ by a swept setting: its name has that after a space. */
const isSwept = (environment: string): boolean => environment.includes(" ")

/** By behaviour class where a study has several classes, each reading of the weights by itself; by loss where it has not. */
export const banditFindings = (records: Records): readonly string[] => {
  const rows = outcomeRows(records)
  return distinct(rows.map((row) => row.environment)).flatMap((environment) => {
    const own = rows.filter((row) => row.environment === environment)
    const byClass = [false, true].flatMap((relative) => {
      const read = own.filter(({ loss }) => isReadRelatively(loss) === relative)
      const where = `the environment “${environment}”${relative ? ", losses read relatively," : ""}`
      const leads = leadSentences(where, read)
      // Of a sweep's environments, which are many and alike, the share is enough.
      return leads.length > 0 ? [...shareSentence(where, read), ...(isSwept(environment) ? [] : leads)] : []
    })
    const trained = own.some(({ step }) => step > 1)
    return byClass.length > 0 || !trained ? byClass : regretSentence(records, environment, own)
  })
}
