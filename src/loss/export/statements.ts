/** What all code exports share: a program as assignments in order, with names that no language reserves. */
import * as Data from "effect/Data"
import type { Loss } from "../loss.ts"
import { isOperation, type NodeId, type Op, type Program } from "../program.ts"

/** A loss that cannot be exported to a format, with the reason. */
export class ExportError extends Data.TaggedError("ExportError")<{ readonly spec: string; readonly reason: string }> {
  override get message(): string {
    return `export of ${this.spec}: ${this.reason}`
  }
}

// Words that Python or TypeScript do not take as the name of an argument, and names that the exported code itself uses.
const reserved = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield case catch const debugger default delete do
  enum export extends false function implements instanceof interface let new null package private protected public static
  super switch this throw true typeof var void math torch Math Float64Array arguments eval
  softplus sigmoid log1mexp logaddexp scaleExp inputs params ctx settings grad_output loss gradients
  check value_and_gradients`.split(/\s+/)
)

/** The name of an input or parameter as an argument: itself, with `_` appended where a language reserves it. */
export const argumentName = (name: string): string => (reserved.has(name) ? `${name}_` : name)

/** The name of the exported function: the catalogue id, or `pair_loss`. */
export const functionName = (loss: Loss): string =>
  loss.id !== undefined && /^[a-z]\w*$/.test(loss.id) ? argumentName(loss.id) : "pair_loss"

/** One node's place in code: what it is called, and whether it varies with the inputs. */
export interface Statement {
  readonly id: NodeId
  /** Text of the value: a literal, an argument, or the local's name. */
  readonly name: string
  /** The operation to compute it by; absent for literals and arguments. */
  readonly operation?: { readonly op: Op; readonly args: ReadonlyArray<NodeId> }
  readonly varies: boolean
}

/** All nodes of a program in order. Locals are `_<number>`: no input or parameter starts with an underscore. */
export const statementsOf = (program: Program): ReadonlyArray<Statement> => {
  const statements: Array<Statement> = []
  for (const [id, node] of program.nodes.entries()) {
    if (isOperation(node)) {
      const varies = node.args.some((arg) => statements[arg]!.varies)
      statements.push({ id, name: `_${id}`, operation: { op: node.op, args: node.args }, varies })
    } else if (node.op === "const") {
      statements.push({ id, name: node.value < 0 ? `(${node.value})` : String(node.value), varies: false })
    } else {
      statements.push({ id, name: argumentName(node.name), varies: node.op === "input" })
    }
  }
  return statements
}

/** The lines of a comment: what the loss is, and where it comes from. A text that a loss file brought stays on its line. */
export const headerLines = (loss: Loss): ReadonlyArray<string> => {
  const { arxiv, year } = loss.citation ?? {}
  const source = [arxiv === undefined ? undefined : `arXiv ${arxiv}`, year === undefined ? undefined : String(year)]
  const cited = source.filter((part) => part !== undefined).join(", ")
  const { kind, beta, margin, formula } = loss.link
  const link = formula === undefined ? `${kind}, beta ${beta}, margin ${margin}` : `${formula} at z = ${beta} * rho`
  return [
    `${loss.title}${cited === "" ? "" : ` (${cited})`}`,
    `LOSS ${loss.spec}`,
    ...(loss.structure === undefined && loss.weighted === undefined ? [] : [`Link: ${link}`])
  ].map((line) => line.replace(/\s+/g, " ").trim())
}
