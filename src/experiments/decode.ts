/** @file A configuration checked against its Schema: every problem at once, each as one sentence with its place. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import { nearest } from "../loss/nearest.ts"
import { type ConfigIssue, type Located, placeOf, plainOf } from "./located.ts"

interface Finding {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
  /** The key itself is wrong, not its value. */
  readonly atKey: boolean
}

const shown = (value: unknown): string => {
  const text = (typeof value === "number" ? undefined : JSON.stringify(value)) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const expectedOf = (ast: SchemaAST.AST): string => {
  const stated = ast.annotations?.expected ?? ast.annotations?.title
  if (typeof stated === "string") return stated
  switch (ast._tag) {
    case "String":
      return "text"
    case "Number":
      return "a number"
    case "Boolean":
      return "true or false"
    case "Arrays":
      return "a list"
    case "Objects":
      return ast.indexSignatures.length > 0 ? "a map" : "a map with named settings"
    case "Literal":
      return JSON.stringify(ast.literal)
    case "Union":
      return [...new Set(ast.types.filter((type) => type._tag !== "Undefined").map(expectedOf))].join(" or ")
    default:
      return ast._tag.toLowerCase()
  }
}

/** The literals of a union of literals, as text: what a wrong name is compared with. */
const literalsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Literal" ? [String(ast.literal)] : ast._tag === "Union" ? ast.types.flatMap(literalsOf) : []

const mismatch = (ast: SchemaAST.AST, input: unknown): string => {
  const literals = literalsOf(ast)
  if (typeof input === "string" && literals.length > 3) {
    return `${shown(input)} is not allowed; ${nearest(input, literals)} (all: ${literals.join(", ")})`
  }
  const scalar = ast._tag === "Arrays" && input !== null && typeof input !== "object"
  return `expected ${expectedOf(ast)}${scalar ? ` such as [${input}]` : ""}, found ${shown(input)}`
}

const unknownKey = (key: string, ast: SchemaAST.AST): string => {
  const known = ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []
  return `unknown key ${JSON.stringify(key)}; ${nearest(key, known)}`
}

const filterMessage = (issue: SchemaIssue.Filter, input: unknown): string => {
  const inner = issue.issue
  const own = inner._tag === "InvalidValue" ? inner.annotations?.message : undefined
  if (typeof own === "string") return own
  const expected = issue.filter.annotations?.expected
  return `expected ${typeof expected === "string" ? expected : "another value"}, found ${shown(input)}`
}

/** Whether a check over several settings names those at fault itself. */
const isInside = ({ issue }: SchemaIssue.Filter): boolean => issue._tag === "Pointer" || issue._tag === "Composite"

/** Flattens the issue tree. `input` is the value that the issue is about. */
const findingsOf = (
  issue: SchemaIssue.Issue,
  input: unknown,
  path: ReadonlyArray<string | number>
): ReadonlyArray<Finding> => {
  const at = (message: string, atKey = false): ReadonlyArray<Finding> => [{ path, message, atKey }]
  switch (issue._tag) {
    case "Pointer": {
      const steps = issue.path.map((step) => (typeof step === "number" ? step : String(step)))
      const inside = steps.reduce<unknown>(
        (value, step) => (value as Record<string, unknown> | undefined)?.[step],
        input
      )
      return findingsOf(issue.issue, inside, [...path, ...steps])
    }
    case "Composite": {
      // A number that is no integer is not in the range either: one mistake.
      const own = issue.issues.filter((child) => child._tag === "Filter" && !isInside(child))
      return issue.issues
        .filter((child) => !own.includes(child) || child === own[0])
        .flatMap((child) => findingsOf(child, input, path))
    }
    case "AnyOf":
      return issue.issues.length === 0
        ? at(mismatch(issue.ast, input))
        : issue.issues.flatMap((child) => findingsOf(child, input, path))
    case "Encoding":
      return findingsOf(issue.issue, input, path)
    case "Filter":
      return isInside(issue) ? findingsOf(issue.issue, input, path) : at(filterMessage(issue, input))
    case "UnexpectedKey":
      return at(unknownKey(String(path.at(-1)), issue.ast), true)
    case "MissingKey":
      return typeof path.at(-1) === "number"
        ? [{ path: path.slice(0, -1), message: "the list may not be empty", atKey: false }]
        : at(`missing key ${JSON.stringify(path.at(-1))}`)
    case "InvalidType":
      return at(mismatch(issue.ast, input))
    case "InvalidValue":
      return at(
        typeof issue.annotations?.message === "string" ? issue.annotations.message : `invalid value ${shown(input)}`
      )
    case "OneOf":
      return at(mismatch(issue.ast, input))
    case "Forbidden":
      return at("not allowed here")
  }
}

const pathText = (path: ReadonlyArray<string | number>): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .replace(/^\./, "")

/** What a value lacks to be of a Schema: every problem, checks behind unknown keys included, with its path. */
const findingsIn = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  input: unknown
): Result.Result<S["Type"], ReadonlyArray<Finding>> => {
  const decode = (onExcessProperty: "error" | "ignore") =>
    Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty })(input)
  const strict = decode("error")
  if (Result.isSuccess(strict)) return Result.succeed(strict.success)
  // An unknown key keeps a map's own checks from running.
  const lenient = decode("ignore")
  const issues = [strict, ...(Result.isFailure(lenient) ? [lenient] : [])]
  return Result.fail(issues.flatMap(({ failure }) => findingsOf(failure.issue, input, [])))
}

const sentence = ({ path, message, atKey }: Finding): string =>
  path.length > (atKey ? 1 : 0) ? `${pathText(atKey ? path.slice(0, -1) : path)}: ${message}` : message

/** The problems of plain data: path, message, and both as one sentence. None: it is of the Schema. */
export const problemsIn = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, input: unknown) => {
  const found = findingsIn(schema, input)
  const problems = Result.isFailure(found) ? found.failure : []
  return [...new Map(problems.map((one) => [sentence(one), { ...one, sentence: sentence(one) }])).values()]
}

/** Decodes a located tree; on failure every problem, in the order they stand in the files. */
export const decodeLocated = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  located: Located
): Result.Result<S["Type"], ReadonlyArray<ConfigIssue>> =>
  Result.mapError(findingsIn(schema, plainOf(located)), (findings) =>
    sortedIssues(
      findings.map((finding) => ({
        place: placeOf(located, finding.path, finding.atKey),
        path: finding.path,
        message: sentence(finding)
      }))
    )
  )

/** In reading order, without repetitions (a profile shares most of its study's problems). */
export const sortedIssues = (issues: ReadonlyArray<ConfigIssue>): ReadonlyArray<ConfigIssue> => {
  const unique = new Map(issues.map((issue) => [JSON.stringify([issue.place, issue.message]), issue]))
  const position = ({ place }: ConfigIssue): readonly [string, number, number] =>
    place._tag === "File" ? [place.file, place.line, place.column] : [`\uffff${place.argument}`, 0, 0]
  return [...unique.values()].sort((a, b) => {
    const [fileA, lineA, columnA] = position(a)
    const [fileB, lineB, columnB] = position(b)
    return fileA === fileB ? lineA - lineB || columnA - columnB : fileA < fileB ? -1 : 1
  })
}
