/** Every method that is no loss program, and what a cell's `loss` names. One more method: its file, and a line here. */
import * as Result from "effect/Result"
import { BanditSpecError } from "../errors.ts"
import { type FamilyOptions, resolveFamily } from "../families.ts"
import { worldOf } from "../inputs/filler.ts"
import { decodingMethods } from "./decoding.ts"
import { multiplicativeWeights, nashMirrorDescent } from "./games.ts"
import { type Method, type MethodContext, type MethodDefinition, readSettings } from "./method.ts"
import { plackettLuce } from "./plackettLuce.ts"
import { policyGradient, rloo } from "./policyGradient.ts"
import { ascent, d2oExpected } from "./unlearning.ts"

/** Every method: what trains a policy and is no loss over pairs (policy gradients, game dynamics, unlearning). */
export const methods: ReadonlyArray<MethodDefinition> = [
  policyGradient,
  rloo,
  plackettLuce,
  multiplicativeWeights,
  nashMirrorDescent,
  ascent,
  d2oExpected,
  ...decodingMethods
]

const byName = new Map(methods.map((method) => [method.name, method]))

const refuse = (issue: string) => Result.fail(new BanditSpecError({ issues: [issue] }))

/** The method that a text names, with what stands after its `?`; undefined when it names something else. */
const namedMethod = (spec: string) => {
  const [name = "", ...rest] = spec.split("?")
  const definition = byName.get(name)
  return definition && { definition, settings: rest.join("?") }
}

/** Whether a text names a method rather than a LOSS. */
export const isMethod = (spec: string): boolean => namedMethod(spec) !== undefined

/** Options of a LOSS that a method refuses: a cell that is labelled with them has to have them. */
const lossOptions = ["reference", "ceWeight"] as const satisfies ReadonlyArray<keyof FamilyOptions>

/** Resolves a cell's `loss`: a method by its name, else a LOSS. */
export const resolveMethod = (
  spec: string,
  context: MethodContext,
  options: Omit<FamilyOptions, "world"> = {}
): Result.Result<Method, BanditSpecError> => {
  const named = namedMethod(spec)
  if (named === undefined) {
    const family = resolveFamily(spec, context.world.environment, { ...options, world: context.world })
    return Result.map(family, (made) => ({ kind: "family" as const, family: made }))
  }
  const asked = lossOptions.find((name) => Boolean(options[name]))
  if (asked !== undefined)
    return refuse(`loss "${spec}": ${asked} applies to losses over pairs, not to ${named.definition.name}`)
  const settings = readSettings(named.definition, named.settings)
  if (Result.isFailure(settings)) return Result.fail(settings.failure)
  return Result.mapError(
    named.definition.make(settings.success, context),
    (reason) => new BanditSpecError({ issues: [`loss "${spec}": ${reason}`] })
  )
}

/** The family of a text in an environment as it is, for those who only evaluate it. */
export const familyIn = (
  spec: string,
  environment: Parameters<typeof resolveFamily>[1],
  options: Omit<FamilyOptions, "world"> = {}
) =>
  Result.flatMap(resolveMethod(spec, { world: worldOf(environment), steps: 1 }, options), (method) =>
    method.kind === "family" ? Result.succeed(method.family) : refuse(`loss "${spec}": it has no loss to evaluate`)
  )
