/** `predict` and `confirm`, typed into a real process, and a study that predicts, finetunes a small model and confirms. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { json, losslattice } from "./process.ts"

interface Line {
  readonly id: string
  readonly question: string
  readonly loss: string
  readonly prediction: string
  readonly status?: string
}

interface Document {
  readonly format: string
  readonly version: number
  readonly lines: ReadonlyArray<Line>
  readonly counts?: ReadonlyArray<unknown>
}

const folder = mkdtempSync(join(tmpdir(), "losslattice-bridge-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A run folder with finetuning records: both losses lose both answers, uncpo more. */
const madeUpRun = (): string => {
  const run = join(folder, "run")
  mkdirSync(join(run, "records"), { recursive: true })
  const rows = ["cpo_core", "uncpo"].flatMap((loss, k) =>
    [0, 1, 2].flatMap((seed) =>
      [0, 1].map((i) => {
        const fall = i * (k + 1 + 0.1 * seed)
        const metrics = { "logps/chosen": -20 - fall, "logps/rejected": -22 - 2 * fall, entropy: 3 - fall }
        return { cell: `finetune/${loss}/seed=${seed}`, loss, seed, step: 10 * i, kind: "evaluation", ...metrics }
      })
    )
  )
  writeFileSync(join(run, "records", "finetune.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
  return run
}

describe("predict and confirm", () => {
  const file = join(folder, "predictions.json")

  it("write predictions with evidence, the same bytes each time, and mark them by a run's records", () => {
    const args = ["predict", "cpo_core", "uncpo", "--environment", "sparse", "--seeds", "3", "--out", file]
    const printed = json<Document>(...args)
    const written = readFileSync(file, "utf8")
    expect(JSON.parse(written)).toEqual(printed)
    expect(printed).toMatchObject({ format: "losslattice-predictions", version: 1 })
    expect(losslattice(...args).code).toBe(0)
    expect(readFileSync(file, "utf8")).toBe(written)
    const of = (id: string) => printed.lines.find((line) => line.id === id)
    expect(of("mass-escapes/uncpo/sparse")?.prediction).toBe("yes")
    expect(of("mass-escapes/cpo_core/sparse")?.prediction).toBe("no")

    const run = madeUpRun()
    const ended = json<Document>("confirm", file, run)
    const status = (id: string) => ended.lines.find((line) => line.id === id)?.status
    expect(status("mass-escapes/uncpo/sparse")).toBe("confirmed")
    expect(status("mass-escapes/cpo_core/sparse")).toBe("refuted")
    expect(status("chosen-falls/cpo_core/P9")).toBe("refuted")
    expect(status("reward-rises/uncpo/sparse")).toBe("untested")
    const page = losslattice("confirm", file, run, "--out", join(folder, "ended.json"))
    expect(page.code).toBe(0)
    expect(page.out).toMatch(/mass-escapes\s+cpo_core\s+no\s+sparse\s+refuted/)
    expect(JSON.parse(readFileSync(join(folder, "ended.json"), "utf8")).lines).toEqual(ended.lines)
  })

  it("refuse what they cannot use, naming it, what was found and what is allowed", () => {
    const other = join(folder, "other.json")
    writeFileSync(other, '{"format": "losslattice-predictions", "version": 1, "lines": [{"prediction": "maybe"}]}')
    for (const [args, sentence] of [
      [["predict", "cpo_cor"], /"cpo_cor".*cpo_core/],
      [["predict", "cpo_core", "--environment", "spars"], /--environment spars: "spars" is no bandit.*sparse/],
      [["predict", "cpo_core", "--seeds", "1"], /--seeds 1: at least 2/],
      [["predict", "wpo", "--environment", "clean"], /wpo.*not a function of one pair/],
      [
        ["predict", "cpo_core", "--environment", "low-rank", "--seeds", "2", "--out", folder],
        /--out .*cannot be written/
      ],
      [["confirm", other, madeUpRun()], /other\.json: lines\[0\]\.prediction: .*"maybe"/],
      [["confirm", join(folder, "absent.json"), folder], /absent\.json: no such file/],
      [["confirm", file, folder], /no run with finetuning.*records\/finetune\.jsonl/]
    ] as const) {
      const { code, err } = losslattice(...args)
      expect(err, args.join(" ")).toMatch(sentence)
      expect(code).toBe(2)
    }
  })

  it("are stages of a study: predicted before a small model is finetuned, confirmed after", () => {
    const study = join(folder, "study.yaml")
    writeFileSync(
      study,
      `version: 1
study: bridge
title: From bandits to a small model
seeds: [0, 1]
bandit:
  studies:
    sparse:
      losses: [cpo_core, ce_odds]
      environment: {kind: sparse}
      data: {mode: sampled, pairs: 60}
      optimizer: {kind: adam, learningRate: 0.02}
      steps: 200
      checkpoints: 2
select:
  rank: {study: sparse, metric: rankingAccuracy, direction: max}
  alwaysInclude: [cpo_core, ce_odds]
predictions: {}
finetune:
  data: {trainingPrompts: 60, heldOutPrompts: 24, evaluationPrompts: 4, completionsPerPrompt: 4, maxTokens: 10}
  steps: 6
  batchSize: 8
  learningRate: 0.002
  warmup: 1
  evalEvery: 6
  maxTokens: 8
figures: {only: []}
`
    )
    const { code, out, err } = losslattice("run", study, "--out", join(folder, "runs"))
    expect(code, err).toBe(0)
    const run = out.trim().split("\n").at(-1)!
    const rows = (name: string) =>
      readFileSync(join(run, "records", `${name}.jsonl`), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Line)
    const predictions = rows("predictions")
    const ended = rows("confirmations")
    expect(ended.map(({ id }) => id)).toEqual(predictions.map(({ id }) => id))
    // Cross-entropy raises the chosen answers on the bandit; two seeds of the model are seen, whatever they decide.
    const ce = ended.find(({ id }) => id === "chosen-falls/ce_odds/sparse")
    expect(ce).toMatchObject({ prediction: "no", observed: [{ metric: "logps/chosen", seeds: 2 }] })
    expect(ended.every(({ status }) => ["confirmed", "refuted", "untested"].includes(status!))).toBe(true)
    expect(readFileSync(join(run, "report.html"), "utf8")).toContain("Predicted from the bandit “sparse”")
    // The study's own file gives the same ends by hand.
    expect(json<Document>("confirm", join(run, "predictions.json"), run).lines).toEqual(ended)
  }, 300_000)

  it("a study that predicts needs selection, and bandits that there are", () => {
    const study = join(folder, "wrong.yaml")
    const text = readFileSync(join(folder, "study.yaml"), "utf8")
    writeFileSync(study, text.replace("predictions: {}", "predictions: {environments: [spars]}"))
    const { code, err } = losslattice("run", study, "--dry-run")
    expect(code).toBe(2)
    expect(err).toMatch(/wrong\.yaml:\d+:\d+: .*no bandit study "spars"; .*sparse/)
  })
})
