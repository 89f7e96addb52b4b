/**
 * The worker's side of the playground: trains cells by turns with src/bandit as it is, a checkpoint at a time, and lets
 * messages in between slices. Knows no worker: what it needs of one comes as {@link TrainerHost}.
 */
import * as Result from "effect/Result"
import { startCell } from "../../bandit/cell.ts"
import type { BanditCellSpec } from "../../bandit/cellSchema.ts"
import type { Trajectory } from "../../bandit/train.ts"
import { mostDrawn, type Order, type Report, type WorldTables } from "./protocol.ts"

/** The world around a trainer. */
export interface TrainerHost {
  readonly post: (reports: ReadonlyArray<Report>) => void
  /** Milliseconds. */
  readonly now: () => number
  /** Resolves after messages that wait were handled. */
  readonly breathe: () => Promise<void>
}

/** Longest slice without letting messages in, milliseconds; a checkpoint that takes longer is one slice. */
const slice = 25

interface Running {
  readonly trajectory: Trajectory
  /** π at the checkpoint just reached; undefined where it is not drawn. */
  readonly policy: () => Float64Array | undefined
  milliseconds: number
}

/** A cell: not begun, under way, or over. */
type Cell = { readonly spec: BanditCellSpec; running?: Running; over: boolean }

const drawn = (world: WorldTables): WorldTables | undefined =>
  world.contexts * world.arms <= mostDrawn
    ? {
        contexts: world.contexts,
        arms: world.arms,
        reward: Float64Array.from(world.reward),
        reference: Float64Array.from(world.reference)
      }
    : undefined

export class Trainer {
  readonly #host: TrainerHost
  #cells: ReadonlyArray<Cell> = []
  #playing = false
  #looping = false
  /** Where a round was cut short, the next goes on. */
  #turn = 0

  constructor(host: TrainerHost) {
    this.#host = host
  }

  handle(order: Order): void {
    switch (order.type) {
      case "start":
        this.#cells = order.cells.map((spec) => ({ spec, over: false }))
        this.#turn = 0
        this.#playing = order.playing
        // A setting that waits shows where it starts.
        if (!order.playing) this.#host.post(this.#advanceAll())
        break
      case "play":
        this.#playing = true
        break
      case "pause":
        this.#playing = false
        break
      case "step":
        this.#playing = false
        this.#host.post(this.#advanceAll())
        break
    }
    if (this.#playing && !this.#looping) void this.#loop()
  }

  async #loop(): Promise<void> {
    this.#looping = true
    while (this.#playing && this.#cells.some(({ over }) => !over)) {
      const end = this.#host.now() + slice
      const reports: Array<Report> = []
      // All cells move together, so that their curves do.
      do reports.push(...this.#advanceAll(end))
      while (this.#host.now() < end && this.#cells.some(({ over }) => !over))
      this.#host.post(reports)
      await this.#host.breathe()
    }
    this.#looping = false
  }

  /** One checkpoint of every cell, or of as many as there is time for. */
  #advanceAll(end = Number.POSITIVE_INFINITY): ReadonlyArray<Report> {
    const reports: Array<Report> = []
    const count = this.#cells.length
    for (let i = 0; i < count; i++) {
      const at = this.#turn++ % count
      const cell = this.#cells[at]!
      if (!cell.over) reports.push(...this.#advance(cell, at))
      if (this.#host.now() >= end) break
    }
    return reports
  }

  #advance(cell: Cell, at: number): ReadonlyArray<Report> {
    const begin = this.#host.now()
    try {
      const { running, reports } = this.#begun(cell, at)
      if (running === undefined) return reports
      const next = running.trajectory.next()
      running.milliseconds += this.#host.now() - begin
      if (!next.done) {
        const policy = running.policy()
        return [...reports, { type: "row", cell: at, row: next.value, ...(policy === undefined ? {} : { policy }) }]
      }
      cell.over = true
      const seconds = running.milliseconds / 1000
      const divergence = Result.isFailure(next.value) ? { divergence: next.value.failure.message } : {}
      return [...reports, { type: "ended", cell: at, seconds, ...divergence }]
    } catch (error) {
      // What no refusal foresees (memory, a bug) must not silence the other cells.
      cell.over = true
      return [{ type: "refused", cell: at, issues: [error instanceof Error ? error.message : String(error)] }]
    }
  }

  #begun(cell: Cell, at: number): { readonly running?: Running; readonly reports: ReadonlyArray<Report> } {
    if (cell.running !== undefined) return { running: cell.running, reports: [] }
    let policy: Float64Array | undefined
    const started = startCell(cell.spec, (reached) => {
      if (reached.length <= mostDrawn) policy = Float64Array.from(reached)
    })
    if (Result.isFailure(started)) {
      cell.over = true
      return { reports: [{ type: "refused", cell: at, issues: started.failure.issues }] }
    }
    const { environment, trajectory } = started.success
    const world = drawn(environment)
    const running: Running = { trajectory, policy: () => policy, milliseconds: 0 }
    cell.running = running
    return { running, reports: [{ type: "started", cell: at, ...(world === undefined ? {} : { world }) }] }
  }
}
