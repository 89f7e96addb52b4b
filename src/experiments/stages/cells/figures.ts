/** @file A figure cell: one figure drawn from the records, in three formats. */

import type { Json } from "../../canonical.ts"
import { figures } from "../../figures/index.ts"
import type { Plot } from "../../figures/plots/plot.ts"
import { plotFigure } from "../../figures/plots/plotFigure.ts"
import { renderFigure } from "../../figures/render.ts"
import { readRecordFiles } from "../../runRecords.ts"
import type { CellTools } from "../../Stage.ts"

/** A drawn figure as JSON: SVG as text, PDF and PNG in base 64. */
export interface DrawnFigure {
  readonly id: string
  readonly svg: string
  readonly pdf: string
  readonly png: string
}

/** @param spec `{ figure, plot?, records: name → hash }`, `plot` where the study describes it; the records' paths are resources */
export const runCell = async (spec: Json, tools: CellTools): Promise<DrawnFigure> => {
  const { figure: id, plot } = spec as unknown as { readonly figure: string; readonly plot?: Plot }
  const figure = plot === undefined ? figures.find((one) => one.id === id) : plotFigure(plot)
  if (figure === undefined) throw new RangeError(`no figure is called ${id}`)
  const records = await readRecordFiles((tools.resources as { readonly records: Record<string, string> }).records)
  const { svg, pdf, png } = await renderFigure(figure, records)
  return { id, svg, pdf: Buffer.from(pdf).toString("base64"), png: Buffer.from(png).toString("base64") }
}
