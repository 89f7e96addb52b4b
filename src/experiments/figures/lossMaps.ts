/**
 * @file Figure: loss and gradient over the square of the two probabilities (p_w, p_l), one panel per loss, with the region in
 * which a gradient step can push the chosen response down (properties P9 and P11 of docs/experiments.md) hatched.
 */
import { type ContourPanel, contourSpec, type Levels, sampleGrid } from "./drawing/contourPanel.ts"
import { distinct } from "./drawing/intervals.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { type LossSurface, lossSurface, referencePoint } from "./drawing/lossSurface.ts"
import { number, richLabels } from "./drawing/notation.ts"
import type { Box, Label, Primitive, Shape } from "./drawing/scene.ts"
import { classGlyph, legendRow } from "./drawing/symbols.ts"
import { classLooks, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { landscapeNodes, type Records } from "./records.ts"

/** Loss levels, nats; log 2 is the loss where winner and loser side are equally likely. */
const thresholds = [0.1, 0.25, 0.5, Math.LN2, 1, 1.5, 2.5, 4] as const

const levels: Levels = {
  thresholds,
  floor: "#ffffff",
  colours: ["#eef3f8", "#e0e9f2", "#d0deeb", "#bfd1e3", "#adc3d9", "#9ab4cf", "#86a4c3", "#7193b6"]
}

const panel = { size: 196, gapX: 40, gapY: 62, left: 46, top: 30 } as const
const mostPanels = 6

/** The losses drawn: those selected for finetuning, then one of each behaviour class that is missing among them. */
export const mappedLosses = (records: Records): readonly string[] => {
  const nodes = landscapeNodes(records)
  const selected = records.select.filter((row) => row.selected).map((row) => row.loss)
  const start = distinct([...selected, ...records.finetune.map((row) => row.loss)])
  const classOf = (loss: string) => nodes.find((node) => node.id === loss)?.class
  const missing = classLooks
    .filter((look) => !start.some((loss) => classOf(loss) === look.id))
    .flatMap(
      (look) =>
        nodes.find((node) => node.class === look.id && node.known) ?? nodes.find((node) => node.class === look.id) ?? []
    )
    .map((node) => node.id)
  return distinct([...start, ...missing])
}

const known = new WeakMap<Records, readonly LossSurface[]>()

const surfaces = (records: Records): readonly LossSurface[] => {
  const before = known.get(records)
  if (before !== undefined) return before
  const made = mappedLosses(records)
    .flatMap((loss) => lossSurface(loss) ?? [])
    .slice(0, mostPanels)
  known.set(records, made)
  return made
}

/**
 * Whether some policy with these two probabilities moves log p_w down by a gradient step on its logits. With descent weights
 * a = −∂loss/∂log p and S the sum of all squared arm probabilities, d log p_w has the sign of
 * `a_w (1 − 2 p_w + S) + a_l (S − p_w − p_l)`, which is linear in S: its ends are a world of many tiny other arms and one of a
 * single other arm (docs/theory.md §9).
 */
export const canDisplace = (surface: LossSurface, chosen: number, rejected: number): boolean => {
  const rest = 1 - chosen - rejected
  if (rest <= 0) return false
  const { dlw, dll } = surface.at(chosen, rejected)
  const own = chosen ** 2 + rejected ** 2
  return [own, own + rest ** 2].some((s) => -dlw * (1 - 2 * chosen + s) - dll * (s - chosen - rejected) < -1e-12)
}

const round = (value: number): number => Math.round(value * 100) / 100
const px = (chosen: number): number => round(chosen * panel.size)
const py = (rejected: number): number => round((1 - rejected) * panel.size)

/** Diagonal hatching of the region where `inside` holds: runs of a fine walk along lines x − y = const. */
const hatching = (inside: (chosen: number, rejected: number) => boolean): readonly Shape[] => {
  const spacing = 7
  const step = 1.5
  const segments: string[] = []
  for (let offset = -panel.size; offset < panel.size; offset += spacing) {
    let start: number | undefined
    const from = Math.max(0, offset)
    const to = Math.min(panel.size, panel.size + offset)
    for (let x = from; x <= to + step; x += step) {
      const [chosen, rejected] = [x / panel.size, (x - offset) / panel.size]
      const hit = x <= to && chosen > 0 && rejected > 0 && chosen < 1 && rejected < 1 && inside(chosen, rejected)
      if (hit) start ??= x
      else if (start !== undefined) {
        const end = x - step
        segments.push(
          `M${round(start)},${round(panel.size - start + offset)}L${round(end)},${round(panel.size - end + offset)}`
        )
        start = undefined
      }
    }
  }
  if (segments.length === 0) return []
  return [{ kind: "shape", x: 0, y: 0, path: segments.join(""), stroke: okabeIto.vermilion, strokeWidth: 0.9 }]
}

const arrowPath = (dx: number, dy: number): string => {
  const length = Math.hypot(dx, dy)
  const [ux, uy] = [dx / length, dy / length]
  const head = Math.min(4, 0.5 * length)
  const at = (along: number, across: number) =>
    `${round(dx / 2 - along * ux - across * uy)},${round(dy / 2 - along * uy + across * ux)}`
  return `M${round(-dx / 2)},${round(-dy / 2)}L${at(0, 0)}M${at(head, 0.6 * head)}L${at(0, 0)}L${at(head, -0.6 * head)}`
}

/** Descent directions in (log p_w, log p_l), length growing with the square root of the gradient's, up to a cell. */
const arrows = (surface: LossSurface): readonly Shape[] => {
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
const contourLabels = (surface: LossSurface): readonly Primitive[] => {
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
const simplexEdge = (): readonly Shape[] => [
  {
    kind: "shape",
    x: 0,
    y: 0,
    path: `M0,0L${panel.size},0L${panel.size},${panel.size}Z`,
    fill: "#ffffff8c"
  },
  {
    kind: "shape",
    x: 0,
    y: 0,
    path: `M0,0L${panel.size},${panel.size}`,
    stroke: ink.soft,
    strokeWidth: 1,
    dash: [4, 3]
  }
]

const ticksAndTitles = (name: string, left: boolean): readonly Primitive[] => {
  const ticks = [0, 0.5, 1]
  const size = panel.size
  const frame: Box = { kind: "box", x: 0, y: 0, width: size, height: size, stroke: ink.axis, strokeWidth: 1 }
  const marks: readonly Shape[] = ticks.map((t) => ({
    kind: "shape",
    x: 0,
    y: 0,
    path: `M${px(t)},${size}v4M0,${py(t)}h-4`,
    stroke: ink.axis
  }))
  const xs: readonly Label[] = ticks.map((t) => ({
    kind: "label",
    x: px(t),
    y: size + 11,
    text: String(t),
    size: fontSize.small,
    align: "center"
  }))
  const ys: readonly Label[] = ticks.map((t) => ({
    kind: "label",
    x: -7,
    y: py(t),
    text: String(t),
    size: fontSize.small,
    align: "right"
  }))
  return [
    frame,
    ...marks,
    ...xs,
    ...ys,
    ...richLabels({ x: size / 2, y: size + 25, text: "p_w", align: "center" }),
    ...(left ? richLabels({ x: -24, y: size / 2, text: "p_l", align: "right" }) : []),
    { kind: "label", x: 0, y: -12, text: name, weight: "bold", size: fontSize.label }
  ]
}

const panelOf = (surface: LossSurface, name: string, index: number, perRow: number, records: Records): ContourPanel => {
  const column = index % perRow
  const look = landscapeNodes(records).find((node) => node.id === surface.loss)?.class
  const reference: readonly Primitive[] = surface.reference
    ? [
        {
          kind: "shape",
          x: px(referencePoint.chosen),
          y: py(referencePoint.rejected),
          path: "M-5,0H5M0,-5V5",
          stroke: ink.paper,
          strokeWidth: 4
        },
        {
          kind: "shape",
          x: px(referencePoint.chosen),
          y: py(referencePoint.rejected),
          path: "M-5,0H5M0,-5V5",
          stroke: okabeIto.purple,
          strokeWidth: 2
        }
      ]
    : []
  return {
    x: panel.left + column * (panel.size + panel.gapX),
    y: panel.top + Math.floor(index / perRow) * (panel.size + panel.gapY),
    width: panel.size,
    height: panel.size,
    grid: sampleGrid(56, (chosen, rejected) => surface.at(chosen, rejected).loss),
    levels,
    over: [
      ...hatching((chosen, rejected) => canDisplace(surface, chosen, rejected)),
      ...simplexEdge(),
      ...arrows(surface),
      ...contourLabels(surface),
      ...reference
    ],
    around: [
      ...ticksAndTitles(name, column === 0),
      ...(look === undefined ? [] : [classGlyph(look, panel.size - 6, -12, 9)])
    ]
  }
}

const legend = (y: number, withReference: boolean): readonly Primitive[] => {
  const swatch: Box = {
    kind: "box",
    x: -9,
    y: -6,
    width: 18,
    height: 12,
    fill: "#fff",
    stroke: ink.axis,
    strokeWidth: 0.6
  }
  const stripes: Shape = {
    kind: "shape",
    x: 0,
    y: 0,
    path: "M-9,2L-1,-6M-6,6L6,-6M1,6L9,-2",
    stroke: okabeIto.vermilion,
    strokeWidth: 0.9
  }
  const arrow: Shape = { kind: "shape", x: 0, y: 0, path: arrowPath(16, 0), stroke: ink.text, strokeWidth: 1.1 }
  const dash: Shape = { kind: "shape", x: 0, y: 0, path: "M-9,0H9", stroke: ink.soft, dash: [4, 3] }
  const cross: Shape = { kind: "shape", x: 0, y: 0, path: "M-5,0H5M0,-5V5", stroke: okabeIto.purple, strokeWidth: 2 }
  const entries = legendRow(
    [
      { sign: [swatch, stripes], signWidth: 18, text: "a step can lower the chosen response" },
      { sign: [arrow], signWidth: 18, text: "descent direction in log-probabilities" },
      { sign: [dash], signWidth: 18, text: "no policy beyond" },
      ...(withReference ? [{ sign: [cross], signWidth: 12, text: "reference" }] : [])
    ],
    panel.left,
    y
  )
  return [
    ...entries.filter((one) => one.kind === "box"),
    ...entries.filter((one) => one.kind === "shape"),
    ...entries.filter((one) => one.kind === "label")
  ]
}

/** Loss and gradient over (p_w, p_l). */
export const lossMapsFigure: Figure = {
  id: "loss-maps",
  title: "Loss and gradient over the two probabilities",
  needs: ["landscape"],
  applies: (records) => surfaces(records).length > 0,
  caption: (records) => {
    const drawn = surfaces(records)
    const native = drawn.filter((surface) => !surface.plain).map((surface) => surface.loss)
    const displaced = drawn.filter((surface) => displacedShare(surface) > 0).length
    return (
      "Loss (filled contours, nats, the same levels in every panel) over the probabilities of the chosen and the rejected" +
      " response, p_w and p_l. Arrows point where a gradient step on the log-probabilities leads; their length grows with the" +
      " square root of the gradient. Hatching marks where a softmax policy with these two probabilities and some further arms" +
      ` takes a step that lowers log p_w: it occurs in ${displaced} of the ${drawn.length} maps. Losses are drawn with the logistic` +
      " link, β = 1 and no margin, whatever the study trains with" +
      `${native.length === 0 ? "" : `, except ${native.join(", ")}, which are no structures and drawn as published`}.` +
      `${drawn.some((surface) => surface.reference) ? ` Losses with a reference model are drawn for reference probabilities ${referencePoint.chosen} (chosen) and ${referencePoint.rejected} (rejected).` : ""}` +
      " The symbol at a panel's corner is the loss's behaviour class. Computed from the losses themselves: no seeds and no intervals are involved."
    )
  },
  alt: (records) =>
    `Contour maps of ${surfaces(records).length} losses over the square of the two probabilities, with descent arrows.`,
  draw: (records) => {
    const drawn = surfaces(records)
    const names = lossNames(
      records,
      drawn.map((surface) => surface.loss)
    )
    const perRow = Math.min(3, drawn.length)
    const rows = Math.ceil(drawn.length / perRow)
    const width = panel.left + perRow * (panel.size + panel.gapX) - panel.gapX
    const height = panel.top + rows * (panel.size + panel.gapY)
    const panels = drawn.map((surface, index) =>
      panelOf(surface, names.get(surface.loss) ?? surface.loss, index, perRow, records)
    )
    const withReference = drawn.some((surface) => surface.reference)
    return { kind: "vega", spec: contourSpec(width, height, panels, legend(height - 8, withReference)) }
  }
}

/** Share of the simplex in which a step can lower the chosen response. */
const displacedShare = (surface: LossSurface): number => {
  const size = 40
  let inside = 0
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size - i; j++) if (canDisplace(surface, (i + 0.5) / size, (j + 0.5) / size)) inside++
  }
  return inside / ((size * (size + 1)) / 2)
}
