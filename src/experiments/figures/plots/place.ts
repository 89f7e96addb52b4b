/** @file Where a plot stands: a figure of its own, or a part of a sheet with a heading over it. Pure. */
import { type ChartPart, panelTitle } from "../drawing/lineChart.ts"
import { figureWidth } from "../drawing/theme.ts"

/** The room of a plot. */
export interface Place {
  /** Width that it may take, pixels. */
  readonly width: number
  /** What stands over it. */
  readonly heading?: string
}

/** A figure of its own. */
export const wholeFigure: Place = { width: figureWidth }

/** The heading over the left end of its first panel, its base line `above` pixels over the panel. */
export const headingLayers = ({ heading }: Place, above: number): readonly ChartPart[] =>
  panelTitle(heading).map((part) => ({ ...part, encoding: { x: { value: 0 }, y: { value: -above } } }))

/** Pixels from a panel with numeric axes up to a heading: over the panel's title where it has one. */
export const headingRoom = ({ title }: { readonly title: string | undefined }): number =>
  title === undefined ? 14 : 34
