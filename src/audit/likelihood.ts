/**
 * Likelihood terms, `-log p(y_w)` beside a preference term: averaged over the tokens of a batch instead of over its pairs, over the
 * prompt too, or added where the loss has none.
 */
import type { Program } from "../loss/program.ts"
import type { Measured } from "./compare.ts"
import { type Params, type Values, withParams } from "./expected.ts"
import type { Hypothesis } from "./hypothesis.ts"
import type { Point } from "./inputs.ts"
import { plainReading, type Reading, valuesRead } from "./readings.ts"

/** `Σ factor·values`, number by number; all of one shape. */
const combined = (parts: ReadonlyArray<readonly [factor: number, values: Values]>): Values => {
  const join = (of: (values: Values) => ReadonlyArray<number>): ReadonlyArray<number> =>
    of(parts[0]![1]).map((_, k) => parts.reduce((sum, [factor, values]) => sum + factor * of(values)[k]!, 0))
  return {
    loss: join(({ loss }) => loss),
    gradients: Object.fromEntries(
      Object.keys(parts[0]![1].gradients).map((name) => [name, join(({ gradients }) => gradients[name]!)])
    )
  }
}

/** Which part of a loss is the likelihood: all of it, what a weight multiplies, or what is left when that weight is 0. */
interface Part {
  readonly weight?: string
  readonly rest?: true
}

const partName = ({ weight, rest }: Part): string =>
  weight === undefined ? "the loss" : rest ? `the part that ${weight} does not weigh` : `the part that ${weight} weighs`

/**
 * The part of a loss with one mean over all chosen tokens of the batch: every `nw` there is the batch's mean count. With the
 * prompt, its log-probability lp and count np join lw and nw in it; the part is linear in lw.
 */
const tokenMean = (
  program: Program,
  part: Part,
  answer: "w" | "g",
  withPrompt: boolean,
  reading: Reading = plainReading
): Hypothesis => ({
  id: `${reading === plainReading ? "" : `${reading.id}+`}${withPrompt ? "token-mean-with-prompt" : "token-mean"}`,
  says: `${reading.says === "" ? "" : `${reading.says}, and `}${partName(part)} is averaged over all tokens of the batch${withPrompt ? ", the prompt's tokens included" : ""}, not over the pairs`,
  complexity: reading === plainReading ? 1 : 2,
  predict: ({ call: { rows, params }, perPair }) => {
    const [count, log] = [`n${answer}`, `l${answer}`]
    const tokens = rows.reduce((sum, row) => sum + row[count]! + (withPrompt ? (row.np ?? 0) : 0), 0) / rows.length
    const spread = rows.map((row) => ({
      ...row,
      [count]: tokens,
      [log]: row[log]! + (withPrompt ? (row.lp ?? 0) : 0)
    }))
    const at = (values: Params, list: ReadonlyArray<Point>): Values =>
      valuesRead(withParams(program, values), reading, list, perPair)
    if (part.weight === undefined) return at(params, spread)
    const none = { ...params, [part.weight]: 0 }
    // Of the two parts, the likelihood on the spread rows and the preference on the pairs' own.
    const [weighted, other] = part.rest ? [rows, spread] : [spread, rows]
    return combined([
      [1, at(none, other)],
      [1, at(params, weighted)],
      [-1, at(none, weighted)]
    ])
  }
})

/** Likelihood terms that are averaged over the tokens of a batch, for losses that use token counts. */
export const batchMeans = (program: Program, reading: Reading = plainReading): ReadonlyArray<Hypothesis> => {
  const answers = (["w", "g"] as const).filter((answer) => program.inputs.includes(`n${answer}`))
  const weights = Object.keys(program.params)
  const parts: ReadonlyArray<Part> =
    weights.length === 0
      ? [{}]
      : [...weights.map((weight) => ({ weight })), ...weights.map((weight) => ({ weight, rest: true }) as const)]
  return answers.flatMap((answer) =>
    parts.flatMap((part) => [false, true].map((prompt) => tokenMean(program, part, answer, prompt, reading)))
  )
}

/** `-log p(y_w)` of a batch by the three conventions, with its derivatives: [value per pair or of the batch]. */
const likelihoods: ReadonlyArray<{
  readonly id: string
  readonly says: string
  readonly count: (rows: ReadonlyArray<Point>, row: number) => number
}> = [
  {
    id: "token-mean",
    says: "per token, over all tokens of the batch",
    count: (rows) => rows.reduce((n, { nw }) => n + nw!, 0) / rows.length
  },
  { id: "answer-mean", says: "per token of each answer", count: (rows, row) => rows[row]!.nw! },
  { id: "answer-sum", says: "of each whole answer", count: () => 1 }
]

/** A likelihood term that the loss does not have, its weight read off one observation. */
export const addedLikelihoods = (program: Program, off: ReadonlyArray<Measured>): ReadonlyArray<Hypothesis> =>
  likelihoods.flatMap(({ id, says, count }) => {
    const term = (rows: ReadonlyArray<Point>, perPair: boolean): Values => {
      const share = perPair ? 1 : 1 / rows.length
      const each = rows.map(({ lw }, row) => -lw! / count(rows, row))
      return {
        loss: perPair ? each : [each.reduce((sum, x) => sum + x, 0) * share],
        gradients: {
          lw: rows.map((_, row) => -share / count(rows, row)),
          ll: rows.map(() => 0)
        }
      }
    }
    const weights = off.slice(0, 2).flatMap(({ call, perPair, observed, expected }) => {
      const added = term(call.rows, perPair).loss[0]!
      const weight = (observed!.loss[0]! - expected.values.loss[0]!) / added
      return Number.isFinite(weight) && weight !== 0 ? [Number(weight.toPrecision(6))] : []
    })
    return [...new Set(weights)].map((weight) => ({
      id: `added-likelihood-${id}`,
      says: `a likelihood term is added: ${weight} times -log p of the chosen answer, ${says}`,
      complexity: 1,
      predict: ({ call: { rows, params }, perPair }) => {
        const own = valuesRead(withParams(program, params), plainReading, rows, perPair)
        const more = term(rows, perPair)
        const gradients = Object.keys(own.gradients).map(
          (name) =>
            [name, own.gradients[name]!.map((x, row) => x + weight * (more.gradients[name]?.[row] ?? 0))] as const
        )
        return { loss: own.loss.map((x, k) => x + weight * more.loss[k]!), gradients: Object.fromEntries(gradients) }
      }
    }))
  })
