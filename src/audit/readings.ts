/**
 * Ways in which code can read its inputs wrongly: each maps the rows of a call to the rows that such code works with, and says
 * where the derivatives by these go.
 */

import type { Program } from "../loss/program.ts"
import { type PairValue, pairValue, type Values } from "./expected.ts"
import type { Point } from "./inputs.ts"

/** Where a derivative belongs: the row and input of the call, and the factor of the input in what was read. */
type Origin = readonly [row: number, name: string, factor: number]

/** A row as read. */
interface ReadRow {
  readonly point: Point
  readonly origins: Readonly<Record<string, Origin>>
}

/** A way to read a batch. */
export interface Reading {
  readonly id: string
  /** The error, in words that follow "looks as if ". */
  readonly says: string
  readonly read: (rows: ReadonlyArray<Point>) => ReadonlyArray<ReadRow>
}

const policy = ["lw", "ll", "lg"] as const

const asItIs = (point: Point, row: number): Readonly<Record<string, Origin>> =>
  Object.fromEntries(policy.filter((name) => point[name] !== undefined).map((name) => [name, [row, name, 1]]))

/** A reading of each pair by itself. `factors` are those of lw, ll where they are scaled; `swapped` exchanges the two. */
const each = (
  id: string,
  says: string,
  change: (point: Point) => Point,
  { factors, swapped = false }: { readonly factors?: (point: Point) => Point; readonly swapped?: boolean } = {}
): Reading => ({
  id,
  says,
  read: (rows) =>
    rows.map((point, row) => {
      const scale = factors?.(point) ?? {}
      const origins = Object.fromEntries(
        Object.entries(asItIs(point, row)).map(([name, [at, own]]) => {
          const from = swapped && own === "lw" ? "ll" : swapped && own === "ll" ? "lw" : own
          return [name, [at, from, scale[name] ?? 1] as const]
        })
      )
      return { point: { ...point, ...change(point) }, origins }
    })
})

/** A reading of each pair by itself that leaves derivatives where they are. */
export const withRows = (id: string, says: string, change: (point: Point) => Point): Reading => each(id, says, change)

const perToken = (p: Point): Point => ({ lw: 1 / p.nw!, ll: 1 / p.nl! })

/** Sorts policy and reference (or chosen and rejected) apart over the batch, then pairs them by rank. */
const sorted = (id: string, says: string, unpaired: boolean): Reading => ({
  id,
  says,
  read: (rows) => {
    const order = (key: (p: Point) => number): ReadonlyArray<number> =>
      rows.map((_, k) => k).sort((a, b) => key(rows[a]!) - key(rows[b]!))
    const first = order(unpaired ? (p) => p.lw! - p.rw! : (p) => p.lw! - p.ll!)
    const second = order(unpaired ? (p) => p.ll! - p.rl! : (p) => p.rw! - p.rl!)
    return rows.map((row, k) => {
      const [i, j] = [first[k]!, second[k]!]
      const [a, b] = [rows[i]!, rows[j]!]
      const point = unpaired
        ? { ...row, lw: a.lw!, rw: a.rw!, nw: a.nw!, ll: b.ll!, rl: b.rl!, nl: b.nl! }
        : { ...row, lw: a.lw!, ll: a.ll!, rw: b.rw!, rl: b.rl! }
      return { point, origins: { lw: [i, "lw", 1], ll: [unpaired ? j : i, "ll", 1] } }
    })
  }
})

/** As the loss reads. */
export const plainReading: Reading = each("as-is", "", () => ({}))

/** All wrong ways. */
export const readings: ReadonlyArray<Reading> = [
  each("no-reference", "the reference is dropped (rw = rl = 0)", () => ({ rw: 0, rl: 0 })),
  each(
    "swapped-pair",
    "chosen and rejected are swapped",
    ({ lw, ll, rw, rl, nw, nl }) => ({ lw: ll!, ll: lw!, rw: rl!, rl: rw!, nw: nl!, nl: nw! }),
    { swapped: true }
  ),
  each(
    "swapped-policy",
    "the policy's chosen and rejected are swapped, the reference's are not",
    ({ lw, ll, nw, nl }) => ({ lw: ll!, ll: lw!, nw: nl!, nl: nw! }),
    { swapped: true }
  ),
  each("swapped-reference", "the reference's chosen and rejected are swapped", ({ rw, rl }) => ({ rw: rl!, rl: rw! })),
  each("no-chosen-reference", "the reference of the chosen answer is dropped (rw = 0)", () => ({ rw: 0 })),
  each("no-rejected-reference", "the reference of the rejected answer is dropped (rl = 0)", () => ({ rl: 0 })),
  each("added-reference", "the reference is added where it should be subtracted", ({ rw, rl }) => ({
    rw: -rw!,
    rl: -rl!
  })),
  each("one-reference", "both answers use the chosen answer's reference", ({ rw }) => ({ rl: rw! })),
  each(
    "sums-for-means",
    "log-probabilities are summed where the loss averages over tokens (lengths are not used)",
    () => ({
      nw: 1,
      nl: 1
    })
  ),
  each(
    "means-for-sums",
    "log-probabilities are averaged over tokens where the loss sums them (length-normalised)",
    ({ lw, ll, rw, rl, nw, nl }) => ({ lw: lw! / nw!, ll: ll! / nl!, rw: rw! / nw!, rl: rl! / nl! }),
    { factors: perToken }
  ),
  each(
    "policy-means",
    "the policy's log-probabilities are averaged over tokens, the reference's are not",
    ({ lw, ll, nw, nl }) => ({ lw: lw! / nw!, ll: ll! / nl! }),
    { factors: perToken }
  ),
  each("swapped-lengths", "the token counts of chosen and rejected are swapped", ({ nw, nl }) => ({
    nw: nl!,
    nl: nw!
  })),
  each("length-off-by-one", "every answer is counted one token longer", ({ nw, nl }) => ({ nw: nw! + 1, nl: nl! + 1 })),
  each("no-rejected", "the rejected answer is ignored", () => ({ ll: 0, rl: 0 }), { factors: () => ({ ll: 0 }) }),
  sorted("sorted-pairs", "policy and reference margins are sorted over the batch and compared by rank", false),
  sorted("sorted-answers", "chosen and rejected log-ratios are sorted over the batch and compared by rank", true)
]

/** Inputs beyond the pair's own (a running mean, a reward, …) that are left out: they count as 0. */
export const withoutInputs = (inputs: ReadonlyArray<string>): ReadonlyArray<Reading> =>
  inputs
    .filter((name) => !/^[lrn][wlg]$/.test(name))
    .map((name) => withRows(`no-${name}`, `${name} is left out (${name} = 0)`, () => ({ [name]: 0 })))

/** What code that reads so gives for a program: a loss per pair, or the mean of the batch. */
export const valuesRead = (
  program: Program,
  reading: Reading,
  rows: ReadonlyArray<Point>,
  perPair: boolean
): Values => {
  const read = reading.read(rows)
  const pairs: ReadonlyArray<PairValue> = read.map(({ point }) => pairValue(program, point))
  const share = perPair ? 1 : 1 / rows.length
  const gradients: Record<string, Array<number>> = Object.fromEntries(
    Object.keys(pairs[0]!.gradients).map((name) => [name, rows.map(() => 0)])
  )
  for (const [k, { origins }] of read.entries()) {
    for (const [name, [row, from, factor]] of Object.entries(origins)) {
      const list = gradients[from]
      if (list !== undefined) list[row]! += (pairs[k]!.gradients[name] ?? 0) * factor * share
    }
  }
  return {
    loss: perPair ? pairs.map(({ loss }) => loss) : [pairs.reduce((sum, { loss }) => sum + loss, 0) * share],
    gradients
  }
}
