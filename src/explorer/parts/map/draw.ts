/** Drawing of maps on a canvas: heat and contour lines, and over them what layers.ts draws. */
import { lowersChosen, raisesRejected, rests } from "../../../maps/displacement.ts"
import { contour, levelsOf } from "./contours.ts"
import { inks, mix, type Rgb, rampColour } from "./inks.ts"
import { descentArrows, hatch, isPolicy, policyEdge, type Sheet, scratch } from "./layers.ts"
import { type AxisKind, type Grid, type Layers, logAt, type Surface } from "./surface.ts"

/** Cells of the grid that is drawn, a side. */
export const mapCells = 100

/** Shades of a picture: as many as a byte has places, made once a drawing. */
const shades = 256

/** Paints one shade a cell, smoothly enlarged. @param share where on the scale a cell is, in [0, 1] */
const paintCells = (
  { context, size }: Sheet,
  cells: number,
  colour: (share: number) => Rgb,
  share: (place: number) => number
): void => {
  const palette = Array.from({ length: shades }, (_, k) => colour(k / (shades - 1)))
  const [canvas, small] = scratch(cells, cells)
  const image = small.createImageData(cells, cells)
  for (let place = 0; place < cells * cells; place++) {
    const pixel = 4 * ((cells - 1 - Math.floor(place / cells)) * cells + (place % cells))
    const [red, green, blue] = palette[Math.round(share(place) * (shades - 1))]!
    image.data[pixel] = red
    image.data[pixel + 1] = green
    image.data[pixel + 2] = blue
    image.data[pixel + 3] = 255
  }
  small.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = "high"
  context.drawImage(canvas, 0, 0, size, size)
}

const strokeContour = ({ context, size }: Sheet, values: Float64Array, cells: number, level: number): void => {
  const at = (cell: number): number => ((cell + 0.5) / cells) * size
  context.beginPath()
  contour(values, cells, level, (x0, y0, x1, y1) => {
    context.moveTo(at(x0), size - at(y0))
    context.lineTo(at(x1), size - at(y1))
  })
  context.stroke()
}

/** The share of a value among the levels: 0 below the first, 1 above the last, linear between. */
const shareOf = (levels: ReadonlyArray<number>, least: number, most: number) => {
  const knots = [least, ...levels, most]
  return (value: number): number => {
    if (Number.isNaN(value)) return 0
    if (value >= most) return 1
    let k = 1
    while (k < knots.length - 1 && value > knots[k]!) k++
    const [low, high] = [knots[k - 1]!, knots[k]!]
    const within = high > low ? (value - low) / (high - low) : 0
    return (k - 1 + Math.min(Math.max(within, 0), 1)) / (knots.length - 1)
  }
}

const finiteEnds = (values: ReadonlyArray<number>): readonly [number, number] => {
  const finite = values.filter(Number.isFinite)
  return [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)]
}

const atPolicies = (grid: Grid, values: Float64Array): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let place = 0; place < values.length; place++) if (isPolicy(grid, place)) found.push(values[place]!)
  return found
}

/** Draws the map of one loss. @returns the levels of its contour lines, nats */
export const drawSurface = (sheet: Sheet, surface: Surface, layers: Layers): ReadonlyArray<number> => {
  const { context, size, kind, dark } = sheet
  const { ramp, line, lowers, raises } = dark ? inks.dark : inks.light
  const grid = surface.grid(kind, mapCells)
  const known = atPolicies(grid, grid.loss)
  const levels = levelsOf(known, 9)
  const share = shareOf(levels, ...finiteEnds(known))
  context.clearRect(0, 0, size, size)
  const flat = levels.length === 0
  paintCells(
    sheet,
    mapCells,
    (at) => rampColour(ramp, at),
    (place) => (flat ? 0 : share(grid.loss[place]!))
  )
  context.strokeStyle = line
  context.lineWidth = Math.max(1, size / 420)
  for (const level of levels) strokeContour(sheet, grid.loss, mapCells, level)
  if (layers.displacement) {
    const displaced = (test: typeof lowersChosen) => (place: number) => {
      const gradient = { dlw: grid.dlw[place]!, dll: grid.dll[place]! }
      const [p, q] = [Math.exp(grid.lw[place]!), Math.exp(grid.ll[place]!)]
      return rests.some((rest) => test(gradient, p, q, rest))
    }
    hatch(sheet, mapCells, displaced(lowersChosen), lowers, false)
    hatch(sheet, mapCells, displaced(raisesRejected), raises, true)
  }
  policyEdge(sheet)
  if (layers.arrows) descentArrows(sheet, surface)
  return levels
}

/** Draws where one loss is above another: A - B, its zero line strong. @returns the largest difference at policies, nats */
export const drawDifference = (sheet: Sheet, a: Surface, b: Surface): number => {
  const { context, size, kind, dark } = sheet
  const { paper, below, above, line, edge } = dark ? inks.dark : inks.light
  const [first, second] = [a.grid(kind, mapCells), b.grid(kind, mapCells)]
  const difference = first.loss.map((value, place) => value - second.loss[place]!)
  const known = atPolicies(first, difference)
    .filter(Number.isFinite)
    .map(Math.abs)
    .sort((x, y) => x - y)
  // A few points at the edge, where losses leave every bound, would take all colour from the rest.
  const most = known[Math.floor(0.97 * known.length)] ?? 0
  context.clearRect(0, 0, size, size)
  paintCells(
    sheet,
    mapCells,
    (at) => mix(paper, at < 0.5 ? below : above, 0.85 * Math.abs(2 * at - 1) ** 0.7),
    (place) => {
      const value = difference[place]!
      const part = most > 1e-12 && Number.isFinite(value) ? value / most : 0
      return (1 + Math.min(Math.max(part, -1), 1)) / 2
    }
  )
  if (most > 1e-12) {
    context.strokeStyle = line
    context.lineWidth = Math.max(1, size / 520)
    for (const part of [-0.75, -0.5, -0.25, 0.25, 0.5, 0.75]) strokeContour(sheet, difference, mapCells, part * most)
    context.strokeStyle = edge
    context.lineWidth = Math.max(1.5, size / 280)
    strokeContour(sheet, difference, mapCells, 0)
  }
  policyEdge(sheet)
  return known.at(-1) ?? 0
}

/** Log-probability under a place of a map, kept a little off its edges. */
export const logUnder = (kind: AxisKind, unit: number): number => logAt(kind, Math.min(Math.max(unit, 0.002), 0.998))
