/** The real study as a process of its own: `node realMain.ts FILE OUT`. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import { runStudy } from "../../../src/experiments/run.ts"

const [file = "", out = ""] = process.argv.slice(2)
await Effect.runPromise(Effect.provide(runStudy({ file, out, workers: 2 }), NodeFileSystem.layer))
