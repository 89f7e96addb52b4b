/**
 * Loss programs as versioned JSON: what a training job carries and other engines read. Decoding checks the shape by Schema
 * and the graph by {@link programFault}, so a decoded program is as good as a built one.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { binaryOps, type Program, programFault, ternaryOps, unaryOps } from "./program.ts"

const NodeId = Schema.Int

/** One node of the graph as JSON. */
export const NodeJson = Schema.Union([
  Schema.Struct({ op: Schema.Literals(["input", "param"]), name: Schema.String }),
  Schema.Struct({ op: Schema.Literal("const"), value: Schema.Finite }),
  Schema.Struct({ op: Schema.Literals([...unaryOps, ...binaryOps, ...ternaryOps]), args: Schema.Array(NodeId) })
])

/** A program as JSON, version 1. */
export const ProgramJson = Schema.Struct({
  version: Schema.Literal(1),
  nodes: Schema.Array(NodeJson),
  inputs: Schema.Array(Schema.String),
  params: Schema.Record(Schema.String, Schema.Finite),
  outputs: Schema.Struct({ loss: NodeId, gradients: Schema.Record(Schema.String, NodeId) })
})

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

const decodeShape = Schema.decodeUnknownResult(ProgramJson, { errors: "all", onExcessProperty: "error" })

/** The program of JSON data; unknown keys, operations and wrong arities, cycles and loose ends are refused. */
export const decodeProgram = (json: unknown): Result.Result<Program, ProgramError> => {
  const shape = decodeShape(json)
  if (Result.isFailure(shape)) {
    return Result.fail(new ProgramError({ reason: schemaIssues(shape.failure.message) }))
  }
  const program = shape.success as Program
  const fault = programFault(program)
  return fault === undefined ? Result.succeed(program) : Result.fail(new ProgramError({ reason: fault }))
}
