/** Probabilities of the answers of one context, a row of bars for each loss, under the true rewards; the reference as a line. */
import { seriesClass } from "../charts/looks.ts"
import { type Domain, domainOf, ticksOf, tickText } from "../charts/ticks.ts"
import type { WorldTables } from "./protocol.ts"

/** A policy to draw. */
export interface ShownPolicy {
  readonly loss: string
  readonly look: number
  /** [contexts * arms] */
  readonly policy: Float64Array
}

interface ArmBarsProps {
  readonly world: WorldTables
  readonly context: number
  readonly policies: ReadonlyArray<ShownPolicy>
}

const size = { left: 40, right: 8, height: 92, top: 8, bottom: 10 } as const

/** Few bars share a line with others, many have one for themselves. */
const widthFor = (arms: number): number => (arms <= manyArms ? 400 : 820)
const manyArms = 16

/** Arms, the best first. */
const ordered = ({ reward, arms }: WorldTables, context: number): ReadonlyArray<number> =>
  Array.from({ length: arms }, (_, arm) => arm).sort(
    (a, b) => reward[context * arms + b]! - reward[context * arms + a]! || a - b
  )

interface BarsProps {
  readonly title: string
  readonly look?: number
  readonly values: ReadonlyArray<number>
  readonly marks?: ReadonlyArray<number>
  readonly names: ReadonlyArray<string>
  readonly range: Domain
  readonly unit: string
}

/** Most arms that have their values spoken one by one. */
const mostSpoken = 12

const spoken = ({ title, values, names, unit }: BarsProps): string =>
  `${title}: ${values
    .slice(0, mostSpoken)
    .map((value, i) => `${names[i]} ${tickText(Number(value.toPrecision(3)))}`)
    .join(", ")}${values.length > mostSpoken ? `, and ${values.length - mostSpoken} more` : ""}, ${unit}`

const Bars = (props: BarsProps) => {
  const { title, look, values, marks, names, range } = props
  const whole = widthFor(values.length)
  const step = (whole - size.left - size.right) / values.length
  const width = Math.min(46, 0.7 * step)
  const y = (value: number): number =>
    size.top + (1 - (value - range.low) / (range.high - range.low)) * (size.height - size.top - size.bottom)
  const x = (i: number): number => size.left + (i + 0.5) * step
  return (
    <figure class="arm-bars">
      <figcaption>{title}</figcaption>
      <svg
        class={`arm-picture ${look === undefined ? "reward" : seriesClass(look)}`}
        viewBox={`0 0 ${whole} ${size.height + 14}`}
        role="img"
        aria-label={spoken(props)}
      >
        {ticksOf(range, 2).map((tick) => (
          <g key={tick}>
            <line
              class={tick === 0 ? "axis" : "grid"}
              x1={size.left}
              x2={whole - size.right}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text x={size.left - 6} y={y(tick) + 4} text-anchor="end">
              {tickText(tick)}
            </text>
          </g>
        ))}
        {values.map((value, i) => (
          <rect
            key={i}
            class="arm-bar"
            x={x(i) - width / 2}
            width={width}
            y={Math.min(y(value), y(0))}
            height={Math.abs(y(value) - y(0))}
          />
        ))}
        {marks?.map((value, i) => (
          <line
            key={i}
            class="reference-line"
            x1={x(i) - 0.45 * step}
            x2={x(i) + 0.45 * step}
            y1={y(value)}
            y2={y(value)}
          />
        ))}
        {step >= 18 &&
          names.map((name, i) => (
            <text key={name} x={x(i)} y={size.height + 10} text-anchor="middle">
              {name}
            </text>
          ))}
      </svg>
    </figure>
  )
}

export const ArmBars = ({ world, context, policies }: ArmBarsProps) => {
  const order = ordered(world, context)
  const pick = (table: Float64Array): ReadonlyArray<number> => order.map((arm) => table[context * world.arms + arm]!)
  const names = order.map(String)
  const reward = pick(world.reward)
  const reference = pick(world.reference)
  const rewards = domainOf([0, ...reward])
  const most = Math.max(...reference, ...policies.flatMap(({ policy }) => pick(policy)))
  const range = { low: 0, high: Math.max(1e-6, Math.min(1, 1.04 * most)) }
  return (
    <div class={world.arms <= manyArms ? "chart-grid" : "arm-rows"}>
      <Bars title="True reward, arms in its order" values={reward} names={names} range={rewards} unit="reward units" />
      {policies.map(({ loss, look, policy }) => (
        <Bars
          key={loss}
          title={`π after ${loss}`}
          look={look}
          values={pick(policy)}
          marks={reference}
          names={names}
          range={range}
          unit="probabilities"
        />
      ))}
    </div>
  )
}
