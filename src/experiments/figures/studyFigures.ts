/** @file Which figures a study has, what their files are called, and each as a task for another thread. */
import type { FiguresConfig } from "../sections.ts"
import { type Figure, figureApplies } from "./figure.ts"
import { figures } from "./index.ts"
import type { Plot } from "./plots/plot.ts"
import { plotFigure } from "./plots/plotFigure.ts"
import { type Sheet, sheetFigure } from "./plots/sheet.ts"
import type { Records } from "./records.ts"

/** A figure to draw, as data. */
export interface FigureTask {
  /** Id of the figure. */
  readonly figure: string
  /** Name of its files, without extension. */
  readonly file: string
  /** What a study's own figure is made from: one plot, or a sheet of several. */
  readonly plots?: readonly Plot[]
  readonly sheet?: Sheet
}

/** The figure of a task. @throws RangeError for an id that is none */
export const figureOfTask = ({ figure: id, plots = [], sheet }: FigureTask): Figure => {
  const [plot] = plots
  if (sheet !== undefined) return sheetFigure(sheet, plots)
  if (plot !== undefined) return plotFigure(plot)
  const figure = figures.find((one) => one.id === id)
  if (figure === undefined) throw new RangeError(`no figure is called ${id}`)
  return figure
}

/** The part of a study file that says which figures there are. */
export type FigureChoice = typeof FiguresConfig.Type

/** Every figure that a study could have, its own first. Plots that stand on a sheet are not figures of their own. */
const tasks = ({ plots = [], sheets = [] }: FigureChoice): readonly Omit<FigureTask, "file">[] => {
  const onSheets = new Set(sheets.flatMap(({ rows }) => rows.flat()))
  return [
    ...sheets.map((sheet) => ({
      figure: sheet.id,
      sheet,
      plots: plots.filter(({ id }) => sheet.rows.flat().includes(id))
    })),
    ...plots.filter(({ id }) => !onSheets.has(id)).map((plot) => ({ figure: plot.id, plots: [plot] })),
    ...figures.map(({ id }) => ({ figure: id }))
  ]
}

/** `1-lattice`, `2-…`; as many digits as the last one needs. */
const numbered = (id: string, index: number, count: number): string =>
  `${String(index + 1).padStart(String(count).length, "0")}-${id}`

/** The tasks in the study's order, with the names of their files. */
const ordered = (choice: FigureChoice): readonly FigureTask[] => {
  const all = tasks(choice)
  const { only, order } = choice
  if (order !== undefined) {
    return order.flatMap((id, i) =>
      all.filter(({ figure }) => figure === id).map((task) => ({ ...task, file: numbered(id, i, order.length) }))
    )
  }
  return all
    .filter(({ figure, plots }) => plots !== undefined || only === undefined || only.includes(figure))
    .map((task) => ({ ...task, file: task.figure }))
}

/** A figure with its task. */
export interface StudyFigure extends Figure {
  readonly task: FigureTask
}

/** The figures of a study: those its records can show, of those it asks for. An ordered figure that is left out keeps its number. */
export const studyFigures = (records: Records, choice: FigureChoice): readonly StudyFigure[] =>
  ordered(choice)
    .map((task) => ({ ...figureOfTask(task), task }))
    .filter((figure) => figureApplies(figure, records))
