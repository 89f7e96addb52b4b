/** Policies that write an answer token by token: their logits are log-probabilities of whole answers. */
import type { Environment, TokenTree } from "./environment.ts"
import type { Policy } from "./policy.ts"
import { branchCount, branchesFrom, branchSumsInto, logConditionals } from "./tokenTree.ts"

/** Options of a tree policy. */
export interface TreeOptions {
  /**
   * - `none` (default): a logit per (context, prefix, token), which can be any policy;
   * - `depth`: a logit per (context, position, token), the same after every prefix, beside the reference's own logits.
   */
  readonly sharing?: "none" | "depth"
}

/** Which parameter every branch of one context reads, and what is added to it. */
interface Layout {
  /** Parameters per context. */
  readonly size: number
  /** Parameter of every branch, shape [branchCount]. */
  readonly parameter: Int32Array
  /** Shape [contexts * branchCount]; absent: 0. */
  readonly offset?: Float64Array
  readonly initial: Float64Array
}

const layoutOf = (tree: TokenTree, reference: Float64Array, sharing: "none" | "depth"): Layout => {
  const { branching, depth } = tree
  const branches = branchCount(tree)
  const conditionals = logConditionals(tree, reference)
  if (sharing === "none") {
    const parameter = Int32Array.from({ length: branches }, (_, i) => i)
    return { size: branches, parameter, initial: conditionals }
  }
  const parameter = new Int32Array(branches)
  for (let level = 0; level < depth; level++) {
    const from = branchesFrom(tree, level)
    for (let i = from; i < branchesFrom(tree, level + 1); i++)
      parameter[i] = level * branching + ((i - from) % branching)
  }
  const size = depth * branching
  const contexts = conditionals.length / branches
  return { size, parameter, offset: conditionals, initial: new Float64Array(contexts * size) }
}

/**
 * log π(y) = Σ_t log softmax(z(y_1…y_t-1))[y_t], a softmax at every prefix of the environment's token tree. It starts exactly
 * at the reference: free logits at its log conditionals log π_ref(token | prefix); shared ones at 0, with the log conditionals
 * as a constant offset. Parameters: context by context; free ones branch by branch (tokenTree.ts), shared ones position by
 * position.
 *
 * Shared logits are the rank-deficient policies of Rafailov et al. 2024 (arXiv 2406.02900, §5): what is learned about a token
 * after one prefix moves it after all others, answers that occur in no pair among them.
 * @throws RangeError when the environment has no token tree
 */
export const treePolicy = (environment: Environment, options: TreeOptions = {}): Policy => {
  const { tree, reference, contexts, arms } = environment
  if (tree === undefined) throw new RangeError(`${environment.id}: a tree policy needs a token tree`)
  const { branching, depth } = tree
  const branches = branchCount(tree)
  const { size, parameter, offset, initial } = layoutOf(tree, reference, options.sharing ?? "none")
  const logp = new Float64Array(branches)
  const sums = new Float64Array(branches)

  /** Writes log P(token | prefix) of one context into `logp`. */
  const conditionalsInto = (parameters: Float64Array, context: number): void => {
    for (let i = 0; i < branches; i++) {
      logp[i] =
        parameters[context * size + parameter[i]!]! + (offset === undefined ? 0 : offset[context * branches + i]!)
    }
    for (let i = 0; i < branches; i += branching) {
      let top = logp[i]!
      for (let t = i + 1; t < i + branching; t++) if (logp[t]! > top) top = logp[t]!
      let total = 0
      for (let t = i; t < i + branching; t++) total += Math.exp(logp[t]! - top)
      const shift = top + Math.log(total)
      for (let t = i; t < i + branching; t++) logp[t]! -= shift
    }
  }

  return {
    kind: "tree",
    initial: () => Float64Array.from(initial),
    logitsInto: (parameters, logits) => {
      for (let c = 0; c < contexts; c++) {
        conditionalsInto(parameters, c)
        // From the conditionals of the branches to the log-probabilities of the prefixes they end.
        for (let level = 1, from = branching; level < depth; level++) {
          const above = from - branching ** level
          for (let m = 0; m < branching ** (level + 1); m++) logp[from + m]! += logp[above + Math.floor(m / branching)]!
          from += branching ** (level + 1)
        }
        for (let y = 0; y < arms; y++) logits[c * arms + y] = logp[branches - arms + y]!
      }
    },
    pullbackInto: (parameters, logitGradient, out) => {
      out.fill(0)
      for (let c = 0; c < contexts; c++) {
        conditionalsInto(parameters, c)
        branchSumsInto(tree, logitGradient, c * arms, sums)
        for (let i = 0; i < branches; i += branching) {
          let through = 0
          for (let t = i; t < i + branching; t++) through += sums[t]!
          for (let t = i; t < i + branching; t++) {
            out[c * size + parameter[t]!]! += sums[t]! - Math.exp(logp[t]!) * through
          }
        }
      }
    }
  }
}
