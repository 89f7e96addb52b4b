/** Planted errors of every kind are told from one another, and right code from all of them. */
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { decodeAdapter, noAdapter } from "../../src/audit/adapter.ts"
import { type AuditReport, audit } from "../../src/audit/audit.ts"
import { openSession, type Session } from "../../src/audit/session.ts"
import { findPython, workerEnvironment } from "../../src/finetune/python.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

import { requires } from "../requirements.ts"

const path = fileURLToPath(new URL("planted.py", import.meta.url))

/** Functions that are right, with the loss they are. */
const right: ReadonlyArray<readonly [name: string, loss: string, adapter?: object]> = [
  ["dpo", "dpo"],
  ["dpo", "dpo?beta=0.3"],
  ["dpo_mean", "dpo"],
  ["dpo_tuple", "dpo"],
  ["dpo_tuple", "cdpo"],
  ["dpo_tuple", "ipo?tau=0.2", { beta: "tau", ipo: true }],
  ["dpo_tuple", "cpo_core", { reference_free: true }],
  ["DPOLoss", "dpo"],
  ["DPOLoss", "cdpo?eps=0.2"],
  ["dpo_ratios", "dpo"],
  ["dpo_joined", "dpo"],
  [
    "odd_names",
    "ipo?tau=0.3",
    { arguments: { a: "lw-ll", b: "rw-rl", t: "tau", mode: { constant: "squared" } }, returns: "second" }
  ],
  ["ipo", "ipo"],
  ["ipo_norm", "ipo_norm"],
  ["cpo", "cpo?beta=0.2&lam=0.5"],
  ["simpo", "simpo"],
  ["hinge", "hinge"],
  ["kto", "kto"],
  ["dpo_tokens", "dpo"],
  ["dpo_models", "dpo"]
]

/** Functions with an error, the loss they should be, and the cause that must come first. */
const wrong: ReadonlyArray<readonly [name: string, loss: string, cause: string, says: RegExp]> = [
  ["beta_ignored", "dpo", "beta-fixed", /^beta is ignored: .* beta = 0.1/],
  ["beta_ignored", "dpo?beta=0.2", "beta-fixed", /^beta is ignored/],
  ["beta_other", "dpo", "beta-fixed", /^beta is 0.25, not 0.1/],
  ["beta_squared", "dpo", "beta-squared", /squared/],
  ["reference_dropped", "dpo", "no-reference", /reference is dropped/],
  ["rejected_reference_dropped", "dpo", "no-rejected-reference", /rejected answer is dropped/],
  ["reference_added", "bco_pair", "added-reference", /added/],
  ["summed", "dpo", "sum", /summed, not averaged/],
  ["swapped", "dpo", "swapped-pair", /chosen and rejected are swapped/],
  ["swapped_policy", "dpo", "swapped-policy", /policy's chosen and rejected/],
  ["swapped_reference", "dpo", "swapped-reference", /reference's chosen and rejected/],
  ["smoothing_missing", "cdpo", "eps-fixed", /label smoothing is missing/],
  ["wrong_bfloat16", "dpo", "dtype-bfloat16", /bfloat16/],
  ["wrong_bfloat16_inputs", "dpo", "rounded-bfloat16", /bfloat16/],
  ["wrong_half", "dpo", "dtype-float16", /float16/],
  ["wrong_float32", "dpo", "dtype-float32", /float32/],
  ["detached", "dpo", "detached", /no gradient flows/],
  ["detached_rejected", "dpo", "detached-rejected", /rejected answer: it is detached/],
  ["sign", "dpo", "sign", /sign is wrong/],
  ["factor", "dpo", "factor", /multiplied by 0.5/],
  ["offset", "dpo", "offset", /-0.693147 is added/],
  ["naive", "dpo", "overflow", /not finite at/],
  ["length_normalised", "dpo", "means-for-sums", /averaged over tokens/],
  ["coupled", "dpo", "batch-coupled", /influence one another/],
  ["ipo", "ipo_norm", "sums-for-means", /summed where the loss averages/],
  ["ipo_norm", "ipo", "means-for-sums", /averaged over tokens/],
  ["ipo_dropped", "ipo", "no-reference", /reference is dropped/],
  ["ipo_margin", "ipo", "tau-halved", /tau is halved/],
  ["ipo_summed", "ipo", "sum", /summed, not averaged/],
  ["cpo_swapped", "cpo", "swapped-pair", /swapped/],
  ["cpo_without_nll", "cpo", "lam-fixed", /cpo_alpha is ignored: .* lam = 0/],
  ["cpo_summed", "cpo", "sum", /summed/],
  ["hinge", "dpo", "hinge", /this is hinge, not dpo/],
  ["dropped_and_summed", "dpo", "no-reference+sum", /dropped .* and the losses of a batch are summed/],
  ["raises_alone", "dpo", "raises", /on every batch of 1: RuntimeError: needs more than one pair/],
  ["model_reference_trained", "dpo", "reference-gradient", /gradients flow through the reference/]
]

describe.runIf(requires("python"))("audit of planted errors", () => {
  const scope = Effect.runSync(Scope.make())
  let session: Session

  beforeAll(async () => {
    const target = { kind: "file", path, function: "dpo" } as const
    session = await Effect.runPromise(
      openSession(target, { command: Result.getOrThrow(findPython()).command, env: workerEnvironment() }).pipe(
        Effect.provideService(Scope.Scope, scope)
      )
    )
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const audited = async (name: string, against: string, adapter?: object): Promise<AuditReport> => {
    const info = await session.turnTo({ kind: "file", path, function: name })
    const loss = Result.getOrThrow(resolveLoss(against))
    const read = adapter === undefined ? noAdapter : Result.getOrThrow(decodeAdapter(adapter, "test"))
    const options = { seed: 0, dtypes: ["float64", "float32"] } as const
    return Result.getOrThrow(await audit(loss, info, read, session.ask, options))
  }

  it.each(right.map((row) => ({ name: row[0], against: row[1], adapter: row[2] })))(
    "finds none in $name against $against",
    async ({ name, against, adapter }) => {
      const { agrees, met, of, smallest, causes } = await audited(name, against, adapter)
      expect({ smallest, causes }).toEqual({ causes: [] })
      expect(agrees).toBe(true)
      expect(met).toBe(of)
      expect(of).toBeGreaterThan(200)
    }
  )

  it.each(wrong)("finds %s against %s: %s", async (name, against, cause, says) => {
    const report = await audited(name, against)
    expect(report.agrees).toBe(false)
    expect(report.causes[0]?.id).toBe(cause)
    expect(report.causes[0]?.says).toMatch(says)
    const { smallest } = report
    expect(smallest).toBeDefined()
    expect(smallest!.error !== undefined || smallest!.numbers.length > 0).toBe(true)
  })
})
