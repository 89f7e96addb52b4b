/** What somebody else knows of a response: its value, its win rate, the gold response beside it. */
import { columnOf } from "../batch.ts"
import { logPartition, winRateAgainst } from "../optima.ts"
import type { InputDefinition } from "./filler.ts"

const everywhere = (): true => true

/** Temperature of the value where the loss has no tau: the published setting of A*-PO. */
const valueTemperature = 0.5

/**
 * `v`: the value of the context under the reference, `T log Σ_y π_ref(y) exp(s(y) / T)`, reward units; T is the loss's
 * parameter tau, else 0.5.
 * @see Brantley et al. 2025, arXiv 2505.20686
 */
export const referenceValue: InputDefinition = {
  names: ["v"],
  availableIn: everywhere,
  make: ({ environment, scores, logReference }, program) => {
    const temperature = program.params.tau ?? valueTemperature
    const { contexts, arms } = environment
    const tilted = logReference.map((log, i) => log + scores[i]! / temperature)
    const values = logPartition(tilted, contexts, arms).map((log) => temperature * log)
    return {
      fill: (batch) => {
        const column = columnOf(batch, "v")
        for (let i = 0; i < batch.count; i++) column[i] = values[Math.floor(batch.chosen[i]! / arms)]!
      }
    }
  }
}

/**
 * `win_w`, `win_l`: the probability that a response beats one of the policy, Σ_y' π(y') P(y ≻ y'); in self-play, of the
 * policy at the start of the round.
 * @see Wu et al. 2024, arXiv 2405.00675
 */
export const winRatesOfPair: InputDefinition = {
  names: ["win_w", "win_l"],
  availableIn: everywhere,
  make: (world) => ({
    fill: (batch, _logp, prob) => {
      const wins = winRateAgainst(world.environment, world.opponent ?? prob)
      const chosen = columnOf(batch, "win_w")
      const rejected = columnOf(batch, "win_l")
      for (let i = 0; i < batch.count; i++) {
        chosen[i] = wins[batch.chosen[i]!]!
        rejected[i] = wins[batch.rejected[i]!]!
      }
    }
  })
}

/** `lg`, `ng`: log π (nats) and token count of the response with the highest gold reward in the pair's context (the first of equals). */
export const goldResponse: InputDefinition = {
  names: ["lg", "ng"],
  availableIn: everywhere,
  make: ({ environment: { contexts, arms, reward, lengths } }) => {
    const gold = Int32Array.from({ length: contexts }, (_, c) => {
      let best = c * arms
      for (let i = best + 1; i < (c + 1) * arms; i++) if (reward[i]! > reward[best]!) best = i
      return best
    })
    const goldOf = (response: number): number => gold[Math.floor(response / arms)]!
    return {
      fill: (batch, logp) => {
        const column = columnOf(batch, "lg")
        const counts = columnOf(batch, "ng")
        for (let i = 0; i < batch.count; i++) {
          column[i] = logp[goldOf(batch.chosen[i]!)]!
          counts[i] = lengths?.[goldOf(batch.chosen[i]!)] ?? 1
        }
      },
      pullbackInto: (batch, _prob, gradient) => {
        const slope = batch.out.dlg!
        for (let i = 0; i < batch.count; i++) gradient[goldOf(batch.chosen[i]!)]! += batch.weight[i]! * slope[i]!
      }
    }
  }
}
