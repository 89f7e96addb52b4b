/** Which answers of a token tree are compared, and how they are labelled. */
import type { Rng } from "../../random/rng.ts"
import type { Comparisons } from "../comparisons.ts"
import type { PreferenceModel } from "../preferences.ts"
import { drawnPairs, listedComparisons, listedPreference, normaliseRowsInPlace, uniform } from "./tables.ts"

interface TreeWorld {
  readonly contexts: number
  readonly arms: number
  readonly reference: Float64Array
  /** Labels of pairs that are not listed. */
  readonly labels: PreferenceModel
  /** Leaves that may be compared; undefined = all. */
  readonly answers: ReadonlyArray<number> | undefined
}

type PairChoice = "uniform" | "reference" | number | ReadonlyArray<readonly [number, number]>

/** Comparisons and labels; `rng` draws the pairs that are asked for by number. */
export const treeData = (
  pairs: PairChoice,
  { contexts, arms, reference, labels, answers }: TreeWorld,
  rng: Rng
): { readonly comparisons: Comparisons; readonly preference: PreferenceModel } => {
  if (typeof pairs === "string") {
    const behaviour = pairs === "uniform" ? uniform(contexts, arms) : Float64Array.from(reference)
    if (answers !== undefined) keepOnly(answers, behaviour, arms)
    const comparisons: Comparisons = { kind: "product", first: behaviour, second: behaviour, identical: false }
    return { comparisons, preference: labels }
  }
  const all = answers ?? Array.from({ length: arms }, (_, y) => y)
  const listed = Array.from({ length: contexts }, (_, c) =>
    typeof pairs === "number" ? drawnPairs(all, pairs, rng.split(c)) : pairs
  )
  return {
    comparisons: listedComparisons(listed, arms),
    preference: typeof pairs === "number" ? labels : listedPreference(listed, arms, labels)
  }
}

const keepOnly = (answers: ReadonlyArray<number>, table: Float64Array, arms: number): void => {
  const kept = new Set(answers)
  for (let i = 0; i < table.length; i++) if (!kept.has(i % arms)) table[i] = 0
  normaliseRowsInPlace(table, arms)
}
