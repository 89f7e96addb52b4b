/** @file A figure cell: one figure drawn from the records, in three formats. */

import type { Json } from "../../canonical.ts"
import { figures } from "../../figures/index.ts"
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

/** @param spec `{ figure, records: name → hash }`; the records' paths are resources */
export const runCell = async (spec: Json, tools: CellTools): Promise<DrawnFigure> => {
  const { figure: id } = spec as { readonly figure: string }
  const figure = figures.find((one) => one.id === id)
  if (figure === undefined) throw new RangeError(`no figure is called ${id}`)
  const records = await readRecordFiles((tools.resources as { readonly records: Record<string, string> }).records)
  const { svg, pdf, png } = await renderFigure(figure, records)
  return { id, svg, pdf: Buffer.from(pdf).toString("base64"), png: Buffer.from(png).toString("base64") }
}
