/** A loss without what it says about itself: what is left for any other program that computes the same. */
import type { Loss } from "../loss/loss.ts"

/** The loss as an unexplained program with its parameters written out: no structure, no named link, no catalogue entry. */
export const bareLoss = (loss: Loss): Loss => {
  const { spec, title, kind, semantics, inputs, program, latex } = loss
  const nodes = program.nodes.map((node) =>
    node.op === "param" ? ({ op: "const", value: program.params[node.name]! } as const) : node
  )
  return {
    spec,
    title,
    kind,
    params: {},
    semantics,
    lengthNormalised: false,
    oddsBeta: 1,
    link: { kind: "custom", beta: 1, margin: 0 },
    refusal: "only its program is looked at",
    ...(loss.unevaluable === undefined ? {} : { unevaluable: loss.unevaluable }),
    inputs,
    program: { ...program, nodes, params: {} },
    latex
  }
}
