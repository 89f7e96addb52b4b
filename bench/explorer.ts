/**
 * @file Training in the explorer's worker against the command line's own cells, on the same settings: steps a second in training
 * and metrics together, rounds by turns so that a busy machine slows both (each round of the page is a fresh worker, which compiles
 * anew; the process here stays warm). And the processor time of the longest task of the page's own thread while the worker trains.
 *
 * Run: `node bench/explorer.ts` after a build. Needs Chromium (LOSSLATTICE_BROWSER names another). Prints JSON.
 */
import { existsSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as Result from "effect/Result"
import { type Browser, chromium } from "playwright-core"
import { runCell } from "../src/bandit/cell.ts"
import type { BanditCellSpec } from "../src/bandit/cellSchema.ts"
import { cellsOf, readSetting } from "../src/explorer/bandit/settings.ts"
import { type LinkState, linkOf } from "../src/explorer/link.ts"
import { machine, spread } from "./machine.ts"

const rounds = 5

const settings: Readonly<Record<string, LinkState>> = {
  "DPO, ten arms, all pairs": { loss: "dpo?beta=0.5", steps: "400000" },
  "unCPO, ten arms, all pairs": { loss: "uncpo", steps: "200000" },
  "DPO, ten arms, minibatches of 16": { loss: "dpo?beta=0.5", steps: "200000", "optimizer.batchSize": "16" }
}

const stateOf = (own: LinkState): LinkState => ({
  seeds: "0",
  checkpoints: "50",
  "environment.kind": "bradley-terry",
  "environment.arms": "10",
  "environment.reference": "normal",
  "data.mode": "exact",
  "optimizer.kind": "adam",
  "optimizer.learningRate": "0.02",
  ...own
})

/** Steps a second of a cell here. */
const here = (cell: BanditCellSpec): number => {
  const start = performance.now()
  const result = runCell(cell)
  const seconds = (performance.now() - start) / 1000
  if (Result.isFailure(result)) throw result.failure
  return cell.steps / seconds
}

const address = (state: LinkState): string =>
  pathToFileURL(fileURLToPath(new URL("../dist/explorer/index.html", import.meta.url))).href + linkOf("bandit", state)

const over = '[role="status"][data-over="true"]'

/** The page's own figure for a setting. */
const inPage = async (browser: Browser, state: LinkState): Promise<number> => {
  const page = await browser.newPage()
  await page.goto(address(state))
  await page.locator(over).waitFor({ timeout: 120_000 })
  const text = (await page.locator(over).textContent()) ?? ""
  await page.close()
  const speed = /([\d,]+) steps a second/.exec(text)?.[1]
  if (speed === undefined) throw new Error(`the page says "${text}"`)
  return Number(speed.replaceAll(",", ""))
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of processor time. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

const categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"]

/** Processor time, milliseconds, of the longest task of the page's thread from its first pictures to the end of the training. */
const longestTask = async (browser: Browser, state: LinkState): Promise<number> => {
  const page = await browser.newPage()
  await page.goto(address({ ...state, steps: String(10 * Number(state.steps)), checkpoints: "500" }))
  await page.locator(".outcome table").waitFor()
  await browser.startTracing(page, { categories })
  await page.locator(over).waitFor({ timeout: 120_000 })
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Array<TraceEvent> }
  await page.close()
  const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`
  const mains = new Set(
    traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(thread)
  )
  const tasks = traceEvents.filter((event) => event.ph === "X" && event.name === "RunTask" && mains.has(thread(event)))
  if (tasks.length < 10) throw new Error(`only ${tasks.length} tasks were traced`)
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000
}

const bench = async (browser: Browser, name: string, own: LinkState) => {
  const state = stateOf(own)
  const cell = cellsOf(Result.getOrThrow(readSetting(state)))[0]!
  const figures: Array<{ readonly page: number; readonly here: number }> = []
  for (let round = -1; round < rounds; round++) {
    const one = { page: await inPage(browser, state), here: here(cell) }
    // The first round is the compilers'.
    if (round >= 0) figures.push(one)
  }
  return {
    setting: name,
    steps: cell.steps,
    pageStepsPerSecond: spread(figures.map(({ page }) => page)),
    commandLineStepsPerSecond: spread(figures.map((one) => one.here)),
    ratio: spread(figures.map((one) => one.page / one.here)),
    longestTaskWhileTraining: await longestTask(browser, state)
  }
}

const executablePath = [process.env.LOSSLATTICE_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path)
)
if (executablePath === undefined) throw new Error("there is no Chromium; LOSSLATTICE_BROWSER may name one")
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
const results = []
for (const [name, own] of Object.entries(settings)) results.push(await bench(browser, name, own))
const version = browser.version()
await browser.close()
process.stdout.write(
  `${JSON.stringify({ bench: "explorer", node: process.version, browser: version, machine: machine(), results }, null, 2)}\n`
)
