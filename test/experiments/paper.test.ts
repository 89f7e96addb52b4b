/** The figures of a paper, `losslattice run configs/paper.yaml --small`, from a real process: what is there, and what is in it. */
import { spawnSync } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { losslattice } from "../e2e/process.ts"
import { requires } from "../requirements.ts"
import { pdfTexts } from "./fixtures/pdfText.ts"
import { overlaps, svgTexts } from "./fixtures/svg.ts"
import { sharedFolder } from "./toy/harness.ts"

const figures = [
  "1-lattice",
  "2-loss-classes",
  "3-dynamics",
  "4-copg-regret",
  "5-deterministic",
  "6-who-displaces",
  "7-over-optimisation",
  "8-intransitive"
]

/** Characters that a wrong typeface or encoding would lose: Greek letters, the minus sign, signs of logic, primes. */
const special = /[\u0370-\u03ff\u2032\u2190-\u2192\u2212\u221a\u2227\u2228\u00ac\u2016]/gu

const specialIn = (texts: string): ReadonlyArray<string> => [...new Set(texts.match(special) ?? [])].sort()

describe("configs/paper.yaml, small", () => {
  const out = sharedFolder()
  let folder = ""
  const svg = (name: string): string => readFileSync(join(folder, `figures/${name}.svg`), "utf8")

  beforeAll(() => {
    const { code, out: printed, err } = losslattice("run", "configs/paper.yaml", "--small", "--out", out)
    expect(code, err).toBe(0)
    folder = printed.trim().split("\n").at(-1)!
  }, 900_000)

  it("has the eight figures in three formats and as specifications, and no other", () => {
    const expected = figures.flatMap((name) => {
      const specification = ["1-lattice", "2-loss-classes"].includes(name) ? "vg.json" : "vl.json"
      return ["pdf", "png", "svg", specification].map((extension) => `${name}.${extension}`)
    })
    expect(
      globSync("figures/*", { cwd: folder })
        .map((file) => basename(file))
        .sort()
    ).toEqual(expected.sort())
  })

  it("draws the same bytes again from its records, in another process", () => {
    const { code, out: printed, err } = losslattice("figures", folder, "--check")
    expect(code, printed + err).toBe(0)
  }, 300_000)

  it("has no text on another, none of a missing value", () => {
    for (const name of figures) {
      expect(overlaps(svg(name)), name).toEqual([])
      expect(svgTexts(svg(name)).join(" "), name).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  it("has every Greek letter, minus sign and sign of logic of a figure in the text of its PDF", () => {
    const found = figures.map((name) => {
      const shown = specialIn(svgTexts(svg(name)).join(""))
      const read = pdfTexts(readFileSync(join(folder, `figures/${name}.pdf`))).join("")
      expect(specialIn(read), name).toEqual(shown)
      return shown.join("")
    })
    for (const sign of ["π", "τ", "β", "α", "Δ", "−", "√", "¬", "→"]) expect(found.join("")).toContain(sign)
  })

  it.runIf(requires("pdftotext"))("and so does pdftotext read it", () => {
    for (const name of figures) {
      const { status, stdout } = spawnSync("pdftotext", [join(folder, `figures/${name}.pdf`), "-"], {
        encoding: "utf8"
      })
      expect(status).toBe(0)
      expect(specialIn(stdout), name).toEqual(specialIn(svgTexts(svg(name)).join("")))
    }
  })

  it("has a page with the figures in the paper's order, their captions, and sentences about every one of them", () => {
    const page = readFileSync(join(folder, "report.html"), "utf8")
    const places = figures.map((name) => page.indexOf(`id="figure-${name.slice(2)}"`))
    expect(places.every((place) => place > 0)).toBe(true)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    const captions = [...page.matchAll(/<figcaption>([\s\S]*?)<\/figcaption>/g)].map((match) => match[1]!)
    expect(captions).toHaveLength(8)
    for (const [i, caption] of captions.entries()) {
      expect(caption).toContain(`Figure ${i + 1}:`)
      expect(caption).toMatch(/seeds?/)
    }
    expect(captions[2]).toContain("seeds 0 to 11")
    expect(captions[2]).toContain("One run only (seed 0)")
  })

  it("says where rows of other runs are from", () => {
    const rows = readFileSync(join(folder, "records/elsewhere.jsonl"), "utf8").split("\n")
    expect(JSON.parse(rows[0]!)).toMatchObject({
      source: "llm-sentiment-gpu",
      kind: "source",
      jobs: 29,
      missingJobs: 22
    })
    expect(existsSync(join(folder, "records/elsewhere.parquet"))).toBe(true)
  })
})
