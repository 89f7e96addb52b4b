/**
 * The properties that a search prunes by, each as a test of partial markings and a verdict on complete ones. Both verdicts are
 * about odds alone, so they hold in either reading (docs/theory.md §11).
 */
import { type Proposition, ratioName, swapResponses } from "../../logic/proposition.ts"
import { moveRows, rowsWhere } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"
import { canonicalStructure } from "../equality.ts"
import { decideProperty } from "../exactProperties.ts"
import { hasCopies } from "../odds.ts"
import { monotoneFaces } from "./faces.ts"
import { crossBit, exchanged, tickBit } from "./marks.ts"
import { type Sign, slopeSigns } from "./slopes.ts"
import { isWhole, type SearchSpace } from "./space.ts"

/** A property asked of every structure found. */
export interface SearchTest {
  /** False when no completion of the rows up to this one has the property; rows are marked in ascending order. */
  readonly passes: (marks: Uint8Array, row: number) => boolean
  /** Whether a complete marking, all of whose rows passed, has the property. */
  readonly verdict: (marks: Uint8Array, structure: () => Structure) => Sign
}

/** A property decided on complete markings only, by its exact polynomials. */
const unpruned = (name: "preference-monotone" | "strictly-monotone" | "swap-antisymmetric"): SearchTest => ({
  passes: () => true,
  verdict: (_, structure) => {
    const { verdict } = decideProperty(structure(), "absolute", name)
    return verdict === "proved" ? "holds" : verdict === "undecided" ? "undecided" : "fails"
  }
})

const monotoneTest = ({ propositions, monotone }: SearchSpace): SearchTest => {
  // Copies share their odds: on that diagonal a face of rows is no longer an extreme part of the slope.
  if (hasCopies(propositions)) return unpruned(monotone === "strict" ? "strictly-monotone" : "preference-monotone")
  const names = propositions.map(ratioName)
  const [up, down] = [names.indexOf("p_w"), names.indexOf("p_l")]
  const faces = monotoneFaces(propositions.length, { up, down }, slopeSigns())
  if (monotone !== "strict") return faces
  // Rho cannot depend on a probability that no proposition has.
  if (up < 0 || down < 0) return { passes: () => false, verdict: () => "fails" }
  return { passes: faces.passes, verdict: (marks) => (faces.isStrict(marks) ? faces.verdict(marks) : "fails") }
}

/** The exchange of w and l: of propositions (one without its partner in the list stays), and of rows. */
const swapOfRows = (propositions: ReadonlyArray<Proposition>) => {
  const n = propositions.length
  const found = propositions.map((p) => propositions.indexOf(swapResponses(p)))
  const target = found.map((to, k) => (to < 0 ? k : to))
  const partner = Array.from({ length: 2 ** n }, (_, row) =>
    target.reduce((moved, to, k) => ((row >> k) & 1 ? moved | (1 << to) : moved), 0)
  )
  const unpaired = found.reduce((set, to, k) => (to < 0 ? set | rowsWhere(k, n) : set), 0n)
  return { target, partner, unpaired }
}

/** Whether `N N^s = D D^s` at one point, in integers below 2^53: what fails there fails. */
const agreesAtProbe = (propositions: ReadonlyArray<Proposition>): ((marks: Uint8Array) => boolean) => {
  const odds = new Map([...propositions, ...propositions.map(swapResponses)].map((p) => [p, 0]))
  for (const [i, p] of [...odds.keys()].entries()) odds.set(p, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37][i]!)
  const weightsOf = (name: (p: Proposition) => Proposition) =>
    Float64Array.from({ length: 2 ** propositions.length }, (_, row) =>
      propositions.reduce((product, p, k) => ((row >> k) & 1 ? product * odds.get(name(p))! : product), 1)
    )
  const [weights, swapped] = [weightsOf((p) => p), weightsOf(swapResponses)]
  const side = (marks: Uint8Array, bit: number): number => {
    let [value, turned] = [0, 0]
    for (let row = 0; row < marks.length; row++) {
      if ((marks[row]! & bit) === 0) continue
      value += weights[row]!
      turned += swapped[row]!
    }
    return value * turned
  }
  return (marks) => side(marks, tickBit) === side(marks, crossBit)
}

/**
 * Swap-antisymmetry without copies. Let N and D be the counts of the canonical structure, N^s the count with w and l exchanged.
 * The property says `N N^s = D D^s`. N and D are coprime, so N divides D^s; D divides N^s likewise, hence D^s divides N, and both
 * have coefficients 0 and 1: N = D^s. So exactly those losses are antisymmetric whose canonical structure has as crosses the
 * swapped rows of its ticks, which leaves at most `2^R` of them among `4^R` structures.
 *
 * A structure that is not canonical still has `t_r t_s = c_r c_s` for every row r and its swapped partner s: both sides are the
 * coefficients at the exponent 2 r, a vertex, which `i + swap(j)` reaches for i = r, j = s alone.
 */
const antisymmetryTest = (space: SearchSpace): SearchTest => {
  const { propositions } = space
  if (hasCopies(propositions)) return unpruned("swap-antisymmetric")
  const { partner, target, unpaired } = swapOfRows(propositions)
  const agrees = agreesAtProbe(propositions)
  // In the whole landscape only the canonical one of each loss is kept, whose form is known.
  const canonicalOnly = space.distinct === true && isWhole(space)
  return {
    passes: (marks, row) => {
      const [own, other] = [marks[row]!, marks[partner[row]!]!]
      if (partner[row]! > row) return true
      return canonicalOnly ? other === exchanged(own) : (own & other) === exchanged(own & other)
    },
    verdict: (marks, structure) => {
      if (!agrees(marks)) return "fails"
      const { ticks, crosses } = canonicalStructure(structure())!
      const swapped = moveRows(ticks, target, propositions.length)
      return crosses === swapped && ((ticks | crosses) & unpaired) === 0n ? "holds" : "fails"
    }
  }
}

/** The tests of a space, the cheaper ones first. */
export const searchTests = (space: SearchSpace): ReadonlyArray<SearchTest> => [
  ...(space.antisymmetric ? [antisymmetryTest(space)] : []),
  ...(space.monotone === undefined ? [] : [monotoneTest(space)])
]
