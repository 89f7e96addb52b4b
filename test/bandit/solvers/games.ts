/** Shared by the tests of games: matrices to solve. */
import fc from "fast-check"
import { Rng } from "../../../src/random/rng.ts"

/** The game of E7 and E8: each of three responses beats one and loses to one. */
export const published = Float64Array.of(0.5, 0.9, 0.2, 0.1, 0.5, 0.8, 0.8, 0.2, 0.5)
export const uniformOf = (arms: number): Float64Array => new Float64Array(arms).fill(1 / arms)

/** A win matrix from the entries above the diagonal, by rows. */
export const gameOf = (arms: number, upper: ReadonlyArray<number>): Float64Array => {
  const matrix = new Float64Array(arms * arms).fill(0.5)
  let next = 0
  for (let a = 0; a < arms; a++) {
    for (let b = a + 1; b < arms; b++) {
      const p = upper[next++]!
      matrix[a * arms + b] = p
      matrix[b * arms + a] = 1 - p
    }
  }
  return matrix
}

/** Uniform entries, never short decimals. */
export const randomGame = (arms: number, seed: number): Float64Array => {
  const rng = Rng.fromSeed(seed)
  return gameOf(
    arms,
    Array.from({ length: (arms * (arms - 1)) / 2 }, () => rng.uniform())
  )
}

/** Games in tenths: ties, certain wins and several equilibria are common. */
export const smallGames = (most: number): fc.Arbitrary<{ readonly arms: number; readonly matrix: Float64Array }> =>
  fc.integer({ min: 1, max: most }).chain((arms) => {
    const length = (arms * (arms - 1)) / 2
    return fc.array(fc.integer({ min: 0, max: 10 }), { minLength: length, maxLength: length }).map((tenths) => ({
      arms,
      matrix: gameOf(
        arms,
        tenths.map((t) => t / 10)
      )
    }))
  })
