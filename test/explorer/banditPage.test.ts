/** The bandit playground in a real browser, from disk: what it trains, says, exports and keeps in its link. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rowsFromJsonLines } from "../../src/experiments/records.ts"
import { rowsCsv } from "../../src/explorer/bandit/curves.ts"
import type { Report } from "../../src/explorer/bandit/protocol.ts"
import { cellsOf, readSetting } from "../../src/explorer/bandit/settings.ts"
import { Trainer } from "../../src/explorer/bandit/trainer.ts"
import { type LinkState, linkOf } from "../../src/explorer/link.ts"
import { losslattice } from "../e2e/process.ts"
import { requires } from "../requirements.ts"
import { accessibilityProblems, launchBrowser, openPage, screenshot } from "./page.ts"

const small = { seeds: "0,1", steps: "40", checkpoints: "4" }

/** Waits until all cells ended. */
const trained = (page: Page) => page.locator('[role="status"][data-over="true"]').waitFor()

const saved = async (page: Page, button: string): Promise<string> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click()
  ])
  return readFileSync(await download.path(), "utf8")
}

/** Rows of the page's CSV, by loss, seed and step. No text in it holds a comma. */
const rowsOfCsv = (text: string): ReadonlyMap<string, Readonly<Record<string, string>>> => {
  const [head = "", ...lines] = text.trimEnd().split("\n")
  const names = head.split(",")
  return new Map(
    lines.map((line) => {
      const row = Object.fromEntries(line.split(",").map((value, i) => [names[i]!, value]))
      return [`${row.loss} ${row.seed} ${row.step}`, row]
    })
  )
}

/** The CSV of a setting that the page's trainer trained in this process. */
const trainedHere = async (state: LinkState): Promise<string> => {
  const cells = cellsOf(Result.getOrThrow(readSetting(state)))
  const reports: Array<Report> = []
  const trainer = new Trainer({
    post: (some) => reports.push(...some),
    now: () => performance.now(),
    breathe: () => new Promise((resolve) => setImmediate(resolve))
  })
  trainer.handle({ type: "start", cells, playing: true })
  await expect.poll(() => reports.filter(({ type }) => type === "ended").length).toBe(cells.length)
  const rowsOf = (cell: number) =>
    reports.flatMap((report) => (report.type === "row" && report.cell === cell ? [report.row] : []))
  return rowsCsv(cells.map(({ loss, seed }, i) => ({ loss, seed, rows: rowsOf(i) })))
}

describe.runIf(requires("browser"))("the playground", () => {
  let browser: Browser
  const folder = mkdtempSync(join(tmpdir(), "losslattice-playground-page-"))
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await browser.close()
  })

  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 400]
  ] as const)("trains what it shows first, %s, %i pixels wide", async (colorScheme, width) => {
    const { page, complaints, close } = await openPage(browser, "#/bandit", { colorScheme, width })
    await trained(page)
    expect(await page.locator(".line-chart").count()).toBe(6)
    expect(await page.getByRole("img", { name: /^regret.*dpo\?beta=0\.5: .* at 600/ }).count()).toBe(1)
    expect(await page.getByRole("img", { name: /^True reward/ }).count()).toBe(1)
    expect(await page.getByRole("table").getByRole("rowheader").allTextContents()).toEqual([
      "dpo?beta=0.5",
      "cpo_core",
      "ipo?tau=0.5"
    ])
    // Nothing is wider than the window.
    expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0)
    expect(await accessibilityProblems(page)).toEqual([])
    await screenshot(page, `bandit-${colorScheme}-${width}`)
    expect(complaints).toEqual([])
    await close()
  })

  it("exports a study file that the command line trains to the same numbers", async () => {
    const state = {
      ...small,
      loss: "dpo?beta=0.5\nuncpo\nratio:p_w/p_l\npg?baseline=none\nmwu",
      "environment.kind": "noise",
      "environment.rate": "0.1",
      "environment.of.kind": "bradley-terry",
      "environment.of.arms": "5",
      "environment.of.reference": "normal",
      "data.mode": "sampled",
      "data.pairs": "60",
      "optimizer.kind": "adam",
      "optimizer.learningRate": "0.05",
      "optimizer.batchSize": "16"
    }
    const { page, close } = await openPage(browser, linkOf("bandit", state))
    await trained(page)
    const yaml = await saved(page, "Save as study file (YAML)")
    const shown = rowsOfCsv(await saved(page, "Save all rows (CSV)"))
    await close()
    const file = join(folder, "playground.yaml")
    writeFileSync(file, yaml)
    const { code, out, err } = losslattice("run", file, "--out", join(folder, "runs"))
    expect(`${code} ${err}`).toMatch(/^0 /)
    const run = out.trim().split("\n").at(-1)!
    const records = rowsFromJsonLines(readFileSync(join(run, "records", "bandit.jsonl"), "utf8"))
    // The page's own training, in the command line's engine: the same numbers to the last digit.
    const inNode = rowsOfCsv(await trainedHere(state))
    expect(records.length).toBe(5 * 2 * 5)
    expect([shown.size, inNode.size]).toEqual([records.length, records.length])
    for (const record of records) {
      const key = `${record.loss} ${record.seed} ${record.step}`
      const numbers = Object.entries(record).filter(
        ([name, value]) => typeof value === "number" && !/^(?:seed$|step$|ceWeight$|rewardAtKl\/)/.test(name)
      )
      expect(numbers.length).toBeGreaterThan(15)
      for (const [name, value] of numbers) {
        expect([key, name, inNode.get(key)?.[name]]).toEqual([key, name, String(value)])
        // Browsers have another exp and log, which differ from Node's in the last digit now and then.
        expect(Math.abs(Number(shown.get(key)![name]) - Number(value))).toBeLessThan(
          1e-9 * (1 + Math.abs(Number(value)))
        )
      }
    }
  })

  it("keeps the whole setting in its link: what a colleague opens shows the same numbers", async () => {
    const first = await openPage(browser, linkOf("bandit", { ...small, loss: "dpo" }))
    const { page } = first
    await trained(page)
    await page.getByLabel("beta", { exact: true }).first().fill("2")
    await page.getByRole("group", { name: "environment" }).getByLabel("kind").selectOption("sparse")
    await page.getByRole("group", { name: "environment" }).getByLabel("arms").fill("9")
    await page.getByLabel("Another loss").fill("orpo_seq")
    await page.getByRole("button", { name: "Add" }).click()
    await page.getByLabel("noise", { exact: true }).fill("0.25")
    await page.getByLabel("Look at step").fill("20")
    await expect.poll(() => page.url()).toMatch(/at=20/)
    await page.locator('.arm-bars figcaption:has-text("orpo_seq")').waitFor()
    await trained(page)
    const csv = await saved(page, "Save all rows (CSV)")
    const yaml = await page.locator(".outcome details pre").textContent()
    expect(yaml).toMatch(/dpo\?beta=2[\s\S]*orpo_seq[\s\S]*kind: sparse\n\s*arms: 9[\s\S]*noise: 0\.25/)
    const other = await openPage(browser, new URL(page.url()).hash)
    await trained(other.page)
    expect(await saved(other.page, "Save all rows (CSV)")).toBe(csv)
    expect(await other.page.getByLabel("Look at step").inputValue()).toBe("20")
    await other.page.getByRole("heading", { name: "Checkpoint at step 20" }).waitFor()
    expect(await other.page.locator(".outcome tbody tr").first().locator("td").first().textContent()).toBe("20")
    // Back: before the loss was added.
    await page.goBack()
    await page.goBack()
    await expect.poll(() => page.getByRole("textbox", { name: /^loss \d/ }).count()).toBe(1)
    expect([...first.complaints, ...other.complaints]).toEqual([])
    await first.close()
    await other.close()
  })

  it("lets losses be typed: spaces, half names, the same twice for a moment, none at all", async () => {
    const { page, complaints, close } = await openPage(browser, linkOf("bandit", { ...small, loss: "dpo\ncpo_core" }))
    const field = page.getByRole("textbox", { name: "loss 2", exact: true })
    await field.fill("")
    await field.pressSequentially("dpo")
    expect(await page.getByRole("textbox", { name: /^loss \d/ }).count()).toBe(2)
    await field.fill("")
    await field.pressSequentially("logic:M(l) -> M(w)")
    expect(await field.inputValue()).toBe("logic:M(l) -> M(w)")
    await page.getByRole("rowheader", { name: "logic:M(l) -> M(w)" }).waitFor()
    const beta = page.locator(".loss-row").nth(1).getByLabel("beta")
    await beta.fill("")
    await beta.pressSequentially("0.25")
    await page.getByRole("rowheader", { name: "logic:M(l) -> M(w)?beta=0.25" }).waitFor()
    await page.getByRole("button", { name: /^Remove loss 2/ }).click()
    await page.getByRole("button", { name: /^Remove loss 1/ }).click()
    await page.getByText("loss: at least one is needed").waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it("waits, takes a step, goes on, and starts anew", async () => {
    const { page, close } = await openPage(browser, linkOf("bandit", { ...small, loss: "dpo", play: "0" }))
    const progress = () => page.getByRole("progressbar").evaluate((bar) => (bar as unknown as { value: number }).value)
    await page.getByRole("img", { name: /^regret.* at 0/ }).waitFor()
    expect(await progress()).toBe(0)
    await page.getByRole("button", { name: "Step", exact: true }).click()
    await expect.poll(progress).toBe(10)
    await page.getByRole("button", { name: "Play" }).click()
    await trained(page)
    expect(await progress()).toBe(40)
    await page.getByRole("button", { name: "Reset" }).click()
    await trained(page)
    await page.getByRole("img", { name: /^regret.* at 40/ }).waitFor()
    await close()
  })

  it("says what cannot be trained, and trains the rest", async () => {
    const wild = { "optimizer.kind": "gd", "optimizer.learningRate": "1e6" }
    const link = linkOf("bandit", { ...small, ...wild, loss: "gpo_exp?beta=50\nno-such-loss\ndpo" })
    const { page, complaints, close } = await openPage(browser, link)
    await trained(page)
    const alerts = await page.getByRole("alert").allTextContents()
    expect(alerts.join("\n")).toMatch(
      /gpo_exp\?beta=50, seed 0: training left the finite numbers \(step \d+: the \w+ is/
    )
    expect(await page.locator(".loss-row .problem").textContent()).toMatch(/no loss of the catalogue.*no-such-loss/)
    expect((await page.locator(".outcome section").allTextContents()).join(" ")).not.toMatch(/NaN|Infinity/)
    expect(await page.locator("svg").evaluateAll((all) => all.map((svg) => svg.outerHTML).join(""))).not.toMatch(/NaN/)
    await page.getByRole("group", { name: "optimizer" }).getByLabel("learningRate").fill("fast")
    await page.getByText('optimizer.learningRate: expected a number, found "fast"').waitFor()
    const odd = await openPage(browser, linkOf("bandit", { ...small, loss: "dpo", at: "soon", charts: "regret,joy" }))
    await trained(odd.page)
    expect(await odd.page.getByRole("alert").allTextContents()).toEqual([
      "The link looks at step soon, which is no number; the last is shown.",
      "The link names the curve joy, which this setting does not have."
    ])
    expect(await odd.page.locator(".line-chart").count()).toBe(1)
    await odd.close()
    expect(complaints).toEqual([])
    await close()
  })

  it("opens every kind of environment from its menu", async () => {
    const { page, complaints, close } = await openPage(browser, linkOf("bandit", { ...small, seeds: "0", loss: "dpo" }))
    const menu = page.getByRole("group", { name: "environment" }).getByLabel("kind").first()
    for (const kind of await menu.locator("option").allTextContents()) {
      await menu.selectOption(kind)
      await page
        .getByRole("img", { name: /^expected gold reward.* at 40/ })
        .or(page.getByRole("alert"))
        .first()
        .waitFor()
      expect(await page.getByRole("alert").allTextContents()).toEqual([])
    }
    expect(complaints).toEqual([])
    await close()
  })
})
