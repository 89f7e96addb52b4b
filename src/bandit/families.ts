/** What a cell's `loss` names: a loss program from the catalogue or the LOSS grammar, or a policy-gradient baseline. */
import * as Result from "effect/Result"
import { compileKernel } from "../loss/kernel.ts"
import type { Program } from "../loss/program.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { runnability } from "../loss/runnable.ts"
import { parseLossSpec } from "../loss/spec.ts"
import type { Environment } from "./environment.ts"
import { BanditSpecError } from "./errors.ts"
import { gradientKernel } from "./gradientKernel.ts"
import { type Family, pairLossFamily } from "./objective.ts"
import { type Baseline, baselines, policyGradientFamily } from "./policyGradient.ts"

/** Adds the setting `reference=true` to a LOSS; a text that is no LOSS stays as it is. */
export const withReference = (loss: string): string => {
  const parsed = parseLossSpec(loss)
  if (Result.isFailure(parsed)) return loss
  return `${loss}${parsed.success.settings.size > 0 ? "&" : "?"}reference=true`
}

const programs = new Map<string, Result.Result<Program, BanditSpecError>>()

/** The program of a LOSS, or why it cannot run on a bandit; resolved once per process. */
export const banditProgram = (spec: string): Result.Result<Program, BanditSpecError> => {
  const known = programs.get(spec)
  if (known !== undefined) return known
  const made = findProgram(spec)
  programs.set(spec, made)
  return made
}

const refuse = (issue: string) => Result.fail(new BanditSpecError({ issues: [issue] }))

const findProgram = (spec: string): Result.Result<Program, BanditSpecError> => {
  const resolved = resolveLoss(spec)
  if (Result.isFailure(resolved)) return refuse(resolved.failure.message)
  const runs = runnability(resolved.success, "bandit")
  if (Result.isFailure(runs)) return refuse(`loss "${spec}": ${runs.failure}`)
  return Result.succeed(resolved.success.program)
}

interface PolicyGradientSpec {
  readonly baseline: Baseline
  /** Default: the environment's. */
  readonly beta?: number
}

/** Reads `pg` or `pg?baseline=…&beta=…`; undefined when the text names something else. */
const parsePolicyGradient = (spec: string): Result.Result<PolicyGradientSpec, BanditSpecError> | undefined => {
  const match = /^pg(?:\?(.*))?$/.exec(spec)
  if (match === null) return undefined
  const parsed: { baseline: Baseline; beta?: number } = { baseline: "value" }
  for (const part of (match[1] ?? "").split("&").filter((text) => text !== "")) {
    const [name, value = ""] = part.split("=", 2)
    if (name === "baseline" && (baselines as ReadonlyArray<string>).includes(value)) parsed.baseline = value as Baseline
    else if (name === "beta" && Number(value) > 0 && Number.isFinite(Number(value))) parsed.beta = Number(value)
    else return refuse(`loss "${spec}": ${part} is not baseline=${baselines.join("|")} or beta=<positive number>`)
  }
  return Result.succeed(parsed)
}

/** How the family of a cell is named. */
export interface FamilyOptions {
  readonly reference?: boolean
  readonly ceWeight?: number
}

/** Resolves a cell's loss in an environment. */
export const resolveFamily = (
  spec: string,
  environment: Environment,
  options: FamilyOptions = {}
): Result.Result<Family, BanditSpecError> => {
  const gradient = parsePolicyGradient(spec)
  if (gradient !== undefined) {
    if (Result.isFailure(gradient)) return Result.fail(gradient.failure)
    if (options.reference === true || (options.ceWeight ?? 0) > 0) {
      return refuse(`loss "${spec}": reference and ceWeight apply to losses over pairs, not to a policy gradient`)
    }
    const { baseline, beta } = gradient.success
    return Result.succeed(policyGradientFamily(environment, baseline, beta ?? environment.beta))
  }
  const name = options.reference === true ? withReference(spec) : spec
  return Result.map(banditProgram(name), (program) =>
    pairLossFamily(name, compileKernel(program), options.ceWeight ?? 0, gradientKernel(program, environment))
  )
}
