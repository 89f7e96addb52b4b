/**
 * Loss programs as versioned JSON: what a training job carries and other engines read. Decoding checks the shape by Schema
 * and the graph by {@link programFault}, so a decoded program is as good as a built one.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { nearest } from "./nearest.ts"
import {
  arity,
  binaryOps,
  isOperation,
  isPolicyInput,
  type Node,
  type Program,
  programFault,
  reachable,
  ternaryOps,
  unaryOps
} from "./program.ts"

const NodeId = Schema.Int

const LeafJson = Schema.Struct({ op: Schema.Literals(["input", "param"]), name: Schema.String })
const ConstJson = Schema.Struct({ op: Schema.Literal("const"), value: Schema.Finite })
const OperationJson = Schema.Struct({
  op: Schema.Literals([...unaryOps, ...binaryOps, ...ternaryOps]),
  args: Schema.Array(NodeId)
})

const outer = {
  inputs: Schema.Array(Schema.String),
  params: Schema.Record(Schema.String, Schema.Finite),
  outputs: Schema.Struct({ loss: NodeId, gradients: Schema.Record(Schema.String, NodeId) })
}

/** A program as JSON, version 1. */
export const ProgramJson = Schema.Struct({
  version: Schema.Literal(1),
  nodes: Schema.Array(Schema.Union([LeafJson, ConstJson, OperationJson])),
  ...outer
})

/** The largest program that is read, in nodes: more than the longest expression that is read compiles to. */
const maxNodes = 100_000

/** JSON that is no loss program, with the place and the fault. */
export class ProgramError extends Data.TaggedError("ProgramError")<{ readonly reason: string }> {
  override get message(): string {
    return `not a loss program: ${this.reason}`
  }
}

/** The program as JSON data (it already is one: this fixes the order of keys). */
export const encodeProgram = (program: Program): typeof ProgramJson.Encoded => {
  const { version, nodes, inputs, params, outputs } = program
  return { version, nodes: nodes as (typeof ProgramJson.Encoded)["nodes"], inputs, params, outputs }
}

/** The issues that a Schema names, one to a line with its place on the next, as one sentence; the first three. */
export const schemaIssues = (message: string): string => {
  const issues = message.replace(/\n\s+at /g, " at ").split("\n")
  const rest = issues.length - 3
  return issues.slice(0, 3).join("; ") + (rest > 0 ? `; and ${rest} more` : "")
}

const options = { errors: "all", onExcessProperty: "error" } as const
const decodeOuter = Schema.decodeUnknownResult(
  Schema.Struct({ version: Schema.Literal(1), nodes: Schema.Array(Schema.Unknown), ...outer }),
  options
)
type NodeDecoder = (json: unknown) => Result.Result<unknown, Schema.SchemaError>
const decodeLeaf: NodeDecoder = Schema.decodeUnknownResult(LeafJson, options)
const decodeConst: NodeDecoder = Schema.decodeUnknownResult(ConstJson, options)
const decodeOperation: NodeDecoder = Schema.decodeUnknownResult(OperationJson, options)

const opNames: ReadonlyArray<string> = ["input", "param", "const", ...Object.keys(arity)]

/** What is wrong with one node, by the kind that its `op` names: the union of all kinds would blame every one of them. */
const nodeFault = (json: unknown): string | undefined => {
  const op: unknown = typeof json === "object" && json !== null && "op" in json ? json.op : undefined
  if (typeof op !== "string") return 'expected an object with an "op"'
  if (!opNames.includes(op)) return `unknown operation "${op.slice(0, 40)}"; ${nearest(op.slice(0, 40), opNames)}`
  const decoded = (op === "const" ? decodeConst : Object.hasOwn(arity, op) ? decodeOperation : decodeLeaf)(json)
  return Result.isFailure(decoded) ? schemaIssues(decoded.failure.message) : undefined
}

/** What is wrong with the list of nodes. */
const nodesFault = (nodes: ReadonlyArray<unknown>): string | undefined => {
  if (nodes.length > maxNodes) return `it has ${nodes.length} nodes, and at most ${maxNodes} are read`
  for (const [id, node] of nodes.entries()) {
    const fault = nodeFault(node)
    if (fault !== undefined) return `node ${id}: ${fault}`
  }
  return undefined
}

/** A policy log-probability that moves the loss although no derivative by it is given: it would be taken for 0. */
const missingGradient = ({ nodes, outputs }: Program): string | undefined => {
  const names = [...reachable(nodes, [outputs.loss])].map((id) => inputName(nodes[id]!))
  const missing = names.find(
    (name) => name !== undefined && isPolicyInput(name) && !Object.hasOwn(outputs.gradients, name)
  )
  return missing === undefined ? undefined : `the loss depends on ${missing}, but there is no gradient by it`
}

const inputName = (node: Node): string | undefined =>
  !isOperation(node) && node.op === "input" ? node.name : undefined

/** The program of JSON data; unknown keys, operations and wrong arities, cycles and loose ends are refused. */
export const decodeProgram = (json: unknown): Result.Result<Program, ProgramError> => {
  const fail = (reason: string): Result.Result<never, ProgramError> => Result.fail(new ProgramError({ reason }))
  const decoded = decodeOuter(json)
  if (Result.isFailure(decoded)) return fail(schemaIssues(decoded.failure.message))
  const badNode = nodesFault(decoded.success.nodes)
  if (badNode !== undefined) return fail(badNode)
  const program = decoded.success as Program
  const fault = programFault(program) ?? missingGradient(program)
  return fault === undefined ? Result.succeed(program) : fail(fault)
}
