/** What is wrong with a value that a Schema refuses: every problem as one sentence, with the path to where it is. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import { nearest } from "./nearest.ts"

/** One problem of a value. */
export interface Finding {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
  /** The key itself is wrong, not its value. */
  readonly atKey: boolean
}

type Ast = SchemaIssue.InvalidType["ast"]

const shown = (value: unknown): string => {
  // JSON has no NaN and no Infinity.
  const text = (typeof value === "number" ? undefined : JSON.stringify(value)) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const expectedOf = (ast: Ast): string => {
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
const literalsOf = (ast: Ast): ReadonlyArray<string> =>
  ast._tag === "Literal" ? [String(ast.literal)] : ast._tag === "Union" ? ast.types.flatMap(literalsOf) : []

const mismatch = (ast: Ast, input: unknown): string => {
  const literals = literalsOf(ast)
  if (typeof input === "string" && literals.length > 3) {
    return `${shown(input)} is not allowed; ${nearest(input, literals)} (all: ${literals.join(", ")})`
  }
  const scalar = ast._tag === "Arrays" && input !== null && typeof input !== "object"
  return `expected ${expectedOf(ast)}${scalar ? ` such as [${input}]` : ""}, found ${shown(input)}`
}

/** The key by whose value the maps of a union differ (`kind`), and the values it may have. */
const discriminatorOf = (ast: Ast): readonly [string, ReadonlyArray<string>] | undefined => {
  if (ast._tag !== "Union") return undefined
  const maps = ast.types.flatMap((type) => (type._tag === "Objects" ? [type.propertySignatures] : []))
  const shared = maps[0]?.find(({ name }) =>
    maps.every((fields) => fields.some((field) => field.name === name && field.type._tag === "Literal"))
  )
  if (shared === undefined || maps.length < 2) return undefined
  const types = maps.map((fields) => fields.find((field) => field.name === shared.name)!.type)
  return [String(shared.name), types.flatMap(literalsOf)]
}

/** No member of a union fits: with a discriminator the fault is its value, else the value as a whole. */
const noMember = (ast: Ast, input: unknown, path: Finding["path"]): Finding => {
  const [key, values] = discriminatorOf(ast) ?? []
  if (
    key === undefined ||
    values === undefined ||
    typeof input !== "object" ||
    input === null ||
    Array.isArray(input)
  ) {
    return { path, message: mismatch(ast, input), atKey: false }
  }
  const all = values.map((value) => JSON.stringify(value)).join(", ")
  if (!Object.hasOwn(input, key)) return { path, message: `missing key "${key}"; allowed: ${all}`, atKey: false }
  const found = (input as Readonly<Record<string, unknown>>)[key]
  return { path: [...path, key], message: `expected one of ${all}, found ${shown(found)}`, atKey: false }
}

const unknownKey = (key: string, ast: Ast): string => {
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

/** Problems of keys: they are missing, or not known. */
const keyProblems = (findings: ReadonlyArray<Finding>): number =>
  findings.filter(({ atKey, message }) => atKey || message.startsWith("missing key")).length

/** Of the members of a union, what those find at fault whose keys the value comes nearest to. */
const nearestMember = (members: ReadonlyArray<ReadonlyArray<Finding>>): ReadonlyArray<Finding> => {
  const least = Math.min(...members.map(keyProblems))
  return members.filter((findings) => keyProblems(findings) === least).flat()
}

/** Flattens the issue tree of a refused value, in the order of the Schema; `input` is that value. */
const schemaFindings = (
  issue: SchemaIssue.Issue,
  input: unknown,
  path: Finding["path"] = []
): ReadonlyArray<Finding> => {
  const at = (message: string, atKey = false): ReadonlyArray<Finding> => [{ path, message, atKey }]
  switch (issue._tag) {
    case "Pointer": {
      const steps = issue.path.map((step) => (typeof step === "number" ? step : String(step)))
      const inside = steps.reduce<unknown>(
        (value, step) => (value as Record<string, unknown> | undefined)?.[step],
        input
      )
      return schemaFindings(issue.issue, inside, [...path, ...steps])
    }
    case "Composite": {
      // A number that is no integer is not in the range either: one mistake.
      const own = issue.issues.filter((child) => child._tag === "Filter" && !isInside(child))
      return issue.issues
        .filter((child) => !own.includes(child) || child === own[0])
        .flatMap((child) => schemaFindings(child, input, path))
    }
    case "AnyOf":
      return issue.issues.length === 0
        ? [noMember(issue.ast, input, path)]
        : nearestMember(issue.issues.map((child) => schemaFindings(child, input, path)))
    case "Encoding":
      return schemaFindings(issue.issue, input, path)
    case "Filter":
      return isInside(issue) ? schemaFindings(issue.issue, input, path) : at(filterMessage(issue, input))
    case "UnexpectedKey":
      return at(unknownKey(String(path.at(-1)), issue.ast), true)
    case "MissingKey":
      return typeof path.at(-1) === "number"
        ? [
            {
              path: path.slice(0, -1),
              message: path.at(-1) === 0 ? "the list may not be empty" : "the list has too few entries",
              atKey: false
            }
          ]
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

const pathText = (path: Finding["path"]): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .replace(/^\./, "")

/** The problem as one sentence, the path to the value (of a wrong key: to the map it stands in) first: `order.between[0]: …`. */
export const findingText = ({ path, message, atKey }: Finding): string => {
  const shownPath = pathText(atKey ? path.slice(0, -1) : path)
  return shownPath === "" ? message : `${shownPath}: ${message}`
}

/**
 * Decodes a value of unknown origin. On failure every problem once, unknown keys among them, and those that a map's own checks
 * find besides.
 */
export const decodeWhole = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  input: unknown
): Result.Result<S["Type"], ReadonlyArray<Finding>> => {
  const decode = (onExcessProperty: "error" | "ignore") =>
    Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty })(input)
  const strict = decode("error")
  if (Result.isSuccess(strict)) return Result.succeed(strict.success)
  // An unknown key keeps a map's own checks from running.
  const lenient = decode("ignore")
  const refused = Result.isFailure(lenient) ? [strict.failure, lenient.failure] : [strict.failure]
  const findings = refused.flatMap(({ issue }) => schemaFindings(issue, input))
  // Members of a union can find the same fault each.
  return Result.fail([...new Map(findings.map((finding) => [findingText(finding), finding])).values()])
}
