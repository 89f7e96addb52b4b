/** @file Figure: the largest eigenvalues of each loss's Hessian where its training ends, and its trace. */
import { distinct, grouped, intervalPhrase, seedInterval } from "./drawing/intervals.ts"
import { type ChartPart, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { type SharpnessRow, surfaceRows } from "./drawing/surfaceRows.ts"
import { figureWidth, fontSize, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

/** Values below this are no curvature any more: the axis begins there. */
const floor = 1e-8

interface Dot {
  readonly name: string
  readonly rank: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

const dotsOf = (rows: readonly SharpnessRow[], names: ReadonlyMap<string, string>): readonly Dot[] =>
  [...grouped(rows, ({ loss }) => loss)].flatMap(([loss, own]) => {
    const ranks = Math.max(...own.map(({ top }) => top.length))
    return Array.from({ length: ranks }, (_, rank) => rank).flatMap((rank) => {
      // On a logarithmic axis: geometric means, and intervals of the logarithms.
      const found = seedInterval(own.map(({ top }) => ((top[rank] ?? 0) > floor ? Math.log(top[rank]!) : undefined)))
      if (found === undefined) return []
      const [mean, low, high] = [found.mean, found.low, found.high].map(Math.exp) as [number, number, number]
      return [{ name: names.get(loss) ?? loss, rank, mean, low, high }]
    })
  })

const panel = (study: string, rows: readonly SharpnessRow[], names: ReadonlyMap<string, string>): ChartPart => {
  const losses = distinct(rows.map(({ loss }) => loss))
  const values = dotsOf(rows, names)
  const next = values.filter(({ rank }) => rank > 0)
  const width = Math.floor(figureWidth / 2) - 110
  const x = { type: "quantitative", scale: { type: "log" }, axis: { tickCount: 5, format: ".0e" } }
  const y = {
    ...{ field: "name", type: "nominal", title: null, sort: null },
    scale: { domain: losses.map((loss) => names.get(loss) ?? loss) },
    axis: { ticks: false, labelFontSize: fontSize.small, labelOverlap: false }
  }
  return {
    title: { text: study, fontSize: fontSize.label },
    width,
    height: losses.length * 22,
    layer: [
      {
        data: { values: values.filter(({ rank }) => rank === 0) },
        mark: { type: "rule", color: okabeIto.blue, strokeWidth: 2 },
        encoding: {
          x: { ...x, field: "low", title: "eigenvalue, nats per squared parameter" },
          x2: { field: "high" },
          y
        }
      },
      // An empty layer has no extent, which a logarithmic axis does not forgive.
      ...(next.length === 0
        ? []
        : [
            {
              data: { values: next },
              mark: {
                ...{ type: "point", shape: "stroke", angle: 90, filled: false },
                ...{ color: okabeIto.skyBlue, size: 90, opacity: 1 }
              },
              encoding: { x: { ...x, field: "mean" }, y }
            }
          ]),
      {
        data: { values: values.filter(({ rank }) => rank === 0) },
        mark: { type: "point", filled: true, color: okabeIto.blue, size: 60, opacity: 1 },
        encoding: { x: { ...x, field: "mean" }, y }
      }
    ]
  }
}

/** Top of the Hessian's spectrum per loss and study. */
export const surfaceSharpnessFigure: Figure = {
  id: "surface-sharpness",
  title: "Sharpness where training ends",
  needs: ["surfaces"],
  applies: (records) => surfaceRows(records, "sharpness").some(({ top }) => top.some((value) => value > floor)),
  caption: (records) => {
    const rows = surfaceRows(records, "sharpness")
    const sizes = [...grouped(rows, ({ study }) => study)].map(
      ([study, own]) => `${study}: ${own[0]!.parameters} parameters`
    )
    return (
      "Largest eigenvalues of the Hessian of each loss at the policy that its own training ended at, by Lanczos with Hessian-vector products," +
      ` exact for bandits and from differences of gradients for language models. Dot: the largest; ticks: the next. Geometric means. ${intervalPhrase(rows)} ${sizes.join("; ")}. Values below` +
      ` ${floor} are left out.`
    )
  },
  alt: (records) =>
    `Eigenvalues on a logarithmic scale for ${distinct(surfaceRows(records, "sharpness").map(({ loss }) => loss)).length} losses.`,
  draw: (records: Records) => {
    const rows = surfaceRows(records, "sharpness")
    const names = lossNames(records, distinct(rows.map(({ loss }) => loss)))
    const studies = [...grouped(rows, ({ study }) => study)].filter(([, own]) => dotsOf(own, names).length > 0)
    return vegaLite({
      spacing: 18,
      columns: 2,
      concat: studies.map(([study, own]) => panel(study, own, names))
    })
  }
}
