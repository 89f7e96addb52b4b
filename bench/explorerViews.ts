/**
 * @file How long the explorer's page takes to draw: from opening the file to the first frame with the lattice on it, in a new
 * browser context each time; and from a key press in the loss page's field to the painted frame with map, truth table and formula
 * drawn again. Wall-clock milliseconds, up to one frame of the screen (17 ms) included; of the edits that draw a new picture also the
 * processor time of the page's thread, which other programs do not lengthen much.
 *
 * Run: `node bench/explorerViews.ts` after a build. Needs Chromium (LOSSLATTICE_BROWSER names another). Prints JSON.
 */
import { existsSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as Result from "effect/Result"
import { type Browser, chromium } from "playwright-core"
import { type LinkState, linkOf } from "../src/explorer/link.ts"
import { resolveLoss } from "../src/loss/resolve.ts"
import { machine } from "./machine.ts"

const rounds = 15
const page = pathToFileURL(fileURLToPath(new URL("../dist/explorer/index.html", import.meta.url))).href

interface Times {
  /** What it takes when nothing else runs: other programs slow the rest. */
  readonly least: number
  readonly median: number
  /** The largest of nineteen in twenty. */
  readonly p95: number
  readonly most: number
}

const times = (values: ReadonlyArray<number>): Times => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! * 10) / 10
  return { least: at(0), median: at(0.5), p95: at(0.95), most: at(1) }
}

/** Milliseconds from navigation to the frame after the first that has a loss in it. */
const firstLattice = async (browser: Browser, state: LinkState): Promise<number> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const tab = await context.newPage()
  await tab.addInitScript(`
    globalThis.drawn = new Promise((resolve) => {
      const look = () => document.querySelector(".node") === null
        ? requestAnimationFrame(look)
        : requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
      requestAnimationFrame(look)
    })`)
  await tab.goto(page + linkOf("lattice", state))
  const time = await tab.evaluate<number>("drawn")
  await context.close()
  return time
}

/** What is typed: every text key by key, so that most states are wrong or half a loss. */
const typed = [
  "dpo?beta=0.2",
  "logic:M(l) -> M(w); given: M(l) or M(w)",
  "ratio:p_w*(1-p_l)/(p_l*(1-p_w))",
  "rows:TF,TT/FT",
  "expr:softplus(-(lw-ll))"
]

/** Milliseconds from each key to its painted frame: where the text names a loss, so that all is drawn again, and where not. */
const editing = async (browser: Browser) => {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await tab.goto(page + linkOf("loss", { loss: "cpo_core" }))
  await tab.locator("canvas").waitFor()
  await tab.evaluate(`globalThis.edit = (text) => new Promise((resolve) => {
    const field = document.querySelector("#loss-text")
    const start = performance.now()
    field.value = text
    field.dispatchEvent(new Event("input", { bubbles: true }))
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)))
  })`)
  const session = await tab.context().newCDPSession(tab)
  await session.send("Performance.enable", { timeDomain: "threadTicks" })
  /** Processor time of the page's thread so far, milliseconds. */
  const processor = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics")
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN)
  }
  const found = { whole: [] as Array<number>, wrong: [] as Array<number>, wholeProcessor: [] as Array<number> }
  for (let round = -1; round < 5; round++) {
    for (const text of typed) {
      for (let length = 1; length <= text.length; length++) {
        const part = text.slice(0, length)
        const before = await processor()
        const time = await tab.evaluate<number>(`edit(${JSON.stringify(part)})`)
        const spent = (await processor()) - before
        // The first round is the compilers', and makes the parser of ratios.
        if (round < 0) continue
        const isWhole = Result.isSuccess(resolveLoss(part))
        found[isWhole ? "whole" : "wrong"].push(time)
        if (isWhole) found.wholeProcessor.push(spent)
      }
    }
  }
  await tab.close()
  return found
}

const executablePath = [process.env.LOSSLATTICE_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path)
)
if (executablePath === undefined) throw new Error("there is no Chromium; LOSSLATTICE_BROWSER may name one")
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
await firstLattice(browser, {})
const lattices: Record<string, Times> = {}
for (const set of ["sixteen", "monotone", "all"]) {
  const found: Array<number> = []
  for (let round = 0; round < rounds; round++) found.push(await firstLattice(browser, { set }))
  lattices[set] = times(found)
}
const edits = await editing(browser)
const version = browser.version()
await browser.close()
const results = {
  firstLatticeMs: lattices,
  editToFrameMs: { newPicture: times(edits.whole), wrongText: times(edits.wrong) },
  editProcessorMs: times(edits.wholeProcessor)
}
process.stdout.write(
  `${JSON.stringify({ bench: "explorerViews", node: process.version, browser: version, machine: machine(), results }, null, 2)}\n`
)
