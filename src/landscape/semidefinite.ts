/**
 * A small interior point method in doubles: positive semidefinite blocks G whose entries sum to given values, group by group
 * (`Σ_(i,j) in group e G_ij = b_e`, every ordered pair of a block in one group). It proposes; what it finds is rounded and
 * checked exactly by whoever asked (sumOfSquares.ts). Method: the analytic centres of `b_t = (1 - t) b + t A(c I)` for t from 1
 * to nearly 0, each by Newton steps on `-log det` (Boyd and Vandenberghe, Convex Optimization, §10.3); where no strictly
 * positive solution exists they tend to one of largest rank.
 */

/** Blocks of ordered pairs by group: `groups[s][i * size + j]` is the group of entry (i, j) of block s. */
export interface SemidefiniteProblem {
  readonly sizes: ReadonlyArray<number>
  readonly groups: ReadonlyArray<Int32Array>
  readonly values: Float64Array
}

/** The lower Cholesky factor in place of the lower triangle; false when the matrix is not positive definite. */
const factorise = (a: Float64Array, n: number): boolean => {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i === j) {
        if (!(sum > 1e-300)) return false
        a[j * n + j] = Math.sqrt(sum)
      } else a[i * n + j] = sum / a[j * n + j]!
    }
  }
  return true
}

const solveFactorised = (l: Float64Array, n: number, x: Float64Array): void => {
  for (let i = 0; i < n; i++) {
    let sum = x[i]!
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[k]!
    x[i] = sum / l[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * x[k]!
    x[i] = sum / l[i * n + i]!
  }
}

type Blocks = ReadonlyArray<Float64Array>

const sums = ({ sizes, groups, values }: SemidefiniteProblem, blocks: Blocks): Float64Array => {
  const out = new Float64Array(values.length)
  sizes.forEach((_, s) => {
    groups[s]!.forEach((e, at) => {
      out[e]! += blocks[s]![at]!
    })
  })
  return out
}

/** `M_ef = tr(A_e G A_f G)`, over all blocks. */
const normalMatrix = ({ sizes, groups, values }: SemidefiniteProblem, blocks: Blocks): Float64Array => {
  const count = values.length
  const matrix = new Float64Array(count * count)
  sizes.forEach((n, s) => {
    const [g, group] = [blocks[s]!, groups[s]!]
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const row = group[i * n + j]! * count
        for (let p = 0; p < n; p++) {
          const left = g[j * n + p]!
          for (let q = 0; q < n; q++) matrix[row + group[p * n + q]!]! += left * g[q * n + i]!
        }
      }
    }
  })
  return matrix
}

/** `G - G A*(y) G` for each block: the Newton direction. */
const directionOf = (problem: SemidefiniteProblem, blocks: Blocks, y: Float64Array): Blocks =>
  problem.sizes.map((n, s) => {
    const [g, group] = [blocks[s]!, problem.groups[s]!]
    const half = new Float64Array(n * n)
    for (let i = 0; i < n; i++)
      for (let k = 0; k < n; k++) {
        const left = g[i * n + k]!
        for (let j = 0; j < n; j++) half[i * n + j]! += left * y[group[k * n + j]!]!
      }
    const out = Float64Array.from(g)
    for (let i = 0; i < n; i++)
      for (let k = 0; k < n; k++) {
        const left = half[i * n + k]!
        for (let j = 0; j < n; j++) out[i * n + j]! -= left * g[k * n + j]!
      }
    return out
  })

/** The longest of the steps 1, 0.7, 0.49, … that stays positive definite; undefined when even the shortest does not. */
const stepped = (
  sizes: ReadonlyArray<number>,
  blocks: Blocks,
  direction: Blocks
): { blocks: Blocks; step: number } | undefined => {
  for (let step = 1; step > 1e-4; step *= 0.7) {
    const next = blocks.map((block, s) => block.map((value, at) => value + step * direction[s]![at]!))
    if (next.every((block, s) => factorise(Float64Array.from(block), sizes[s]!))) return { blocks: next, step }
  }
  return undefined
}

/** The direction with its sums made exactly those wanted: what ill-conditioned normal equations missed, spread evenly. */
const corrected = (problem: SemidefiniteProblem, direction: Blocks, wanted: Float64Array): Blocks => {
  const now = sums(problem, direction)
  const entries = new Float64Array(wanted.length)
  for (const group of problem.groups) for (const e of group) entries[e]!++
  return direction.map((block, s) =>
    block.map((value, at) => {
      const e = problem.groups[s]![at]!
      return value + (wanted[e]! - now[e]!) / entries[e]!
    })
  )
}

/** Newton's steps to nearly the centre for the given sums; undefined when no full step comes to be possible. */
const centred = (problem: SemidefiniteProblem, start: Blocks, target: Float64Array): Blocks | undefined => {
  let blocks = start
  const count = target.length
  for (let round = 0; round < 15; round++) {
    const now = sums(problem, blocks)
    const y = now.map((value, e) => 2 * value - target[e]!)
    const matrix = normalMatrix(problem, blocks)
    for (let e = 0; e < count; e++) matrix[e * count + e]! *= 1 + 1e-14
    if (!factorise(matrix, count)) return undefined
    solveFactorised(matrix, count, y)
    const wanted = target.map((value, e) => value - now[e]!)
    const moved = stepped(problem.sizes, blocks, corrected(problem, directionOf(problem, blocks, y), wanted))
    if (moved === undefined) return undefined
    blocks = moved.blocks
    if (moved.step === 1) return blocks
  }
  return undefined
}

/**
 * Symmetric blocks near a solution of largest rank, with the t that was reached: eigenvalues that are 0 in every solution are
 * of that order. Undefined when the path ends early, as it does where there is no solution.
 */
export const solveSemidefinite = (
  problem: SemidefiniteProblem
): { readonly blocks: Blocks; readonly t: number } | undefined => {
  const { sizes, values } = problem
  const size = Math.max(...values.map(Math.abs))
  let blocks: Blocks = sizes.map((n) =>
    Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? size : 0))
  )
  const start = sums(problem, blocks)
  const targetAt = (t: number): Float64Array => values.map((value, e) => (1 - t) * value + t * start[e]!)
  let t = 1
  let shrink = 0.2
  let found: { readonly blocks: Blocks; readonly t: number } | undefined
  for (let round = 0; round < 80 && t > 1e-9 && shrink < 0.95; round++) {
    const next = centred(problem, blocks, targetAt(t * shrink))
    if (next === undefined) {
      shrink = Math.sqrt(shrink)
      continue
    }
    blocks = next
    t *= shrink
    if (t < 1e-5) found = { blocks, t }
  }
  return found
}
