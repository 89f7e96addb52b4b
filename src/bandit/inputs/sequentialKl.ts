/** The sequential KL divergence of token-level losses. */
import { columnOf } from "../batch.ts"
import { tokenTable } from "../tokens.ts"
import type { InputDefinition } from "./filler.ts"

/**
 * `kl_w`, `kl_l`: Σ over the prefixes of the chosen (rejected) response of KL(π_ref(· | prefix) ‖ π(· | prefix)), nats. On a
 * bandit without a token tree both are KL(π_ref ‖ π) of the context.
 * @see Zeng et al. 2024, arXiv 2404.11999
 */
export const sequentialKl: InputDefinition = {
  names: ["kl_w", "kl_l"],
  availableIn: () => true,
  make: ({ environment }, _program, moving) => {
    const table = tokenTable(environment)
    const sides = [
      { name: "kl_w", slope: "dkl_w", of: "chosen" },
      { name: "kl_l", slope: "dkl_l", of: "rejected" }
    ] as const
    return {
      fill: (batch, _logp, prob) => {
        table.read(prob)
        for (const { name, of } of sides) {
          const column = columnOf(batch, name)
          for (let i = 0; i < batch.count; i++) column[i] = table.sequentialKl(batch[of][i]!)
        }
      },
      pullbackInto: (batch, _prob, gradient) => {
        for (const { name, slope, of } of sides) {
          if (!moving.has(name)) continue
          const slopes = batch.out[slope]!
          for (let i = 0; i < batch.count; i++) table.pushSequentialKl(batch[of][i]!, batch.weight[i]! * slopes[i]!)
        }
        table.flushInto(gradient)
      }
    }
  }
}
