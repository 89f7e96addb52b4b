/**
 * Fixed points of online preference learning in win-rate games: the KL-regularised Nash equilibrium (online IPO, Nash-MD),
 * its mixture variant (IPO-MD) and online DPO's fixed point. One context at a time; rows of [arms].
 */
import type { Environment } from "../environment.ts"
import { solveLinear } from "../linearAlgebra.ts"
import { sigmoid } from "../preferences.ts"
import { softmaxInto } from "../softmax.ts"
import { type Root, type System, solveSystem } from "./newton.ts"
import { checkWinMatrix, policyTable, winMatrix, winsAgainst } from "./winGame.ts"

/** A policy that solves a fixed-point equation, with how well it does. */
export interface FixedPoint {
  /** π, shape [arms]. */
  readonly policy: Float64Array
  /** Largest error in the equation, in the units stated by the solver. */
  readonly residual: number
  readonly iterations: number
}

/** A fixed point of online DPO, if there is one. */
export interface OnlineDpo extends FixedPoint {
  /** False: the equations are solved at infinity only, or the search ended beside a solution. */
  readonly attained: boolean
}

/** A regularised equilibrium with its certificate. */
export interface RegularisedNash extends FixedPoint {
  /**
   * The one true equilibrium is within this distance of `policy`, Σ_y |π(y) - π*(y)| ≤ radius, up to rounding of the
   * residual.
   */
  readonly radius: number
}

const checkGame = (name: string, matrix: Float64Array, reference: Float64Array, tau: number): void => {
  checkWinMatrix(name, matrix, reference.length)
  if (!(tau > 0 && Number.isFinite(tau))) throw new RangeError(`${name}: the temperature must be positive, got ${tau}`)
  if (!reference.every((p) => p > 0)) throw new RangeError(`${name}: every reference probability must be positive`)
}

/** softmax(log reference + scores). */
const tilted = (reference: Float64Array, scores: Float64Array) => {
  const arms = reference.length
  const [logp, prob] = [new Float64Array(arms), new Float64Array(arms)]
  softmaxInto(
    scores.map((s, y) => Math.log(reference[y]!) + s),
    1,
    arms,
    logp,
    prob
  )
  return { logp, prob }
}

const spread = (values: Float64Array): number =>
  values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity)

/**
 * The regularised Nash equilibrium `π ∝ ref exp(P(y ≻ π) / tau)`: both players maximise the win rate minus tau times their
 * KL from the reference. It is unique for every tau > 0, and the fixed point of online IPO. Newton's method on the win
 * rates s, `s = P softmax(log ref + s / tau)`, with tau lowered step by step. The Jacobian `I - (P - 1/2) S / tau` is never
 * singular (S ≥ 0 is the covariance of π, so the product has imaginary eigenvalues only): every step goes downhill.
 *
 * Certificate: with r = tau log(π / ref) - P π, `tau (KL(π ‖ π*) + KL(π* ‖ π)) = ⟨r, π - π*⟩`, hence by Pinsker's
 * inequality `Σ |π - π*| ≤ (max r - min r) / (2 tau)`. `residual` is max r - min r, a difference of win rates. The radius
 * is about 1e-16 / tau²: below 1e-6 for tau ≥ 1e-5.
 * @param matrix P(row ≻ column), row-major [arms * arms]
 * @throws RangeError for a matrix that is no win matrix, a temperature ≤ 0, a reference with a zero
 * @see Munos et al. 2023, arXiv 2312.00886; Calandriello et al. 2024, arXiv 2403.08635
 */
export const regularisedNash = (matrix: Float64Array, reference: Float64Array, tau: number): RegularisedNash => {
  checkGame("regularisedNash", matrix, reference, tau)
  const way = cooling(tau)
  let root: Root = { x: winsAgainst(matrix, reference), residual: 0, step: 0, iterations: 0 }
  let iterations = 0
  way.forEach((temperature, k) => {
    const start = k === 0 ? root.x : predicted(matrix, reference, root.x, way[k - 1]!, temperature)
    root = solveSystem(replySystem(matrix, reference, temperature), start)
    iterations += root.iterations
  })
  const { logp, prob } = replyTo(root.x, reference, tau)
  const wins = winsAgainst(matrix, prob)
  const residual = spread(logp.map((l, y) => tau * (l - Math.log(reference[y]!)) - wins[y]!))
  return { policy: prob, residual, radius: residual / (2 * tau), iterations }
}

/** Temperatures on the way down to tau, each solution the start of the next: far from it a full step is useless. */
const cooling = (tau: number): ReadonlyArray<number> => {
  const way = [tau]
  while (way[0]! < 0.1) way.unshift(way[0]! * 2)
  return way
}

/** The win rates at the next temperature along the tangent: `J ds/dtau = -P S s / tau²`, S the covariance of π. */
const predicted = (
  matrix: Float64Array,
  reference: Float64Array,
  wins: Float64Array,
  from: number,
  to: number
): Float64Array => {
  const { prob } = replyTo(wins, reference, from)
  const mean = wins.reduce((sum, s, y) => sum + prob[y]! * s, 0)
  const moved = winsAgainst(
    matrix,
    prob.map((p, y) => (p * (wins[y]! - mean)) / (from * from))
  )
  const slope = solveLinear(replySystem(matrix, reference, from).jacobian(wins), moved)
  return slope === undefined ? wins : wins.map((s, y) => s - (to - from) * slope[y]!)
}

const replyTo = (wins: Float64Array, reference: Float64Array, tau: number) =>
  tilted(
    reference,
    wins.map((s) => s / tau)
  )

/** `s - P softmax(log ref + s / tau) = 0`. */
const replySystem = (matrix: Float64Array, reference: Float64Array, tau: number): System => {
  const arms = reference.length
  return {
    value: (wins) => {
      const replies = winsAgainst(matrix, replyTo(wins, reference, tau).prob)
      return wins.map((s, y) => s - replies[y]!)
    },
    jacobian: (wins) => {
      const { prob } = replyTo(wins, reference, tau)
      const replies = winsAgainst(matrix, prob)
      return Float64Array.from({ length: arms * arms }, (_, i) => {
        const [y, other] = [Math.floor(i / arms), i % arms]
        return (y === other ? 1 : 0) - (prob[other]! * (matrix[i]! - replies[y]!)) / tau
      })
    }
  }
}

/** IPO-MD's fixed point: the policy, and the mixture that it meets its opponents from. */
export interface MixtureNash extends FixedPoint {
  /** ∝ π^(1-b) ref^b: the regularised Nash equilibrium at tau / (1 - b). */
  readonly mixture: Float64Array
}

/**
 * Fixed point of IPO-MD (Nash-MD-PG), whose pairs come from the mixture m ∝ π^(1-b) ref^b: `π ∝ ref exp(P(y ≻ m) / tau)`.
 * Then m is the regularised Nash equilibrium at tau / (1 - b). b = 0 is online IPO, b = 1 IPO on pairs of the reference.
 * @throws RangeError unless 0 ≤ b ≤ 1
 * @see Calandriello et al. 2024, arXiv 2403.08635, §4
 */
export const mixtureNash = (matrix: Float64Array, reference: Float64Array, tau: number, share: number): MixtureNash => {
  checkGame("mixtureNash", matrix, reference, tau)
  if (!(share >= 0 && share <= 1)) throw new RangeError(`mixtureNash: the share must be in [0, 1], got ${share}`)
  const opponent =
    share === 1
      ? { policy: reference, residual: 0, iterations: 0 }
      : regularisedNash(matrix, reference, tau / (1 - share))
  const wins = winsAgainst(matrix, opponent.policy)
  const { prob } = tilted(
    reference,
    wins.map((s) => s / tau)
  )
  return { policy: prob, mixture: opponent.policy, residual: opponent.residual, iterations: opponent.iterations }
}

/**
 * Fixed point of online DPO, pairs from the current policy (no gradient through sampling): with u = log(π / ref),
 * `Σ_y' π(y') (P(y ≻ y') - σ(beta (u(y) - u(y')))) = 0` for every y. Under Bradley–Terry preferences it is the KL-regularised
 * optimum; otherwise in general neither a Nash equilibrium nor a regularised one. Newton's method in u, Σ u = 0, from the
 * regularised Nash equilibrium. `residual`: the largest of these sums, a difference of win rates. Certain preferences
 * (P = 0 or 1) may leave it without a finite solution: u then runs off, and `attained` is false.
 * @throws RangeError as {@link regularisedNash}
 */
export const onlineDpoFixedPoint = (matrix: Float64Array, reference: Float64Array, beta: number): OnlineDpo => {
  checkGame("onlineDpoFixedPoint", matrix, reference, beta)
  const arms = reference.length
  const excess = (u: Float64Array): Float64Array => {
    const { prob } = tilted(reference, u)
    return u.map((mine, y) => {
      let total = 0
      for (let other = 0; other < arms; other++) {
        total += prob[other]! * (sigmoid(beta * (mine - u[other]!)) - matrix[y * arms + other]!)
      }
      return total
    })
  }
  const start = regularisedNash(matrix, reference, beta).policy.map((p, y) => Math.log(p / reference[y]!))
  const middle = start.reduce((sum, u) => sum + u, 0) / arms
  const root = solveSystem(
    {
      // The equations have Σ π F = 0 in common, so one of them may carry the gauge Σ u = 0.
      value: (u) => {
        const gauge = u.reduce((sum, v) => sum + v, 0) / arms
        return excess(u).map((f) => f + gauge)
      },
      jacobian: (u) => dpoJacobian(matrix, reference, beta, u)
    },
    start.map((u) => u - middle)
  )
  const { prob } = tilted(reference, root.x)
  const residual = excess(root.x).reduce((top, f) => Math.max(top, Math.abs(f)), 0)
  return { policy: prob, residual, attained: root.step < settled, iterations: root.iterations }
}

/** A Newton step, in nats, that rounding explains. */
const settled = 1e-6

/** ∂/∂u of the equations with their gauge: weights π(y') move with u too. */
const dpoJacobian = (matrix: Float64Array, reference: Float64Array, beta: number, u: Float64Array): Float64Array => {
  const arms = u.length
  const { prob } = tilted(reference, u)
  const jacobian = new Float64Array(arms * arms)
  for (let y = 0; y < arms; y++) {
    let mean = 0
    let slope = 0
    const gaps = u.map((other) => sigmoid(beta * (u[y]! - other)))
    for (let k = 0; k < arms; k++) {
      const curvature = prob[k]! * beta * gaps[k]! * (1 - gaps[k]!)
      mean += prob[k]! * (gaps[k]! - matrix[y * arms + k]!)
      slope += curvature
      jacobian[y * arms + k] = -curvature
    }
    for (let k = 0; k < arms; k++) {
      jacobian[y * arms + k]! += prob[k]! * (gaps[k]! - matrix[y * arms + k]! - mean) + 1 / arms
    }
    jacobian[y * arms + y]! += slope
  }
  return jacobian
}

/** A row solver's answer in every context, as a policy table [contexts * arms]. */
const everyContext = (
  environment: Environment,
  solve: (matrix: Float64Array, reference: Float64Array) => FixedPoint
): Float64Array => {
  const { arms, reference } = environment
  return policyTable(
    environment,
    (c) => solve(winMatrix(environment, c), reference.slice(c * arms, (c + 1) * arms)).policy
  )
}

/** {@link regularisedNash} of every context. */
export const regularisedNashPolicy = (environment: Environment, tau: number): Float64Array =>
  everyContext(environment, (matrix, reference) => regularisedNash(matrix, reference, tau))

/** {@link mixtureNash} of every context: the policy, not the mixture. */
export const mixtureNashPolicy = (environment: Environment, tau: number, share: number): Float64Array =>
  everyContext(environment, (matrix, reference) => mixtureNash(matrix, reference, tau, share))

/** {@link onlineDpoFixedPoint} of every context. @throws RangeError when it has none that Newton's method finds */
export const onlineDpoPolicy = (environment: Environment, beta: number): Float64Array =>
  everyContext(environment, (matrix, reference) => {
    const found = onlineDpoFixedPoint(matrix, reference, beta)
    if (found.attained) return found
    throw new RangeError(`no fixed point found at beta ${beta}: with certain preferences it may be at infinity`)
  })
