/** @file Numbers gathered row by row, and what is said about them. */

/** Numbers in a growing typed array: eight bytes each. */
export class Series {
  #values = new Float64Array(1024)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  get length(): number {
    return this.#length
  }

  /** The numbers, smallest first. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.#length).sort()
  }
}

/** Mean, extremes and quantiles. */
export interface Summary {
  readonly mean: number
  readonly min: number
  readonly p05: number
  readonly p25: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
  readonly max: number
}

/** A q-quantile is the value of rank ceil(q n), from 1: always one of the values. Undefined for no numbers. */
export const summarise = (series: Series): Summary | undefined => {
  const ordered = series.sorted()
  const n = ordered.length
  if (n === 0) return undefined
  const rank = (percent: number): number => ordered[Math.max(0, Math.ceil((percent * n) / 100) - 1)]!
  let sum = 0
  for (const value of ordered) sum += value
  return {
    mean: sum / n,
    min: ordered[0]!,
    p05: rank(5),
    p25: rank(25),
    p50: rank(50),
    p75: rank(75),
    p95: rank(95),
    max: ordered[n - 1]!
  }
}

/** How often something was found, and the first lines where. */
export class Tally {
  count = 0
  readonly lines: Array<number> = []

  add(line: number): void {
    this.count++
    if (this.lines.length < 5) this.lines.push(line)
  }
}

/** Length of a text in Unicode code points. */
export const characters = (text: string): number => {
  let count = text.length
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next < 0xe000) {
        count--
        i++
      }
    }
  }
  return count
}

/** How many code points two texts begin with in common. */
export const sharedCharacters = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++
  // Half a letter is not shared.
  if (length > 0 && length < Math.max(a.length, b.length) && /[\ud800-\udbff]/.test(a[length - 1]!)) length--
  return characters(a.slice(0, length))
}
