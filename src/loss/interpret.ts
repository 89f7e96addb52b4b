/** The plain evaluator of loss programs, node by node: the oracle for every compiled back end, and needs no generated code. */
import { applyOperation } from "./numerics.ts"
import { isOperation, type Program } from "./program.ts"

/** Loss of one pair and its derivatives by the policy's log-probabilities; lw and ll are always there (0 when unused). */
export interface Evaluation {
  readonly loss: number
  readonly dlw: number
  readonly dll: number
  /** All derivatives by name, further responses included. */
  readonly gradients: Readonly<Record<string, number>>
}

/** The values of all nodes at a point. @throws RangeError when an input of the program has no value */
export const nodeValues = (program: Program, point: Readonly<Record<string, number>>): ReadonlyArray<number> => {
  const values: Array<number> = []
  for (const node of program.nodes) {
    if (isOperation(node)) {
      values.push(
        applyOperation(
          node.op,
          node.args.map((arg) => values[arg]!)
        )
      )
    } else if (node.op === "const") {
      values.push(node.value)
    } else {
      const value = (node.op === "param" ? program.params : point)[node.name]
      if (value === undefined) throw new RangeError(`interpret: no value for ${node.op} "${node.name}"`)
      values.push(value)
    }
  }
  return values
}

/**
 * Evaluates a program at one point.
 * @param point value per input: log-probabilities in nats, counts, scores
 * @throws RangeError when an input has no value
 */
export const interpret = (program: Program, point: Readonly<Record<string, number>>): Evaluation => {
  const values = nodeValues(program, point)
  const gradients = Object.fromEntries(
    Object.entries(program.outputs.gradients).map(([name, id]) => [name, values[id]!])
  )
  return { loss: values[program.outputs.loss]!, dlw: gradients.lw ?? 0, dll: gradients.ll ?? 0, gradients }
}
