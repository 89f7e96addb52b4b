/** `losslattice map` in a real process: files in three formats, numbers that are those of theory.md, and wrong inputs. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { json, losslattice } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-map-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface MapDocument {
  readonly loss: string
  readonly axes: string
  readonly reference: Readonly<Record<string, number>>
  readonly displacement: Readonly<Record<string, { readonly lowersChosen: number; readonly raisesRejected: number }>>
  readonly file?: string
}

describe("a study of maps", () => {
  it("runs its quick profile to three figures, which are drawn again byte for byte, and a report that tells them", () => {
    const { code, out, err } = losslattice("run", "configs/maps.yaml", "--small", "--out", join(scratch, "runs"))
    expect(code, err).toBe(0)
    const folder = out.trim().split("\n").at(-1)!
    const figures = readdirSync(join(folder, "figures")).filter((name) => name.endsWith(".svg"))
    expect(figures).toEqual(["loss-dendrogram.svg", "loss-embedding.svg", "map-gallery.svg"])
    const report = readFileSync(join(folder, "report.html"), "utf8")
    for (const text of ["Distances between losses", "ce = sft", "figure-map-gallery"]) expect(report).toContain(text)
    expect(losslattice("figures", folder, "--check").code).toBe(0)
  })

  it.each([
    ["maps.points=0", /maps\.points.*0/],
    ["maps.arms=2", /maps\.arms.*2/],
    ["maps.losses=[unpco]", /maps\.losses.*unpco.*uncpo/],
    ["maps.reach=.inf", /maps\.reach/]
  ])("refuses %s before anything runs", (override, sentence) => {
    const { code, out, err } = losslattice("run", "configs/maps.yaml", override, "--out", join(scratch, "refused"))
    expect([code, out]).toEqual([2, ""])
    expect(err).toMatch(sentence)
    expect(existsSync(join(scratch, "refused"))).toBe(false)
  })
})

describe("map", () => {
  it.each([
    ["svg", "<svg"],
    ["pdf", "%PDF-"],
    ["png", "\u0089PNG"]
  ])("draws %s", (format, start) => {
    const file = join(scratch, format, `map.${format}`)
    const { code, out, err } = losslattice("map", "dpop", "--axes", "prob", "--reference", "0.3,0.3", "--out", file)
    expect([code, err]).toEqual([0, `wrote ${file}\n`])
    expect(out).toContain("dpop (reference p = 0.3, 0.3)")
    expect(readFileSync(file, "latin1").startsWith(start)).toBe(true)
    expect(readdirSync(join(scratch, format))).toEqual([`map.${format}`])
  })

  it("gives the same picture twice, and another on other axes", () => {
    const draw = (name: string, ...more: ReadonlyArray<string>) => {
      const file = join(scratch, name)
      expect(losslattice("map", "uncpo", "--out", file, ...more).code).toBe(0)
      return readFileSync(file, "utf8")
    }
    const svg = draw("a.svg")
    expect(svg).toContain("Softmax step, further mass on one arm")
    expect(draw("a.svg")).toBe(svg)
    expect(draw("b.svg", "--axes", "prob")).not.toBe(svg)
  })

  it("says where steps displace: nowhere for cCPO, with one further arm for unCPO", () => {
    const { displacement } = json<MapDocument>("map", "uncpo")
    expect(displacement["one-arm"]!.lowersChosen).toBeGreaterThan(0.5)
    expect(displacement["many-arms"]).toEqual({ lowersChosen: 0, raisesRejected: 0 })
    const safe = json<MapDocument>("map", "ccpo", "--lengths", "4,8")
    expect(Object.values(safe.displacement)).toEqual([
      { lowersChosen: 0, raisesRejected: 0 },
      { lowersChosen: 0, raisesRejected: 0 }
    ])
    expect(safe).toMatchObject({ loss: "ccpo", axes: "log", reference: { chosen: 0.2, rejected: 0.4 } })
    expect(safe.file).toBeUndefined()
  })

  it.each<[string, ReadonlyArray<string>, ReadonlyArray<RegExp>]>([
    ["an unknown loss", ["unpco"], [/unpco/, /uncpo/]],
    ["a loss of more than a pair", ["kto"], [/kto has no map/, /kl \(a statistic of the batch/]],
    ["a loss that is no function of a pair", ["aot"], [/aot has no map/, /sorting/]],
    ["axes that are none", ["dpo", "--axes", "linear"], [/axes/, /log/, /prob/]],
    ["a reference that is no policy", ["dpo", "--reference", "0.7,0.4"], [/--reference/, /sum below 1/, /0\.7,0\.4/]],
    ["a reference of one number", ["dpo", "--reference", "0.7"], [/--reference/, /"0\.7"/]],
    ["a reference of no numbers", ["dpo", "--reference", "a,b"], [/--reference/, /"a,b"/]],
    ["lengths that are no counts", ["simpo", "--lengths", "0,4"], [/--lengths/, /token counts from 1/, /0,4/]],
    ["an unknown format", ["dpo", "--out", join(scratch, "map.gif")], [/map\.gif/, /\.svg, \.pdf, \.png/]],
    ["a folder under a file", ["dpo", "--out", join(scratch, "file", "map.svg")], [/--out/, /cannot be written/]]
  ])("refuses %s", (_, args, sentences) => {
    writeFileSync(join(scratch, "file"), "")
    const { code, out, err } = losslattice("map", ...args)
    expect(code).toBe(2)
    expect(out).toBe("")
    for (const sentence of sentences) expect(err).toMatch(sentence)
    expect(err).not.toMatch(/\n\s+at /)
    expect(existsSync(join(scratch, "map.gif"))).toBe(false)
  })
})
