/** What is drawn over a map's heat: hatched regions, the policies' edge, descent arrows. */
import { inks } from "./inks.ts"
import { type AxisKind, type Grid, type Surface, unitAt } from "./surface.ts"

const arrowCells = 14

/** Where and how to draw. `size`: pixels a side. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D
  readonly size: number
  readonly kind: AxisKind
  readonly dark: boolean
}

/** Whether some policy has the probabilities of a cell. */
export const isPolicy = ({ lw, ll }: Grid, place: number): boolean => Math.exp(lw[place]!) + Math.exp(ll[place]!) < 1

/** A canvas that is not shown, to draw on. */
export const scratch = (
  width: number,
  height: number
): readonly [OffscreenCanvas, OffscreenCanvasRenderingContext2D] => {
  const canvas = new OffscreenCanvas(width, height)
  return [canvas, canvas.getContext("2d")!]
}

/** Lines across the cells where `inside` holds, rising or falling. */
export const hatch = (
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
export const policyEdge = ({ context, size, kind, dark }: Sheet): void => {
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
export const descentArrows = ({ context, size, kind, dark }: Sheet, surface: Surface): void => {
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
