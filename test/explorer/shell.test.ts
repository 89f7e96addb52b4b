/** The page's frame: from disk, the menu, links there and back, light and dark, unknown views. */
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { okabeIto as ofFigures } from "../../src/experiments/figures/drawing/theme.ts"
import { linkOf, parseLink, patched } from "../../src/explorer/link.ts"
import { okabeIto } from "../../src/explorer/palette.ts"
import { requires } from "../requirements.ts"
import { accessibilityProblems, launchBrowser, openPage } from "./page.ts"

describe("links", () => {
  it("read back what they were made of", () => {
    const state = {
      loss: "ratio:p_w*(1-p_l)/(p_l*(1-p_w))?beta=0.1&link=hinge",
      "env.arms": "4",
      text: "50% of a+b; # & = ? / \n é 🙂",
      empty: ""
    }
    expect(parseLink(linkOf("loss", state))).toEqual({ view: "loss", state })
    expect(parseLink(linkOf("lattice"))).toEqual({ view: "lattice", state: {} })
  })

  it("stay readable", () => {
    expect(linkOf("loss", { loss: "logic:M(w) -> M(l)?beta=2" })).toBe("#/loss?loss=logic:M(w)%20-%3E%20M(l)?beta%3D2")
  })

  it("take what people type", () => {
    expect(parseLink("#/loss?loss=ratio:p_w+r_w&x&y=100%")).toEqual({
      view: "loss",
      state: { loss: "ratio:p_w+r_w", x: "", y: "100%" }
    })
    expect(parseLink("")).toEqual({ view: "", state: {} })
    expect(parseLink("#lattice")).toEqual({ view: "lattice", state: {} })
  })

  it("change key by key", () => {
    expect(patched({ a: "1", b: "2" }, { b: undefined, c: "3" })).toEqual({ a: "1", c: "3" })
  })
})

it("the page's colours are those of the figures", () => {
  expect(okabeIto).toEqual(ofFigures)
})

describe.runIf(requires("browser"))("the frame", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it("opens from disk, and its menu leads to every view", async () => {
    const { page, complaints, close } = await openPage(browser, "")
    const menu = page.getByRole("navigation", { name: "Views" })
    const names = await menu.getByRole("link").allTextContents()
    expect(names).toEqual(expect.arrayContaining(["Lattice", "Loss", "Compare"]))
    for (const name of names) {
      await menu.getByRole("link", { name, exact: true }).click()
      expect(await menu.getByRole("link", { name, exact: true }).getAttribute("aria-current")).toBe("page")
      expect(await page.title()).toBe(`${name} · losslattice`)
    }
    await page.goBack()
    expect(await menu.locator("[aria-current]").textContent()).toBe(names.at(-2))
    expect(complaints).toEqual([])
    await close()
  })

  it("says which views there are when a link names another", async () => {
    const { page, close } = await openPage(browser, "#/latice")
    expect(await page.getByRole("alert").textContent()).toMatch(/no view “latice”.*Lattice, Loss, Compare/)
    await close()
  })

  it("turns dark when the system is, and stays as the reader chose", async () => {
    const { page, close } = await openPage(browser, "#/nowhere", { colorScheme: "dark" })
    const paper = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor")
    const dark = await paper()
    await page.getByLabel("Colours").selectOption("light")
    expect(await paper()).not.toBe(dark)
    await page.reload()
    expect(await paper()).not.toBe(dark)
    expect(await accessibilityProblems(page)).toEqual([])
    await close()
  })

  it("copies the link of what is on show", async () => {
    const { page, close } = await openPage(browser, "#/nowhere?a=b%20c")
    await page.getByRole("button", { name: "Copy link" }).click()
    await page.getByText("Copied").waitFor()
    expect(await page.evaluate("navigator.clipboard.readText()")).toMatch(/^file:.*#\/nowhere\?a=b%20c$/)
    await close()
  })
})
