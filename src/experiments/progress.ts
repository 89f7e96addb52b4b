/** @file How far a run is, told to a person: bars on a terminal, plain lines elsewhere. Always on stderr. */
import type { StageRecord } from "./manifest.ts"

/** What the pipeline tells. Calls are in the order of events. */
export interface Progress {
  readonly stageStarted: (stage: string, cells: number, cached: number) => void
  readonly cellAdvanced: (stage: string, cell: string, fraction: number, text: string | undefined) => void
  readonly cellEnded: (stage: string, cell: string, error: string | undefined) => void
  readonly stageEnded: (record: StageRecord) => void
  readonly note: (text: string) => void
  /** The run is over, perhaps in the middle of a stage. */
  readonly ended: () => void
}

/** Where lines go: a stream of text, a terminal or not. */
export interface ProgressOutput {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  readonly columns: number
}

/** Tells nothing. */
export const silentProgress: Progress = {
  stageStarted: () => undefined,
  cellAdvanced: () => undefined,
  cellEnded: () => undefined,
  stageEnded: () => undefined,
  note: () => undefined,
  ended: () => undefined
}

const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`)

const stageLine = (record: StageRecord): string => {
  const { total, ran, cached } = record.cells
  const cells = total > 1 && record.status !== "cached" ? `, ${ran} of ${total} cells run, ${cached} from cache` : ""
  const failed = record.failures.length > 0 ? `, ${record.failures.length} failed` : ""
  return `${record.id.padEnd(10)} ${record.status} in ${seconds(record.seconds)}${cells}${failed}`
}

interface Bar {
  readonly stage: string
  readonly total: number
  done: number
  /** Cells that are going on, with their fractions. */
  readonly going: Map<string, { readonly fraction: number; readonly text: string | undefined }>
}

const finishedCells = (bar: Bar): number =>
  bar.done + [...bar.going.values()].reduce((sum, { fraction }) => sum + fraction, 0)

const drawBar = (bar: Bar, columns: number): string => {
  const width = Math.max(10, Math.min(30, columns - 50))
  const filled = Math.round((width * finishedCells(bar)) / Math.max(bar.total, 1))
  const first = [...bar.going].at(0)
  const doing = first ? ` ${first[0]}${first[1].text ? ` ${first[1].text}` : ""}` : ""
  const line = `${bar.stage.padEnd(10)} ${"█".repeat(filled)}${"░".repeat(width - filled)} ${bar.done}/${bar.total}${doing}`
  return line.length > columns - 1 ? line.slice(0, columns - 1) : line
}

const barProgress = (output: ProgressOutput): Progress => {
  let bar: Bar | undefined
  let drawn = ""
  const draw = (text: string): void => {
    if (text === drawn) return
    output.write(`\r\u001b[2K${text}`)
    drawn = text
  }
  const line = (text: string): void => {
    draw("")
    output.write(`${text}\n`)
    drawn = "\n"
    if (bar) draw(drawBar(bar, output.columns))
  }
  return {
    stageStarted: (stage, total, cached) => {
      bar = { stage, total, done: cached, going: new Map() }
      draw(drawBar(bar, output.columns))
    },
    cellAdvanced: (_stage, cell, fraction, text) => {
      bar?.going.set(cell, { fraction, text })
      if (bar) draw(drawBar(bar, output.columns))
    },
    cellEnded: (_stage, cell, error) => {
      if (error !== undefined) line(`failed: ${cell}: ${error}`)
      if (!bar) return
      bar.going.delete(cell)
      bar.done++
      draw(drawBar(bar, output.columns))
    },
    stageEnded: (record) => {
      bar = undefined
      line(stageLine(record))
    },
    note: line,
    // What is said next starts on a line of its own.
    ended: () => {
      if (bar) draw("")
    }
  }
}

/** A line when a tenth more of a stage's cells are done: enough for a log, not a line per cell. */
const lineProgress = (output: ProgressOutput): Progress => {
  let done = 0
  let total = 0
  let tenths = 0
  const line = (text: string): void => output.write(`${text}\n`)
  return {
    stageStarted: (stage, cells, cached) => {
      done = cached
      total = cells
      tenths = Math.floor((10 * done) / Math.max(total, 1))
      if (total > 1) line(`${stage.padEnd(10)} ${cells} cells, ${cached} from cache`)
    },
    cellAdvanced: () => undefined,
    cellEnded: (stage, cell, error) => {
      if (error !== undefined) line(`failed: ${cell}: ${error}`)
      done++
      const now = Math.floor((10 * done) / Math.max(total, 1))
      if (now > tenths && done < total) line(`${stage.padEnd(10)} ${done}/${total}`)
      tenths = now
    },
    stageEnded: (record) => line(stageLine(record)),
    note: line,
    ended: () => undefined
  }
}

/** Bars if the output is a terminal, lines if not. */
export const makeProgress = (output: ProgressOutput): Progress =>
  output.isTerminal ? barProgress(output) : lineProgress(output)

/** The process's stderr as an output for progress. */
export const stderrOutput = (): ProgressOutput => ({
  write: (text) => {
    process.stderr.write(text)
  },
  isTerminal: process.stderr.isTTY === true,
  // A terminal that does not know its width says 0.
  columns: process.stderr.columns || 80
})
