/** @file What the cores of the lattice's losses become with a reference model, as a strip under the lattice. Pure. */
import * as Result from "effect/Result"
import { formulaText } from "../../../logic/print.ts"
import { tripleOf } from "../../../logic/triple.ts"
import { resolveLoss } from "../../../loss/resolve.ts"
import { landscapeNodes, type Records } from "../records.ts"
import type { Strip } from "./graph.ts"
import { fitted, formulaSigns } from "./notation.ts"
import type { Label } from "./scene.ts"
import { figureWidth, fontSize, ink } from "./theme.ts"

/** Losses that have one core with a reference, and that core, `Ref(w) and M(l) -> M(w)`. */
export interface ReferenceCore {
  readonly names: readonly string[]
  readonly core: string
}

/** The cores, from the most constrained losses on. */
export const referenceCores = (records: Records): readonly ReferenceCore[] => {
  const cores = new Map<string, string[]>()
  for (const { id, name } of landscapeNodes(records).toSorted((a, b) => a.depth - b.depth)) {
    const resolved = resolveLoss(`${id}?reference=true`)
    const structure = Result.isSuccess(resolved) ? resolved.success.structure : undefined
    if (structure === undefined) continue
    const core = formulaText(tripleOf(structure).core)
    cores.set(core, [...(cores.get(core) ?? []), name])
  }
  return [...cores].map(([core, names]) => ({ core, names }))
}

const line = 15
const column = Math.floor(figureWidth / 2)
const namesWidth = 128

/** The strip; no height where there are no losses. */
export const referenceStrip = (records: Records): Strip => {
  const cores = referenceCores(records)
  if (cores.length === 0) return { height: 0, drawing: [] }
  const lines = Math.ceil(cores.length / 2)
  const small = { kind: "label", size: fontSize.small } as const
  const title: Label = {
    ...small,
    x: 0,
    y: 26,
    text: "With a reference model the cores are (Ref: what the reference says)",
    weight: "bold"
  }
  const entries = cores.flatMap(({ names, core }, i): readonly Label[] => {
    const [x, y] = [Math.floor(i / lines) * column, 45 + line * (i % lines)]
    return [
      { kind: "label", x, y, ...fitted(names.join(", "), namesWidth - 8, fontSize.small) },
      {
        kind: "label",
        x: x + namesWidth,
        y,
        colour: ink.soft,
        ...fitted(formulaSigns(core), column - namesWidth - 8, fontSize.small)
      }
    ]
  })
  return { height: 45 + line * lines, drawing: [title, ...entries] }
}
