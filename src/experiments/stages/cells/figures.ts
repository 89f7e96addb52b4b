/** @file A figure cell: one figure drawn from the records, in three formats, and its specification. */

import type { Json } from "../../canonical.ts"
import { type FigureSource, renderFigure } from "../../figures/render.ts"
import { type FigureTask, figureOfTask } from "../../figures/studyFigures.ts"
import { readRecordFiles } from "../../runRecords.ts"
import type { CellTools } from "../../Stage.ts"

/** A drawn figure as JSON: SVG as text, PDF and PNG in base 64. */
export interface DrawnFigure {
  /** Name of its files, without what tells them apart. */
  readonly file: string
  readonly svg: string
  readonly pdf: string
  readonly png: string
  readonly source: FigureSource
}

/** @param spec a {@link FigureTask} with `records: name → hash`; the records' paths are resources */
export const runCell = async (spec: Json, tools: CellTools): Promise<DrawnFigure> => {
  const task = spec as unknown as FigureTask
  const records = await readRecordFiles((tools.resources as { readonly records: Record<string, string> }).records)
  const { svg, pdf, png, source } = await renderFigure(figureOfTask(task), records)
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")
  return { file: task.file, svg, pdf: base64(pdf), png: base64(png), source }
}
