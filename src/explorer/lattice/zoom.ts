/** What part of a drawing is seen: a scale and the drawing's point at the middle of the window. */

/** `scale`: pixels per unit of the drawing; (x, y): the point in the middle. */
export interface Look {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

const margin = 16
const scales = { least: 0.05, most: 4 } as const

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

/** The whole drawing in the window; small drawings are not blown up beyond one pixel a unit and a little. */
export const wholeOf = (drawing: Size, pane: Size): Look => ({
  scale: clamp(
    Math.min((pane.width - 2 * margin) / drawing.width, (pane.height - 2 * margin) / drawing.height),
    scales.least,
    1.15
  ),
  x: drawing.width / 2,
  y: drawing.height / 2
})

/** A look from its text in a link, `scale,x,y`; undefined when it is none. */
export const readLook = (text: string | undefined): Look | undefined => {
  const parts = (text ?? "").split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)))
  const [scale, x, y] = parts
  if (parts.length !== 3 || !parts.every(Number.isFinite) || scale! <= 0) return undefined
  return { scale: clamp(scale!, scales.least, scales.most), x: x!, y: y! }
}

/** The text of a look in a link. */
export const lookText = ({ scale, x, y }: Look): string =>
  `${Number(scale.toPrecision(4))},${Math.round(x)},${Math.round(y)}`

/** A look `factor` times as near, the drawing's point under a place of the window kept (offsets from its middle, pixels). */
export const zoomed = (look: Look, factor: number, dx = 0, dy = 0): Look => {
  const scale = clamp(look.scale * factor, scales.least, scales.most)
  const kept = 1 / look.scale - 1 / scale
  return { scale, x: look.x + dx * kept, y: look.y + dy * kept }
}

/** A look moved by pixels: what is seen goes the other way. */
export const moved = (look: Look, dx: number, dy: number): Look => ({
  ...look,
  x: look.x + dx / look.scale,
  y: look.y + dy / look.scale
})

/** The look from which a point is seen, moved as little as need be. */
export const showing = (
  look: Look,
  pane: Size,
  point: { readonly x: number; readonly y: number },
  room: Size
): Look => {
  const reachX = Math.max(0, pane.width / 2 / look.scale - room.width / 2)
  const reachY = Math.max(0, pane.height / 2 / look.scale - room.height / 2)
  return {
    ...look,
    x: clamp(look.x, point.x - reachX, point.x + reachX),
    y: clamp(look.y, point.y - reachY, point.y + reachY)
  }
}
