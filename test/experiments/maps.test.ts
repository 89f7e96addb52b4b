/** The maps stage: its records hang together, its sentences come from them, and a wrong section is refused with its place. */
import { describe, expect, it } from "vitest"
import { groupDistances, type MapsRow, mapGroups, mapRows } from "../../src/experiments/figures/drawing/mapsRows.ts"
import { emptyRecords, type Records } from "../../src/experiments/figures/records.ts"
import { mapFindings } from "../../src/experiments/report/mapFindings.ts"
import { runCell } from "../../src/experiments/stages/cells/maps.ts"
import { catalogueIds } from "../../src/loss/catalogue/index.ts"

const tools = { report: () => undefined, workFolder: "", result: () => null, resources: null }
const settings = { seed: 0, reach: 6, lengths: 8, arms: 8 }
const cell = (losses: ReadonlyArray<string>, points: number): Records => ({
  ...emptyRecords,
  maps: runCell({ losses, points, ...settings }, tools)
})
const all = cell(catalogueIds, 512)

describe("the records of all published losses", () => {
  it("map every loss or say why not, and measure every pair once", () => {
    const losses = mapRows(all, "loss")
    expect(losses.length + mapRows(all, "refused").length).toBe(catalogueIds.length)
    expect(losses.length).toBeGreaterThan(60)
    const pairs = mapRows(all, "distance")
    expect(pairs).toHaveLength((losses.length * (losses.length - 1)) / 2)
    for (const pair of pairs) {
      for (const angle of [pair["log-probability"], pair.softmax]) {
        expect(angle).toBeGreaterThanOrEqual(0)
        expect(angle).toBeLessThanOrEqual(180)
      }
    }
  })

  it("group the losses that are known to ask for the same steps", () => {
    const groups = mapGroups(all).map(({ losses }) => losses)
    const together = (...losses: ReadonlyArray<string>) =>
      groups.some((group) => losses.every((loss) => group.includes(loss)))
    expect(together("dpo", "cpo_core", "gpo_exp", "hinge", "r_dpo")).toBe(true)
    expect(together("ce", "sft", "ce_odds")).toBe(true)
    expect(together("npo", "funl", "simnpo")).toBe(true)
    expect(together("ceunl", "unlikelihood")).toBe(true)
    expect(together("dpo", "uncpo")).toBe(false)
    expect(new Set(groups.flat()).size).toBe(mapRows(all, "loss").length)
  })

  it("are alike in both geometries: what is at distance zero in one is so in the other", () => {
    for (const { a, b, softmax, "log-probability": plain } of mapRows(all, "distance")) {
      expect(softmax < 1e-4, `${a} ${b}`).toBe(plain < 1e-4)
    }
  })

  it("merge and place every group in both geometries", () => {
    const groups = mapGroups(all)
    for (const geometry of ["log-probability", "softmax"] as const) {
      const own = <K extends MapsRow["kind"]>(kind: K) =>
        mapRows(all, kind).filter((row) => "geometry" in row && row.geometry === geometry)
      expect(own("merge")).toHaveLength(groups.length - 1)
      expect(own("place")).toHaveLength(groups.length)
      expect(own("scaling")).toHaveLength(1)
      const distance = groupDistances(all, geometry)
      const [first] = mapRows(all, "merge").filter((row) => row.geometry === geometry)
      const least = Math.min(...groups.flatMap((_, i) => groups.slice(0, i).map((_other, j) => distance(i, j))))
      expect(first!.height).toBeCloseTo(least, 5)
    }
  })

  it("change little with the points: a degree on average at 512 already", () => {
    for (const { mean, largest } of mapRows(all, "convergence")) {
      expect(mean).toBeLessThan(1)
      expect(largest).toBeGreaterThan(0)
    }
  })

  it("are told as sentences with their names and angles", () => {
    const said = mapFindings(all).join(" ")
    expect(said).toContain("64 losses with a gradient field over one pair, 4")
    expect(said).toContain("ce = sft = ce_odds")
    expect(said).toMatch(/Farthest from their nearest neighbour are discopop \(7\d\.\d°\)/)
    expect(mapFindings(emptyRecords)).toEqual([])
  })

  it("say what a single loss has", () => {
    expect(mapFindings(cell(["dpo"], 64))[0]).toBe("1 loss with a gradient field over one pair, 1 different field.")
  })
})
