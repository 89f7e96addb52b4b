/** @file What is wrong with the claims of a study beyond their shape: names that its bandits do not have. Pure. */
import { nameProblem } from "../quantities/columns.ts"
import { parseFormula } from "../quantities/formula.ts"
import { formulasOf, type Quantity } from "../quantities/quantity.ts"
import type { Condition } from "../quantities/runs.ts"
import { type Selection, selectionProblems } from "../quantities/select.ts"
import { type Claim, checkNames, type Other } from "./claim.ts"

/** One problem, its path inside the claim. */
export interface ClaimProblem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: string
}

/** What a study's bandits will run. */
export interface Runs {
  readonly conditions: ReadonlyArray<Condition>
  /** Whether derived losses join them. */
  readonly derived: boolean
  /** The last step of every study. */
  readonly steps: Readonly<Record<string, number>>
}

/** Names of all settings of the runs. */
export const settingsOf = ({ conditions }: Runs): ReadonlyArray<string> => [
  ...new Set(conditions.flatMap(({ settings }) => [...settings.keys()]))
]

/** Names in a formula that mean nothing. */
export const formulaProblems = (source: string, runs: Runs): ReadonlyArray<string> => {
  const formula = parseFormula(source)
  // What cannot be read has been reported by the schema.
  if (formula._tag === "Failure") return []
  return formula.success.names.flatMap((name) => nameProblem(name, settingsOf(runs)) ?? [])
}

const quantityProblems = (quantity: Partial<Quantity>, runs: Runs): ReadonlyArray<ClaimProblem> =>
  formulasOf(quantity).flatMap(([path, source]) => formulaProblems(source, runs).map((issue) => ({ path, issue })))

const stepProblem = ({ at }: Partial<Quantity>, of: Selection, { steps }: Runs): ReadonlyArray<ClaimProblem> => {
  if (typeof at !== "object" || !("step" in at)) return []
  const studies = of.study === undefined ? Object.keys(steps) : typeof of.study === "string" ? [of.study] : of.study
  const last = Math.min(...studies.flatMap((study) => steps[study] ?? []))
  return at.step <= last ? [] : [{ path: ["at", "step"], issue: `step ${at.step} is after the last step ${last}` }]
}

const below = (path: ReadonlyArray<PropertyKey>, problems: ReadonlyArray<ClaimProblem>) =>
  problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }))

const otherProblems = (other: Other, claim: Claim, runs: Runs): ReadonlyArray<ClaimProblem> => [
  ...below(["of"], selectionProblems(other.of ?? {}, runs.conditions, runs.derived)),
  ...quantityProblems(other as Partial<Quantity>, runs),
  ...stepProblem(other as Partial<Quantity>, { ...claim.of, ...other.of }, runs)
]

const boundProblems = (claim: Claim, runs: Runs): ReadonlyArray<ClaimProblem> =>
  checkNames.flatMap((name) => {
    const check = claim[name]
    if (check === undefined || Array.isArray(check)) return []
    const [key, bound] =
      "than" in check ? (["than", check.than] as const) : "to" in check ? (["to", check.to] as const) : ["", undefined]
    if (bound === undefined || typeof bound === "number") return []
    if (typeof bound === "object") return below([name, key], otherProblems(bound, claim, runs))
    const formula = parseFormula(bound)
    const issues = formula._tag === "Failure" ? [formula.failure] : formulaProblems(bound, runs)
    return issues.map((issue) => ({ path: [name, key], issue }))
  })

/** Everything in a claim that the study's bandits do not have. */
export const claimProblems = (claim: Claim, runs: Runs): ReadonlyArray<ClaimProblem> => [
  ...below(["of"], selectionProblems(claim.of, runs.conditions, runs.derived)),
  ...quantityProblems(claim as Partial<Quantity>, runs),
  ...stepProblem(claim as Partial<Quantity>, claim.of, runs),
  ...boundProblems(claim, runs)
]

/** The problems of a list of claims, two of one name among them. */
export const claimsProblems = (claims: ReadonlyArray<Claim>, runs: Runs): ReadonlyArray<ClaimProblem> =>
  claims.flatMap((claim, i) => [
    ...(claims.findIndex(({ id }) => id === claim.id) < i
      ? [{ path: [i, "id"], issue: `two claims are called ${JSON.stringify(claim.id)}` }]
      : []),
    ...below([i], claimProblems(claim, runs))
  ])
