/** @file Seeded families of sign questions that structures pose: what the shares of undecided ones are measured on. */
import { difference, type OddsCounts, oddsCounts, oddsVariables, slope } from "../src/landscape/odds.ts"
import {
  add,
  fromTerms,
  isZero,
  monomial,
  multiply,
  type OddsPolynomial,
  scale
} from "../src/landscape/oddsPolynomial.ts"
import { rational } from "../src/logic/rational.ts"
import { type AnyStructure, makeStructure, type Structure } from "../src/logic/structure.ts"
import type { Rng } from "../src/random/rng.ts"

const lists = {
  two: ["M(w)", "M(l)"],
  three: ["M(w)", "M(l)", "Ref(w)"],
  four: ["M(w)", "M(l)", "Ref(w)", "Ref(l)"],
  "two and one copy": ["M(w)", "M(l)", "M2(w)"],
  "two, each twice": ["M(w)", "M(l)", "M2(w)", "M2(l)"],
  "one, four times": ["M(w)", "M2(w)", "M3(w)", "M4(w)"]
} as const

type ListName = keyof typeof lists

const side = (rng: Rng, rows: number): bigint => {
  for (;;) {
    let set = 0n
    for (let row = 0; row < rows; row++) if (rng.int(2) === 1) set |= 1n << BigInt(row)
    if (set !== 0n) return set
  }
}

/** Every pair of row sets that are not empty is as likely. */
export const uniform = (rng: Rng, list: ListName): Structure =>
  makeStructure(lists[list], side(rng, 2 ** lists[list].length), side(rng, 2 ** lists[list].length))

/** Chosen over rejected is a tick only, rejected over chosen a cross only, the other rows are free. */
const admissible = (rng: Rng, list: ListName): Structure => {
  let [ticks, crosses] = [0n, 0n]
  for (let row = 0; row < 2 ** lists[list].length; row++) {
    const bit = 1n << BigInt(row)
    const [w, l] = [row & 1, (row >> 1) & 1]
    if (w === l ? rng.int(2) === 1 : w === 1) ticks |= bit
    if (w === l ? rng.int(2) === 1 : l === 1) crosses |= bit
  }
  return makeStructure(lists[list], ticks, crosses)
}

/** Rows weigh 0 to 3. */
const weighted = (rng: Rng, list: ListName): AnyStructure => {
  const rows = () =>
    new Map(
      Array.from({ length: 2 ** lists[list].length }, (_, row) => [row, rational(rng.int(4))] as const).filter(
        ([, weight]) => weight.num > 0n
      )
    )
  for (;;) {
    const [ticks, crosses] = [rows(), rows()]
    if (ticks.size > 0 && crosses.size > 0) return { propositions: lists[list], ticks, crosses }
  }
}

/** One to four row marks changed. */
export const changed = (rng: Rng, { propositions, ...from }: Structure): Structure => {
  for (;;) {
    let { ticks, crosses } = from
    for (let left = 1 + rng.int(4); left > 0; left--) {
      const bit = 1n << BigInt(rng.int(2 ** propositions.length))
      if (rng.int(2) === 1) ticks ^= bit
      else crosses ^= bit
    }
    if (ticks !== 0n && crosses !== 0n) return makeStructure(propositions, ticks, crosses)
  }
}

const countsOf = (structure: AnyStructure): OddsCounts => oddsCounts(structure, oddsVariables(structure.propositions))

const bothSigns = (a: OddsPolynomial): ReadonlyArray<OddsPolynomial> => (isZero(a) ? [] : [a, scale(a, -1n)])

/** Questions of one item: both directions of a pair, or of the slopes by the first two probabilities. */
type Family = (rng: Rng) => ReadonlyArray<OddsPolynomial>

const pairOf = (a: AnyStructure, b: AnyStructure) => bothSigns(difference(countsOf(a), countsOf(b)))
const slopesOf = (structure: AnyStructure) => {
  const counts = countsOf(structure)
  return counts.variables.slice(0, 2).flatMap((_, k) => bothSigns(slope(counts, k)))
}

const squareTerm = (rng: Rng, names: ReadonlyArray<string>): OddsPolynomial => {
  const root = fromTerms(
    names,
    Array.from({ length: 4 }, () => ({ exponents: names.map(() => rng.int(2)), coefficient: BigInt(rng.int(7) - 3) }))
  )
  return multiply(root, root)
}

/** Two squares, the second times 1 or an odds: differences of weighted structures with copies, made to touch zero. */
const squares =
  (names: ReadonlyArray<string>): Family =>
  (rng) => {
    const factor = monomial(
      names,
      names.map((_, k) => (k === 0 ? rng.int(2) : 0))
    )
    const sum = add(squareTerm(rng, names), multiply(factor, squareTerm(rng, names)))
    return isZero(sum) ? [] : [sum]
  }

const copies = ["two and one copy", "two, each twice", "one, four times"] as const

/** All families by name, with how many items of each are drawn. */
export const families: ReadonlyArray<{ readonly name: string; readonly items: number; readonly family: Family }> = [
  ...(["three", "four"] as const).flatMap((list) => [
    {
      name: `${list}: uniform pairs`,
      items: 4000,
      family: (rng: Rng) => pairOf(uniform(rng, list), uniform(rng, list))
    },
    {
      name: `${list}: pairs one to four row marks apart`,
      items: 4000,
      family: (rng: Rng) => {
        const first = uniform(rng, list)
        return pairOf(first, changed(rng, first))
      }
    },
    {
      name: `${list}: admissible pairs`,
      items: 4000,
      family: (rng: Rng) => pairOf(admissible(rng, list), admissible(rng, list))
    },
    { name: `${list}: slopes, uniform`, items: 4000, family: (rng: Rng) => slopesOf(uniform(rng, list)) },
    { name: `${list}: slopes, admissible`, items: 4000, family: (rng: Rng) => slopesOf(admissible(rng, list)) }
  ]),
  ...(["two", "three", "four"] as const).flatMap((list) => [
    {
      name: `${list}: weighted pairs`,
      items: list === "two" ? 40_000 : 4000,
      family: (rng: Rng) => pairOf(weighted(rng, list), weighted(rng, list))
    },
    {
      name: `${list}: slopes, weighted`,
      items: list === "two" ? 40_000 : 4000,
      family: (rng: Rng) => slopesOf(weighted(rng, list))
    }
  ]),
  ...copies.flatMap((list) => [
    {
      name: `${list}: uniform pairs`,
      items: 4000,
      family: (rng: Rng) => pairOf(uniform(rng, list), uniform(rng, list))
    },
    {
      name: `${list}: weighted pairs`,
      items: 4000,
      family: (rng: Rng) => pairOf(weighted(rng, list), weighted(rng, list))
    }
  ]),
  { name: "sums of two squares, two odds", items: 300, family: squares(["p_w", "p_l"]) },
  { name: "sums of two squares, three odds", items: 200, family: squares(["p_w", "p_l", "r_w"]) },
  { name: "sums of two squares, four odds", items: 100, family: squares(["p_w", "p_l", "r_w", "r_l"]) }
]
