/**
 * @file Figure: what training with CPO, cCPO, unCPO and cfUNL does to the log-probabilities of the chosen and the rejected answer, with
 * and without a cross-entropy term: a bandit above language models above the published ends, one column a loss.
 */

import type { ElsewhereSourceRow } from "../elsewhere.ts"
import { extent } from "./drawing/curves.ts"
import {
  type DynamicsSeries,
  type DynamicsWorld,
  dynamicsCards,
  dynamicsLosses,
  dynamicsNames,
  dynamicsWorlds,
  seriesKey
} from "./drawing/dynamicsRows.ts"
import { type ChartPart, keyEntry, lineView, panelTitle, vegaLite } from "./drawing/lineChart.ts"
import { number } from "./drawing/notation.ts"
import { publishedStart } from "./drawing/publishedCards.ts"
import { figureWidth, fontSize, ink, okabeIto, type SeriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const panel = { height: 96, gap: 30, axis: 58, key: 118 } as const
const width = Math.floor((figureWidth - panel.axis - panel.key - 3 * panel.gap) / 4)

const sideLooks = {
  chosen: { colour: okabeIto.blue, shape: "circle" },
  rejected: { colour: okabeIto.vermilion, shape: "square" }
} as const

/** The loss alone is a solid line, with a term beside it a dashed one. */
const lookOf = ({ side, ceWeight }: DynamicsSeries): SeriesLook => ({
  ...sideLooks[side],
  dash: ceWeight === 0 ? [] : [5, 2]
})

const seriesOf = (ceWeights: readonly number[]): readonly DynamicsSeries[] =>
  ceWeights.flatMap((ceWeight) => (["chosen", "rejected"] as const).map((side) => ({ side, ceWeight })))

const seriesName = ({ side, ceWeight }: DynamicsSeries): string => (ceWeight === 0 ? side : `${side}, CE ${ceWeight}`)

/** The name of a row of panels, over its first. */
const heading = (text: string, above: number): readonly ChartPart[] =>
  panelTitle(text).map((part) => ({ ...part, encoding: { x: { value: -panel.axis + 12 }, y: { value: -above } } }))

const key = (ceWeights: readonly number[]): readonly ChartPart[] =>
  seriesOf(ceWeights).flatMap((series, i) =>
    keyEntry({ name: seriesName(series), look: lookOf(series), x: width, y: 8 + 15 * i })
  )

const worldRow = (world: DynamicsWorld, names: ReadonlyMap<string, string>, first: boolean): ChartPart => {
  const all = [...world.points.values()].flat()
  const steps = [Math.min(...all.map(({ step }) => step)), Math.max(...all.map(({ step }) => step))] as const
  const looks = new Map(seriesOf(world.ceWeights).map((series) => [seriesKey(series), lookOf(series)]))
  const views = dynamicsLosses.map((loss, column) => {
    const view = lineView({
      ...(first ? { title: names.get(loss) ?? loss } : {}),
      width,
      height: panel.height,
      x: { title: "update step", domain: steps, ticks: 3, format: ",d" },
      y: { title: world.yTitle, domain: extent(all), ticks: 4 },
      points: world.points.get(loss) ?? [],
      look: (series) => looks.get(series)!,
      endLabel: () => undefined,
      yAxis: column === 0 ? "full" : "bare"
    })
    const beside = [
      ...(column === 0 ? heading(world.title, first ? 30 : 12) : []),
      ...(column === dynamicsLosses.length - 1 ? key(world.ceWeights) : [])
    ]
    return { ...view, layer: [...(view.layer as readonly ChartPart[]), ...beside] }
  })
  return { bounds: "flush", spacing: panel.gap, hconcat: views }
}

/** Signed logarithm beyond 1 nat: the runs without a term went to −46. */
const cardScale = { type: "symlog", constant: 1, domain: [-60, 0], nice: false } as const
const cardTicks = [-1, -3, -10, -30]

const cardsView = (loss: string, column: number): ChartPart => {
  const own = dynamicsCards.filter((card) => card.loss === loss)
  const weights = ["0", "0.01", "0.1", "0.3"]
  const y = {
    type: "quantitative",
    scale: cardScale,
    axis: { title: column === 0 ? "log π per token, nats" : null, labels: column === 0, values: cardTicks }
  }
  const x = {
    field: "weight",
    type: "nominal",
    sort: null,
    scale: { domain: weights },
    axis: { title: "weight of the CE term", labelAngle: 0, grid: false }
  }
  const start: ChartPart = {
    data: { values: [{ start: publishedStart }] },
    mark: { type: "rule", color: ink.axis, strokeDash: [1, 3] },
    encoding: { y: { ...y, field: "start" } }
  }
  const points = (["chosen", "rejected"] as const).map((side): ChartPart => {
    const { colour, shape } = sideLooks[side]
    return {
      data: { values: own.map((card) => ({ weight: String(card.ceWeight), value: card[side] })) },
      mark: { type: "point", filled: true, color: colour, shape, size: 40, opacity: 1 },
      encoding: { x, y: { ...y, field: "value" } }
    }
  })
  const beside = (["chosen", "rejected"] as const).flatMap((side, i) =>
    keyEntry({
      name: side,
      look: { ...sideLooks[side], dash: [] },
      x: width,
      y: 8 + 15 * i,
      sample: true,
      symbol: true
    }).slice(1)
  )
  const none: ChartPart = {
    data: { values: [{}] },
    mark: { type: "text", text: "no card", fontSize: fontSize.small, color: ink.soft },
    encoding: { x: { value: width / 2 }, y: { value: panel.height / 2 } }
  }
  return {
    width,
    height: panel.height,
    layer: [
      start,
      ...points,
      ...(own.length === 0 ? [none] : []),
      ...(column === 0 ? heading("Published, at the end (Qwen1.5 0.5 B)", 12) : []),
      ...(column === dynamicsLosses.length - 1 ? beside : [])
    ]
  }
}

const cardsRow = (): ChartPart => ({ bounds: "flush", spacing: panel.gap, hconcat: dynamicsLosses.map(cardsView) })

/** From the first point of a curve to its last, of every loss: `CPO −4.1 and −6.4 (CE 0.1: −0.3 and −0.4)`. */
const movesOf = (world: DynamicsWorld, names: ReadonlyMap<string, string>): string =>
  dynamicsLosses
    .flatMap((loss) => {
      const moves = world.ceWeights.flatMap((ceWeight) => {
        const [chosen, rejected] = (["chosen", "rejected"] as const).map((side) => {
          const own = (world.points.get(loss) ?? []).filter(({ series }) => series === seriesKey({ side, ceWeight }))
          const [first, last] = [own.at(0), own.at(-1)]
          return first === undefined || last === undefined ? undefined : number(last.mean - first.mean, 1)
        })
        return chosen === undefined || rejected === undefined
          ? []
          : [`${ceWeight === 0 ? "" : `with CE ${ceWeight}: `}${chosen} and ${rejected}`]
      })
      return moves.length === 0 ? [] : [`${names.get(loss)} ${moves.join(", ")}`]
    })
    .join("; ")

const sourcePhrase = ({ model, machine, jobs, missingJobs, configHash }: ElsewhereSourceRow): string =>
  `${model} was trained elsewhere (${machine}; ${jobs} of the ${jobs + missingJobs} jobs of configuration ${configHash.slice(0, 12)} are there).`

/** Chosen and rejected log-probabilities during training, in every world that the records have. */
export const dynamicsFigure: Figure = {
  id: "dynamics",
  title: "Training dynamics from a bandit to language models",
  needs: [],
  applies: (records) => dynamicsWorlds(records).length >= 2,
  caption: (records) => {
    const worlds = dynamicsWorlds(records)
    const sources = records.elsewhere.filter((row): row is ElsewhereSourceRow => row.kind === "source")
    return (
      "Log-probability of the chosen (blue) and the rejected answer (orange) during training; solid with the loss alone, dashed with a" +
      " cross-entropy term on the chosen answer (CE, its weight in the key). Of the bandit, with few noisy pairs that leave out a quarter" +
      " of the answers, the change from the start; of the language models the mean per token. All panels of a row share their axes." +
      ` ${worlds.map(({ intervals }) => intervals).join(" ")} ${sources.map(sourcePhrase).join(" ")}` +
      ` Last row: the ends of the published runs (training cards of the logic paper's models, one run each, logarithmic below −1; dotted:` +
      ` their start, near ${number(publishedStart, 1)}). Models, data and numbers of updates differ: compare the order and what the term does, not the` +
      " levels."
    )
  },
  alt: (records) =>
    `Curves of chosen and rejected log-probability for CPO, cCPO, unCPO and cfUNL in ${dynamicsWorlds(records).length} worlds, one row each, over a row of published end points.`,
  findings: (records) =>
    dynamicsWorlds(records).map(
      (world) =>
        `${world.title}: mean change of log π from start to end, chosen and rejected, nats${world.perToken ? " per token" : ""}: ${movesOf(world, dynamicsNames(records))}.`
    ),
  draw: (records: Records) => {
    const names = dynamicsNames(records)
    const worlds = dynamicsWorlds(records)
    return vegaLite({
      spacing: 30,
      vconcat: [...worlds.map((world, i) => worldRow(world, names, i === 0)), cardsRow()]
    })
  }
}
