/**
 * @file The map of one loss, four panels: its value with descent arrows, the size of its gradient, and where a softmax step
 * displaces when the mass beyond the pair is on many arms or on one.
 */
import type { Loss } from "../../../loss/loss.ts"
import type { Rest } from "../../../maps/displacement.ts"
import type { FigureSpec } from "../figure.ts"
import { type ContourPanel, contourSpec, type Levels } from "./contourPanel.ts"
import { type SurfaceSetting, surfaceOf } from "./lossSurface.ts"
import { mapLegend } from "./mapLegend.ts"
import {
  type AxisKind,
  descentArrows,
  displacementHatching,
  gridOf,
  type MapSquare,
  mapAxes,
  ownLevels,
  policyEdge,
  referenceMark,
  tellingDigits
} from "./mapPanel.ts"
import { number, richLabels } from "./notation.ts"
import type { Box, Primitive } from "./scene.ts"
import { fontSize, ink } from "./theme.ts"

const size = 290
const cells = 72
const place = { left: 72, top: 44, gapX: 90, gapY: 92 } as const

/** Frame, ticks and titles of a map's axes. */
export const mapFrame = ({ axes, size: side }: MapSquare, titled: { readonly x: boolean; readonly y: boolean }) => {
  const frame: Box = { kind: "box", x: 0, y: 0, width: side, height: side, stroke: ink.axis, strokeWidth: 1 }
  const marks = axes.ticks.flatMap(([unit, text]): readonly Primitive[] => {
    const at = Math.round(unit * side * 100) / 100
    return [
      { kind: "shape", x: 0, y: 0, path: `M${at},${side}v4M0,${side - at}h-4`, stroke: ink.axis },
      ...(titled.x
        ? [{ kind: "label", x: at, y: side + 11, text, size: fontSize.small, align: "center" } as const]
        : []),
      ...(titled.y ? [{ kind: "label", x: -7, y: side - at, text, size: fontSize.small, align: "right" } as const] : [])
    ]
  })
  const byKind = (kind: Primitive["kind"]) => marks.filter((mark) => mark.kind === kind)
  return [frame, ...byKind("shape"), ...byKind("label")]
}

/** A number in as many digits as tell it from the others, powers of ten where it is very small or large. */
const short = (value: number, digits: number): string => {
  const size = Math.abs(value)
  if (size !== 0 && (size < 0.01 || size >= 10 ** Math.max(digits, 4))) {
    return value
      .toExponential(digits - 1)
      .replaceAll("-", "−")
      .replace("+", "")
  }
  return number(value, Math.max(0, digits - 1 - Math.floor(Math.log10(size || 1))))
}

/** A bar of a panel's colours with every second threshold under it. */
const colourBar = ({ thresholds, colours }: Levels, y: number): readonly Primitive[] => {
  const width = size / (thresholds.length + 1)
  const boxes = [ink.paper, ...colours].map(
    (fill, k): Box => ({ kind: "box", x: k * width, y, width, height: 8, fill, stroke: ink.axis, strokeWidth: 0.5 })
  )
  const shown = thresholds.filter((_, k) => k % 2 === 0)
  const digits = tellingDigits(shown, 2)
  const labels = shown.map(
    (value, k): Primitive => ({
      kind: "label",
      x: (2 * k + 1) * width,
      y: y + 16,
      text: short(value, digits),
      size: fontSize.tiny,
      align: "center"
    })
  )
  return [...boxes, ...labels]
}

const titles = {
  value: "Loss (nats), and where descent leads",
  size: "Size of the gradient by (log p_w, log p_l)",
  "many-arms": "Softmax step, further mass on many arms",
  "one-arm": "Softmax step, further mass on one arm"
} as const

type PanelKind = keyof typeof titles

const panelOf = (square: MapSquare, kind: PanelKind, index: number, setting: SurfaceSetting): ContourPanel => {
  const isSize = kind === "size"
  const grid = gridOf(square, cells, (point) => (isSize ? Math.hypot(point.dlw, point.dll) : point.loss))
  const levels = ownLevels(grid)
  const isStep = kind === "many-arms" || kind === "one-arm"
  return {
    x: place.left + (index % 2) * (size + place.gapX),
    y: place.top + Math.floor(index / 2) * (size + place.gapY),
    width: size,
    height: size,
    grid,
    levels,
    over: [
      ...(isStep ? displacementHatching(square, [kind as Rest], 8) : []),
      ...policyEdge(square),
      ...(kind === "value" || isStep ? descentArrows(square, 10) : []),
      ...referenceMark(square, setting.reference)
    ],
    around: [
      ...mapFrame(square, { x: true, y: true }),
      ...richLabels({ x: size / 2, y: size + 26, text: square.axes.titles[0], align: "center" }),
      ...richLabels({ x: -26, y: size / 2, text: square.axes.titles[1], align: "right" }),
      ...richLabels({ x: 0, y: -11, text: titles[kind], weight: "bold" }),
      ...(isStep ? [] : colourBar(levels, size + 40))
    ]
  }
}

/** Settings of a map. */
export interface LossMapOptions extends SurfaceSetting {
  readonly axes: AxisKind
}

/** What the picture is called: the loss, its setting where it reads one. */
export const lossMapTitle = (loss: Loss, { reference, lengths }: LossMapOptions): string => {
  const reads = (name: string) => loss.inputs.includes(name)
  const parts = [
    ...(reads("rw") || reads("rl") ? [`reference p = ${reference.chosen}, ${reference.rejected}`] : []),
    ...(reads("nw") || reads("nl") ? [`${lengths.chosen} and ${lengths.rejected} tokens`] : [])
  ]
  return `${loss.spec}${parts.length === 0 ? "" : ` (${parts.join("; ")})`}`
}

/** The map of a loss that is a function of one pair (maps/mapped.ts, `mappability`). */
export const lossMapSpec = (loss: Loss, options: LossMapOptions): FigureSpec => {
  const square = { surface: surfaceOf(loss, options), axes: mapAxes[options.axes], size }
  const panels = (Object.keys(titles) as ReadonlyArray<PanelKind>).map((kind, i) => panelOf(square, kind, i, options))
  const width = place.left + 2 * size + place.gapX + 12
  const height = place.top + 2 * size + place.gapY + 64
  const title: Primitive = {
    kind: "label",
    x: place.left,
    y: 10,
    text: lossMapTitle(loss, options),
    weight: "bold",
    size: fontSize.title
  }
  const legend = mapLegend(place.left, height - 10, square.surface.reference)
  return { kind: "vega", spec: contourSpec(width, height + 12, panels, [title, ...legend]) }
}
