/** Lines of equal value through a grid: marching squares with straight pieces. */

/** Calls `piece` with the ends of every piece of the line `values = level`, in cells from the first cell's centre. */
export const contour = (
  values: Float64Array,
  cells: number,
  level: number,
  piece: (x0: number, y0: number, x1: number, y1: number) => void
): void => {
  for (let y = 0; y + 1 < cells; y++) {
    for (let x = 0; x + 1 < cells; x++) {
      const at = y * cells + x
      const [a, b, c, d] = [values[at]!, values[at + 1]!, values[at + cells + 1]!, values[at + cells]!]
      if (!Number.isFinite(a + b + c + d)) continue
      const code = (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (c >= level ? 4 : 0) | (d >= level ? 8 : 0)
      if (code === 0 || code === 15) continue
      const bottom = x + (level - a) / (b - a)
      const right = y + (level - b) / (c - b)
      const top = x + (level - d) / (c - d)
      const left = y + (level - a) / (d - a)
      // Where the line enters and leaves; the two saddles have two pieces.
      if (code === 1 || code === 14) piece(x, left, bottom, y)
      else if (code === 2 || code === 13) piece(bottom, y, x + 1, right)
      else if (code === 4 || code === 11) piece(x + 1, right, top, y + 1)
      else if (code === 8 || code === 7) piece(top, y + 1, x, left)
      else if (code === 3 || code === 12) piece(x, left, x + 1, right)
      else if (code === 6 || code === 9) piece(bottom, y, top, y + 1)
      else {
        const high = (a + b + c + d) / 4 >= level
        if ((code === 5) === high) {
          piece(x, left, top, y + 1)
          piece(bottom, y, x + 1, right)
        } else {
          piece(x, left, bottom, y)
          piece(x + 1, right, top, y + 1)
        }
      }
    }
  }
}

/** Levels at equal shares of the finite values, rounded to as few digits as keep them apart; none of a constant. */
export const levelsOf = (values: ReadonlyArray<number>, count: number): ReadonlyArray<number> => {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort()
  if (sorted.length === 0 || sorted[0] === sorted.at(-1)) return []
  const raw = Array.from({ length: count }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / (count + 1))]!)
  for (let digits = 2; digits < 8; digits++) {
    const rounded = new Set(raw.map((value) => Number(value.toPrecision(digits))))
    if (rounded.size === count || digits === 7) {
      return [...rounded].filter((level) => level > sorted[0]! && level < sorted.at(-1)!)
    }
  }
  return []
}
