/** What a LOSS text names on a bandit: the program of the catalogue or the LOSS grammar with all that it reads supplied. */
import * as Result from "effect/Result"
import { withInputGradients } from "../loss/inputGradients.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Loss } from "../loss/loss.ts"
import type { Program } from "../loss/program.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { pairInputs, runnability, scoreInputs } from "../loss/runnable.ts"
import { parseLossSpec } from "../loss/spec.ts"
import { columnOf } from "./batch.ts"
import type { Environment } from "./environment.ts"
import { BanditSpecError } from "./errors.ts"
import { gradientKernel } from "./gradientKernel.ts"
import { type Filler, type World, worldOf } from "./inputs/filler.ts"
import { inputDefinitions, inputsOf } from "./inputs/registry.ts"
import type { Family } from "./objective.ts"
import { type MaskedLogps, pairLossFamily } from "./pairLoss.ts"
import { tokenTable } from "./tokens.ts"

/** Adds the setting `reference=true` to a LOSS; a text that is no LOSS stays as it is. */
export const withReference = (loss: string): string => {
  const parsed = parseLossSpec(loss)
  if (Result.isFailure(parsed)) return loss
  return `${loss}${parsed.success.settings.size > 0 ? "&" : "?"}reference=true`
}

/** What a loss can be given. */
export interface FamilyOptions {
  /** Adds the reference to a loss without one. Default false. */
  readonly reference?: boolean
  /** Weight of the cross-entropy term -log π(chosen). Default 0. */
  readonly ceWeight?: number
  /** Log-probabilities as means per token. Default false. */
  readonly perToken?: boolean
  /** Log-probabilities over true tokens of the chosen and false ones of the rejected response. Default false. */
  readonly tokenMask?: boolean
  /** What the losses of a run look at; default: the environment as it is. */
  readonly world?: World
  /** Inputs that the regime's batches bring. */
  readonly supplied?: ReadonlyArray<string>
  /** Inputs that stay at a number, whatever the batch says. */
  readonly fixed?: Readonly<Record<string, number>>
  /** Responses of an example. Default 2. */
  readonly members?: number
}

const refuse = (issue: string) => Result.fail(new BanditSpecError({ issues: [issue] }))

const resolved = new Map<string, ReturnType<typeof resolveLoss>>()

const lossOf = (spec: string): ReturnType<typeof resolveLoss> => {
  const known = resolved.get(spec)
  if (known !== undefined) return known
  const made = resolveLoss(spec)
  resolved.set(spec, made)
  return made
}

/** Inputs of the k-th response of an example, k from 1: y1 is the chosen one, y2 the rejected one. */
const rankedInputs = (k: number): ReadonlyArray<string> =>
  k <= 2 ? [`ly${k}`] : [`ly${k}`, `ry${k}`, `ny${k}`, `s_y${k}`]

/** Names of everything that a loss can read. */
const suppliedInputs = (environment: Environment, options: FamilyOptions): ReadonlySet<string> => {
  const { supplied = [], members = 2, tokenMask = false } = options
  const ranked = Array.from({ length: members }, (_, k) => rankedInputs(k + 1)).flat()
  const mask = tokenMask ? ["token-mask"] : []
  return new Set([...pairInputs, ...scoreInputs, ...inputsOf(environment), ...supplied, ...ranked, ...mask])
}

/** The loss of a LOSS text, or why it cannot run. */
const banditLoss = (
  spec: string,
  environment: Environment,
  options: FamilyOptions
): Result.Result<Loss, BanditSpecError> => {
  const loss = lossOf(spec)
  if (Result.isFailure(loss)) return refuse(loss.failure.message)
  const runs = runnability(loss.success, suppliedInputs(environment, options))
  return Result.isFailure(runs) ? refuse(`loss "${spec}": ${runs.failure}`) : Result.succeed(loss.success)
}

/** The program of a LOSS that reads nothing but what every pair has, or why there is none. */
export const pairProgram = (spec: string): Result.Result<Program, BanditSpecError> => {
  const loss = lossOf(spec)
  if (Result.isFailure(loss)) return refuse(loss.failure.message)
  const runs = runnability(loss.success, "bandit")
  return Result.isFailure(runs) ? refuse(`loss "${spec}": ${runs.failure}`) : Result.succeed(loss.success.program)
}

const maskOf = (environment: Environment): Result.Result<MaskedLogps, BanditSpecError> => {
  const correct = environment.tree?.correct
  if (correct === undefined)
    return refuse(`data.mask: the environment ${environment.id} does not say which tokens are true`)
  const reference = tokenTable(environment)
  reference.read(environment.reference)
  return Result.succeed({ table: tokenTable(environment), reference, correct })
}

const moved = new WeakMap<Program, Program>()

/** The program with its moving inputs' derivatives, made once per program. */
const movedProgram = ({ program, entry }: Loss): Program => {
  const known = moved.get(program)
  if (known !== undefined) return known
  const made = withInputGradients(program, entry?.movingInputs ?? [])
  moved.set(program, made)
  return made
}

/** Writes over what the suppliers have written. */
const fixedFillers = (fixed: Readonly<Record<string, number>> = {}): ReadonlyArray<Filler> =>
  Object.entries(fixed).map(([name, value]) => ({
    fill: (batch) => {
      columnOf(batch, name).fill(value, 0, batch.count)
    }
  }))

const familyOf = (name: string, loss: Loss, world: World, options: FamilyOptions, masked?: MaskedLogps): Family => {
  const program = movedProgram(loss)
  const moving = new Set(loss.entry?.movingInputs ?? [])
  const sources = inputDefinitions.filter(({ names }) => names.some((input) => program.inputs.includes(input)))
  const { ceWeight = 0, perToken = false } = options
  return pairLossFamily(name, compileKernel(program), {
    ceWeight,
    perToken,
    slopes: gradientKernel(program, world),
    fillers: [...sources.map((source) => source.make(world, program, moving)), ...fixedFillers(options.fixed)],
    ranked: program.inputs.filter((input) => /^ly\d+$/.test(input)),
    moving: ["lg", ...moving].filter((input) => program.inputs.includes(input)),
    ...(masked === undefined ? {} : { masked })
  })
}

/** Resolves a LOSS in an environment. */
export const resolveFamily = (
  spec: string,
  environment: Environment,
  options: FamilyOptions = {}
): Result.Result<Family, BanditSpecError> => {
  const name = options.reference === true ? withReference(spec) : spec
  const loss = banditLoss(name, environment, options)
  if (Result.isFailure(loss)) return Result.fail(loss.failure)
  const masked = options.tokenMask === true ? maskOf(environment) : undefined
  if (masked !== undefined && Result.isFailure(masked)) return Result.fail(masked.failure)
  const world = options.world ?? worldOf(environment)
  return Result.succeed(familyOf(name, loss.success, world, options, masked?.success))
}
