/**
 * @file What is drawn on a map over (p_w, p_l): the region of displacement, descent arrows, labels of the contours, the edge
 * of the simplex.
 */
import { lowersChosen, rests } from "../../../maps/displacement.ts"
import type { Levels } from "./contourPanel.ts"
import type { LossSurface } from "./lossSurface.ts"
import { number } from "./notation.ts"
import type { Primitive, Shape } from "./scene.ts"
import { ink, okabeIto } from "./theme.ts"

/** Side of a map, pixels. */
export const mapSize = 196

/** Loss levels, nats; log 2 is the loss where winner and loser side are equally likely. */
const thresholds = [0.1, 0.25, 0.5, Math.LN2, 1, 1.5, 2.5, 4] as const

/** The same levels in every map. */
export const lossLevels: Levels = {
  thresholds,
  floor: "#ffffff",
  colours: ["#eef3f8", "#e0e9f2", "#d0deeb", "#bfd1e3", "#adc3d9", "#9ab4cf", "#86a4c3", "#7193b6"]
}

/** Whether some policy with these two probabilities moves log p_w down by a gradient step on its logits. */
export const canDisplace = (surface: LossSurface, chosen: number, rejected: number): boolean => {
  const point = surface.at(chosen, rejected)
  return rests.some((rest) => lowersChosen(point, chosen, rejected, rest))
}

const round = (value: number): number => Math.round(value * 100) / 100
/** Pixels from the left for p_w. */
export const px = (chosen: number): number => round(chosen * mapSize)
/** Pixels from the top for p_l. */
export const py = (rejected: number): number => round((1 - rejected) * mapSize)

/** How a region is hatched. `falling`: from the upper left to the lower right, so that two regions can cross. */
export interface Hatch {
  readonly size: number
  readonly spacing: number
  readonly colour: string
  readonly falling: boolean
}

const displacementHatch: Hatch = { size: mapSize, spacing: 7, colour: okabeIto.vermilion, falling: false }

/**
 * Diagonal hatching of the region of the unit square where `inside` holds (x to the right, y upwards): runs of a fine walk
 * along lines x − y = const.
 */
export const hatching = (
  inside: (x: number, y: number) => boolean,
  { size, spacing, colour, falling }: Hatch = displacementHatch
): readonly Shape[] => {
  const step = 1.5
  const segments: string[] = []
  const across = (x: number) => round(falling ? size - x : x)
  for (let offset = -size; offset < size; offset += spacing) {
    let start: number | undefined
    const from = Math.max(0, offset)
    const to = Math.min(size, size + offset)
    for (let along = from; along <= to + step; along += step) {
      const [x, y] = [along / size, (along - offset) / size]
      const hit = along <= to && x > 0 && y > 0 && x < 1 && y < 1 && inside(falling ? 1 - x : x, y)
      if (hit) start ??= along
      else if (start !== undefined) {
        const end = along - step
        segments.push(`M${across(start)},${round(size - start + offset)}L${across(end)},${round(size - end + offset)}`)
        start = undefined
      }
    }
  }
  if (segments.length === 0) return []
  return [{ kind: "shape", x: 0, y: 0, path: segments.join(""), stroke: colour, strokeWidth: 0.9 }]
}

/** An arrow by (dx, dy) centred on the origin. */
export const arrowPath = (dx: number, dy: number): string => {
  const length = Math.hypot(dx, dy)
  const [ux, uy] = [dx / length, dy / length]
  const head = Math.min(4, 0.5 * length)
  const at = (along: number, across: number) =>
    `${round(dx / 2 - along * ux - across * uy)},${round(dy / 2 - along * uy + across * ux)}`
  return `M${round(-dx / 2)},${round(-dy / 2)}L${at(0, 0)}M${at(head, 0.6 * head)}L${at(0, 0)}L${at(head, -0.6 * head)}`
}

/** Descent directions in (log p_w, log p_l), length growing with the square root of the gradient's, up to a cell. */
export const arrows = (surface: LossSurface): readonly Shape[] => {
  const cells = 9
  const shapes: Shape[] = []
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const [chosen, rejected] = [(i + 0.5) / cells, (j + 0.5) / cells]
      if (chosen + rejected >= 1) continue
      const { dlw, dll } = surface.at(chosen, rejected)
      const size = Math.hypot(dlw, dll)
      if (size < 1e-3) continue
      const length = Math.min(17, 14 * Math.sqrt(size))
      const path = arrowPath((-dlw / size) * length, (dll / size) * length)
      shapes.push({ kind: "shape", x: px(chosen), y: py(rejected), path, stroke: ink.text, strokeWidth: 1.1 })
    }
  }
  return shapes
}

/** Labels of contour lines where a line from the lower right to the upper left, inside the simplex, crosses them. */
export const contourLabels = (surface: LossSurface): readonly Primitive[] => {
  const guide = (t: number): readonly [number, number] => [0.93 * (1 - t) + 0.03, 0.93 * t + 0.02]
  const labels: Primitive[] = []
  let last: readonly [number, number] | undefined
  for (let k = 1; k < 400; k++) {
    const [before, here] = [guide((k - 1) / 400), guide(k / 400)]
    const [a, b] = [surface.at(...before).loss, surface.at(...here).loss]
    const level = thresholds.find((value) => a < value !== b < value)
    if (level === undefined) continue
    const [x, y] = [px(here[0]), py(here[1])]
    if (last !== undefined && Math.hypot(x - last[0], y - last[1]) < 26) continue
    last = [x, y]
    const text =
      level === Math.LN2
        ? "log 2"
        : number(level, level < 1 ? ((level * 10) % 1 === 0 ? 1 : 2) : level % 1 === 0 ? 0 : 1)
    const width = text.length * 4.6 + 4
    labels.push({ kind: "box", x: x - width / 2, y: y - 5.5, width, height: 11, fill: "#ffffffd9" })
    labels.push({ kind: "label", x, y: y + 0.5, text, size: 8, align: "center" })
  }
  return [...labels.filter((one) => one.kind === "box"), ...labels.filter((one) => one.kind === "label")]
}

/** Beyond p_w + p_l = 1 no policy exists; the map goes on there, under a veil. */
export const simplexEdge = (): readonly Shape[] => [
  {
    kind: "shape",
    x: 0,
    y: 0,
    path: `M0,0L${mapSize},0L${mapSize},${mapSize}Z`,
    fill: "#ffffff8c"
  },
  {
    kind: "shape",
    x: 0,
    y: 0,
    path: `M0,0L${mapSize},${mapSize}`,
    stroke: ink.soft,
    strokeWidth: 1,
    dash: [4, 3]
  }
]
