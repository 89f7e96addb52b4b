/** @file The names cell: what `losslattice names` lists, one row a name. */
import { lossNames } from "../../../properties/names.ts"
import type { NameRow } from "../../figures/records.ts"

/** The rows of `records/names.jsonl`: the survey's ids and aliases, then the trainers' names by project, then those refused. */
export const runCell = (): ReadonlyArray<NameRow> => {
  const { names, lossClasses, refused } = lossNames()
  return [
    ...names.map((name) => ({
      ...name,
      sameLoss: lossClasses[name.lossClass - 1]!.filter((other) => other !== name.name)
    })),
    ...refused.map(({ name, project, refused: note, checked }) => ({ name, project, note, checked, sameLoss: [] }))
  ]
}
