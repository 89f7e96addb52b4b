/** Predictions and their ends: rows in, lines out, every way a line can end. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { confirmationCounts, confirmLines } from "../../../src/experiments/bridge/confirm.ts"
import { answerOf, predictLosses } from "../../../src/experiments/bridge/predict.ts"
import {
  decodePredictions,
  type PredictionLine,
  type PredictionsFile,
  predictionsText
} from "../../../src/experiments/bridge/prediction.ts"
import { agrees, classExpectations, questions } from "../../../src/experiments/bridge/questions.ts"
import { worldNames, worldRows } from "../../../src/experiments/bridge/worlds.ts"
import { vanishingClasses } from "../../../src/landscape/limits.ts"

const seeds = [0, 1, 2, 3]

/** Bandit rows of one environment: first and last checkpoint of every seed. */
const bandit = (environment: string, ends: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<number>>>>>) =>
  Object.entries(ends).flatMap(([loss, metrics]) =>
    seeds.flatMap((seed) =>
      [0, 1].map((i) => ({
        loss,
        environment,
        seed,
        step: 100 * i,
        final: i === 1,
        ...Object.fromEntries(Object.entries(metrics).map(([name, values]) => [name, i === 0 ? 1 : values[seed]!]))
      }))
    )
  )

/** Finetuning rows: evaluations before and after, a change of each metric a seed. */
const finetuned = (ends: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<number>>>>>) =>
  Object.entries(ends).flatMap(([loss, metrics]) =>
    seeds.flatMap((seed) =>
      [0, 1].map((i) => ({
        cell: `finetune/${loss}/seed=${seed}`,
        loss,
        seed,
        step: 50 * i,
        kind: "evaluation",
        ...Object.fromEntries(
          Object.entries(metrics).map(([name, changes]) => [name, -10 + (i === 0 ? 0 : changes[seed]!)])
        )
      }))
    )
  )

const down = [-1, -1.2, -0.9, -1.1]
const up = [1, 1.2, 0.9, 1.1]
const around = [-1, 1.2, -0.9, 1.1]

const lineOf = (lines: ReadonlyArray<PredictionLine>, id: string): PredictionLine => {
  const found = lines.find((line) => line.id === id)
  if (found === undefined) throw new Error(`no line ${id} among ${lines.map((line) => line.id).join(" ")}`)
  return found
}

describe("answers from intervals", () => {
  it("are yes or no only where the interval leaves 0 out", () => {
    expect(answerOf({ mean: -1, low: -2, high: -0.5, seeds: 3 }, "below")).toBe("yes")
    expect(answerOf({ mean: -1, low: -2, high: -0.5, seeds: 3 }, "above")).toBe("no")
    expect(answerOf({ mean: 1, low: 0.5, high: 2, seeds: 3 }, "below")).toBe("no")
    expect(answerOf({ mean: -1, low: -2, high: 0.5, seeds: 3 }, "below")).toBe("open")
    expect(answerOf({ mean: -1, seeds: 1 }, "below")).toBe("open")
    expect(answerOf({ mean: -1e-16, low: -1e-15, high: -1e-17, seeds: 3 }, "below")).toBe("open")
  })
})

describe("predictions", () => {
  const rows = bandit("w", {
    cpo_core: {
      chosenLogpDrift: up,
      rejectedLogpDrift: down,
      unseenMassChange: down,
      entropy: down,
      expectedReward: up
    },
    uncpo: {
      chosenLogpDrift: down,
      rejectedLogpDrift: down,
      unseenMassChange: up,
      entropy: around,
      expectedReward: around
    }
  })
  const lines = predictLosses(["cpo_core", "uncpo"], rows)
  const prediction = (id: string) => lineOf(lines, id).prediction

  it("from the bandit are the signs of its outcomes, changes taken from the first checkpoint", () => {
    expect(prediction("chosen-falls/cpo_core/w")).toBe("no")
    expect(prediction("chosen-falls/uncpo/w")).toBe("yes")
    expect(prediction("mass-escapes/cpo_core/w")).toBe("no")
    expect(prediction("mass-escapes/uncpo/w")).toBe("yes")
    // Entropy and reward start at 1: a mean of 1.05 at the end is no rise.
    expect(prediction("reward-rises/cpo_core/w")).toBe("open")
    expect(prediction("entropy-falls/cpo_core/w")).toBe("yes")
    expect(lineOf(lines, "entropy-falls/cpo_core/w").evidence).toMatchObject({ value: { mean: -2.05, seeds: 4 } })
  })

  it("from proofs say what cannot happen, and leave what can open", () => {
    expect(prediction("chosen-falls/cpo_core/P9")).toBe("no")
    expect(prediction("chosen-falls/uncpo/P9")).toBe("possible")
    expect(prediction("rejected-falls/uncpo/P10")).toBe("yes")
    expect(lineOf(lines, "class/cpo_core/P13")).toMatchObject({ class: "neither", prediction: "yes" })
    expect(lineOf(lines, "class/uncpo/P13").class).toBe("tick only")
    const others = predictLosses(["ceunl", "l20"], [])
    expect(lineOf(others, "rejected-falls/ceunl/P10").prediction).toBe("open")
    expect(lineOf(others, "class/l20/P13").class).toBe("both")
    expect(others.every(({ evidence }) => evidence.kind === "property")).toBe(true)
  })

  it("about two losses are differences paired by seed", () => {
    expect(lineOf(lines, "chosen-ends-lower/cpo_core/uncpo/w")).toMatchObject({ prediction: "no", other: "uncpo" })
    const value = (lineOf(lines, "chosen-ends-lower/cpo_core/uncpo/w").evidence as { value: { mean: number } }).value
    expect(value.mean).toBeCloseTo(2.1, 12)
    expect(prediction("reward-ends-lower/cpo_core/uncpo/w")).toBe("open")
  })

  it("leave out mass where none can escape, runs that broke off, and losses the bandit did not run", () => {
    const still = bandit("w", { cpo_core: { chosenLogpDrift: up, unseenMassChange: [0, 0, 0, 0] } })
    expect(predictLosses(["cpo_core"], still).map(({ id }) => id)).not.toContain("mass-escapes/cpo_core/w")
    const broken = rows.map((row) => (row.loss === "uncpo" ? { ...row, failure: "diverged" } : row))
    expect(predictLosses(["uncpo"], broken).every(({ evidence }) => evidence.kind === "property")).toBe(true)
    expect(predictLosses(["ccpo"], rows).every(({ evidence }) => evidence.kind === "property")).toBe(true)
  })

  it("come back from their file as they were, and a file that is none is refused with every problem", () => {
    const file: PredictionsFile = {
      format: "losslattice-predictions",
      version: 1,
      program: "0",
      losses: ["cpo_core", "uncpo"],
      worlds: { w: { kind: "made up" } },
      seeds,
      lines
    }
    expect(Result.getOrThrow(decodePredictions(JSON.parse(predictionsText(file))))).toEqual(file)
    const wrong = decodePredictions({ ...file, version: 2, lines: [{ ...lines[0], prediction: "maybe" }] })
    expect(Result.isFailure(wrong) && wrong.failure.join("\n")).toMatch(/version[\s\S]*prediction.*"maybe"/)
  })
})

describe("ends of predictions", () => {
  const lines = predictLosses(
    ["cpo_core", "uncpo"],
    bandit("w", {
      cpo_core: { chosenLogpDrift: up, unseenMassChange: down },
      uncpo: { chosenLogpDrift: down, unseenMassChange: up }
    })
  )
  const end = (id: string, ends: Parameters<typeof finetuned>[0]) =>
    confirmLines([lineOf(lines, id)], finetuned(ends) as unknown as Parameters<typeof confirmLines>[1])[0]!

  it("are confirmed on the predicted side, refuted on the other, untested across 0", () => {
    const status = (changes: ReadonlyArray<number>) =>
      end("chosen-falls/uncpo/w", { uncpo: { "logps/chosen": changes } }).status
    expect([down, up, around].map(status)).toEqual(["confirmed", "refuted", "untested"])
    const { observed } = end("chosen-falls/uncpo/w", { uncpo: { "logps/chosen": down } })
    expect(observed).toMatchObject([{ metric: "logps/chosen", seeds: 4 }])
    expect(observed[0]!.mean).toBeCloseTo(-1.05, 12)
  })

  it("of a possibility are confirmed when it is seen, never refuted", () => {
    const status = (changes: ReadonlyArray<number>) =>
      end("chosen-falls/uncpo/P9", { uncpo: { "logps/chosen": changes } }).status
    expect([down, up, around].map(status)).toEqual(["confirmed", "untested", "untested"])
  })

  it("on escaping mass need both answers to fall, and are refuted by one that rises", () => {
    const status = (chosen: ReadonlyArray<number>, rejected: ReadonlyArray<number>) =>
      end("mass-escapes/uncpo/w", { uncpo: { "logps/chosen": chosen, "logps/rejected": rejected } }).status
    expect(status(down, down)).toBe("confirmed")
    expect(status(up, down)).toBe("refuted")
    expect(status(down, around)).toBe("untested")
  })

  it("on classes follow what is expected of each", () => {
    expect(Object.keys(classExpectations).sort()).toEqual([...vanishingClasses].sort())
    expect(end("class/cpo_core/P13", { cpo_core: { "logps/rejected": down } }).status).toBe("confirmed")
    expect(end("class/cpo_core/P13", { cpo_core: { "logps/rejected": up } }).status).toBe("refuted")
    const both = (chosen: ReadonlyArray<number>) =>
      end("class/uncpo/P13", { uncpo: { "logps/chosen": chosen, "logps/rejected": down } }).status
    expect([down, up, around].map(both)).toEqual(["confirmed", "refuted", "untested"])
  })

  it("on two losses compare the last evaluations seed by seed", () => {
    const status = (cpo: ReadonlyArray<number>, uncpo: ReadonlyArray<number>) =>
      end("chosen-ends-lower/cpo_core/uncpo/w", { cpo_core: { "logps/chosen": cpo }, uncpo: { "logps/chosen": uncpo } })
        .status
    expect(status(up, down)).toBe("confirmed")
    expect(status(down, up)).toBe("refuted")
    // Paired: far apart between seeds, yet always lower by a little.
    const spread = [5, -3, 9, -7]
    const lower = [0.1, 0.12, 0.09, 0.11].map((gap, i) => spread[i]! - gap)
    expect(status(spread, lower)).toBe("confirmed")
  })

  it("say why a line is untested: another loss, another metric, one seed, nothing predicted", () => {
    const reason = (id: string, ends: Parameters<typeof finetuned>[0]) => end(id, ends).reason
    expect(reason("chosen-falls/uncpo/w", { ccpo: { "logps/chosen": down } })).toMatch(
      /did not finish training with uncpo/
    )
    expect(reason("chosen-falls/uncpo/w", { uncpo: { kl: down } })).toMatch(/records no logps\/chosen/)
    const single = finetuned({ uncpo: { "logps/chosen": down } }).filter(({ seed }) => seed === 0)
    const rows = single as unknown as Parameters<typeof confirmLines>[1]
    const line = lineOf(lines, "chosen-falls/uncpo/w")
    expect(confirmLines([line], rows)[0]!.reason).toMatch(/one run has no interval/)
    expect(confirmLines([{ ...line, prediction: "open" }], rows)[0]).toMatchObject({
      status: "untested",
      reason: "the evidence predicts neither yes nor no"
    })
    expect(confirmLines([{ ...line, question: "else" }], rows)[0]!.reason).toMatch(/no question "else"/)
  })

  it("are counted by question and evidence", () => {
    const rows = finetuned({ uncpo: { "logps/chosen": down }, cpo_core: { "logps/chosen": down } })
    const ended = confirmLines(lines, rows as unknown as Parameters<typeof confirmLines>[1])
    const counts = confirmationCounts(ended)
    expect(counts.find(({ question, evidence }) => question === "chosen-falls" && evidence === "w")).toEqual({
      question: "chosen-falls",
      evidence: "w",
      confirmed: 1,
      refuted: 1,
      untested: 0
    })
    expect(counts.reduce((sum, one) => sum + one.confirmed + one.refuted + one.untested, 0)).toBe(lines.length)
  })

  it("agree as the table of answers says", () => {
    expect([agrees("yes", "yes"), agrees("no", "no"), agrees("possible", "yes")]).toEqual([true, true, true])
    expect([agrees("yes", "no"), agrees("no", "yes")]).toEqual([false, false])
    expect([agrees("possible", "no"), agrees("open", "yes"), agrees("yes", undefined)]).toEqual([
      undefined,
      undefined,
      undefined
    ])
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length)
  })
})

describe("the worlds of predictions", () => {
  it("give first and last rows of every seed with all that questions ask", () => {
    for (const world of worldNames) {
      const rows = Result.getOrThrow(worldRows("cpo_core", world, [0, 1]))
      expect(rows.map(({ final }) => final)).toEqual([false, true, false, true])
      for (const { bandit: side } of questions)
        expect(rows.every((row) => typeof row[side.metric] === "number")).toBe(true)
    }
  })

  it("refuse a loss that a bandit cannot run", () => {
    const found = worldRows("wpo", "clean", [0, 1])
    expect(Result.isFailure(found) && found.failure).toMatch(/wpo.*not a function of one pair/)
  })
})
