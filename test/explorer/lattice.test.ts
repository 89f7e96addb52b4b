/** The lattice view: what it is made of, search, filter, path, keys, zoom, links. */
import * as Result from "effect/Result"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { latticesText } from "../../scripts/explorer/latticesText.ts"
import type { LatticeDrawing, LatticeSet } from "../../src/explorer/lattice/data.ts"
import { findLosses, formulaText, fulfils, readWishes, wishesText } from "../../src/explorer/lattice/search.ts"
import { aroundAll, shortestPath, step } from "../../src/explorer/lattice/walk.ts"
import { lookText, readLook, showing, wholeOf, zoomed } from "../../src/explorer/lattice/zoom.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import { decideProperty } from "../../src/landscape/exactProperties.ts"
import { latticeCovers } from "../../src/logic/lattice.ts"
import { parseStructureSpec } from "../../src/logic/structureText.ts"
import { requires } from "../requirements.ts"
import { accessibilityProblems, copiedLink, launchBrowser, openPage, screenshot, viewContent } from "./page.ts"

const structureOf = (loss: string) => Result.getOrThrow(parseStructureSpec(loss))

let lattices: Readonly<Record<LatticeSet, LatticeDrawing>>
beforeAll(async () => {
  lattices = JSON.parse(await latticesText())
})

const place = (drawing: LatticeDrawing, name: string): number => drawing.nodes.findIndex((node) => node.name === name)

describe("what is drawn", () => {
  it("the sixteen with their published covers, the 41 monotone losses, all 187", () => {
    const { sixteen, monotone, all } = lattices
    expect([sixteen, monotone, all].map(({ nodes }) => nodes.length)).toEqual([16, 41, 187])
    const covers = sixteen.edges.map(({ from, to }) => `${sixteen.nodes[from]!.name} ${sixteen.nodes[to]!.name}`)
    expect(covers.sort()).toEqual(
      latticeCovers()
        .map(({ from, to }) => `${from.name} ${to.name}`)
        .sort()
    )
  })

  it("covers go up, between losses that dominance orders", () => {
    const { nodes, edges } = lattices.monotone
    for (const { from, to } of edges) {
      expect(nodes[from]!.y).toBeGreaterThan(nodes[to]!.y)
      expect(dominance(structureOf(nodes[from]!.loss), structureOf(nodes[to]!.loss)).verdict).toBe("A<=B")
    }
  })

  it("no two losses overlap", () => {
    for (const { nodes } of Object.values(lattices)) {
      for (const [i, a] of nodes.entries()) {
        for (const b of nodes.slice(i + 1)) expect(Math.abs(a.x - b.x) >= 118 || Math.abs(a.y - b.y) >= 62).toBe(true)
      }
    }
  })

  it("verdicts are those of the exact properties", () => {
    const { nodes, properties } = lattices.sixteen
    for (const { loss, verdicts } of nodes) {
      for (const [k, name] of properties.entries()) {
        const { verdict } = decideProperty(structureOf(loss), "absolute", name)
        expect(verdicts[k]).toBe({ proved: "p", refuted: "r", undecided: "-", "not-applicable": "-" }[verdict])
      }
    }
  })
})

describe("finding", () => {
  const names = (drawing: LatticeDrawing, text: string) =>
    findLosses(drawing, text).places.map((at) => drawing.nodes[at]!.name)

  it("by name, best first; by published name", () => {
    expect(names(lattices.sixteen, "cpo")[0]).toBe("CPO")
    expect(names(lattices.sixteen, "cpo")).toEqual(expect.arrayContaining(["cCPO", "bCPO", "unCPO"]))
    expect(names(lattices.sixteen, "orpo_seq")).toEqual(["ORPO"])
  })

  it("by any formula equal to a loss, prefix or not", () => {
    expect(names(lattices.sixteen, "M(l) -> M(w)")).toEqual(["unCPO"])
    expect(names(lattices.sixteen, "not M(l) or M(w)")).toEqual(["unCPO"])
    expect(names(lattices.sixteen, "ratio:p_w*(1-p_l)/(p_l*(1-p_w))")).toEqual(["ORPO"])
    expect(names(lattices.sixteen, "(p_w - p_w*p_l)/(p_l - p_w*p_l)")).toEqual(["ORPO"])
    expect(names(lattices.all, "rows:TF,TT/FT,TT")).toEqual(["CPO"])
  })

  it("says when a formula is a loss that is not among those shown, and why one is none", () => {
    expect(findLosses(lattices.sixteen, "logic:M(w) and M(l)")).toMatchObject({
      places: [],
      key: expect.any(String)
    })
    expect(findLosses(lattices.sixteen, "M(w) ->").problem).toMatch(/position/)
    expect(findLosses(lattices.sixteen, "expr:softplus(lw)").problem).toMatch(/no structure/)
    expect(findLosses(lattices.sixteen, "zzz")).toEqual({ places: [] })
    expect(formulaText("cpo")).toBeUndefined()
  })

  it("by properties", () => {
    const { wishes, unknown } = readWishes("chosen-safe,!rejected-safe,nonsense", lattices.all)
    expect(unknown).toEqual(["nonsense"])
    expect(wishesText(wishes)).toBe("chosen-safe,!rejected-safe")
    const hits = lattices.all.nodes.filter((node) => fulfils(lattices.all, node, wishes))
    expect(hits.length).toBeGreaterThan(0)
    for (const { loss } of hits) {
      expect(decideProperty(structureOf(loss), "absolute", "chosen-safe").verdict).toBe("proved")
      expect(decideProperty(structureOf(loss), "absolute", "rejected-safe").verdict).toBe("refuted")
    }
  })
})

describe("walking", () => {
  it("a shortest path has as many steps as a search by distances finds", () => {
    const { nodes } = lattices.monotone
    const around = aroundAll(lattices.monotone)
    for (let from = 0; from < nodes.length; from += 5) {
      // Slow: layer by layer over all covers.
      let [layer, distance] = [new Set([from]), 0]
      const distances = new Map([[from, 0]])
      while (layer.size > 0) {
        distance++
        const next = new Set<number>()
        for (const at of layer) {
          for (const to of [...around[at]!.above, ...around[at]!.below]) if (!distances.has(to)) next.add(to)
        }
        for (const to of next) distances.set(to, distance)
        layer = next
      }
      for (const to of nodes.keys()) {
        const path = shortestPath(around, from, to)
        expect(path?.length).toBe(distances.has(to) ? distances.get(to)! + 1 : undefined)
      }
    }
  })

  it("arrows go along covers and rows, and stop at the ends", () => {
    const drawing = lattices.sixteen
    const around = aroundAll(drawing)
    const top = place(drawing, "unCPO")
    expect(step(drawing, around, top, "up")).toBeUndefined()
    const down = step(drawing, around, top, "down")!
    expect(around[top]!.below).toContain(down)
    expect(around[down]!.above).toContain(step(drawing, around, down, "up"))
  })

  it("zoom keeps the point under the pointer, and reads back from its text", () => {
    const look = { scale: 0.5, x: 100, y: 80 }
    const near = zoomed(look, 2, 60, -40)
    expect(100 + 60 / 0.5).toBeCloseTo(near.x + 60 / near.scale, 9)
    expect(80 - 40 / 0.5).toBeCloseTo(near.y - 40 / near.scale, 9)
    expect(readLook(lookText(look))).toEqual(look)
    expect(readLook("1,2")).toBeUndefined()
    const pane = { width: 400, height: 300 }
    expect(wholeOf({ width: 4000, height: 100 }, pane).scale).toBeCloseTo(368 / 4000, 9)
    const seen = showing({ scale: 1, x: 0, y: 0 }, pane, { x: 500, y: 0 }, { width: 100, height: 50 })
    expect(seen).toEqual({ scale: 1, x: 350, y: 0 })
  })
})

describe.runIf(requires("browser"))("the view", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it("finds the loss that a formula means; Enter selects it, Enter on it opens its page", async () => {
    const { page, complaints, close } = await openPage(browser, "")
    await page.getByRole("searchbox").fill("M(l) -> M(w)")
    expect(await page.locator("#lattice-found").textContent()).toBe("Equal to unCPO.")
    await page.keyboard.press("Enter")
    expect(await page.locator("#selected-name").textContent()).toBe("unCPO")
    const node = page.getByRole("button", { name: /^unCPO:/ })
    expect(await node.getAttribute("aria-pressed")).toBe("true")
    await node.focus()
    await page.keyboard.press("Enter")
    await page.waitForURL(/#\/loss\?loss=uncpo$/)
    await page.getByRole("heading", { level: 1, name: "unCPO" }).waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it("says what is wrong with a formula, and keeps the picture", async () => {
    const { page, close } = await openPage(browser, "#/lattice")
    await page.getByRole("searchbox").fill("M(l) -> ")
    expect(await page.getByRole("alert").textContent()).toMatch(/position/)
    expect(await page.locator(".node").count()).toBe(16)
    await close()
  })

  it("arrow keys walk along covers, focus and link with them", async () => {
    const { page, close } = await openPage(browser, "#/lattice?at=CEUnl")
    await page.getByRole("button", { name: /^CEUnl:/ }).focus()
    const drawing = lattices.sixteen
    const around = aroundAll(drawing)
    let at = place(drawing, "CEUnl")
    for (let k = 0; k < 4; k++) {
      await page.keyboard.press("ArrowUp")
      at = step(drawing, around, at, "up")!
      const { name } = drawing.nodes[at]!
      await page.locator("#selected-name", { hasText: name }).waitFor()
      await page.waitForFunction(`document.activeElement.id === "lattice-${at}"`)
    }
    expect(drawing.nodes[at]!.name).toBe("unCPO")
    await page.waitForFunction(`location.hash.includes("at=unCPO")`)
    await close()
  })

  it("shows the path between two losses", async () => {
    const { page, close } = await openPage(browser, "#/lattice?set=monotone")
    const path = page.getByRole("region", { name: "Path" })
    await path.getByLabel("from").selectOption("CE")
    await path.getByLabel("to").selectOption("CPO")
    const drawing = lattices.monotone
    const wanted = shortestPath(aroundAll(drawing), place(drawing, "CE"), place(drawing, "CPO"))!
    expect(await path.getByRole("listitem").count()).toBe(wanted.length)
    expect(await page.locator(".edge.on-path").count()).toBe(wanted.length - 1)
    await close()
  })

  it("filters by property, and counts", async () => {
    const { page, close } = await openPage(browser, "#/lattice?set=all")
    await page.getByLabel("Filter by property").selectOption("+chosen-safe")
    const { wishes } = readWishes("chosen-safe", lattices.all)
    const count = lattices.all.nodes.filter((node) => fulfils(lattices.all, node, wishes)).length
    await page.getByText(`${count} of 187`).waitFor()
    expect(await page.locator(".node.dimmed").count()).toBe(187 - count)
    await close()
  })

  it("a link opens the same view: set, selection, zoom, path, search, filter", async () => {
    const { page, close } = await openPage(browser, "#/lattice?set=monotone&at=CE&from=CE&to=CPO&has=chosen-safe")
    await page.getByRole("button", { name: "Zoom in" }).click()
    await page.getByRole("searchbox").fill("cpo")
    const again = await openPage(browser, await copiedLink(page))
    expect(await viewContent(again.page)).toBe(await viewContent(page))
    expect(page.url()).toMatch(/view=.*q=cpo|q=cpo.*view=/)
    await again.close()
    await close()
  })

  it("says what is wrong with a link", async () => {
    const { page, close } = await openPage(browser, "#/lattice?set=seventeen&at=NPO&has=nice&view=1")
    const said = await page.getByRole("alert").allTextContents()
    expect(said).toEqual([
      "set: expected one of sixteen, monotone, all, found “seventeen”",
      "has: “nice” is no exact property",
      "view: expected scale,x,y, found “1”",
      "at: no loss of this set is called “NPO”"
    ])
    expect(await page.locator(".node").count()).toBe(16)
    await close()
  })

  for (const colorScheme of ["light", "dark"] as const) {
    it(`is accessible, ${colorScheme}`, async () => {
      const { page, close } = await openPage(browser, "#/lattice?set=monotone&from=CE&to=CPO&q=cpo", { colorScheme })
      expect(await accessibilityProblems(page)).toEqual([])
      await screenshot(page, `lattice-${colorScheme}`)
      await close()
    })
  }

  it("fits a phone", async () => {
    const { page, close } = await openPage(browser, "#/lattice", { width: 400, height: 800 })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400)
    await screenshot(page, "lattice-phone")
    await close()
  })
})
