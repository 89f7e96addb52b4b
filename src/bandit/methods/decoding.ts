/** What can be had without training: choosing among the reference's answers, and the optima that solvers know. */
import * as Result from "effect/Result"
import { bestOfPolicy, rejectionPolicy, tiltPolicy } from "../decoding.ts"
import type { World } from "../inputs/filler.ts"
import { ipoOptimum } from "../optima.ts"
import { bestOfOptimum } from "../solvers/bestOfOptimum.ts"
import { infAlignPolicy, type Transform } from "../solvers/infAlign.ts"
import { matchedKl } from "../solvers/matchedKl.ts"
import { nashPolicy } from "../solvers/nash.ts"
import { mixtureNashPolicy, onlineDpoPolicy, regularisedNashPolicy } from "../solvers/regularisedNash.ts"
import type { MethodDefinition, Settings } from "./method.ts"

/** A method that is a policy. */
const policyMethod = (
  name: string,
  title: string,
  settings: MethodDefinition["settings"],
  policy: (world: World, settings: Settings) => Float64Array
): MethodDefinition => ({
  name,
  title,
  settings,
  make: (given, { world }) => Result.succeed({ kind: "policy", policy: policy(world, given) })
})

const positive = { above: 0 } as const
const count = { atLeast: 1, whole: true } as const

const betaOf = ({ environment }: World, settings: Settings): number => settings.number("beta") ?? environment.beta

/** `tilt?beta=…`: π ∝ π_ref exp(s / beta), the KL-regularised optimum; beta defaults to the environment's. */
const tilt = policyMethod(
  "tilt",
  "Tilted reference: the KL-regularised optimum",
  { beta: positive },
  (world, settings) => tiltPolicy(world.environment, world.scores, betaOf(world, settings))
)

/** `best-of?n=…`: the best by score of n answers of the reference. */
const bestOf = policyMethod(
  "best-of",
  "Best of n",
  { n: { ...count, default: 4 } },
  ({ environment, scores }, settings) => bestOfPolicy(environment, scores, settings.number("n")!)
)

/** `rejection?beta=…&tries=…`: rejection sampling towards the tilt. */
const rejection = policyMethod(
  "rejection",
  "Rejection sampling",
  { beta: positive, tries: { ...count, default: 16 } },
  (world, settings) =>
    rejectionPolicy(world.environment, world.scores, betaOf(world, settings), settings.number("tries")!)
)

/** `matched-kl?kl=…`: the best policy by score at a distance of kl nats from the reference. */
const atMatchedKl = policyMethod(
  "matched-kl",
  "Best policy at a KL",
  { kl: { atLeast: 0, default: 0.5 } },
  ({ environment, scores }, settings) => matchedKl(environment, settings.number("kl")!, scores).policy
)

const transformOf = (settings: Settings): Transform => {
  const kind = settings.word("transform") as Transform["kind"]
  return kind === "tilt" ? { kind, t: settings.number("t")! } : { kind }
}

/** `inf-align?kl=…&transform=identity|log|tilt&t=…`: made for best-of-n (t > 0) or worst-of-n decoding. */
const infAlign = policyMethod(
  "inf-align",
  "Policy made for its decoding",
  { kl: { atLeast: 0, default: 0.5 }, transform: ["identity", "log", "tilt"], t: { except: 0, default: 5 } },
  ({ environment, scores }, settings) =>
    infAlignPolicy(environment, transformOf(settings), settings.number("kl")!, scores).policy
)

/** `nash`: the policy that no other beats more often than not. */
const nash = policyMethod("nash", "Nash equilibrium", {}, ({ environment }) => nashPolicy(environment))

/** `regularised-nash?tau=…`: π ∝ π_ref exp(P(y ≻ π) / tau). */
const regularisedNash = policyMethod(
  "regularised-nash",
  "Regularised Nash equilibrium",
  { tau: { above: 0, default: 0.1 } },
  ({ environment }, settings) => regularisedNashPolicy(environment, settings.number("tau")!)
)

/** `mixture-nash?tau=…&share=…`: IPO-MD's fixed point, opponents from the mixture π^(1 - share) π_ref^share. */
const mixtureNash = policyMethod(
  "mixture-nash",
  "Fixed point of IPO-MD",
  { tau: { above: 0, default: 0.1 }, share: { atLeast: 0, atMost: 1, default: 0.5 } },
  ({ environment }, settings) => mixtureNashPolicy(environment, settings.number("tau")!, settings.number("share")!)
)

/** `best-of-optimum?n=…&kl=…`: the policy that best-of-n gains most from at a distance of kl nats. */
const bestOfOptimumMethod = policyMethod(
  "best-of-optimum",
  "Optimum of best-of-n at a KL",
  { n: { ...count, default: 4 }, kl: { atLeast: 0, default: 0.5 } },
  ({ environment, scores }, settings) =>
    bestOfOptimum(environment, settings.number("n")!, settings.number("kl")!, scores).policy
)

/** `online-dpo-optimum?beta=…`: the fixed point of DPO on pairs of the policy itself. */
const onlineDpoOptimum: MethodDefinition = {
  name: "online-dpo-optimum",
  title: "Fixed point of online DPO",
  settings: { beta: { above: 0, default: 0.1 } },
  make: (settings, { world }) =>
    Result.map(
      Result.try({
        try: () => onlineDpoPolicy(world.environment, settings.number("beta")!),
        catch: (error) => (error as Error).message
      }),
      (policy) => ({ kind: "policy" as const, policy })
    )
}

/** `ipo-optimum?tau=…`: IPO's population optimum for responses compared with those of the reference. */
const ipoOptimumMethod = policyMethod(
  "ipo-optimum",
  "IPO's optimum against the reference",
  { tau: { above: 0, default: 0.1 } },
  ({ environment }, settings) => ipoOptimum(environment, environment.reference, settings.number("tau")!)
)

/** All of them. */
export const decodingMethods: ReadonlyArray<MethodDefinition> = [
  tilt,
  bestOf,
  rejection,
  atMatchedKl,
  infAlign,
  nash,
  regularisedNash,
  mixtureNash,
  onlineDpoOptimum,
  ipoOptimumMethod,
  bestOfOptimumMethod
]
