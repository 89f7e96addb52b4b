/**
 * Loss files: a resolved loss as JSON, version 1, that `resolveLoss("path/to/loss.json")` reads back to the same loss.
 *
 *     { "version": 1, "type": "losslattice/loss", "spec": "dpo?beta=0.2", "id": "dpo", "title": …, "kind": "pairwise",
 *       "params": {"beta": 0.2}, "semantics": "absolute", "lengthNormalised": false, "oddsBeta": 1,
 *       "structure": {"propositions": […], "ticks": "0b…", "crosses": "0b…"}   or "weighted": {…, "ticks": {"3": "1/2"}}
 *       or "refusal": "…", "link": {"kind": "logistic", "beta": 0.2, "margin": 0}, "latex": …, "program": {…} }
 *
 * The program is what is evaluated; structure and link say what it is, and are refused where they say another thing. A file
 * names a catalogue entry by `entry`.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { makeProposition, type Proposition, parseProposition } from "../logic/proposition.ts"
import { type Rational, rational, rationalText } from "../logic/rational.ts"
import { maskText, maxPropositions } from "../logic/rows.ts"
import { type AnyStructure, makeStructure, type Structure, type WeightedStructure } from "../logic/structure.ts"
import { getCatalogueEntry } from "./catalogue/index.ts"
import { decodeProgram, encodeProgram, schemaIssues } from "./codec.ts"
import { inconsistency } from "./consistency.ts"
import { parseLossExpression } from "./expression.ts"
import { linkKinds } from "./links.ts"
import type { Loss, LossPart } from "./loss.ts"
import type { Program } from "./program.ts"
import { checkReading, degenerateReason } from "./structureLoss.ts"

const Mask = Schema.String.check(Schema.isPattern(/^0b[01]+$/))
const StructureJson = Schema.Struct({ propositions: Schema.Array(Schema.String), ticks: Mask, crosses: Mask })
const Weights = Schema.Record(Schema.String, Schema.String)
const semantics = Schema.Literals(["absolute", "relative"])
const numberOrText = Schema.Union([Schema.Finite, Schema.String])

const PartJson = Schema.Struct({
  when: Schema.String,
  numerator: Schema.String,
  denominator: Schema.String,
  structure: StructureJson,
  semantics,
  lengthNormalised: Schema.Boolean
})

/** A loss file, version 1. */
export const LossFile = Schema.Struct({
  version: Schema.Literal(1),
  type: Schema.Literal("losslattice/loss"),
  spec: Schema.String,
  id: Schema.optionalKey(Schema.String),
  entry: Schema.optionalKey(Schema.String),
  title: Schema.String,
  citation: Schema.optionalKey(
    Schema.Struct({ arxiv: Schema.optionalKey(Schema.String), year: Schema.optionalKey(Schema.Finite) })
  ),
  kind: Schema.Literals([
    "pairwise",
    "unpaired",
    "k-wise",
    "token-level",
    "needs-reward-score",
    "needs-online-samples"
  ]),
  level: Schema.optionalKey(
    Schema.Literals(["exact", "exact_norm", "tilt", "norm_tilt", "counting", "sum", "power", "shape", "token"])
  ),
  params: Schema.Record(Schema.String, Schema.Finite),
  semantics,
  lengthNormalised: Schema.Boolean,
  oddsBeta: Schema.Finite.check(Schema.isGreaterThan(0)),
  structure: Schema.optionalKey(StructureJson),
  weighted: Schema.optionalKey(
    Schema.Struct({ propositions: Schema.Array(Schema.String), ticks: Weights, crosses: Weights })
  ),
  link: Schema.Struct({
    kind: Schema.Literals([...linkKinds, "custom"]),
    beta: numberOrText,
    margin: numberOrText,
    formula: Schema.optionalKey(Schema.String)
  }),
  refusal: Schema.optionalKey(Schema.String),
  unevaluable: Schema.optionalKey(Schema.String),
  parts: Schema.optionalKey(Schema.Array(PartJson)),
  latex: Schema.String,
  program: Schema.Unknown
})

type LossFile = typeof LossFile.Type

const structureJson = ({ propositions, ticks, crosses }: Structure): (typeof StructureJson)["Type"] => ({
  propositions,
  ticks: maskText(ticks, propositions.length),
  crosses: maskText(crosses, propositions.length)
})

const weightsJson = (side: ReadonlyMap<number, Rational>): Readonly<Record<string, string>> =>
  Object.fromEntries([...side].map(([row, weight]) => [String(row), rationalText(weight)]))

/** The loss as JSON data, keys in the order of {@link LossFile}. */
export const lossToJson = (loss: Loss): LossFile => {
  const { structure, weighted, parts, entry, program, inputs: _, ...rest } = loss
  return {
    version: 1,
    type: "losslattice/loss",
    ...rest,
    ...(entry === undefined ? {} : { entry: entry.id }),
    ...(structure === undefined ? {} : { structure: structureJson(structure) }),
    ...(weighted === undefined
      ? {}
      : {
          weighted: {
            propositions: weighted.propositions,
            ticks: weightsJson(weighted.ticks),
            crosses: weightsJson(weighted.crosses)
          }
        }),
    ...(parts === undefined
      ? {}
      : { parts: parts.map((part) => ({ ...part, structure: structureJson(part.structure) })) }),
    program: encodeProgram(program)
  }
}

const decodeFile = Schema.decodeUnknownResult(LossFile, { errors: "all", onExcessProperty: "error" })

/** Refuses a file; {@link lossFromJson} turns it into the reason. */
const refuse = (reason: string): never => {
  throw new RangeError(reason)
}

const readPropositions = (names: ReadonlyArray<string>): ReadonlyArray<Proposition> => {
  if (names.length > maxPropositions)
    refuse(`it declares ${names.length} propositions, and at most ${maxPropositions} are handled`)
  return names.map((name) => {
    const parts = parseProposition(name)
    return parts === undefined ? refuse(`"${name}" is no proposition such as M(w)`) : makeProposition(parts)
  })
}

const readStructure = ({ propositions, ticks, crosses }: (typeof StructureJson)["Type"]): Structure =>
  makeStructure(readPropositions(propositions), BigInt(ticks), BigInt(crosses))

const readWeights = (side: Readonly<Record<string, string>>, rows: number): ReadonlyMap<number, Rational> =>
  new Map(
    Object.entries(side).map(([row, text]) => {
      const match = /^(\d+)(?:\/([1-9]\d*))?$/.exec(text)
      if (match === null || !/^\d+$/.test(row) || Number(row) >= rows)
        return refuse(`weight ${text} of row ${row} is no non-negative fraction of a row`)
      return [Number(row), rational(BigInt(match[1]!), BigInt(match[2] ?? 1))] as const
    })
  )

const readWeighted = (json: NonNullable<LossFile["weighted"]>): WeightedStructure => {
  const propositions = readPropositions(json.propositions)
  const rows = 2 ** propositions.length
  return { propositions, ticks: readWeights(json.ticks, rows), crosses: readWeights(json.crosses, rows) }
}

/** Refuses logic that has no finite rho in the reading; `unevaluable` is where a file owns up to it. */
const checkLogic = (logic: AnyStructure, reading: Loss["semantics"], unevaluable: string | undefined): void => {
  const weighs = checkReading(logic, reading)
  if (Result.isFailure(weighs)) refuse(weighs.failure)
  const reason = degenerateReason(logic)
  if (reason !== undefined && unevaluable === undefined) refuse(reason)
}

/** Refuses texts of the link that are no expressions, and values of parameters that are not the program's. */
const checkNumbers = ({ link, params }: LossFile, program: Program): void => {
  for (const text of [link.beta, link.margin, link.formula]) {
    const parsed = typeof text === "string" ? parseLossExpression(text) : undefined
    if (parsed !== undefined && Result.isFailure(parsed)) refuse(`link: ${parsed.failure.message}`)
  }
  for (const [name, value] of Object.entries(program.params)) {
    if (Object.hasOwn(params, name) && params[name] !== value)
      refuse(`params.${name} is ${params[name]}, but the program was compiled for ${value}`)
  }
}

const assemble = (file: LossFile): Result.Result<Loss, string> => {
  const program = decodeProgram(file.program)
  if (Result.isFailure(program)) return Result.fail(program.failure.message)
  const entry = file.entry === undefined ? undefined : getCatalogueEntry(file.entry)
  if (file.entry !== undefined && entry === undefined) return Result.fail(`unknown catalogue entry "${file.entry}"`)
  const { version: _, type: __, structure, weighted, parts, entry: ___, ...rest } = file
  if (structure !== undefined && weighted !== undefined) refuse('it has both "structure" and "weighted"')
  checkNumbers(file, program.success)
  const loss = {
    ...rest,
    ...(entry === undefined ? {} : { entry }),
    ...(structure === undefined ? {} : { structure: readStructure(structure) }),
    ...(weighted === undefined ? {} : { weighted: readWeighted(weighted) }),
    ...(parts === undefined
      ? {}
      : { parts: parts.map((part): LossPart => ({ ...part, structure: readStructure(part.structure) })) }),
    inputs: program.success.inputs,
    program: program.success
  } as Loss
  const logic = loss.structure ?? loss.weighted
  if (logic !== undefined) checkLogic(logic, loss.semantics, loss.unevaluable)
  for (const part of loss.parts ?? []) checkLogic(part.structure, part.semantics, undefined)
  const fault = inconsistency(loss)
  return fault === undefined ? Result.succeed(loss) : Result.fail(`it is not what it says: ${fault}`)
}

/** Reads a loss file; the failure is the reason as text. */
export const lossFromJson = (text: string): Result.Result<Loss, string> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return Result.fail(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const file = decodeFile(json)
  if (Result.isFailure(file)) return Result.fail(`not a loss file: ${schemaIssues(file.failure.message)}`)
  try {
    return assemble(file.success)
  } catch (error) {
    // refuse, and makeStructure for masks: what is wrong is in a person's file.
    if (error instanceof RangeError)
      return Result.fail(`not a loss file: ${error.message.replace(/^makeStructure: /, "")}`)
    throw error
  }
}
