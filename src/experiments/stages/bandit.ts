/** @file Stage bandit: training trajectories of losses in small worlds where everything is known. One cell a run. */
import * as Result from "effect/Result"
import { resolveLoss } from "../../loss/resolve.ts"
import { type BanditCell, banditCells } from "../banditStudy.ts"
import type { Json } from "../canonical.ts"
import type { BehaviourClass } from "../figures/records.ts"
import type { Row } from "../records.ts"
import { recordFiles, type Stage, type StageContext } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"
import type { BanditCellRecord, BanditTask } from "./cells/bandit.ts"
import { derivedLosses } from "./derivedLosses.ts"
import { behaviourClass } from "./lossFacts.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/bandit")

const cellsOf = async (context: StageContext<ExperimentConfig>): Promise<ReadonlyArray<BanditCell>> => {
  const derived = await derivedLosses(context)
  return Object.entries(context.config.bandit?.studies ?? {}).flatMap(([name, study]) =>
    banditCells(name, study, derived, context.config.seeds)
  )
}

const classOf = (loss: string): BehaviourClass | undefined => {
  const resolved = resolveLoss(loss)
  const structure = Result.isSuccess(resolved) ? resolved.success.structure : undefined
  return structure && behaviourClass(structure)
}

/** What every row of a cell says of it. */
const labelsOf = (cell: BanditCell, group: BehaviourClass | undefined): Row => ({
  cell: cell.id,
  loss: cell.loss,
  ...(group === undefined ? {} : { class: group }),
  environment: cell.environment,
  reference: cell.reference,
  ceWeight: cell.ceWeight,
  seed: cell.seed
})

/** The rows of one cell: a row a checkpoint, the last one with what is known of the end only. */
const rowsOf = (cell: BanditCell, result: BanditCellRecord, group: BehaviourClass | undefined): ReadonlyArray<Row> =>
  result.trajectory.map(({ step, loss: lossValue, ...metrics }, i) => {
    const final = i === result.trajectory.length - 1
    const matched = result.klMatched.map(({ kl, expectedReward }) => [`rewardAtKl/${kl}`, expectedReward] as const)
    return {
      ...labelsOf(cell, group),
      step,
      final,
      ...metrics,
      lossValue,
      ...(final ? Object.fromEntries(matched) : {}),
      ...(final && result.policy.length > 0 ? { armProbabilities: result.policy } : {}),
      ...(final && result.failure ? { failure: result.failure.message } : {})
    }
  })

/** The rows of one cell at matched KL: a row a level, `reached` or not. */
const matchedRowsOf = (cell: BanditCell, result: BanditCellRecord, group: BehaviourClass | undefined) =>
  (result.matched ?? []).map(({ kl, step, metrics }): Row => {
    const { loss: lossValue, ...reached } = metrics ?? {}
    return {
      ...labelsOf(cell, group),
      kl,
      reached: metrics !== null,
      ...(metrics === null ? {} : { step, ...reached, lossValue })
    }
  })

/**
 * Studies of `bandit.studies`, each losses × variants × reference × ceWeight × seeds. Records `bandit`, and `bandit-kl` for the
 * studies that name KL levels.
 */
export const banditStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "bandit",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ bandit, seeds }) => (bandit ? { config: { bandit, seeds }, upstream: ["derive"] } : undefined),
  cells: async (context) =>
    (await cellsOf(context)).map(({ id, spec, keep }) => {
      const task: BanditTask = { cell: spec, keep }
      return { id, spec: task as unknown as Json }
    }),
  collect: async (context, results) => {
    const classes = new Map<string, BehaviourClass | undefined>()
    const cells = new Map((await cellsOf(context)).map((cell) => [cell.id, cell]))
    const ended = results.flatMap((result) => {
      if (result._tag === "Failed") return []
      const cell = cells.get(result.cell.id)!
      if (!classes.has(cell.loss)) classes.set(cell.loss, classOf(cell.loss))
      return [{ cell, result: result.value as unknown as BanditCellRecord, group: classes.get(cell.loss) }]
    })
    const matched = ended.flatMap(({ cell, result, group }) => matchedRowsOf(cell, result, group))
    return [
      ...recordFiles(
        "bandit",
        ended.flatMap(({ cell, result, group }) => rowsOf(cell, result, group))
      ),
      ...(matched.length === 0 ? [] : recordFiles("bandit-kl", matched))
    ]
  }
}
