/**
 * @file Training in the explorer's worker against the command line's own cells, on the same settings: steps a second in training
 * and metrics together, rounds by turns so that a busy machine slows both. And how long the page's own thread was ever busy at a
 * stretch while the worker trained (`longtask`: 50 ms and more).
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

interface InPage {
  readonly stepsPerSecond: number
  /** Milliseconds; 0: no task of the page's thread took 50. */
  readonly longestTask: number
}

/** The page's own figure for a setting. Tasks are watched from the first checkpoint on: before it the page is being opened. */
const inPage = async (browser: Browser, state: LinkState): Promise<InPage> => {
  const page = await browser.newPage()
  await page.addInitScript(`
    globalThis.longTasks = []
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration])))
      .observe({ type: "longtask", buffered: true })`)
  await page.goto(
    pathToFileURL(fileURLToPath(new URL("../dist/explorer/index.html", import.meta.url))).href + linkOf("bandit", state)
  )
  await page.locator('[role="status"][data-over]').waitFor()
  const begun = await page.evaluate<number>("performance.now()")
  await page.locator('[role="status"][data-over="true"]').waitFor({ timeout: 120_000 })
  const text = (await page.locator('[role="status"][data-over]').textContent()) ?? ""
  const longTasks = await page.evaluate<ReadonlyArray<readonly [number, number]>>("longTasks")
  await page.close()
  const speed = /([\d,]+) steps a second/.exec(text)?.[1]
  if (speed === undefined) throw new Error(`the page says "${text}"`)
  const during = longTasks.filter(([start]) => start > begun).map(([, duration]) => duration)
  return { stepsPerSecond: Number(speed.replaceAll(",", "")), longestTask: Math.max(0, ...during) }
}

const bench = async (browser: Browser, name: string, own: LinkState) => {
  const state = stateOf(own)
  const cell = cellsOf(Result.getOrThrow(readSetting(state)))[0]!
  const figures: Array<{ readonly page: InPage; readonly here: number }> = []
  for (let round = -1; round < rounds; round++) {
    const one = { page: await inPage(browser, state), here: here(cell) }
    // The first round is the compilers'.
    if (round >= 0) figures.push(one)
  }
  return {
    setting: name,
    steps: cell.steps,
    pageStepsPerSecond: spread(figures.map(({ page }) => page.stepsPerSecond)),
    commandLineStepsPerSecond: spread(figures.map((one) => one.here)),
    ratio: spread(figures.map((one) => one.page.stepsPerSecond / one.here)),
    longestTaskOfThePage: Math.max(...figures.map(({ page }) => page.longestTask))
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
