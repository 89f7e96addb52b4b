/** Problems of a query as sentences: the issues of its Schema, flattened, each with its key. */
import * as Data from "effect/Data"
import type * as SchemaIssue from "effect/SchemaIssue"
import { nearest } from "../loss/nearest.ts"

/** A query that cannot be searched: every problem, one sentence each. */
export class DeriveQueryError extends Data.TaggedError("DeriveQueryError")<{
  readonly problems: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.problems.join("\n")
  }
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)

const literals = (ast: SchemaIssue.InvalidType["ast"]): ReadonlyArray<string> =>
  ast._tag === "Literal" ? [String(ast.literal)] : ast._tag === "Union" ? ast.types.flatMap(literals) : []

const kinds: Readonly<Record<string, string>> = {
  String: "text",
  Number: "a number",
  Boolean: "true or false",
  Arrays: "a list",
  Objects: "a map"
}

const expectation = (ast: SchemaIssue.InvalidType["ast"]): string =>
  ast._tag === "Union"
    ? [...new Set(ast.types.filter((type) => type._tag !== "Undefined").map(expectation))].join(" or ")
    : ast._tag === "Literal"
      ? JSON.stringify(ast.literal)
      : (kinds[ast._tag] ?? ast._tag.toLowerCase())

const mismatch = (ast: SchemaIssue.InvalidType["ast"], input: unknown): string => {
  const names = literals(ast)
  return typeof input === "string" && names.length > 0
    ? `${shown(input)} is not allowed; ${nearest(input, names)}`
    : `expected ${expectation(ast)}, found ${shown(input)}`
}

const at = (path: ReadonlyArray<PropertyKey>, message: string): string =>
  path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`

const ownMessage = (issue: SchemaIssue.Issue): string | undefined => {
  const message = issue._tag === "InvalidValue" ? issue.annotations?.message : undefined
  return typeof message === "string" ? message : undefined
}

const valueAt = (input: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | null | undefined)?.[step], input)

const findings = (
  issue: SchemaIssue.Issue,
  input: unknown,
  path: ReadonlyArray<PropertyKey>
): ReadonlyArray<string> => {
  switch (issue._tag) {
    case "Pointer":
      return findings(issue.issue, input, [...path, ...issue.path])
    case "Composite":
      return issue.issues.flatMap((child) => findings(child, input, path))
    case "AnyOf":
      return issue.issues.length === 0
        ? [at(path, mismatch(issue.ast, valueAt(input, path)))]
        : issue.issues.flatMap((child) => findings(child, input, path))
    case "Encoding":
      return findings(issue.issue, input, path)
    case "Filter": {
      if (issue.issue._tag === "Pointer" || issue.issue._tag === "Composite") return findings(issue.issue, input, path)
      const expected = issue.filter.annotations?.expected
      const found = `expected ${typeof expected === "string" ? expected : "another value"}, found ${shown(valueAt(input, path))}`
      return [at(path, ownMessage(issue.issue) ?? found)]
    }
    case "UnexpectedKey": {
      const known = issue.ast._tag === "Objects" ? issue.ast.propertySignatures.map(({ name }) => String(name)) : []
      const key = String(path.at(-1))
      return [at(path.slice(0, -1), `unknown key ${JSON.stringify(key)}; ${nearest(key, known)}`)]
    }
    case "MissingKey":
      return [
        at(
          path.slice(0, -1),
          typeof path.at(-1) === "number" ? "too few entries" : `missing key "${String(path.at(-1))}"`
        )
      ]
    case "InvalidType":
      return [at(path, mismatch(issue.ast, valueAt(input, path)))]
    case "InvalidValue":
      return [at(path, ownMessage(issue) ?? `invalid value ${shown(valueAt(input, path))}`)]
    case "OneOf":
      return [at(path, mismatch(issue.ast, valueAt(input, path)))]
    case "Forbidden":
      return [at(path, "not allowed here")]
  }
}

/** Every problem of an input that its Schema refused, in the order of the Schema, without repetitions. */
export const queryFindings = (issue: SchemaIssue.Issue, input: unknown): ReadonlyArray<string> => [
  ...new Set(findings(issue, input, []))
]
