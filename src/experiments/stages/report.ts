/** @file Stage report: the study as one page that explains itself. */
import { hashOf } from "../canonical.ts"
import { recordNames } from "../figures/records.ts"
import { studyFigures } from "../figures/studyFigures.ts"
import { programVersion } from "../programVersion.ts"
import { buildReport, type ReportFigure } from "../report/buildReport.ts"
import { figureFindings } from "../report/figureFindings.ts"
import { setupOf } from "../report/setup.ts"
import { resolvedYaml } from "../resolvedYaml.ts"
import { gatherRecords } from "../runRecords.ts"
import type { Stage, StageContext } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"

const reportFigures = async (context: StageContext<ExperimentConfig>): Promise<ReadonlyArray<ReportFigure>> => {
  const records = await gatherRecords((name) => context.rows(name))
  return Promise.all(
    studyFigures(records, context.config.figures).map(async (figure) => ({
      id: figure.id,
      title: figure.title,
      caption: figure.caption(records),
      alt: figure.alt(records),
      svg: await context.readText("figures", `figures/${figure.task.file}.svg`),
      findings: figureFindings(figure, records)
    }))
  )
}

/** Always part of a study. The page names no path: the command in it is for the run folder's own config.yaml. */
export const reportStage: Stage<ExperimentConfig> = {
  _tag: "Direct",
  id: "report",
  sources: [import.meta.url],
  inputs: (config) => ({ config: { config, version: programVersion }, upstream: [...recordNames, "figures"] }),
  run: async (context) => {
    const { config } = context
    const page = buildReport({
      study: {
        title: config.title,
        ...(config.question === undefined ? {} : { question: config.question }),
        command: "losslattice run config.yaml",
        configHash: hashOf(config),
        config: resolvedYaml(config),
        seeds: config.seeds,
        version: programVersion,
        setup: setupOf(config),
        limits: config.limits
      },
      records: await gatherRecords((name) => context.rows(name)),
      figures: await reportFigures(context)
    })
    return [{ path: "report.html", content: page }]
  }
}
