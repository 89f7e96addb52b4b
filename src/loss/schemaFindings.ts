/** What is wrong with a value that a Schema refused: every problem as one sentence, with the path to where it is. */
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
  const text = JSON.stringify(value) ?? String(value)
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
  return `expected ${expectedOf(ast)}, found ${shown(input)}`
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

/** Flattens the issue tree of a refused value, in the order of the Schema; `input` is that value. */
export const schemaFindings = (
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
    case "Composite":
      return issue.issues.flatMap((child) => schemaFindings(child, input, path))
    case "AnyOf":
      return issue.issues.length === 0
        ? [noMember(issue.ast, input, path)]
        : issue.issues.flatMap((child) => schemaFindings(child, input, path))
    case "Encoding":
      return schemaFindings(issue.issue, input, path)
    case "Filter":
      // A check over several settings names the one at fault itself.
      return issue.issue._tag === "Pointer" || issue.issue._tag === "Composite"
        ? schemaFindings(issue.issue, input, path)
        : at(filterMessage(issue, input))
    case "UnexpectedKey":
      return at(unknownKey(String(path.at(-1)), issue.ast), true)
    case "MissingKey":
      return typeof path.at(-1) === "number"
        ? at(path.at(-1) === 0 ? "the list may not be empty" : "the list has too few entries")
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
