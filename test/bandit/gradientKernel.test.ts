import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { fullBatch } from "../../src/bandit/batch.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { gradientKernel, splitProgram } from "../../src/bandit/gradientKernel.ts"
import { worldOf } from "../../src/bandit/inputs/filler.ts"
import { exactPairs, listedPairs } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { catalogueIds } from "../../src/loss/catalogue/index.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { type Program, programFault } from "../../src/loss/program.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { runnability } from "../../src/loss/runnable.ts"
import { Rng } from "../../src/random/rng.ts"
import { samplePolicies } from "./oracles.ts"
import { distance, familyOf } from "./worlds.ts"

const runnable: ReadonlyArray<readonly [string, Program]> = catalogueIds.flatMap((id) => {
  const loss = Result.getOrThrow(resolveLoss(id))
  return Result.isSuccess(runnability(loss, "bandit")) ? [[id, loss.program] as const] : []
})

const environment = makeEnvironment(
  { kind: "bradley-terry", arms: 5, contexts: 2, reference: "normal" },
  Rng.fromSeed(4)
)
const table = exactPairs(environment)

/** A batch whose lw and ll are those of a policy, and log π. */
const batchAt = (logits: Float64Array) => {
  const batch = fullBatch(table)
  const [logp, prob] = [new Float64Array(logits.length), new Float64Array(logits.length)]
  softmaxInto(logits, environment.contexts, environment.arms, logp, prob)
  for (let i = 0; i < batch.count; i++) {
    batch.columns.lw[i] = logp[batch.chosen[i]!]!
    batch.columns.ll[i] = logp[batch.rejected[i]!]!
  }
  return { batch, logp }
}

it("most of the catalogue runs on a bandit", () => expect(runnable.length).toBeGreaterThan(60))

describe.each(runnable)("the training kernel of %s", (_id, program) => {
  it("has the derivatives of the whole program, to the bit", () => {
    const split = gradientKernel(program, worldOf(environment))
    const whole = compileKernel(program)
    for (const logits of samplePolicies(Rng.fromSeed(1), environment, 8)) {
      const { batch, logp } = batchAt(logits)
      whole.run(batch.columns, batch.out, batch.count)
      const expected = [batch.out.dlw.slice(), batch.out.dll.slice()]
      batch.out.dlw.fill(7)
      batch.out.dll.fill(7)
      split(batch, logp)
      expect([batch.out.dlw, batch.out.dll]).toEqual(expected)
    }
  })

  it("is made of well-formed programs, no larger than the whole", () => {
    const { parts, pair } = splitProgram(program)
    for (const part of parts) expect(programFault(part.program)).toBeUndefined()
    expect(programFault(pair)).toBeUndefined()
    expect(pair.nodes.length).toBeLessThanOrEqual(program.nodes.length + 1)
  })
})

describe("splitProgram", () => {
  const split = (loss: string) => splitProgram(Result.getOrThrow(resolveLoss(loss)).program)
  const costly = (program: Program) =>
    program.nodes.filter(({ op }) => ["log1mexp", "exp", "sigmoid", "softplus", "log1p"].includes(op)).length

  it("leaves DPO one sigmoid per pair", () => {
    expect(split("dpo").parts).toEqual([])
    expect(costly(split("dpo").pair)).toBe(1)
  })

  it("takes the functions of one response out of the lattice losses", () => {
    const { parts, pair } = split("orpo_seq")
    expect(new Set(parts.map(({ side }) => side))).toEqual(new Set(["w", "l"]))
    expect(costly(pair)).toBe(1)
  })
})

describe("a training step", () => {
  it("uses the whole kernel where responses outnumber pairs, with the same gradient", () => {
    const few = listedPairs(environment, [{ context: 1, chosen: 2, rejected: 4, weight: 1 }])
    const family = familyOf("ccpo", environment)
    for (const pairs of [few, table]) {
      const [logp, prob] = [new Float64Array(10), new Float64Array(10)]
      softmaxInto(samplePolicies(Rng.fromSeed(2), environment, 2)[1]!, 2, 5, logp, prob)
      const [full, slope] = [new Float64Array(10), new Float64Array(10)]
      family.addGradientInto(fullBatch(pairs), logp, prob, full)
      family.addSlopeInto!(fullBatch(pairs), logp, prob, slope)
      expect(distance(full, slope)).toBe(0)
      expect(full.some((g) => g !== 0)).toBe(true)
    }
  })
})
