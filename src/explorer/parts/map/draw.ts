/** Drawing of maps on a canvas: heat, contour lines, descent arrows, regions of displacement. */
import { lowersChosen, raisesRejected, rests } from "../../../maps/displacement.ts"
import { okabeIto } from "../../palette.ts"
import { contour, levelsOf } from "./contours.ts"
import { type AxisKind, type Grid, type Layers, logAt, type Surface, unitAt } from "./surface.ts"

/** Cells of the grid that is drawn, a side. */
export const mapCells = 100
const arrowCells = 14

type Rgb = readonly [number, number, number]

/** Colours of a theme: the ramp from low to high loss, the two ends of a difference. */
interface Inks {
  readonly paper: Rgb
  readonly ramp: ReadonlyArray<Rgb>
  readonly below: Rgb
  readonly above: Rgb
  readonly line: string
  readonly arrow: string
  readonly veil: string
  readonly edge: string
  readonly lowers: string
  readonly raises: string
}

const inks = {
  light: {
    paper: [250, 251, 252],
    ramp: [
      [250, 252, 254],
      [214, 228, 241],
      [164, 193, 221],
      [104, 148, 192],
      [52, 98, 150]
    ],
    below: [0, 114, 178],
    above: [213, 94, 0],
    line: "rgba(255,255,255,0.85)",
    arrow: "rgba(20,26,34,0.8)",
    veil: "rgba(255,255,255,0.72)",
    edge: "#555b66",
    lowers: okabeIto.vermilion,
    raises: "#a63d7d"
  },
  dark: {
    paper: [20, 23, 28],
    ramp: [
      [16, 20, 27],
      [24, 42, 62],
      [33, 68, 104],
      [52, 104, 152],
      [110, 164, 211]
    ],
    below: [86, 180, 233],
    above: [240, 140, 70],
    line: "rgba(10,14,20,0.6)",
    arrow: "rgba(236,240,246,0.85)",
    veil: "rgba(15,18,23,0.72)",
    edge: "#a9b0bd",
    lowers: "#ff8a3d",
    raises: "#ee9dcb"
  }
} as const satisfies Record<string, Inks>

const mix = (a: Rgb, b: Rgb, t: number): Rgb => [0, 1, 2].map((k) => a[k]! + (b[k]! - a[k]!) * t) as unknown as Rgb

/** The colour at a share in [0, 1] of a ramp. */
const rampColour = (ramp: ReadonlyArray<Rgb>, share: number): Rgb => {
  const place = Math.min(Math.max(share, 0), 1) * (ramp.length - 1)
  const low = Math.min(Math.floor(place), ramp.length - 2)
  return mix(ramp[low]!, ramp[low + 1]!, place - low)
}

/** Where and how to draw. `size`: pixels a side. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D
  readonly size: number
  readonly kind: AxisKind
  readonly dark: boolean
}

const isPolicy = ({ lw, ll }: Grid, place: number): boolean => Math.exp(lw[place]!) + Math.exp(ll[place]!) < 1

const scratch = (width: number, height: number): readonly [OffscreenCanvas, OffscreenCanvasRenderingContext2D] => {
  const canvas = new OffscreenCanvas(width, height)
  return [canvas, canvas.getContext("2d")!]
}

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

/** Lines across the cells where `inside` holds, rising or falling. */
const hatch = (
  sheet: Sheet,
  cells: number,
  inside: (place: number) => boolean,
  colour: string,
  falling: boolean
): void => {
  const { context, size } = sheet
  const [mask, small] = scratch(cells, cells)
  const image = small.createImageData(cells, cells)
  let any = false
  for (let place = 0; place < cells * cells; place++) {
    if (!inside(place)) continue
    any = true
    image.data[4 * ((cells - 1 - Math.floor(place / cells)) * cells + (place % cells)) + 3] = 255
  }
  if (!any) return
  small.putImageData(image, 0, 0)
  const [layer, lines] = scratch(size, size)
  lines.imageSmoothingEnabled = true
  lines.drawImage(mask, 0, 0, size, size)
  lines.globalCompositeOperation = "source-in"
  lines.fillStyle = colour
  lines.globalAlpha = 0.13
  lines.fillRect(0, 0, size, size)
  context.drawImage(layer, 0, 0)
  // The lines themselves, cut out by the same mask.
  const [stripes, pen] = scratch(size, size)
  const gap = Math.max(7, size / 62)
  pen.strokeStyle = colour
  pen.lineWidth = Math.max(1, size / 520)
  pen.beginPath()
  for (let at = -size; at < 2 * size; at += gap) {
    pen.moveTo(at, falling ? 0 : size)
    pen.lineTo(at + size, falling ? size : 0)
  }
  pen.stroke()
  pen.globalCompositeOperation = "destination-in"
  pen.drawImage(mask, 0, 0, size, size)
  context.drawImage(stripes, 0, 0)
}

/** Beyond p_w + p_l = 1 no policy exists: a veil, and its edge. */
const policyEdge = ({ context, size, kind, dark }: Sheet): void => {
  const { veil, edge } = dark ? inks.dark : inks.light
  const steps = 160
  const outline = new Path2D()
  for (let k = 0; k <= steps; k++) {
    // Denser at both ends, where the edge turns on logarithmic axes.
    const p = 0.5 - 0.5 * Math.cos((Math.PI * (k + 0.02)) / (steps + 0.04))
    const [x, y] = [unitAt(kind, Math.log(p)) * size, size - unitAt(kind, Math.log1p(-p)) * size]
    if (k === 0) outline.moveTo(x, y)
    else outline.lineTo(x, y)
  }
  const beyond = new Path2D(outline)
  beyond.lineTo(size, size)
  beyond.lineTo(size, 0)
  beyond.lineTo(0, 0)
  context.fillStyle = veil
  context.fill(beyond)
  context.strokeStyle = edge
  context.lineWidth = Math.max(1, size / 520)
  context.setLineDash([5, 4])
  context.stroke(outline)
  context.setLineDash([])
}

/** Descent directions in (log p_w, log p_l) at policies; length with the root of the gradient's size. */
const descentArrows = ({ context, size, kind, dark }: Sheet, surface: Surface): void => {
  const grid = surface.grid(kind, arrowCells)
  const sizes = grid.dlw.map((dlw, place) => {
    const length = Math.hypot(dlw, grid.dll[place]!)
    return isPolicy(grid, place) && Number.isFinite(length) ? length : 0
  })
  const longest = sizes.reduce((most, length) => Math.max(most, length), 0)
  if (longest === 0) return
  const room = size / arrowCells
  context.strokeStyle = (dark ? inks.dark : inks.light).arrow
  context.lineWidth = Math.max(1, size / 480)
  context.beginPath()
  for (const [place, length] of sizes.entries()) {
    if (length === 0) continue
    const pixels = (0.3 + 0.58 * Math.sqrt(length / longest)) * room
    const [ux, uy] = [-grid.dlw[place]! / length, grid.dll[place]! / length]
    const x = ((place % arrowCells) + 0.5) * room
    const y = size - (Math.floor(place / arrowCells) + 0.5) * room
    const [tipX, tipY] = [x + (ux * pixels) / 2, y + (uy * pixels) / 2]
    const head = Math.min(room * 0.16, pixels * 0.45)
    context.moveTo(x - (ux * pixels) / 2, y - (uy * pixels) / 2)
    context.lineTo(tipX, tipY)
    context.moveTo(tipX - head * (ux + 0.6 * uy), tipY - head * (uy - 0.6 * ux))
    context.lineTo(tipX, tipY)
    context.lineTo(tipX - head * (ux - 0.6 * uy), tipY - head * (uy + 0.6 * ux))
  }
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
