/** Exact dynamics of the game "beat the other policy": no gradient, no sampling, every update in closed form. */
import * as Result from "effect/Result"
import type { World } from "../inputs/filler.ts"
import { logPartition, winRateAgainst } from "../optima.ts"
import type { Dynamics, MethodDefinition } from "./method.ts"

/** Subtracts the log partition of every context in place. */
const normaliseInPlace = (logp: Float64Array, contexts: number, arms: number): void => {
  const sums = logPartition(logp, contexts, arms)
  for (let i = 0; i < logp.length; i++) logp[i]! -= sums[Math.floor(i / arms)]!
}

/** The step size of T rounds of multiplicative weights, 1/√T, where none is given. */
const stepSize = (given: number | undefined, steps: number): number => given ?? 1 / Math.sqrt(Math.max(1, steps))

/** π(y) ← π(y)^(1 - eta tau) π_ref(y)^(eta tau) exp(eta P(y ≻ opponent)) / Z, the opponent the first two factors, normalised. */
const dynamicsOf = ({ environment, logReference }: World, eta: number, tau: number): Dynamics => {
  const { contexts, arms } = environment
  const opponent = new Float64Array(contexts * arms)
  return {
    stepInPlace: (logp) => {
      const pull = eta * tau
      for (let i = 0; i < logp.length; i++) logp[i] = (1 - pull) * logp[i]! + pull * logReference[i]!
      normaliseInPlace(logp, contexts, arms)
      for (let i = 0; i < logp.length; i++) opponent[i] = Math.exp(logp[i]!)
      const wins = winRateAgainst(environment, opponent)
      for (let i = 0; i < logp.length; i++) logp[i]! += eta * wins[i]!
      normaliseInPlace(logp, contexts, arms)
    }
  }
}

/**
 * `mwu?eta=…`: multiplicative weights, `π ← π exp(eta P(y ≻ π)) / Z`, the update that SPPO approximates; eta defaults to 1/√T.
 * @see Wu et al. 2024, arXiv 2405.00675
 */
export const multiplicativeWeights: MethodDefinition = {
  name: "mwu",
  title: "Multiplicative weights against oneself",
  settings: { eta: { above: 0 } },
  make: (settings, { world, steps }) =>
    Result.succeed({ kind: "dynamics", dynamics: dynamicsOf(world, stepSize(settings.number("eta"), steps), 0) })
}

/**
 * `nash-md?eta=…&tau=…`: Nash mirror descent, the opponent the geometric mixture π^(1 - eta tau) π_ref^(eta tau). Converges in
 * its last iterate to the Nash equilibrium of the game with the penalty tau KL(π ‖ π_ref).
 * @see Munos et al. 2023, arXiv 2312.00886
 */
export const nashMirrorDescent: MethodDefinition = {
  name: "nash-md",
  title: "Nash mirror descent",
  settings: { eta: { above: 0 }, tau: { above: 0, default: 0.1 } },
  make: (settings, { world, steps }) => {
    const eta = stepSize(settings.number("eta"), steps)
    const tau = settings.number("tau")!
    return eta * tau <= 1
      ? Result.succeed({ kind: "dynamics", dynamics: dynamicsOf(world, eta, tau) })
      : Result.fail(`eta · tau must be at most 1, found ${eta * tau}`)
  }
}
