/** Training in a worker, as a component sees it: what is known of every cell, drawn again a few times a second. */
import { useEffect, useReducer, useRef } from "preact/hooks"
import type { BanditCellSpec } from "../../bandit/cellSchema.ts"
import type { StepMetrics } from "../../bandit/metrics.ts"
import type { CellState } from "./curves.ts"
import type { Order, Report, WorldTables } from "./protocol.ts"
import TrainingWorker from "./worker.ts?worker&inline"

/** A cell with what can be drawn of it: π at every row, where the world is small enough. */
export interface TrainedCell extends CellState {
  readonly spec: BanditCellSpec
  readonly world?: WorldTables
  readonly policies: ReadonlyArray<Float64Array>
}

export interface Training {
  readonly cells: ReadonlyArray<TrainedCell>
  /** Whether every cell ended. */
  readonly over: boolean
  /** The worker itself failed. */
  readonly failure?: string
}

/** A training and the means to steer it. */
export interface SteeredTraining {
  /** The one before it, until the first report of a new one comes. */
  readonly training: Training
  readonly step: () => void
  readonly restart: () => void
}

interface Growing {
  spec: BanditCellSpec
  rows: Array<StepMetrics>
  policies: Array<Float64Array>
  world?: WorldTables
  divergence?: string
  refused?: ReadonlyArray<string>
  seconds?: number
}

const take = (cells: ReadonlyArray<Growing>, report: Report): void => {
  const cell = cells[report.cell]
  if (cell === undefined) return
  switch (report.type) {
    case "started":
      if (report.world !== undefined) cell.world = report.world
      break
    case "refused":
      cell.refused = report.issues
      break
    case "row":
      cell.rows.push(report.row)
      if (report.policy !== undefined) cell.policies.push(report.policy)
      break
    case "ended":
      cell.seconds = report.seconds
      if (report.divergence !== undefined) cell.divergence = report.divergence
      break
  }
}

const isOver = ({ seconds, refused }: CellState): boolean => seconds !== undefined || refused !== undefined

/** Between two drawings of a training, milliseconds: the worker needs the machine more than the eye needs pictures. */
const drawingPause = 60

/** Wait after the last change of a setting before it is trained, milliseconds. */
const patience = 120

const nothing: Training = { cells: [], over: false }

/**
 * Trains cells in a worker of their own; other cells, or a restart, end it and begin again.
 * @param cells undefined: nothing is trained @param playing whether it goes on by itself
 */
export const useTraining = (cells: ReadonlyArray<BanditCellSpec> | undefined, playing: boolean): SteeredTraining => {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const [turn, restart] = useReducer((count: number) => count + 1, 0)
  const shown = useRef<Training>(nothing)
  const tell = useRef<(order: Order) => void>(() => undefined)
  const wanted = useRef(playing)
  wanted.current = playing
  const begun = useRef(false)
  const key = cells === undefined ? "" : JSON.stringify(cells)
  useEffect(() => {
    if (cells === undefined) return
    let worker: Worker | undefined
    let drawing: ReturnType<typeof setTimeout> | undefined
    const growing: ReadonlyArray<Growing> = cells.map((spec) => ({ spec, rows: [], policies: [] }))
    let failure: string | undefined
    const show = (): void => {
      drawing ??= setTimeout(() => {
        drawing = undefined
        const over = growing.every(isOver)
        shown.current = {
          cells: growing.map((cell) => ({ ...cell })),
          over,
          ...(failure === undefined ? {} : { failure })
        }
        redraw(undefined)
      }, drawingPause)
    }
    const fail = (reason: string): void => {
      failure = reason
      show()
    }
    const begin = (): void => {
      begun.current = true
      try {
        worker = new TrainingWorker()
      } catch (error) {
        // A page may be served with a policy that forbids workers.
        fail(error instanceof Error ? error.message : String(error))
        return
      }
      worker.onmessage = ({ data }: MessageEvent<ReadonlyArray<Report>>) => {
        for (const report of data) take(growing, report)
        show()
      }
      worker.onerror = (event) => fail(event.message || "the worker cannot be started")
      tell.current = (order) => worker?.postMessage(order)
      tell.current({ type: "start", cells, playing: wanted.current })
    }
    const timer = setTimeout(begin, begun.current ? patience : 0)
    return () => {
      clearTimeout(timer)
      clearTimeout(drawing)
      worker?.terminate()
      tell.current = () => undefined
    }
  }, [key, turn])

  useEffect(() => tell.current({ type: playing ? "play" : "pause" }), [playing])

  return {
    training: shown.current,
    step: () => tell.current({ type: "step" }),
    restart: () => restart(undefined)
  }
}
