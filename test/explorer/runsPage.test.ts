/** The run browser in a real browser, from disk: a run of the real command line, a broken one, and folders opened in the page. */
import {
  copyFileSync,
  cpSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openRunData } from "../../src/cli/explore/runData.ts"
import { rowsFromJsonLines } from "../../src/experiments/records.ts"
import { linkOf } from "../../src/explorer/link.ts"
import { losslattice } from "../e2e/process.ts"
import { requires } from "../requirements.ts"
import { accessibilityProblems, builtPage, launchBrowser, type OpenOptions, openPage, screenshot } from "./page.ts"

const study = `version: 1
study: tiny
title: A <small> study
question: Does the loss decide regret?
limits: [It is small.]
seeds: [0, 1, 2]
catalogue: {losses: [dpo, cpo_core]}
bandit:
  studies:
    clean:
      losses: [dpo, cpo_core]
      environment: {kind: bradley-terry, arms: 4}
      data: {mode: exact}
      optimizer: {kind: adam, learningRate: 0.05}
      steps: 90
      checkpoints: 30
claims:
  - id: rises
    says: The reward of DPO rises.
    source: none
    of: {study: clean, loss: dpo}
    value: expectedReward
    increases: {by: 0}
  - id: rises-much
    says: The reward of DPO rises by a hundred.
    source: none
    of: {study: clean, loss: dpo}
    value: expectedReward
    increases: {by: 100}
`

const root = mkdtempSync(join(tmpdir(), "losslattice-runs-page-"))
const broken = join(root, "broken", "0123")

/** A copy of the page with the data of some runs beside it. */
const pageWith = async (folders: ReadonlyArray<string>): Promise<string> => {
  const site = join(root, "site")
  const data = await openRunData(folders)
  for (const path of data.paths()) {
    mkdirSync(dirname(join(site, path)), { recursive: true })
    await pipeline(Readable.from(data.read(path)!), createWriteStream(join(site, path)))
  }
  copyFileSync(builtPage(), join(site, "index.html"))
  return pathToFileURL(join(site, "index.html")).href
}

const saved = async (page: Page, button: string): Promise<string> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click()
  ])
  return readFileSync(await download.path(), "utf8")
}

describe.runIf(requires("browser"))("the run browser", () => {
  let browser: Browser
  let run = ""
  let url = ""
  beforeAll(async () => {
    const file = join(root, "tiny.yaml")
    writeFileSync(file, study)
    // A claim that fails ends the program with 1.
    const { code, out, err } = losslattice("run", file, "--out", join(root, "runs"))
    run = out.trim().split("\n").at(-1)!
    if (code !== 1) throw new Error(`the study ended with ${code}: ${err}`)
    cpSync(run, broken, { recursive: true })
    writeFileSync(
      join(broken, "records", "bandit.jsonl"),
      readFileSync(join(run, "records", "bandit.jsonl")).subarray(0, -200)
    )
    writeFileSync(join(broken, "manifest.json"), '{\n  "version": 1,\n  "study": "broken')
    rmSync(join(broken, "report.html"))
    url = await pageWith([run, broken])
    browser = await launchBrowser()
  })
  afterAll(async () => {
    rmSync(root, { recursive: true, force: true })
    await browser?.close()
  })

  const open = (state: Record<string, string>, options: OpenOptions = {}) =>
    openPage(browser, linkOf("runs", state), { url, ...options })

  const parts = ["overview", "verdicts", "tables", "curves", "figures", "sources"] as const

  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 400]
  ] as const)("shows every part of a run, %s, %i pixels wide, for all readers", async (colorScheme, width) => {
    for (const part of parts) {
      // A table of few columns: each cell is looked at for its contrast.
      const columns = width > 400 ? { columns: '["loss","step","regret"]', "f.seed": "=0" } : {}
      const { page, complaints, close } = await open({ part, ...columns }, { colorScheme, width })
      await page.getByRole("heading", { name: "A <small> study" }).waitFor()
      await page.waitForFunction("!document.querySelector('main').textContent.includes('Loading')")
      if (part === "figures") {
        const pictures = page.locator(".run-figure img")
        expect(await pictures.count()).toBeGreaterThan(1)
        const widths = () =>
          pictures.evaluateAll((all) => all.map((img) => (img as unknown as { naturalWidth: number }).naturalWidth))
        await pictures.evaluateAll((all) => {
          for (const img of all) (img as unknown as { loading: string }).loading = "eager"
        })
        await expect.poll(async () => Math.min(...(await widths()))).toBeGreaterThan(100)
        expect(await page.locator(".run-figure figcaption").first().textContent()).toMatch(/Regret J\(π\*\)/)
      }
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0)
      if (width > 400) expect(await accessibilityProblems(page)).toEqual([])
      await screenshot(page, `runs-${part}-${colorScheme}-${width}`)
      expect(complaints).toEqual([])
      await close()
    }
  })

  it("tells what the study asked, how it went, and what does not stand first", async () => {
    const { page, close } = await open({})
    const text = await page.locator(".run-page").textContent()
    expect(text).toMatch(/Does the loss decide regret\?.*It is small\..*bandit.*ran/)
    expect(await page.getByRole("link", { name: "report" }).getAttribute("href")).toBe("data/0/report.html")
    await page.getByRole("button", { name: "Verdicts" }).click()
    await page.locator(".finding").first().waitFor()
    expect(await page.locator(".finding strong").allTextContents()).toEqual(["fails", "open"])
    expect(await page.locator(".finding").first().textContent()).toMatch(/rises by a hundred.*change.*3 seeds/)
    await close()
  })

  it("sorts, filters, pages and saves a table, all of it in the link", async () => {
    const records = rowsFromJsonLines(readFileSync(join(run, "records", "bandit.jsonl"), "utf8"))
    const { page, close } = await open({ part: "tables" })
    await page.getByText(`${records.length} rows`).waitFor()
    expect(await page.locator("tbody tr").count()).toBe(100)
    await page.getByRole("button", { name: "Next" }).click()
    expect(await page.locator("tbody tr").count()).toBe(records.length - 100)
    await page.getByLabel("Filter loss", { exact: true }).fill("=dpo")
    await page.getByLabel("Filter step", { exact: true }).fill(">=30")
    await page.getByRole("button", { name: "regret", exact: true }).click()
    await page.getByRole("button", { name: "regret", exact: true }).click()
    await page.getByText("Columns (").click()
    await page.getByRole("button", { name: "None" }).click()
    for (const name of ["seed", "step", "regret"]) await page.getByRole("checkbox", { name, exact: true }).check()
    const expected = records
      .filter((row) => row.loss === "dpo" && Number(row.step) >= 30)
      .sort((a, b) => Number(b.regret) - Number(a.regret))
      .map(({ seed, step, regret }) => `${seed},${step},${regret}`)
    const lines = (await saved(page, "Save these rows (CSV)")).trimEnd().split("\n")
    expect(lines).toEqual(["seed,step,regret", ...expected])
    await expect.poll(() => page.url()).toMatch(/sort=-regret/)
    const other = await openPage(browser, new URL(page.url()).hash, { url })
    await other.page.locator("tbody tr").first().waitFor()
    expect(await other.page.locator("tbody tr").first().locator("td").allTextContents()).toHaveLength(3)
    expect(await saved(other.page, "Save these rows (CSV)")).toBe(`${lines.join("\n")}\n`)
    await other.close()
    await close()
  })

  it("draws curves of any columns over the filtered rows", async () => {
    const { page, close } = await open({ part: "curves", table: "bandit", x: "klToReference", y: "expectedReward" })
    await page.getByRole("img", { name: /^expectedReward against klToReference/ }).waitFor()
    await page.getByLabel("x", { exact: true }).selectOption("step")
    await page.getByRole("img", { name: /^expectedReward against step\. dpo: .* at 90; cpo_core/ }).waitFor()
    await page.getByText("Means over seeds").waitFor()
    await page.getByText("Told apart by").click()
    await page.getByRole("checkbox", { name: "seed", exact: true }).check()
    await page.getByText("Every point is one row.").waitFor()
    expect(await page.locator(".chart-legend li").count()).toBe(6)
    await page.getByText("Only some rows").click()
    await page
      .locator(".filter-field", { hasText: /^loss$/ })
      .getByRole("textbox")
      .fill("=cpo_core")
    await expect.poll(() => page.locator(".chart-legend li").count()).toBe(3)
    await close()
  })

  it("shows of a broken folder what there is, and says what is wrong", async () => {
    const { page, complaints, close } = await open({ run: "broken/0123", part: "tables" })
    await page.locator("tbody tr").first().waitFor()
    const alert = await page.getByRole("alert").first().textContent()
    expect(alert).toMatch(/manifest\.json:3: not JSON/)
    expect(alert).toMatch(/records\/bandit\.jsonl:\d+: the last line is cut off/)
    expect(await page.getByRole("navigation", { name: "Runs" }).textContent()).toMatch(/broken\/0123.*unknown/)
    expect(await page.getByRole("link", { name: "report" }).count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  it("says that a link names a run or a table that is not here", async () => {
    const { page, close } = await open({ run: "gone/000" })
    expect(await page.getByRole("alert").textContent()).toMatch(/The run gone\/000 is not here/)
    await page.getByRole("button", { name: /tiny/ }).click()
    await page.getByText("Does the loss decide regret?").waitFor()
    await close()
    const odd = await open({ part: "tables", table: "gone", sort: "-nothing", "f.step": ">3" })
    await odd.page.locator("tbody tr").first().waitFor()
    expect(await odd.page.getByRole("alert").allTextContents()).toEqual([
      "The link names the table gone, which this run does not have; bandit is shown.",
      "The link names the column nothing, which bandit does not have."
    ])
    await odd.close()
  })

  it("opens folders of the reader: the same numbers as beside the page, and what is no run is said", async () => {
    const { page, complaints, close } = await openPage(browser, "#/runs")
    await page.getByText("No run is here yet.").waitFor()
    const input = page.getByLabel("Open run folder…")
    await input.setInputFiles(run)
    await page.getByText("Does the loss decide regret?").waitFor()
    await page.getByRole("button", { name: "Tables" }).click()
    await page.locator("tbody tr").first().waitFor()
    const opened = await saved(page, "Save these rows (CSV)")
    await page.getByRole("button", { name: "Figures" }).click()
    await page.locator(".run-figure img").first().waitFor()
    await expect
      .poll(() =>
        page
          .locator(".run-figure img")
          .first()
          .evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth)
      )
      .toBeGreaterThan(100)
    await input.setInputFiles(join(root, "broken"))
    await page.getByRole("alert").getByText("manifest.json:3: not JSON").waitFor()
    mkdirSync(join(root, "empty"))
    writeFileSync(join(root, "empty", "note.txt"), "nothing")
    await input.setInputFiles(join(root, "empty"))
    await page.getByText("There is no run in empty").waitFor()
    expect(await page.getByRole("navigation", { name: "Runs" }).getByRole("listitem").count()).toBe(2)
    // The same run again, with other content.
    writeFileSync(join(broken, "manifest.json"), "[]")
    await input.setInputFiles(join(root, "broken"))
    await page.getByRole("alert").getByText("manifest.json: version missing").waitFor()
    const beside = await open({ part: "tables" })
    await beside.page.locator("tbody tr").first().waitFor()
    expect(await saved(beside.page, "Save these rows (CSV)")).toBe(opened)
    expect(complaints).toEqual([])
    await beside.close()
    await close()
  })
})
