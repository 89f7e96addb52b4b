/**
 * Positions in a token tree. A node is a prefix; the nodes of level l (prefixes of l tokens) are numbered 0..branching^l - 1
 * in the order of their leaves. A token is a branch: that into node m of level l + 1 is number `branchesFrom(l) + m`.
 */
import type { TokenTree } from "./environment.ts"

type Shape = Pick<TokenTree, "branching" | "depth">

/** The node of level `level` (0 = the root) on the way to a leaf. */
export const prefixOf = ({ branching, depth }: Shape, leaf: number, level: number): number =>
  Math.floor(leaf / branching ** (depth - level))

/** The token at a position (0 = the first) of a leaf, in 0..branching - 1. */
export const tokenOf = (tree: Shape, leaf: number, position: number): number =>
  prefixOf(tree, leaf, position + 1) % tree.branching

/** Number of the first branch that leaves a node of level `level`: branching + branching² + … + branching^level. */
export const branchesFrom = ({ branching }: Shape, level: number): number => {
  let from = 0
  for (let l = 1; l <= level; l++) from += branching ** l
  return from
}

/** Number of branches, the sum of branching^l for l = 1..depth. */
export const branchCount = (tree: Shape): number => branchesFrom(tree, tree.depth)

/**
 * Writes into `branches` [branchCount] the sum of `leaves` over the leaves behind every branch, and returns the sum over all.
 * @param leaves a table of one value per leaf; those of this tree start at `from`
 */
export const branchSumsInto = (tree: Shape, leaves: Float64Array, from: number, branches: Float64Array): number => {
  const { branching, depth } = tree
  let base = branchCount(tree) - branching ** depth
  for (let y = 0; y < branching ** depth; y++) branches[base + y] = leaves[from + y]!
  for (let level = depth - 1; level >= 1; level--) {
    const below = base
    base -= branching ** level
    for (let m = 0; m < branching ** level; m++) {
      let total = 0
      for (let t = 0; t < branching; t++) total += branches[below + m * branching + t]!
      branches[base + m] = total
    }
  }
  let total = 0
  for (let t = 0; t < branching; t++) total += branches[t]!
  return total
}

/**
 * log P(token | prefix) of every branch under a distribution over leaves.
 * @param leaves positive, rows of branching^depth leaves, one per context
 * @returns shape [contexts * branchCount]
 */
export const logConditionals = (tree: Shape, leaves: Float64Array): Float64Array => {
  const { branching, depth } = tree
  const size = branchCount(tree)
  const contexts = leaves.length / branching ** depth
  const out = new Float64Array(contexts * size)
  for (let c = 0; c < contexts; c++) {
    const sums = out.subarray(c * size, (c + 1) * size)
    branchSumsInto(tree, leaves, c * branching ** depth, sums)
    for (let i = 0; i < size; i += branching) {
      let total = 0
      for (let t = i; t < i + branching; t++) total += sums[t]!
      for (let t = i; t < i + branching; t++) sums[t] = Math.log(sums[t]! / total)
    }
  }
  return out
}
