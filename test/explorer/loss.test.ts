/** The loss page and the comparison: numbers against the kernels, wrong texts, parameters, keys, exports, links. */
import * as Result from "effect/Result"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { answer } from "../../src/explorer/parts/explain/answer.ts"
import { parametersOf, scaleOf, withParameter } from "../../src/explorer/parts/lossParameters.ts"
import { contour, levelsOf } from "../../src/explorer/parts/map/contours.ts"
import { readMap } from "../../src/explorer/parts/map/setting.ts"
import { surfaceOf } from "../../src/explorer/parts/map/surface.ts"
import { exactPropertyNames } from "../../src/landscape/exactProperties.ts"
import { exportFormats, exportLoss } from "../../src/loss/export/index.ts"
import { interpret } from "../../src/loss/interpret.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { stepMoves } from "../../src/maps/displacement.ts"
import { requires } from "../requirements.ts"
import {
  accessibilityProblems,
  copiedLink,
  launchBrowser,
  type Opened,
  type OpenOptions,
  openPage,
  screenshot,
  viewContent
} from "./page.ts"

const lossOf = (text: string) => Result.getOrThrow(resolveLoss(text))

describe("a surface", () => {
  it("has the interpreter's values, at points and on grids", () => {
    const setting = { rw: -1.5, rl: -0.7, nw: 4, nl: 9 }
    for (const text of ["dpo", "simpo", "orpo", "rows:FF,TF/FT,TT?reference=true", "expr:softplus(-2*(lw-ll))"]) {
      const loss = lossOf(text)
      const surface = Result.getOrThrow(surfaceOf(loss, setting))
      for (const kind of ["log", "prob"] as const) {
        const grid = surface.grid(kind, 7)
        for (let at = 0; at < 49; at += 5) {
          const [lw, ll] = [grid.lw[at]!, grid.ll[at]!]
          const { loss: value, gradients } = interpret(loss.program, { ...setting, lw, ll })
          expect(grid.loss[at]).toBeCloseTo(value, 9)
          expect(surface.at(lw, ll)).toEqual({ loss: grid.loss[at], dlw: grid.dlw[at], dll: grid.dll[at] })
          expect(grid.dlw[at]).toBeCloseTo(gradients.lw ?? 0, 9)
        }
      }
    }
  })

  it("is refused in a sentence for a loss that needs more than one pair", () => {
    const refused = ["dpop_kl", "bco", "kto"].flatMap((id) => {
      const loss = resolveLoss(id)
      return Result.isSuccess(loss) ? [surfaceOf(loss.success, { rw: -1, rl: -1, nw: 1, nl: 1 })] : []
    })
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.some((surface) => Result.isFailure(surface) && /needs inputs/.test(surface.failure))).toBe(true)
  })
})

describe("contours", () => {
  it("of a plane are its straight lines", () => {
    const cells = 9
    const values = Float64Array.from({ length: cells * cells }, (_, at) => (at % cells) + 2 * Math.floor(at / cells))
    let pieces = 0
    contour(values, cells, 7.3, (x0, y0, x1, y1) => {
      pieces++
      expect(x0 + 2 * y0).toBeCloseTo(7.3, 9)
      expect(x1 + 2 * y1).toBeCloseTo(7.3, 9)
    })
    expect(pieces).toBeGreaterThan(5)
  })

  it("join at the cells' edges: every inner end is the end of two pieces, saddles included", () => {
    const cells = 12
    const values = Float64Array.from(
      { length: cells * cells },
      (_, at) => Math.sin((at % cells) * 1.7) + Math.cos(Math.floor(at / cells) * 1.9)
    )
    const ends = new Map<string, number>()
    contour(values, cells, 0.1, (x0, y0, x1, y1) => {
      for (const [x, y] of [
        [x0, y0],
        [x1, y1]
      ] as const) {
        const inner = x > 0 && y > 0 && x < cells - 1 && y < cells - 1
        const key = `${x.toFixed(9)},${y.toFixed(9)}`
        if (inner) ends.set(key, (ends.get(key) ?? 0) + 1)
      }
    })
    expect(ends.size).toBeGreaterThan(10)
    expect([...ends.values()].every((count) => count === 2)).toBe(true)
  })

  it("levels share the values evenly; a constant has none", () => {
    const values = Array.from({ length: 1000 }, (_, k) => Math.exp(k / 100))
    const levels = levelsOf(values, 9)
    expect(levels.length).toBe(9)
    for (const [k, level] of levels.entries()) {
      const share = values.filter((value) => value < level).length / values.length
      expect(Math.abs(share - (k + 1) / 10)).toBeLessThan(0.03)
    }
    expect(levelsOf([1, 1, 1, Number.NaN], 9)).toEqual([])
  })
})

describe("parameters of a text", () => {
  it("are those of the catalogue, of a trainer's name, of structures, of an expression", () => {
    const names = (text: string) => parametersOf(text).map(({ name, value }) => `${name}=${value}`)
    expect(names("dpo?beta=0.3")).toEqual(["beta=0.3"])
    expect(names("simpo")).toEqual(expect.arrayContaining([expect.stringMatching(/^beta=/)]))
    expect(names("trl.ipo")).toEqual(["beta=0.1"])
    expect(names("rows:TF/FT?link=hinge&beta=2")).toEqual(["beta=2", "margin=0"])
    expect(names("expr:softplus(-b*(lw-ll))?b=2")).toEqual(["b=2"])
    expect(names("no such loss")).toEqual([])
  })

  it("set in a text name the loss with that value, and taken out the default", () => {
    expect(withParameter("dpo", "beta", "0.5")).toBe("dpo?beta=0.5")
    expect(withParameter("dpo?beta=0.5", "beta", "")).toBe("dpo")
    expect(withParameter("rows:TF/FT?link=hinge", "beta", "2")).toBe("rows:TF/FT?link=hinge&beta=2")
    for (const text of ["dpo", "simpo?gamma=2", "rows:TF/FT", "orpo"]) {
      for (const { name, spec, value } of parametersOf(text)) {
        const scale = scaleOf(spec, Number(value))
        for (const place of [scale.least, (scale.least + scale.most) / 2, scale.most]) {
          const changed = resolveLoss(withParameter(text, name, String(scale.value(place))))
          expect(Result.isSuccess(changed), `${text} ${name} ${scale.value(place)}`).toBe(true)
        }
        expect(scale.value(scale.place(Number(value)))).toBeCloseTo(Number(value), 6)
      }
    }
  })
})

describe("links and answers", () => {
  it("a map's setting is read, and what is wrong is said", () => {
    const { map, problems } = readMap({ lw: "-2", ll: "1", nw: "1.5", axes: "linear", hide: "arrows", rw: "" })
    expect(map).toMatchObject({
      kind: "log",
      point: { lw: -2, ll: -1.1 },
      layers: { arrows: false, displacement: true }
    })
    expect(problems).toEqual([
      "axes: expected one of log, prob, found “linear”",
      "ll: expected a log-probability below 0, found “1”",
      "rw: expected a log-probability below 0, found “”",
      "nw: expected a token count from 1, found “1.5”"
    ])
  })

  it("the worker answers with verdicts, evidence, and one sentence for what has none", () => {
    const explained = answer({ kind: "explain", loss: "funl" })
    if (explained.kind !== "explain" || !explained.explanation.expressible) throw new Error("no explanation")
    const { properties, evidence } = explained.explanation
    expect(properties["chosen-safe"]).toBe("refuted")
    expect(evidence?.["chosen-safe"]?.witness).toBeDefined()
    expect(explained.proofs["rejected-safe"]).toMatch(/>= 0/)
    expect(structuredClone(explained)).toEqual(explained)
    expect(answer({ kind: "compare", a: "cpo_core", b: "expr:softplus(lw)" })).toEqual({
      kind: "failure",
      failure: expect.stringMatching(/has no structure to compare/)
    })
    expect(answer({ kind: "explain", loss: "dpoo" })).toMatchObject({ kind: "failure", failure: /nearest/ })
  })
})

describe.runIf(requires("browser"))("in the browser", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  const within = async (
    link: string,
    use: (page: Page, opened: Opened) => Promise<void>,
    options: OpenOptions = {}
  ) => {
    const opened = await openPage(browser, link, options)
    await use(opened.page, opened)
    expect(opened.complaints).toEqual([])
    await opened.close()
  }
  const decided = (page: Page) => page.locator("[aria-busy=false]").first().waitFor()
  const numbers = async (page: Page, name: string): Promise<ReadonlyArray<number>> =>
    (await page.locator(`[data-number=${name}]`).allTextContents()).map((text) => Number(text.replace("−", "-")))

  it("shows at the point what the loss's program gives, and where a step goes", () =>
    within("#/loss?loss=ipo?tau=0.2&lw=-2.5&ll=-0.9&rw=-1&rl=-2", async (page) => {
      const { loss, gradients } = interpret(lossOf("ipo?tau=0.2").program, { lw: -2.5, ll: -0.9, rw: -1, rl: -2 })
      const [value, dlw, dll] = [await numbers(page, "loss"), await numbers(page, "dlw"), await numbers(page, "dll")]
      const digits = (x: number): number => Number(x.toPrecision(5))
      expect([value, dlw, dll]).toEqual([[digits(loss)], [digits(gradients.lw!)], [digits(gradients.ll!)]])
      const moves = stepMoves({ dlw: gradients.lw!, dll: gradients.ll! }, Math.exp(-2.5), Math.exp(-0.9), "many-arms")!
      const shown = await page.locator(".numbers").textContent()
      expect(shown).toContain(`${moves.chosen > 0 ? "↑" : "↓"} ${String(digits(moves.chosen)).replace("-", "−")}`)
    }))

  it("a wrong text is said with its place or the nearest names; the last picture stays", () =>
    within("#/loss?loss=cpo_core", async (page) => {
      const field = page.getByLabel("Loss: a name")
      const canvas = () => page.evaluate<string>(`document.querySelector("canvas").toDataURL()`)
      const before = await canvas()
      await field.fill("logic:M(w) and and M(l)")
      const alert = page.locator("#loss-text-problem")
      expect(await alert.textContent()).toMatch(/position 10.*What is shown is still cpo_core/)
      expect(await field.getAttribute("aria-invalid")).toBe("true")
      expect(await canvas()).toBe(before)
      await field.fill("dpoo")
      expect(await alert.textContent()).toMatch(/nearest: .*dpo/)
      await field.fill("ratio:p_w/(p_l - 1)")
      expect(await alert.textContent()).not.toBe("")
      expect(await canvas()).toBe(before)
      await field.fill("orpo_seq")
      expect(await alert.textContent()).toBe("")
      expect(await canvas()).not.toBe(before)
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toMatch(/^ORPO/)
    }))

  it("a formula shows truth table, losses of the same rho, neighbours, every exact property with its evidence", () =>
    within("#/loss?loss=ratio:p_w*(1-p_l)/(p_l*(1-p_w))", async (page) => {
      const table = page.locator(".truth-table")
      expect((await table.locator("tbody tr").allTextContents()).map((text) => text.slice(0, 2))).toEqual([
        "TT",
        "FT",
        "TF",
        "FF"
      ])
      expect(await table.locator("tr:has(td:text-is('T')):nth-child(3) .tick").count()).toBe(1)
      await page.getByRole("link", { name: "orpo_seq" }).waitFor()
      expect(await page.getByRole("link", { name: "cCPO", exact: true }).count()).toBe(1)
      expect(await page.locator(".property").count()).toBe(exactPropertyNames.length)
      await page.locator(".property summary", { hasText: /chosen-safe/ }).click()
      await page.locator(".property.proved", { hasText: "chosen-safe" }).getByText("Certificate").waitFor()
    }))

  it("a loss with a reference has its neighbours with one, as links that lead there", () =>
    within("#/loss?loss=dpo", async (page) => {
      await page.getByRole("link", { name: "cCPO with reference" }).click()
      await page.waitForURL(/loss=ccpo\?reference%3Dtrue/)
      expect(await page.getByLabel("Loss: a name").inputValue()).toBe("ccpo?reference=true")
      expect(await page.locator("#loss-text-problem").textContent()).toBe("")
    }))

  it("a counterexample is shown on the map", () =>
    within("#/loss?loss=funl", async (page) => {
      await decided(page)
      await page.locator(".property summary", { hasText: /chosen-safe/ }).click()
      await page.locator(".property", { hasText: "chosen-safe" }).getByRole("button").click()
      await page.waitForURL(/lw=-/)
      expect(await page.locator(".numbers .displaced").count()).toBeGreaterThan(0)
    }))

  it("the point moves by arrow keys and by dragging, and the link with it", () =>
    within("#/loss?lw=-2&ll=-3", async (page) => {
      const point = page.getByRole("button", { name: /^Point:/ })
      await point.focus()
      await page.keyboard.press("ArrowRight")
      await page.keyboard.press("Shift+ArrowUp")
      await page.waitForURL(/lw=-1\.94&ll=-2\.7/)
      const frame = (await page.locator(".map .frame").boundingBox())!
      await page.mouse.move(frame.x + frame.width * 0.3, frame.y + frame.height * 0.3)
      await page.mouse.down()
      await page.mouse.move(frame.x + frame.width * 0.5, frame.y + frame.height * 0.75, { steps: 5 })
      await page.mouse.up()
      await page.waitForURL(/lw=-3(\.0\d+)?&ll=-4\.5/)
    }))

  it("a slider changes the text, a typed number too", () =>
    within("#/loss?loss=dpo", async (page) => {
      await page.getByLabel("beta, as a number").fill("0.5")
      await page.keyboard.press("Enter")
      expect(await page.getByLabel("Loss: a name").inputValue()).toBe("dpo?beta=0.5")
      await page.getByLabel("beta", { exact: true }).focus()
      await page.keyboard.press("ArrowRight")
      expect(Number((await page.getByLabel("Loss: a name").inputValue()).split("=")[1])).toBe(0.513)
      await page.getByLabel("log r_w", { exact: true }).fill("-3")
      await page.waitForURL(/rw=-3/)
    }))

  it("exports and copies every format", () =>
    within("#/loss?loss=dpo", async (page) => {
      const code = page.getByRole("region", { name: /code$/ })
      for (const [format, name] of [
        ["json", "JSON"],
        ["latex", "LaTeX"],
        ["pytorch", "PyTorch"],
        ["trl", "TRL"],
        ["typescript", "TypeScript"]
      ] as const) {
        await page.getByRole("button", { name, exact: true }).click()
        const wanted = Result.getOrThrow(exportLoss(lossOf("dpo"), format))
        expect(await code.textContent()).toBe(wanted)
        await page.getByRole("button", { name: "Copy", exact: true }).click()
        await page.locator(".copy .said", { hasText: "Copied" }).waitFor()
        expect(await page.evaluate("navigator.clipboard.readText()")).toBe(wanted)
      }
      expect(exportFormats.length).toBe(5)
    }))

  it("a loss without a structure, without a map, without a value: each says so", async () => {
    await within("#/loss?loss=expr:softplus(-(lw-ll))", async (page) => {
      await page.getByRole("heading", { name: "Not one structure" }).waitFor()
      expect(await page.locator("canvas").count()).toBe(1)
    })
    await within("#/loss?loss=rows:/FT", async (page) => {
      expect(await page.locator("canvas").count()).toBe(0)
      expect(await page.locator(".surface").textContent()).toMatch(/There is no map/)
    })
  })

  it("compares: verdict, witnesses that move the point, both losses' numbers", () =>
    within("#/compare?loss=funl&other=orpo_seq", async (page) => {
      await page.getByText("Neither is the larger everywhere").waitFor()
      const witnesses = page.locator(".witnesses button")
      expect(await witnesses.count()).toBe(2)
      await witnesses.first().click()
      await page.waitForURL(/lw=-/)
      const { lw, ll } = Object.fromEntries(new URLSearchParams(page.url().split("?")[1])) as Record<string, string>
      const at = { lw: Number(lw), ll: Number(ll) }
      const wanted = ["funl", "orpo_seq"].map((id) => interpret(lossOf(id).program, at).loss)
      const shown = await numbers(page, "loss")
      for (const [k, value] of wanted.entries()) expect(shown[k]).toBeCloseTo(value, 3)
      await page.getByLabel("B", { exact: true }).fill("rows:FF,TF/FT,TT")
      await page.getByText("The two have the same ρ").waitFor()
      await page.getByLabel("B", { exact: true }).fill("rows:FF,TF/FT,T")
      expect(await page.locator("#other-text-problem").textContent()).toMatch(/position/)
      await page.getByText("The two have the same ρ").waitFor()
    }))

  it("the map is drawn again when the colours change", () =>
    within("#/loss", async (page) => {
      const canvas = () => page.evaluate<string>(`document.querySelector("canvas").toDataURL()`)
      const light = await canvas()
      await page.getByLabel("Colours").selectOption("dark")
      await page.waitForFunction(`document.querySelector("canvas").toDataURL() !== ${JSON.stringify(light)}`)
      await page.getByLabel("Colours").selectOption("light")
      await page.waitForFunction(`document.querySelector("canvas").toDataURL() === ${JSON.stringify(light)}`)
    }))

  it("links open the same page", async () => {
    const links = [
      "#/loss?loss=orpo_seq?beta%3D2&axes=prob&hide=displacement&code=pytorch&lw=-1&ll=-2",
      "#/compare?loss=dpo&other=ipo?tau=0.2&lw=-3&ll=-1&rw=-2"
    ]
    for (const link of links) {
      await within(link, async (page) => {
        await decided(page)
        await page
          .getByRole("button", { name: /^Point:/ })
          .first()
          .focus()
        await page.keyboard.press("ArrowUp")
        const copied = await copiedLink(page)
        await page.locator(".top .said:empty").waitFor({ state: "attached" })
        await within(copied, async (again) => {
          await decided(again)
          expect(await viewContent(again)).toBe(await viewContent(page))
        })
      })
    }
  })

  for (const colorScheme of ["light", "dark"] as const) {
    it(`is accessible, ${colorScheme}`, async () => {
      for (const [name, link] of [
        ["loss", "#/loss?loss=funl"],
        ["compare", "#/compare?loss=funl&other=orpo_seq"]
      ] as const) {
        await within(
          link,
          async (page) => {
            await decided(page)
            expect(await accessibilityProblems(page)).toEqual([])
            await screenshot(page, `${name}-${colorScheme}`)
          },
          { colorScheme }
        )
      }
    })
  }

  it("fits a phone", async () => {
    for (const [name, link] of [
      ["loss", "#/loss?loss=dpo"],
      ["compare", "#/compare"]
    ] as const) {
      await within(
        link,
        async (page) => {
          await decided(page)
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400)
          await screenshot(page, `${name}-phone`)
        },
        { width: 400, height: 800 }
      )
    }
  })
})
