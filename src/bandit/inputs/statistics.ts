/** Statistics of the batch that losses take as constants: KTO's KL estimate, BCO's shift, the margins of beta-DPO and alpha-DPO. */
import { columnOf, type PairBatch } from "../batch.ts"
import type { InputDefinition, World } from "./filler.ts"

/** Σ weight · value(example), as a mean over the examples in use. */
const batchMean = (batch: PairBatch, value: (i: number) => number): number => {
  let total = 0
  let weights = 0
  for (let i = 0; i < batch.count; i++) {
    total += batch.weight[i]! * value(i)
    weights += batch.weight[i]!
  }
  return weights > 0 ? total / weights : 0
}

const logRatios = ({ logReference }: World, batch: PairBatch, logp: Float64Array) => ({
  chosen: (i: number): number => logp[batch.chosen[i]!]! - logReference[batch.chosen[i]!]!,
  rejected: (i: number): number => logp[batch.rejected[i]!]! - logReference[batch.rejected[i]!]!
})

const everywhere = (): true => true

/**
 * `kl`: the mean log-ratio log π/π_ref over mismatched responses of the batch, at least 0, nats: every response of the batch
 * in every context of the batch. With one context a response meets its own context.
 * @see Ethayarajh et al. 2024, arXiv 2402.01306
 */
export const klEstimate: InputDefinition = {
  names: ["kl"],
  availableIn: everywhere,
  make: (world) => {
    const { contexts, arms } = world.environment
    const contextShare = new Float64Array(contexts)
    const armShare = new Float64Array(arms)
    const estimate = (batch: PairBatch, logp: Float64Array): number => {
      contextShare.fill(0)
      armShare.fill(0)
      let weights = 0
      for (let i = 0; i < batch.count; i++) {
        for (const response of [batch.chosen[i]!, batch.rejected[i]!]) {
          contextShare[Math.floor(response / arms)]! += batch.weight[i]!
          armShare[response % arms]! += batch.weight[i]!
          weights += batch.weight[i]!
        }
      }
      let total = 0
      for (let c = 0; c < contexts; c++) {
        for (let y = 0; y < arms; y++) {
          if (armShare[y] === 0 || contextShare[c] === 0) continue
          const i = c * arms + y
          total += contextShare[c]! * armShare[y]! * (logp[i]! - world.logReference[i]!)
        }
      }
      return weights > 0 ? Math.max(0, total / weights ** 2) : 0
    }
    return { fill: (batch, logp) => columnOf(batch, "kl").fill(estimate(batch, logp), 0, batch.count) }
  }
}

/**
 * `delta`: the mean of all rewards `beta · log π/π_ref` of chosen and rejected responses over the steps so far, beta the
 * loss's parameter. Before the first step: of the batch itself.
 * @see Jung et al. 2024, arXiv 2404.04656
 */
export const rewardShift: InputDefinition = {
  names: ["delta"],
  availableIn: everywhere,
  make: (world, program) => {
    const beta = program.params.beta ?? 1
    let steps = 0
    let mean = 0
    const now = (batch: PairBatch, logp: Float64Array): number => {
      const { chosen, rejected } = logRatios(world, batch, logp)
      return batchMean(batch, (i) => (beta * (chosen(i) + rejected(i))) / 2)
    }
    return {
      observe: (batch, logp) => {
        steps += 1
        mean += (now(batch, logp) - mean) / steps
      },
      fill: (batch, logp) => columnOf(batch, "delta").fill(steps > 0 ? mean : now(batch, logp), 0, batch.count)
    }
  }
}

/** Momentum of `m0`. */
const momentum = 0.9

/**
 * `m_bar`: the mean gap (lw - rw) - (ll - rl) over the batch; `m0`: its running mean with momentum 0.9, from 0, which is
 * the gap of a policy at the reference. Nats.
 * @see Wu et al. 2024, arXiv 2407.08639
 */
export const gapMeans: InputDefinition = {
  names: ["m_bar", "m0"],
  availableIn: everywhere,
  make: (world) => {
    let running = 0
    const now = (batch: PairBatch, logp: Float64Array): number => {
      const { chosen, rejected } = logRatios(world, batch, logp)
      return batchMean(batch, (i) => chosen(i) - rejected(i))
    }
    return {
      observe: (batch, logp) => {
        running = momentum * running + (1 - momentum) * now(batch, logp)
      },
      fill: (batch, logp) => {
        columnOf(batch, "m_bar").fill(now(batch, logp), 0, batch.count)
        columnOf(batch, "m0").fill(running, 0, batch.count)
      }
    }
  }
}

/**
 * `m_star`: the gap per token, (lw - rw)/nw - (ll - rl)/nl, standardised over the batch; 0 where all gaps are equal.
 * @see Wu et al. 2024, arXiv 2410.10148
 */
export const standardisedGap: InputDefinition = {
  names: ["m_star"],
  availableIn: everywhere,
  make: (world) => ({
    fill: (batch, logp) => {
      const { chosen, rejected } = logRatios(world, batch, logp)
      const { nw, nl } = batch.columns
      const gap = (i: number): number => chosen(i) / nw[i]! - rejected(i) / nl[i]!
      const mean = batchMean(batch, gap)
      const deviation = Math.sqrt(batchMean(batch, (i) => (gap(i) - mean) ** 2))
      const column = columnOf(batch, "m_star")
      // Gaps that are equal up to rounding have no spread to divide by.
      for (let i = 0; i < batch.count; i++) column[i] = deviation > 1e-12 ? (gap(i) - mean) / deviation : 0
    }
  })
}
