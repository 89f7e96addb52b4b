import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { lossSurface } from "../../src/experiments/figures/drawing/lossSurface.ts"
import { canDisplace } from "../../src/experiments/figures/drawing/pairMap.ts"
import { applicableFigures, figures } from "../../src/experiments/figures/index.ts"
import { emptyRecords, type LandscapeRow, landscapeNodes, type Records } from "../../src/experiments/figures/records.ts"
import { pngScale, type RenderedFigure, renderFigure, renderSpec } from "../../src/experiments/figures/render.ts"
import { landscapeOf, optimum } from "../../src/experiments/figures/simplexLandscapes.ts"
import { runCell } from "../../src/experiments/stages/cells/landscape.ts"
import { pdfTexts } from "./fixtures/pdfText.ts"
import { fontCharacters, overlaps, svgTexts } from "./fixtures/svg.ts"
import { banditStudyRecords, syntheticRecords } from "./fixtures/synthetic.ts"

const hash = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
const squeezed = (texts: readonly string[]): string => texts.join("").replaceAll(/\s/g, "")

/** Width and height from a PNG's header. */
const pngSize = (png: Uint8Array): readonly [number, number] => {
  const header = Buffer.from(png)
  return [header.readUInt32BE(16), header.readUInt32BE(20)]
}

const svgSize = (svg: string): readonly [number, number] => {
  const match = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!
  return [Number(match[1]), Number(match[2])]
}

/** The records that show a figure: the whole made-up study, or the one of bandits alone. */
const recordsFor = (id: string): Records =>
  ["bandit-regret", "arm-probabilities"].includes(id) ? banditStudyRecords : syntheticRecords

describe("the list of figures", () => {
  it("holds every figure file once, with distinct ids", () => {
    const folder = new URL("../../src/experiments/figures/", import.meta.url)
    const machinery = ["figure.ts", "index.ts", "records.ts", "render.ts", "studyFigures.ts"]
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !machinery.includes(name))
    expect(figures).toHaveLength(files.length)
    expect(new Set(figures.map((figure) => figure.id)).size).toBe(figures.length)
  })

  it("shows nothing for a run without records, and a bandit-only study its own figures", () => {
    expect(applicableFigures(emptyRecords)).toEqual([])
    const ids = applicableFigures(banditStudyRecords).map((figure) => figure.id)
    expect(ids).toContain("bandit-regret")
    expect(ids).toContain("arm-probabilities")
    expect(ids).not.toContain("training-dynamics")
    expect(applicableFigures(syntheticRecords).map((figure) => figure.id)).not.toContain("bandit-regret")
  })
})

describe.each(figures.map((figure) => ({ id: figure.id, figure })))("$id", ({ id, figure }) => {
  const records = recordsFor(id)
  let first: RenderedFigure

  beforeAll(async () => {
    first = await renderFigure(figure, records)
  })

  it("gives the same bytes twice, in all three formats", async () => {
    const second = await renderFigure(figure, records)
    expect(hash(second.svg)).toBe(hash(first.svg))
    expect(hash(second.pdf)).toBe(hash(first.pdf))
    expect(hash(second.png)).toBe(hash(first.png))
  })

  it("shows in the PDF every text of the SVG, as text", () => {
    const pdf = squeezed(pdfTexts(first.pdf))
    for (const text of svgTexts(first.svg)) expect(pdf).toContain(squeezed([text]))
  })

  it("uses only characters that the shipped fonts have, and never a hyphen for a minus", () => {
    const regular = fontCharacters("assets/fonts/DejaVuSansCondensed-subset.ttf")
    const bold = fontCharacters("assets/fonts/DejaVuSansCondensed-Bold-subset.ttf")
    for (const text of svgTexts(first.svg)) {
      for (const character of text) {
        expect(
          regular.has(character.codePointAt(0)!) && bold.has(character.codePointAt(0)!),
          `${character} in ${text}`
        ).toBe(true)
      }
      expect(text).not.toMatch(/(^|[\s([])-\d/)
    }
  })

  it("is whole: no text of a missing value, no address, the PNG as large as the SVG times its scale", () => {
    expect(svgTexts(first.svg).join(" ")).not.toMatch(/NaN|undefined|Infinity|null/)
    expect(first.svg.replaceAll(/ xmlns(:xlink)?="[^"]*"/g, "")).not.toMatch(/https?:/)
    const [width, height] = svgSize(first.svg)
    expect(pngSize(first.png)).toEqual([Math.ceil(width * pngScale), Math.ceil(height * pngScale)])
    expect(Buffer.from(first.pdf).toString("latin1")).toContain(`/MediaBox [0 0 ${width} ${height}]`)
    expect(width).toBeLessThanOrEqual(860)
  })

  it("has no text on another", () => expect(overlaps(first.svg)).toEqual([]))

  it("has a caption that says what its numbers rest on", () => {
    const caption = figure.caption(records)
    expect(caption).toMatch(/seed/)
    expect(caption).toMatch(/interval|proof/)
    expect(`${caption} ${figure.alt(records)}`).not.toMatch(/NaN|undefined/)
    expect(caption.endsWith(".")).toBe(true)
  })
})

describe("the lattice", () => {
  it("has sixteen nodes with truth tables, thirty-two edges and a star for each derived loss", async () => {
    const { svg } = await renderFigure(figures.find((figure) => figure.id === "lattice")!, syntheticRecords)
    const texts = svgTexts(svg)
    for (const name of ["CEUnl", "ORPO", "qfUNL", "unCPO", "x-l5"]) expect(texts).toContain(name)
    // One in each truth table, one in the legend.
    expect(texts.filter((text) => text === "TF")).toHaveLength(19)
    expect(texts).toContain("derived in this study")
    const edges = svg.match(/<path[^>]* d="M[\d.,]+C[^"]*"[^>]*stroke="#888888"/g) ?? []
    expect(edges).toHaveLength(32)
    expect(texts).toContain("¬M(l)")
    expect(texts).toContain("more propositions")
  })

  it("is, without derived losses, the picture of the README", async () => {
    const landscape = runCell({ propositions: ["M(w)", "M(l)"], pairs: false }) as readonly LandscapeRow[]
    const { svg } = await renderFigure(figures.find((one) => one.id === "lattice")!, { ...emptyRecords, landscape })
    expect(svgTexts(svg)).not.toContain("derived in this study")
    expect(svg, "docs/lattice.svg is another picture").toBe(readFileSync("docs/lattice.svg", "utf8"))
  })
})

/** The `encoding` of every layer of every panel of a Vega-Lite figure. */
const encodings = (id: string, records: Records) => {
  const drawn = figures.find((figure) => figure.id === id)!.draw(records)
  if (drawn.kind !== "vega-lite") throw new Error(`${id} is no Vega-Lite figure`)
  const { concat, hconcat, vconcat } = drawn.spec as unknown as Record<string, readonly Panel[] | undefined>
  return (concat ?? hconcat ?? vconcat ?? []).map((panel) => ({
    width: panel.width,
    x: panel.layer.map(({ encoding }) => encoding.x).find((x) => x?.scale !== undefined)!,
    y: panel.layer.map(({ encoding }) => encoding.y).find((y) => y?.scale !== undefined)!
  }))
}

interface Axis {
  readonly scale?: { readonly domain: readonly [number, number]; readonly type?: string }
  readonly axis?: { readonly values?: readonly number[] }
}

interface Panel {
  readonly width: number
  readonly layer: readonly { readonly encoding: Readonly<Record<string, Axis>> }[]
}

describe("the training dynamics", () => {
  const far: Records = {
    ...syntheticRecords,
    finetune: syntheticRecords.finetune.map((row) =>
      row.loss === "uncpo" ? { ...row, "logps/chosen": 20 * (row["logps/chosen"] as number) } : row
    )
  }
  const caption = (records: Records) => figures.find((figure) => figure.id === "training-dynamics")!.caption(records)

  it("share both axes, so that what one loss moves can be seen beside what another does", () => {
    const domains = encodings("training-dynamics", syntheticRecords).map(({ y }) => y.scale!.domain.join())
    expect(new Set(domains).size).toBe(1)
    expect(caption(syntheticRecords)).toContain("all panels share both axes;")
  })

  it("give a loss that goes far beyond the others a scale of its own, and leave theirs shared", () => {
    const domains = encodings("training-dynamics", far).map(({ y }) => y.scale!.domain.join())
    expect(new Set(domains).size).toBe(2)
    expect(domains.filter((domain) => domain === domains[0])).toHaveLength(domains.length - 1)
    expect(caption(far)).toContain("except that the vertical scale of unCPO is wider")
  })
})

describe("reward against KL", () => {
  it("labels every tick, with room between the labels", () => {
    for (const { width, x } of encodings("reward-against-kl", syntheticRecords)) {
      const place = x.scale!.type === "sqrt" ? Math.sqrt : Math.log1p
      const most = x.scale!.domain[1]
      const ticks = x.axis!.values!.map((value) => (width * place(value)) / place(most))
      expect(ticks.length).toBeGreaterThanOrEqual(3)
      expect(ticks[0]).toBe(0)
      for (const [index, tick] of ticks.slice(1).entries()) expect(tick - ticks[index]!).toBeGreaterThanOrEqual(30)
    }
  })
})

describe("the loss maps", () => {
  it("hatch a region for exactly the lattice losses that tick the row FF", () => {
    for (const node of landscapeNodes(syntheticRecords)) {
      const surface = lossSurface(node.id)!
      const cells = Array.from({ length: 30 }, (_, i) => (i + 0.5) / 30)
      const displaced = cells.some((chosen) => cells.some((rejected) => canDisplace(surface, chosen, rejected)))
      expect(displaced, node.name).toBe(node.ticks.includes("FF"))
    }
  })

  it("draw structures as plain semantic losses, and refuse what needs more than a pair", () => {
    expect(lossSurface("dpo?beta=0.1")).toMatchObject({ plain: true, reference: true })
    expect(lossSurface("cpo_core")!.at(0.5, 0.25).loss).toBeCloseTo(Math.log1p(0.5), 12)
    expect(lossSurface("no such loss")).toBeUndefined()
  })
})

describe("the simplex landscapes", () => {
  it("lead DPO to the KL-regularised optimum, and unCPO away from it", () => {
    const distance = (loss: string) =>
      Math.max(
        ...landscapeOf(loss)!
          .path.at(-1)!
          .map((value, arm) => Math.abs(value - optimum()[arm]!))
      )
    expect(distance("dpo")).toBeLessThan(1e-3)
    expect(distance("uncpo")).toBeGreaterThan(0.1)
    expect(Math.min(...landscapeOf("dpo")!.grid.values)).toBe(0)
  })
})

describe("rendering", () => {
  const titled = (text: string) => ({
    kind: "vega-lite" as const,
    spec: {
      data: { values: [{ x: -1 }] },
      mark: "point",
      encoding: { x: { field: "x", type: "quantitative", title: text } }
    }
  })

  it("keeps Greek letters and minus signs as text in SVG and PDF, and their glyphs in the PNG", async () => {
    const { svg, pdf, png } = await renderSpec("signs", titled("−β·ρ ≤ π(w) ∧ ¬M(l)") as never)
    expect(svgTexts(svg)).toContain("−β·ρ ≤ π(w) ∧ ¬M(l)")
    expect(squeezed(pdfTexts(pdf))).toContain("−β·ρ≤π(w)∧¬M(l)")
    const without = await renderSpec("signs", titled("β·ρ ≤ π(w) ∧ ¬M(l)") as never)
    expect(hash(png)).not.toBe(hash(without.png))
  })

  it("embeds its typeface in the SVG", async () => {
    const { svg } = await renderSpec("font", titled("x") as never)
    expect(svg).toMatch(/<style>@font-face\{font-family:"LossLattice Sans"[^}]*url\(data:font\/woff2;base64,/)
  })

  it("refuses a specification that would fetch something", async () => {
    const spec = { data: { url: "http://example.org/x.csv" }, mark: "point", encoding: {} }
    await expect(renderSpec("outside", { kind: "vega-lite", spec } as never)).rejects.toThrow(
      /may not load|figure specification/
    )
  })
})
