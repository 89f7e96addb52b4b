/**
 * The four behaviour classes of the lattice, by the status of the row where both answers are invalid (docs/experiments.md
 * E14): on a sparse bandit only losses that tick it alone move mass to answers without data.
 */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import type { BanditCellSpec } from "../../src/bandit/cellSchema.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { resolveFamily } from "../../src/bandit/families.ts"
import { populationMinimiser } from "../../src/bandit/minimiser.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { Rng } from "../../src/random/rng.ts"

const classes = {
  "cross only": ["ceunl", "l3", "sce", "ce_odds"],
  neither: ["orpo_seq", "cpo_core", "ccpo"],
  both: ["l20", "qfunl", "l5", "bcpo"],
  "tick only": ["funl", "cfunl", "l14", "uncpo"]
} as const

const seeds = [0, 1, 2]

const cell = (loss: string, seed: number, change: Partial<BanditCellSpec>): BanditCellSpec => ({
  loss,
  environment: { kind: "sparse" },
  data: { mode: "sampled", pairs: 60 },
  optimizer: { kind: "adam", learningRate: 0.02 },
  steps: 3000,
  checkpoints: 10,
  seed,
  ...change
})

/** Mean of the final metrics over seeds. */
const outcome = (loss: string, change: Partial<BanditCellSpec> = {}) => {
  const finals = seeds.map((seed) => runBanditCell(cell(loss, seed, change)).final)
  const mean = (value: (row: (typeof finals)[number]) => number) =>
    finals.reduce((sum, row) => sum + value(row), 0) / finals.length
  return {
    unseen: mean((row) => row.unseenMassChange),
    entropy: mean((row) => row.entropy),
    accuracy: mean((row) => row.rankingAccuracy),
    chosen: mean((row) => row.chosenLogpDrift)
  }
}

describe("sparse noisy pairs, ten arms without data", () => {
  it.each(classes["tick only"])("%s moves mass to the answers without data and stays broad", (loss) => {
    const { unseen, entropy, chosen } = outcome(loss)
    expect(unseen).toBeGreaterThan(0.3)
    expect(entropy).toBeGreaterThan(2)
    expect(chosen).toBeLessThan(-3)
  })

  it.each(classes["cross only"])("%s empties the answers without data and stays broad", (loss) => {
    const { unseen, entropy, chosen } = outcome(loss)
    expect(unseen).toBeLessThan(-0.2)
    expect(entropy).toBeGreaterThan(2.5)
    expect(chosen).toBeGreaterThan(0)
  })

  it.each(classes.neither)("%s empties them too and concentrates", (loss) => {
    const { unseen, entropy } = outcome(loss)
    expect(unseen).toBeLessThan(-0.2)
    expect(entropy).toBeGreaterThan(0.2)
    expect(entropy).toBeLessThan(2)
  })

  it.each(classes.both)("%s empties them and collapses on a few arms", (loss) => {
    const { unseen, entropy } = outcome(loss)
    expect(unseen).toBeLessThan(-0.2)
    expect(entropy).toBeLessThan(1)
  })

  it("cUNL, of the neither class, may give them most of the mass", () => {
    const runs = seeds.map((seed) => runBanditCell(cell("cunl", seed, { steps: 10_000 })))
    const peaks = runs.map(({ trajectory }) => Math.max(...trajectory.map((row) => row.unseenMassChange)))
    expect(Math.max(...peaks)).toBeGreaterThan(0.3)
  })
})

describe("clean pairs of eight arms proposed by the reference", () => {
  const clean: Partial<BanditCellSpec> = {
    environment: { kind: "bradley-terry", arms: 8, reference: "normal", behaviour: "reference" },
    data: { mode: "sampled", pairs: 4000 }
  }
  it("only the CPO-like class ranks the arms", () => {
    for (const loss of ["cunl", ...classes.neither]) expect(outcome(loss, clean).accuracy, loss).toBeGreaterThan(0.9)
    for (const loss of ["sce", "ce_odds", "funl", "uncpo", "l5", "bcpo"]) {
      expect(outcome(loss, clean).accuracy, loss).toBeLessThan(0.9)
    }
  })
})

describe("population minima on full-support Bradley–Terry data", () => {
  /** Names of the sixteen whose minimum is no policy: it is only approached as some answer's probability vanishes. */
  const escaping = (rewards: ReadonlyArray<number>): ReadonlyArray<string> => {
    const environment = makeEnvironment({ kind: "bradley-terry", rewards }, Rng.fromSeed(0))
    return NAMED.filter(({ id }) => {
      const family = Result.getOrThrow(resolveFamily(id, environment))
      return !populationMinimiser(environment, family, exactPairs(environment)).attained
    }).map(({ name }) => name)
  }

  it("exist for all sixteen on two answers, or while the rewards are close", () => {
    expect(escaping([1, -1])).toEqual([])
    expect(escaping([0.2, 0, -0.2])).toEqual([])
  })

  it("exist for the eight without FF among the ticks only, once three answers are far apart", () => {
    const ticked = NAMED.filter(({ structure }) => (structure.ticks & 1n) === 1n).map(({ name }) => name)
    expect(ticked).toHaveLength(8)
    expect(escaping([2, 0, -2])).toEqual(ticked)
    expect(escaping([1.5, 0.5, -0.5, -1.5])).toEqual(ticked)
  })
})
