/** @file Figure: the loss along straight and trained paths between policies: mode connectivity. */
import { textWidth } from "./drawing/fonts.ts"
import { distinct, grouped, seedInterval, seedPhrase } from "./drawing/intervals.ts"
import { type ChartPart, keyEntry, keySample, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { type PathRow, surfaceRows } from "./drawing/surfaceRows.ts"
import { figureWidth, fontSize, ink, type SeriesLook, seriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { finite, type Records } from "./records.ts"

/** Paths read from the loss's own policy on: t = 0 is where it was trained. */
const fromOwn = (row: PathRow): readonly (number | undefined)[] => {
  const values = row.values.map(finite)
  return row.from === row.loss ? values : values.toReversed()
}

const partnerOf = (row: PathRow): string => (row.from === row.loss ? row.to : row.from)

const panelRows = (rows: readonly PathRow[]) =>
  [...grouped(rows, (row) => `${partnerOf(row)}\u0000${row.curve}`)].flatMap(([, own]) => {
    const [first] = own
    const length = first!.values.length
    return Array.from({ length }, (_, k) => {
      const found = seedInterval(own.map((row) => fromOwn(row)[k]))
      const base = seedInterval(own.map((row) => fromOwn(row)[0]))
      return {
        t: k / (length - 1),
        partner: partnerOf(first!),
        curve: first!.curve,
        value: found === undefined || base === undefined ? null : found.mean - base.mean
      }
    }).filter(({ value }) => value !== null)
  })

const panel = (
  loss: string,
  rows: readonly PathRow[],
  partners: readonly string[],
  names: ReadonlyMap<string, string>,
  width: number,
  ends: { readonly left: boolean; readonly bottom: boolean }
): ChartPart => {
  const values = panelRows(rows)
  const x = { field: "t", type: "quantitative", title: ends.bottom ? "share of the way" : null, axis: { tickCount: 2 } }
  const y = {
    field: "value",
    type: "quantitative",
    title: ends.left ? "loss above its own end" : null,
    axis: { tickCount: 3 }
  }
  const line = (partner: string, curve: PathRow["curve"]): ChartPart => ({
    data: { values: values.filter((one) => one.partner === partner && one.curve === curve) },
    mark: {
      type: "line",
      color: partner === loss ? ink.text : seriesLook(partners.indexOf(partner)).colour,
      strokeWidth: partner === loss ? 2.2 : 1.3,
      strokeDash: curve === "bezier" ? [3, 2] : []
    },
    encoding: { x, y }
  })
  const present = partners.filter((partner) => values.some((one) => one.partner === partner))
  return {
    title: { text: names.get(loss) ?? loss, fontSize: fontSize.label },
    width,
    height: 96,
    layer: present.flatMap((partner) => [line(partner, "line"), line(partner, "bezier")])
  }
}

/** The colours of the partners, as one more panel. */
const key = (partners: readonly string[], names: ReadonlyMap<string, string>): ChartPart => {
  const own: SeriesLook = { ...seriesLook(0), colour: ink.text, dash: [] }
  const entries = [
    ...partners.map((loss, k) => ({ name: names.get(loss) ?? loss, look: { ...seriesLook(k), dash: [] } })),
    { name: "its own from another start", look: own }
  ]
  let x = 0
  const layer = entries.flatMap(({ name, look }) => {
    const parts = keyEntry({ name, look, x, y: 7 })
    x += keySample + textWidth(name, fontSize.small, "bold") + 18
    return parts
  })
  return { width: figureWidth - 60, height: 14, layer }
}

const barriers = (records: Records): string => {
  const rows = surfaceRows(records, "path")
  const high = [
    ...grouped(rows, ({ loss, from, to, curve, study }) => [study, loss, from, to, curve].join("\u0000"))
  ].flatMap(([, own]) => {
    const found = seedInterval(own.map(({ barrier }) => finite(barrier)))
    return found !== undefined && found.mean > 1e-3 ? [{ row: own[0]!, mean: found.mean }] : []
  })
  const lines = high.filter(({ row }) => row.curve === "line").sort((a, b) => b.mean - a.mean)
  const [worst] = lines
  const paths = distinct(rows.map(({ study, loss, from, to }) => [study, loss, from, to].join("\u0000"))).length
  if (worst === undefined) return ` None of the ${paths} straight paths has a barrier above 0.001 nats.`
  const curves = high.filter(({ row }) => row.curve === "bezier").length
  return (
    ` ${lines.length} of the ${paths} straight paths and ${curves} of the trained ones have a mean barrier above 0.001 nats; the highest is` +
    ` ${worst.mean.toPrecision(2)} nats (${worst.row.study}: ${worst.row.loss}, from ${worst.row.from} to ${worst.row.to}).`
  )
}

/** Loss along paths, a row a study and a panel a loss. */
export const surfacePathsFigure: Figure = {
  id: "surface-paths",
  title: "Loss along paths between trained policies",
  needs: ["surfaces"],
  applies: (records) => surfaceRows(records, "path").length > 0,
  caption: (records) => {
    const rows = surfaceRows(records, "path")
    return (
      "Each panel follows one loss from the policy that it trained to the policies that other losses trained (colours) and, in black," +
      " between two policies that it trained itself from two random starts. Whole lines: the straight path in parameters; dashed: a" +
      " quadratic Bézier curve whose middle was trained to keep the loss low. The barrier of a path is its highest loss minus that of its" +
      ` worse end. Means over ${seedPhrase(rows)}, drawn without intervals.${barriers(records)}`
    )
  },
  alt: (records) =>
    `Curves of the loss along paths for ${distinct(surfaceRows(records, "path").map(({ loss }) => loss)).length} losses.`,
  draw: (records) => {
    const rows = surfaceRows(records, "path")
    const partners = distinct(rows.flatMap(({ from, to }) => [from, to]))
    const names = lossNames(records, partners)
    const perRow = Math.min(6, distinct(rows.map(({ loss }) => loss)).length)
    const width = Math.min(150, Math.floor((figureWidth - 40) / perRow) - 34)
    const lines = [...grouped(rows, ({ study }) => study)].flatMap(([study, own]) => {
      const losses = distinct(own.map(({ loss }) => loss))
      return Array.from(
        { length: Math.ceil(losses.length / perRow) },
        (_, line): ChartPart => ({
          ...(line === 0 ? { title: { text: study, fontSize: fontSize.title } } : {}),
          spacing: 8,
          hconcat: losses.slice(line * perRow, (line + 1) * perRow).map((loss, k) =>
            panel(
              loss,
              own.filter((row) => row.loss === loss),
              partners,
              names,
              width,
              { left: k === 0, bottom: true }
            )
          )
        })
      )
    })
    return vegaLite({ spacing: 16, vconcat: [...lines, key(partners, names)] })
  }
}
