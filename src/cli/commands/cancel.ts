/** @file `losslattice cancel`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { cancelRun } from "../../experiments/monitor.ts"
import { fromStudy } from "../failure.ts"

const jobsText = (jobs: number): string => (jobs === 1 ? "one job has stopped" : `${jobs} jobs have stopped`)

/** Runs `cancel`. */
export const run = ({ run: folder }: { readonly run: string }) =>
  Effect.flatMap(fromStudy(cancelRun(folder)), ({ pid, jobs }) => {
    const process = pid === undefined ? [] : [`process ${pid} has stopped`]
    const what = [...process, ...(jobs > 0 ? [jobsText(jobs)] : [])].join(", ")
    return Console.error(`${what}; the same \`losslattice run\` goes on from there`)
  })
