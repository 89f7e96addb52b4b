/**
 * DPO over rankings of K responses (Rafailov et al. 2023, arXiv 2305.18290, appendix A.3):
 * `-Σ_k log( exp(beta lr_k) / Σ_{j ≥ k} exp(beta lr_j) )`, lr = log π/π_ref, responses best first. With K = 2 it is DPO.
 */
import * as Result from "effect/Result"
import { membersOf } from "../batch.ts"
import type { World } from "../inputs/filler.ts"
import type { Family } from "../objective.ts"
import type { MethodDefinition } from "./method.ts"

/** @param beta > 0, scale of the implicit reward */
export const plackettLuceFamily = ({ logReference }: World, beta: number): Family => ({
  name: `plackett-luce?beta=${beta}`,
  addGradientInto: (batch, logp, _prob, gradient) => {
    const members = membersOf(batch)
    const reward = new Float64Array(members.length)
    const slope = new Float64Array(members.length)
    let total = 0
    for (let row = 0; row < batch.count; row++) {
      members.forEach((responses, m) => {
        const i = responses[row]!
        reward[m] = beta * (logp[i]! - logReference[i]!)
      })
      total += batch.weight[row]! * rankingLossInto(reward, slope)
      members.forEach((responses, m) => {
        gradient[responses[row]!]! += batch.weight[row]! * beta * slope[m]!
      })
    }
    return total
  }
})

/** Negative Plackett–Luce log-likelihood of rewards ranked best first, and its derivatives into `slope`. */
const rankingLossInto = (reward: Float64Array, slope: Float64Array): number => {
  slope.fill(0)
  let total = 0
  for (let k = 0; k + 1 < reward.length; k++) {
    const top = Math.max(...reward.subarray(k))
    let sum = 0
    for (let j = k; j < reward.length; j++) sum += Math.exp(reward[j]! - top)
    total += top + Math.log(sum) - reward[k]!
    for (let j = k; j < reward.length; j++) slope[j]! += Math.exp(reward[j]! - top) / sum
    slope[k]! -= 1
  }
  return total
}

/** `plackett-luce?beta=…` */
export const plackettLuce: MethodDefinition = {
  name: "plackett-luce",
  title: "DPO over rankings",
  settings: { beta: { above: 0, default: 0.1 } },
  make: (settings, { world }) =>
    Result.succeed({ kind: "family", family: plackettLuceFamily(world, settings.number("beta")!) })
}
