/** What a cell's `loss` names: a loss program from the catalogue or the LOSS grammar, or a policy-gradient baseline. */
import * as Result from "effect/Result"
import { compileKernel } from "../loss/kernel.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { runnability } from "../loss/runnable.ts"
import { pairInputs } from "./batch.ts"
import type { Environment } from "./environment.ts"
import { BanditSpecError } from "./errors.ts"
import { type Family, missingInputs, type PairKernel, pairLossFamily } from "./objective.ts"
import { type Baseline, baselines, policyGradientFamily } from "./policyGradient.ts"

/** Appends `reference=true` to a LOSS: after its parameters if it has some, else as the first one. */
export const withReference = (loss: string): string =>
  `${loss}${/\?[A-Za-z_]\w*=[^?]*$/.test(loss) ? "&" : "?"}reference=true`

const kernels = new Map<string, Result.Result<PairKernel, BanditSpecError>>()

/** The kernel of a LOSS, or why it cannot run on a bandit; resolved and compiled once per process. */
export const banditKernel = (spec: string): Result.Result<PairKernel, BanditSpecError> => {
  const known = kernels.get(spec)
  if (known !== undefined) return known
  const made = compile(spec)
  kernels.set(spec, made)
  return made
}

const refuse = (issue: string) => Result.fail(new BanditSpecError({ issues: [issue] }))

const compile = (spec: string): Result.Result<PairKernel, BanditSpecError> => {
  const resolved = resolveLoss(spec)
  if (Result.isFailure(resolved)) return refuse(`loss ${spec}: ${resolved.failure.message}`)
  const runs = runnability(resolved.success, "bandit")
  if (Result.isFailure(runs)) return refuse(`loss ${spec}: ${runs.failure}`)
  const kernel = compileKernel(resolved.success.program)
  const missing = missingInputs(kernel, pairInputs)
  if (missing.length > 0) return refuse(`loss ${spec}: a bandit pair has no input ${missing.join(", ")}`)
  return Result.succeed(kernel)
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
    else return refuse(`loss ${spec}: "${part}" is not baseline=${baselines.join("|")} or beta=<positive number>`)
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
      return refuse(`loss ${spec}: reference and ceWeight apply to losses over pairs, not to a policy gradient`)
    }
    const { baseline, beta } = gradient.success
    return Result.succeed(policyGradientFamily(environment, baseline, beta ?? environment.beta))
  }
  const name = options.reference === true ? withReference(spec) : spec
  return Result.map(banditKernel(name), (kernel) => pairLossFamily(name, kernel, options.ceWeight ?? 0))
}
