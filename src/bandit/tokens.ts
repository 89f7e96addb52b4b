/**
 * Policies token by token: what a distribution over responses says about the next token at every prefix of a tree, and how
 * derivatives by those conditionals come back to the responses. A world without a tree is a tree of depth 1.
 *
 * With M(v) = Σ π(y) over the responses y below the prefix v, the next token's probability is `π(v a | v) = M(v a) / M(v)`,
 * and `∂ log M(v) / ∂ log π(y) = π(y) / M(v)` for y below v.
 */
import type { Environment } from "./environment.ts"

/** A policy by tokens. Prefixes of t tokens are numbered `context * branching^t + (their digits in base branching)`. */
export interface TokenTable {
  readonly depth: number
  /** Reads a policy. @param prob shape [contexts * arms] */
  readonly read: (prob: Float64Array) => void
  /** log π(token t+1 | first t tokens) on the way to a response, nats; t from 0. */
  readonly logConditional: (response: number, t: number) => number
  /** Σ_t KL(π_ref(· | prefix t) ‖ π(· | prefix t)) over the prefixes of a response, nats: SeqKL. */
  readonly sequentialKl: (response: number) => number
  /** Adds `amount · ∂ log π(token t+1 | first t tokens)` to what {@link flushInto} will pass on. */
  readonly pushConditional: (response: number, t: number, amount: number) => void
  /** Adds `amount · ∂ sequentialKl(response)`. */
  readonly pushSequentialKl: (response: number, amount: number) => void
  /** Adds the derivative of all that was pushed to `gradient`, by log π of the responses, and forgets it. */
  readonly flushInto: (gradient: Float64Array) => void
}

/** One level of prefixes: their masses and what was pushed to the logarithm of each. */
interface Level {
  readonly mass: Float64Array
  readonly pushed: Float64Array
}

const massesInto = (levels: ReadonlyArray<Level>, branching: number, prob: Float64Array): void => {
  const depth = levels.length - 1
  levels[depth]!.mass.set(prob)
  for (let t = depth - 1; t >= 0; t--) {
    const { mass } = levels[t]!
    const below = levels[t + 1]!.mass
    mass.fill(0)
    for (let v = 0; v < below.length; v++) mass[Math.floor(v / branching)]! += below[v]!
  }
}

const makeLevels = (contexts: number, branching: number, depth: number): ReadonlyArray<Level> =>
  Array.from({ length: depth + 1 }, (_, t) => ({
    mass: new Float64Array(contexts * branching ** t),
    pushed: new Float64Array(contexts * branching ** t)
  }))

/** @param reference π_ref of {@link TokenTable.sequentialKl}, shape [contexts * arms] */
export const tokenTable = (environment: Environment, reference: Float64Array = environment.reference): TokenTable => {
  const { contexts, arms } = environment
  const { branching, depth } = environment.tree ?? { branching: arms, depth: 1 }
  const levels = makeLevels(contexts, branching, depth)
  const referenceLevels = makeLevels(contexts, branching, depth)
  massesInto(referenceLevels, branching, reference)
  // The prefix of t tokens of a response: a flat response without its last depth - t digits.
  const shrink = Array.from({ length: depth + 1 }, (_, t) => branching ** (depth - t))
  const prefix = (response: number, t: number): number => Math.floor(response / shrink[t]!)
  const conditionalReference = (v: number, parent: number, t: number): number =>
    referenceLevels[t + 1]!.mass[v]! / referenceLevels[t]!.mass[parent]!
  const push = (v: number, parent: number, t: number, amount: number): void => {
    levels[t + 1]!.pushed[v]! += amount
    levels[t]!.pushed[parent]! -= amount
  }
  const klAt = (parent: number, t: number): number => {
    let total = 0
    for (let v = parent * branching; v < (parent + 1) * branching; v++) {
      const q = conditionalReference(v, parent, t)
      total += q * (Math.log(q) - Math.log(levels[t + 1]!.mass[v]! / levels[t]!.mass[parent]!))
    }
    return total
  }
  return {
    depth,
    read: (prob) => massesInto(levels, branching, prob),
    logConditional: (response, t) =>
      Math.log(levels[t + 1]!.mass[prefix(response, t + 1)]! / levels[t]!.mass[prefix(response, t)]!),
    sequentialKl: (response) => {
      let total = 0
      for (let t = 0; t < depth; t++) total += klAt(prefix(response, t), t)
      return total
    },
    pushConditional: (response, t, amount) => push(prefix(response, t + 1), prefix(response, t), t, amount),
    pushSequentialKl: (response, amount) => {
      for (let t = 0; t < depth; t++) {
        const parent = prefix(response, t)
        for (let v = parent * branching; v < (parent + 1) * branching; v++) {
          push(v, parent, t, -amount * conditionalReference(v, parent, t))
        }
      }
    },
    flushInto: (gradient) => {
      const leaves = levels[depth]!.mass
      for (let y = 0; y < leaves.length; y++) {
        for (let t = 0; t <= depth; t++) {
          const v = prefix(y, t)
          const pushed = levels[t]!.pushed[v]!
          if (pushed !== 0) gradient[y]! += pushed * (t === depth ? 1 : leaves[y]! / levels[t]!.mass[v]!)
        }
      }
      for (const { pushed } of levels) pushed.fill(0)
    }
  }
}
