/** A driver as a process of its own, to be killed: `node driver.ts JOB.json OPTIONS.json`; prints the events. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { eventLine } from "../../src/finetune/events.ts"
import { decodeJob } from "../../src/finetune/job.ts"
import { layer } from "../../src/finetune/SlurmEngine.ts"
import type { SlurmOptions } from "../../src/finetune/slurm/host.ts"
import { TrainingEngine } from "../../src/finetune/TrainingEngine.ts"

const [jobFile, optionsFile] = process.argv.slice(2)
const job = Result.getOrThrow(decodeJob(JSON.parse(readFileSync(jobFile!, "utf8"))))
const options = JSON.parse(readFileSync(optionsFile!, "utf8")) as SlurmOptions
await TrainingEngine.pipe(
  Effect.flatMap(({ train }) =>
    Stream.runForEach(train(job), (event) => Effect.sync(() => process.stdout.write(eventLine(event))))
  ),
  Effect.provide(layer(options)),
  Effect.runPromise
)
