/**
 * Seeded random numbers as an argument, never as a global: xoshiro128** (Blackman & Vigna 2018, "Scrambled linear
 * pseudorandom number generators"), seeded through SplitMix32 from an FNV-1a hash of the seed and split labels.
 * Equal (seed, labels) give equal streams on every machine, in every thread, in any order of evaluation.
 */

const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

const seedState = (label: string): Uint32Array => {
  const state = new Uint32Array(4)
  for (let word = 0; word < 4; word++) {
    let z = (fnv1a(`${word}/${label}`) + Math.imul(0x9e3779b9, word + 1)) | 0
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    state[word] = (z ^ (z >>> 15)) >>> 0
  }
  // The all-zero state is the one fixed point of the generator.
  if (state.every((word) => word === 0)) state[0] = 1
  return state
}

/** A stream of random numbers. `split` derives an independent stream without advancing this one. */
export class Rng {
  readonly label: string
  readonly #state: Uint32Array

  private constructor(label: string, state: Uint32Array) {
    this.label = label
    this.#state = state
  }

  /** The stream of a seed; numbers and their decimal text give the same stream. */
  static fromSeed(seed: number | string): Rng {
    return new Rng(String(seed), seedState(String(seed)))
  }

  /** Continues a stream saved by {@link save}. @throws RangeError unless exactly four words, not all zero, are given */
  static restore(saved: { readonly label: string; readonly state: ReadonlyArray<number> }): Rng {
    if (saved.state.length !== 4 || saved.state.every((word) => word === 0)) {
      throw new RangeError(`Rng.restore: expected four state words, not all zero, got [${saved.state.join(", ")}]`)
    }
    return new Rng(saved.label, Uint32Array.from(saved.state))
  }

  /** The exact position in the stream, as JSON data. */
  save(): { readonly label: string; readonly state: ReadonlyArray<number> } {
    return { label: this.label, state: [...this.#state] }
  }

  /** The stream named `label` below this one: depends on this stream's name only, not on how far it was read. */
  split(label: string | number): Rng {
    const child = `${this.label}/${label}`
    return new Rng(child, seedState(child))
  }

  /** Uniform 32-bit word. */
  word(): number {
    const s = this.#state
    const s0 = s[0]!
    const s1 = s[1]!
    const s2 = s[2]! ^ s0
    const s3 = s[3]! ^ s1
    const scrambled = Math.imul(s1, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
    s[1] = s1 ^ s2
    s[0] = s0 ^ s3
    s[2] = s2 ^ (s1 << 9)
    s[3] = (s3 << 11) | (s3 >>> 21)
    return result
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992
  }

  /** Uniform integer in [0, n). @throws RangeError unless n is an integer in 1..2^32 */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 4294967296) throw new RangeError(`Rng.int: n must be in 1..2^32, got ${n}`)
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal (Box–Muller, one value per call so that streams stay aligned). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Index i with probability weights[i] / Σ weights. @throws RangeError when the weights do not sum to a positive number */
  categorical(weights: ArrayLike<number>): number {
    let total = 0
    for (let i = 0; i < weights.length; i++) total += weights[i]!
    if (!(total > 0 && Number.isFinite(total))) throw new RangeError(`Rng.categorical: weights sum to ${total}`)
    let rest = this.uniform() * total
    for (let i = 0; i < weights.length; i++) {
      rest -= weights[i]!
      if (rest < 0) return i
    }
    // Rounding can leave a residue at the end: the last arm with positive weight takes it.
    for (let i = weights.length - 1; i >= 0; i--) if (weights[i]! > 0) return i
    throw new RangeError("Rng.categorical: no positive weight")
  }

  /** Fisher–Yates shuffle of a copy. */
  shuffled<A>(items: ReadonlyArray<A>): Array<A> {
    const copy = [...items]
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const held = copy[i]!
      copy[i] = copy[j]!
      copy[j] = held
    }
    return copy
  }
}
