/** Curves with their intervals, as SVG: axes, lines told apart by colour and dash, a mark at a chosen x. */
import type { Interval } from "../../random/statistics.ts"
import "./charts.css"
import { seriesClass } from "./looks.ts"
import { type Domain, domainOf, ticksOf, tickText } from "./ticks.ts"
import { isWide } from "./wide.ts"

export interface ChartPoint extends Interval {
  readonly x: number
}

export interface ChartSeries {
  readonly name: string
  /** Which look; the same number is the same look in every chart. */
  readonly look: number
  /** Ascending in x. */
  readonly points: ReadonlyArray<ChartPoint>
  /** Ended before the others: a cross stands at the last point. */
  readonly broken?: boolean
}

interface Size {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** One of several charts, and one alone. */
const sizes = {
  small: { width: 400, height: 216, left: 52, right: 10, top: 8, bottom: 36 },
  large: { width: 820, height: 400, left: 64, right: 14, top: 10, bottom: 40 }
} as const satisfies Record<string, Size>

interface Scale {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

const scaleOf = (size: Size, x: Domain, y: Domain): Scale => ({
  x: (value) => size.left + ((value - x.low) / (x.high - x.low)) * (size.width - size.left - size.right),
  y: (value) => size.top + (1 - (value - y.low) / (y.high - y.low)) * (size.height - size.top - size.bottom)
})

const path = (points: ReadonlyArray<readonly [number, number]>): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("")

const bandPath = (points: ReadonlyArray<ChartPoint>, { x, y }: Scale): string => {
  const known = points.filter(({ low }) => low !== undefined)
  const upper = known.map((point) => [x(point.x), y(point.high!)] as const)
  const lower = known.map((point) => [x(point.x), y(point.low!)] as const).reverse()
  return known.length < 2 ? "" : `${path([...upper, ...lower])}Z`
}

const Axes = ({ size, x, y, scale, xTitle }: { size: Size; x: Domain; y: Domain; scale: Scale; xTitle: string }) => (
  <g class="axes">
    {ticksOf(y, 4).map((tick) => (
      <g key={tick}>
        <line class="grid" x1={size.left} x2={size.width - size.right} y1={scale.y(tick)} y2={scale.y(tick)} />
        <text x={size.left - 6} y={scale.y(tick) + 4} text-anchor="end">
          {tickText(tick)}
        </text>
      </g>
    ))}
    {ticksOf(x, 5).map((tick) => (
      <text key={tick} x={scale.x(tick)} y={size.height - size.bottom + 15} text-anchor="middle">
        {tickText(tick)}
      </text>
    ))}
    <line
      class="axis"
      x1={size.left}
      x2={size.width - size.right}
      y1={size.height - size.bottom}
      y2={size.height - size.bottom}
    />
    <text x={(size.left + size.width - size.right) / 2} y={size.height - 4} text-anchor="middle">
      {xTitle}
    </text>
  </g>
)

/** The last point at or before x. */
export const pointAt = (points: ReadonlyArray<ChartPoint>, x: number): ChartPoint | undefined =>
  points.findLast((point) => point.x <= x)

const Curve = ({ series, scale, at }: { series: ChartSeries; scale: Scale; at: number | undefined }) => {
  const { points, look, broken } = series
  const last = points.at(-1)
  const marked = at === undefined ? undefined : pointAt(points, at)
  return (
    <g class={seriesClass(look)}>
      <path class="band" d={bandPath(points, scale)} />
      <path class="line" d={path(points.map((point) => [scale.x(point.x), scale.y(point.mean)]))} />
      {points.length === 1 && last !== undefined && (
        <circle class="dot" cx={scale.x(last.x)} cy={scale.y(last.mean)} r={3} />
      )}
      {marked !== undefined && <circle class="dot" cx={scale.x(marked.x)} cy={scale.y(marked.mean)} r={3.5} />}
      {broken === true && last !== undefined && (
        <text class="broken" x={scale.x(last.x)} y={scale.y(last.mean) + 5} text-anchor="middle">
          ×
        </text>
      )}
    </g>
  )
}

/** What the picture says, for readers who do not see it. */
const spoken = (title: string, xTitle: string, series: ReadonlyArray<ChartSeries>): string => {
  const ends = series.flatMap(({ name, points }) => {
    const last = points.at(-1)
    return last === undefined ? [] : [`${name}: ${tickText(Number(last.mean.toPrecision(3)))} at ${tickText(last.x)}`]
  })
  return `${title} against ${xTitle}. ${ends.join("; ")}`
}

export interface LineChartProps {
  readonly title: string
  readonly xTitle: string
  /** What the title means; shown when it is pointed at. */
  readonly explanation?: string
  readonly series: ReadonlyArray<ChartSeries>
  readonly at?: number | undefined
  /** Default false: one of several. */
  readonly alone?: boolean
  /** Range of x; default: that of the points. */
  readonly x?: Domain
}

export const LineChart = ({ title, xTitle, explanation, series, at, alone = false, x: wanted }: LineChartProps) => {
  const size = alone && isWide() ? sizes.large : sizes.small
  const points = series.flatMap((one) => one.points)
  const x =
    wanted ??
    domainOf(
      points.map((point) => point.x),
      0
    )
  const y = domainOf(points.flatMap((point) => [point.mean, point.low ?? point.mean, point.high ?? point.mean]))
  const scale = scaleOf(size, x, y)
  return (
    <figure class="line-chart">
      <figcaption title={explanation}>{title}</figcaption>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={spoken(title, xTitle, series)}>
        <Axes size={size} x={x} y={y} scale={scale} xTitle={xTitle} />
        {at !== undefined && (
          <line class="chart-mark" x1={scale.x(at)} x2={scale.x(at)} y1={size.top} y2={size.height - size.bottom} />
        )}
        {series.map((one) => (
          <Curve key={one.name} series={one} scale={scale} at={at} />
        ))}
      </svg>
    </figure>
  )
}

/** Names of the series beside their lines. */
export const Legend = ({ series }: { series: ReadonlyArray<Pick<ChartSeries, "name" | "look">> }) => (
  <ul class="chart-legend">
    {series.map(({ name, look }) => (
      <li key={name}>
        <svg class={seriesClass(look)} viewBox="0 0 34 12" aria-hidden="true">
          <path class="line" d="M1 6H33" />
        </svg>
        {name === "" ? "all rows" : name}
      </li>
    ))}
  </ul>
)
