/** @file `losslattice status`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type RunState, runStatus } from "../../experiments/monitor.ts"
import { fromStudy } from "../failure.ts"
import { printJson, style, tableLines } from "../output.ts"

interface StatusInput {
  readonly run: string
  readonly json: boolean
}

const page = (state: RunState): string => {
  const { holder, current } = state
  const stages = state.stages.map(({ id, status, seconds, cells, failures }) => [
    id,
    status,
    `${seconds.toFixed(1)} s`,
    `${cells.total}`,
    failures.length === 0 ? "" : style.bad(`${failures.length} failed`)
  ])
  const jobs = (state.jobs ?? []).map(({ cell, state, step, steps, host, pid, queue, message }) => [
    cell,
    state === "failed" || state === "lost" ? style.bad(state) : state,
    steps === undefined ? "" : `${step} of ${steps}`,
    queue ?? (host === undefined ? "" : `process ${pid} on ${host}`),
    message ?? ""
  ])
  return [
    `${style.bold(state.study)}  ${state.status}${holder ? ` (process ${holder.pid} on ${holder.host})` : ""}`,
    ...(current ? [`${current.stage}: ${current.done} of ${current.cells} cells`] : []),
    ...(state.error === undefined ? [] : [style.bad(state.error)]),
    "",
    ...tableLines([["stage", "status", "time", "cells", ""], ...stages]),
    ...(jobs.length === 0 ? [] : ["", ...tableLines([["job", "state", "updates", "where", ""], ...jobs])])
  ].join("\n")
}

/** Runs `status`. */
export const run = ({ run: folder, json }: StatusInput) =>
  Effect.gen(function* () {
    const state = yield* fromStudy(runStatus(folder))
    yield* json ? printJson(state) : Console.log(page(state))
  })
