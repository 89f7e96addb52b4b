/**
 * Identities that one point refutes (identity.ts has the sums that should vanish): rho and its derivatives at the odds 2, 3, 5, …
 * are ratios of integers below 2^53, so what does not vanish there does not vanish.
 */
import { propositionParts } from "../../logic/proposition.ts"
import { type RowSet, rowsOf } from "../../logic/rows.ts"
import type { Semantics, Structure } from "../../logic/structure.ts"
import type { ExactPropertyName } from "../exactProperties.ts"
import type { PlainVerdict, Shortcut } from "./verdicts.ts"

const primes = [2, 3, 5, 7, 11, 13]
const refuted: PlainVerdict = { verdict: "refuted" }

/** The counts N, D at the point, and for each proposition its odds and `odds · d rho / d odds` times N D. */
interface AtPoint {
  readonly product: number
  readonly growths: ReadonlyArray<{ readonly odds: number; readonly growth: number }>
}

const evaluator = (n: number): ((structure: Structure) => AtPoint) => {
  const odds = primes.slice(0, n)
  const weights = Float64Array.from({ length: 2 ** n }, (_, row) =>
    odds.reduce((product, x, k) => ((row >> k) & 1 ? product * x : product), 1)
  )
  /** The count of the rows, and of those where each proposition is true. */
  const totals = (set: RowSet): ReadonlyArray<number> => {
    const sums = new Array<number>(n + 1).fill(0)
    for (const row of rowsOf(set)) {
      sums[n]! += weights[row]!
      for (let k = 0; k < n; k++) if ((row >> k) & 1) sums[k]! += weights[row]!
    }
    return sums
  }
  return ({ ticks, crosses }) => {
    const [up, down] = [totals(ticks), totals(crosses)]
    const growths = odds.map((x, k) => ({ odds: x, growth: up[k]! * down[n]! - up[n]! * down[k]! }))
    return { product: up[n]! * down[n]!, growths }
  }
}

/** The properties over the propositions, none a copy of another, that one point can refute: undefined where it does not. */
export const pointTests = (
  propositions: Structure["propositions"],
  semantics: Semantics
): Readonly<Partial<Record<ExactPropertyName, Shortcut>>> => {
  const at = evaluator(propositions.length)
  const parts = propositions.map(propositionParts)
  // In the relative reading the odds p/r carry the reference.
  const carrier = semantics === "relative" ? "M" : "Ref"
  // d log odds / d log p is 1 + o in the absolute reading and 1 in the relative one.
  const rate = (odds: number): number => (semantics === "absolute" ? 1 + odds : 1)
  const scaling = ({ growths }: AtPoint, chosen: (k: number) => boolean): number =>
    growths.reduce((sum, { odds, growth }, k) => (chosen(k) ? sum + rate(odds) * growth : sum), 0)
  const invariance =
    (model: "M" | "Ref"): Shortcut =>
    (structure) =>
      scaling(at(structure), (k) => parts[k]!.model === model) === 0 ? undefined : refuted
  const dependsOnReference = ({ growths }: AtPoint): boolean =>
    growths.some(({ growth }, k) => parts[k]!.model === carrier && growth !== 0)
  return {
    "level-invariant": invariance("M"),
    "reference-invariant": invariance(carrier),
    "reference-free": (structure) => (dependsOnReference(at(structure)) ? refuted : undefined),
    "reference-form": (structure) => {
      const point = at(structure)
      if (semantics === "relative" || !dependsOnReference(point)) return undefined
      const responses = new Set(parts.map(({ response }) => response))
      const isRelative = [...responses].every(
        (response) => scaling(point, (k) => parts[k]!.response === response) === 0
      )
      // d log (r_w / r_l) / d log odds is 1/(1 + o) in r_w and minus that in r_l.
      const isAdded =
        propositions.includes("Ref(w)") &&
        propositions.includes("Ref(l)") &&
        point.growths.every(({ odds, growth }, k) => {
          if (parts[k]!.model !== "Ref") return true
          const taken = { w: point.product, l: -point.product }[parts[k]!.response] ?? 0
          return (1 + odds) * growth + taken === 0
        })
      return isRelative || isAdded ? undefined : { verdict: "proved", value: "mixed" }
    }
  }
}
