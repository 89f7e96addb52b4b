/** Rewards and reference of answers that are written token by token. */
import type { Rng } from "../../random/rng.ts"
import { prefixOf, tokenOf } from "../tokenTree.ts"
import { normaliseRowsInPlace, normals } from "./tables.ts"

interface Shape {
  readonly branching: number
  readonly depth: number
}

interface RewardChoice {
  readonly reward?: "leaves" | "tokens" | "prefixes" | "correct"
  readonly rewardScale?: number
}

/** What every token of every leaf is worth, shape [arms * depth]; 0 after the end. */
const tokenValues = (shape: Shape, lengths: Float64Array, shared: boolean, draw: () => number): Float64Array => {
  const { branching, depth } = shape
  const values = new Float64Array(lengths.length * depth)
  for (let t = 0; t < depth; t++) {
    const drawn = Float64Array.from({ length: shared ? branching : branching ** (t + 1) }, draw)
    for (let y = 0; y < lengths.length; y++) {
      const branch = shared ? tokenOf(shape, y, t) : prefixOf(shape, y, t + 1)
      if (t < lengths[y]!) values[y * depth + t] = drawn[branch]!
    }
  }
  return values
}

/** The first leaf (in order) of the answer that a leaf is: its tokens after the end replaced by 0. */
const answerOf = ({ branching, depth }: Shape, leaf: number, length: number): number => {
  const rest = branching ** (depth - length)
  return Math.floor(leaf / rest) * rest
}

/** Reward [contexts * arms] and, where tokens have a meaning, which are correct [contexts * arms * depth]. */
export const treeRewards = (
  shape: Shape,
  contexts: number,
  lengths: Float64Array,
  { reward: choice = "leaves", rewardScale = 1 }: RewardChoice,
  rng: Rng
): { readonly reward: Float64Array; readonly correct?: Uint8Array } => {
  const { depth } = shape
  const arms = lengths.length
  const reward = new Float64Array(contexts * arms)
  if (choice === "leaves") {
    for (let c = 0; c < contexts; c++) {
      const drawn = normals(arms, rewardScale, rng)
      for (let y = 0; y < arms; y++) reward[c * arms + y] = drawn[answerOf(shape, y, lengths[y]!)]!
    }
    return { reward }
  }
  const correct = new Uint8Array(contexts * arms * depth)
  // A sum of `depth` draws has the standard deviation rewardScale.
  const draw =
    choice === "correct" ? () => (rng.uniform() < 0.5 ? 1 : 0) : () => (rewardScale / Math.sqrt(depth)) * rng.normal()
  for (let c = 0; c < contexts; c++) {
    const values = tokenValues(shape, lengths, choice === "tokens", draw)
    for (let y = 0; y < arms; y++) {
      const own = values.subarray(y * depth, (y + 1) * depth)
      const total = own.reduce((sum, value) => sum + value, 0)
      reward[c * arms + y] = choice === "correct" ? (rewardScale * total) / lengths[y]! : total
      own.forEach((value, t) => {
        correct[(c * arms + y) * depth + t] = t >= lengths[y]! ? 2 : value > 0 ? 1 : 0
      })
    }
  }
  return { reward, correct }
}

/** Probability of a token other than 0 after the end, under the reference. */
const padding = 1e-6

/** π_ref [contexts * arms]: the product of a distribution over tokens at every prefix. */
export const treeReference = (
  shape: Shape,
  contexts: number,
  end: boolean,
  {
    reference = "uniform",
    referenceScale = 1
  }: { readonly reference?: "uniform" | "normal"; readonly referenceScale?: number },
  rng: Rng
): Float64Array => {
  const { branching, depth } = shape
  const arms = branching ** depth
  const out = new Float64Array(contexts * arms).fill(1)
  for (let c = 0; c < contexts; c++) {
    for (let level = 0; level < depth; level++) {
      const nodes = branching ** level
      const scale = reference === "uniform" ? 0 : referenceScale
      const next = normaliseRowsInPlace(normals(nodes * branching, scale, rng).map(Math.exp), branching)
      for (let y = 0; y < arms; y++) {
        const token = tokenOf(shape, y, level)
        const ended = end && hasEnded(shape, y, level)
        const p = ended ? (token === 0 ? 1 - (branching - 1) * padding : padding) : next[prefixOf(shape, y, level + 1)]!
        out[c * arms + y]! *= p
      }
    }
  }
  return out
}

/** Whether one of the first `level` tokens is 0. */
const hasEnded = (shape: Shape, leaf: number, level: number): boolean => {
  for (let t = 0; t < level; t++) if (tokenOf(shape, leaf, t) === 0) return true
  return false
}
