/** @file `losslattice cancel`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { cancelRun } from "../../experiments/monitor.ts"
import { fromStudy } from "../failure.ts"

/** Runs `cancel`. */
export const run = ({ run: folder }: { readonly run: string }) =>
  Effect.flatMap(fromStudy(cancelRun(folder)), ({ pid }) =>
    Console.error(`process ${pid} has stopped; the same \`losslattice run\` goes on from there`)
  )
