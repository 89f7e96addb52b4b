/** Short ways to an environment and to sums, for the tests of single kinds. */
import type { Environment } from "../../src/bandit/environment.ts"
import { type EnvironmentKind, type EnvironmentSpec, makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { Rng } from "../../src/random/rng.ts"

/** The environment of a specification and a seed. */
export const world = <K extends EnvironmentKind>(
  spec: Extract<EnvironmentSpec, { readonly kind: K }>,
  seed = 0
): Environment => makeEnvironment<K>(spec, Rng.fromSeed(seed))

export const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

/** Pearson's. */
export const correlation = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const centred = (x: ArrayLike<number>) => {
    const mean = sum(Array.from(x)) / x.length
    return Array.from(x, (v) => v - mean)
  }
  const dot = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) => sum(x.map((v, i) => v * y[i]!))
  const [u, v] = [centred(a), centred(b)]
  return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v))
}
