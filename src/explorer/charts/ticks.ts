/** Axes: where ticks stand and what they say. */

/** A range of numbers, low < high. */
export interface Domain {
  readonly low: number
  readonly high: number
}

/** The range of some values with a little room; one value alone gets room on both sides, none is 0 to 1. */
export const domainOf = (values: ReadonlyArray<number>, room = 0.04): Domain => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return { low: 0, high: 1 }
  const width = high - low
  // Differences of rounding are no movement.
  const least = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high))
  const pad = width > least ? room * width : 0.5 * Math.max(1e-3, Math.abs(high))
  return { low: low - pad, high: high + pad }
}

/** A step of 1, 2 or 5 times a power of ten such that `count` of them or fewer fill the width. */
const niceStep = (width: number, count: number): number => {
  const rough = width / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-12)) ?? 10
  return factor * power
}

/** Round numbers within the domain, about `count` of them. */
export const ticksOf = ({ low, high }: Domain, count = 5): ReadonlyArray<number> => {
  const step = niceStep(high - low, count)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** A tick's number, as short as it can be, with a proper minus. */
export const tickText = (value: number): string => {
  const size = Math.abs(value)
  const text =
    value === 0 || (size >= 1e-3 && size < 1e5)
      ? String(Number(value.toPrecision(6)))
      : value.toExponential().replace("e+", "e")
  return text.replaceAll("-", "\u2212")
}
