/**
 * @file Figure: loss and gradient over the square of the two probabilities (p_w, p_l), one panel per loss, with the region in
 * which a gradient step can push the chosen response down (properties P9 and P11 of docs/experiments.md) hatched.
 */
import { type ContourPanel, contourSpec, sampleGrid } from "./drawing/contourPanel.ts"
import { distinct } from "./drawing/intervals.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { type LossSurface, lossSurface, referencePoint } from "./drawing/lossSurface.ts"
import { richLabels } from "./drawing/notation.ts"
import {
  arrowPath,
  arrows,
  canDisplace,
  contourLabels,
  hatching,
  lossLevels,
  mapSize,
  px,
  py,
  simplexEdge
} from "./drawing/pairMap.ts"
import type { Box, Label, Primitive, Shape } from "./drawing/scene.ts"
import { classTag, legendRow } from "./drawing/symbols.ts"
import { classLooks, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { behaviourClassOf, landscapeNodes, type Records } from "./records.ts"

/** Where the panels stand, pixels. */
const frame = { gapX: 40, gapY: 62, left: 46, top: 30 } as const
const mostPanels = 9

const perRow = 3

/**
 * The losses drawn: those selected for finetuning, one of each behaviour class that is missing among them, and as many
 * derived and known ones as fill the last row.
 */
export const mappedLosses = (records: Records): readonly string[] => {
  const nodes = landscapeNodes(records)
  const selected = records.select.filter((row) => row.selected).map((row) => row.loss)
  const start = distinct([...selected, ...records.finetune.map((row) => row.loss)])
  const classOf = (loss: string) => behaviourClassOf(records, loss)
  const missing = classLooks
    .filter((look) => !start.some((loss) => classOf(loss) === look.id))
    .flatMap((look) => {
      const own = nodes.filter((node) => node.class === look.id)
      return own.find((node) => node.known) ?? own[0] ?? []
    })
    .map((node) => node.id)
  const chosen = distinct([...start.slice(0, mostPanels - missing.length), ...missing])
  const others = [
    ...records.derive.map((row) => row.loss),
    ...nodes.filter((node) => node.known).map((node) => node.id)
  ]
  const full = Math.ceil(chosen.length / perRow) * perRow
  return distinct([...chosen, ...others]).slice(0, full)
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

const ticksAndTitles = (name: string, left: boolean): readonly Primitive[] => {
  const ticks = [0, 0.5, 1]
  const size = mapSize
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
    ...(left ? richLabels({ x: -24, y: size / 4, text: "p_l", align: "right" }) : []),
    { kind: "label", x: 0, y: -12, text: name, weight: "bold", size: fontSize.label }
  ]
}

const panelOf = (surface: LossSurface, name: string, index: number, records: Records): ContourPanel => {
  const column = index % perRow
  const look = behaviourClassOf(records, surface.loss)
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
    x: frame.left + column * (mapSize + frame.gapX),
    y: frame.top + Math.floor(index / perRow) * (mapSize + frame.gapY),
    width: mapSize,
    height: mapSize,
    grid: sampleGrid(56, (chosen, rejected) => surface.at(chosen, rejected).loss),
    levels: lossLevels,
    over: [
      ...hatching((chosen, rejected) => canDisplace(surface, chosen, rejected)),
      ...simplexEdge(),
      ...arrows(surface),
      ...contourLabels(surface),
      ...reference
    ],
    around: [...ticksAndTitles(name, column === 0), ...(look === undefined ? [] : classTag(look, mapSize, -12))]
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
    frame.left,
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
      " The upper right corner of a panel names the loss's behaviour class, which is what it does with the row “neither valid”. Computed from the losses themselves: no seeds and no intervals are involved."
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
    const rows = Math.ceil(drawn.length / perRow)
    const width = frame.left + perRow * (mapSize + frame.gapX) - frame.gapX
    const height = frame.top + rows * (mapSize + frame.gapY)
    const panels = drawn.map((surface, index) =>
      panelOf(surface, names.get(surface.loss) ?? surface.loss, index, records)
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
