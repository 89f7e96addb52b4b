/** Towards the smallest disagreement: fewer pairs, then rounder numbers, as long as the user's code still disagrees. */
import type { Point } from "./inputs.ts"
import type { Call } from "./protocol.ts"

/** Whether the code disagrees with the loss on each of the calls. */
export type Disagrees = (calls: ReadonlyArray<Call>) => Promise<ReadonlyArray<boolean>>

const logValues = [-1, -2, -3, -5, -10, -20]
const countValues = [1, 2, 3, 5, 10]

/** Simpler values to try for an input, simplest first; none simpler than what it is already. */
const simplerValues = (name: string, value: number): ReadonlyArray<number> => {
  const usual = /^n[wlgp]$/.test(name) ? countValues : /^[lr][wlgp]$/.test(name) ? logValues : [0, 1, 0.5]
  const short = [
    Math.round(value),
    Number(value.toPrecision(1)),
    Number(value.toPrecision(2)),
    Number(value.toPrecision(3))
  ]
  const allowed = /^n/.test(name)
    ? (x: number) => Number.isInteger(x) && x >= 1
    : /^[lr][wlgp]$/.test(name)
      ? (x: number) => x < 0
      : () => true
  const listed = [...usual, ...short].filter((x) => allowed(x) && x !== value)
  const at = usual.indexOf(value)
  return [...new Set(at < 0 ? listed : usual.slice(0, at))]
}

/** Calls with fewer rows: each row alone, then each pair of neighbours, then without one row. */
const fewer = (call: Call): ReadonlyArray<Call> => {
  const { rows } = call
  if (rows.length < 2) return []
  const lists = [
    ...rows.map((row) => [row]),
    ...(rows.length > 2 ? rows.slice(1).map((row, k) => [rows[k]!, row]) : []),
    ...(rows.length > 3 ? rows.map((_, k) => rows.filter((__, j) => j !== k)) : [])
  ]
  return lists.map((list) => ({ ...call, rows: list }))
}

const withRow = (call: Call, at: number, row: Point): Call => ({
  ...call,
  rows: call.rows.map((own, k) => (k === at ? row : own))
})

/** Calls with one number simpler. `params`: the loss's own parameter values, which are simpler than varied ones. */
const rounder = (call: Call, params: Readonly<Record<string, number>>): ReadonlyArray<Call> => [
  ...Object.keys(params)
    .filter((name) => call.params[name] !== params[name])
    .map((name) => ({ ...call, params: { ...call.params, [name]: params[name]! } })),
  ...call.rows.flatMap((row, at) =>
    Object.entries(row).flatMap(([name, value]) =>
      simplerValues(name, value).map((simpler) => withRow(call, at, { ...row, [name]: simpler }))
    )
  )
]

/**
 * The smallest disagreeing call that can be reached from one by steps that each keep the disagreement.
 * @param rounds  at most so many requests; a hundred calls each
 */
export const shrunk = async (
  start: Call,
  params: Readonly<Record<string, number>>,
  isAllowed: (row: Point) => boolean,
  disagrees: Disagrees,
  rounds = 40
): Promise<Call> => {
  let call = start
  for (let round = 0; round < rounds; round++) {
    const candidates = [...fewer(call), ...rounder(call, params)]
      .filter(({ rows }) => rows.every(isAllowed))
      .slice(0, 100)
    const verdicts = await disagrees(candidates)
    const next = candidates[verdicts.indexOf(true)]
    if (next === undefined) return call
    call = next
  }
  return call
}
