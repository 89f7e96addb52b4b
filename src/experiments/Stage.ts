/** @file What a stage of a study is, and what one of its cells is. Plain code: the pipeline does the files, threads and clocks. */
import type { Json } from "./canonical.ts"
import { type Row, rowsToJsonLines, rowsToParquet } from "./records.ts"
import type { NewFile } from "./StageCache.ts"

/** Everything a stage's result depends on, besides its code: what its key is the hash of. */
export interface StageInputs {
  /** The part of the configuration that it reads. */
  readonly config: Json
  /** Stages whose outputs it reads; those that are not part of the study are passed over. */
  readonly upstream: ReadonlyArray<string>
  /** Files named in the configuration, relative to the configuration's folder. */
  readonly files?: ReadonlyArray<string>
  /** Files and folders of the program, label → path. Labels stand in keys and manifests, so that neither depends on where they are. */
  readonly assets?: Readonly<Record<string, string>>
}

/** What a stage may look at. */
export interface StageContext<Config> {
  readonly config: Config
  /** Folder of the study file, absolute. */
  readonly configFolder: string
  /** The run's folder, absolute. */
  readonly runFolder: string
  /** Rows of an earlier stage's records; none when the stage is not part of the study. */
  readonly rows: (stage: string) => Promise<ReadonlyArray<Readonly<Record<string, Json>>>>
  /** The records file of an earlier stage, absolute, for cells that read it on their own thread; undefined without the stage. */
  readonly recordsFile: (stage: string) => string | undefined
  /** Hash of what an earlier stage left; undefined when it is not part of the study. */
  readonly outputHash: (stage: string) => string | undefined
  /** Hash of the content of an asset that the stage's inputs name. */
  readonly assetHash: (label: string) => string
  /** Text of a file that an earlier stage left, by its path in the run folder. */
  readonly readText: (stage: string, path: string) => Promise<string>
}

/** One independent piece of a stage's work. */
export interface Cell {
  /** Readable and unique in the study, for example `bandit/dpo/clean/seed=3`. */
  readonly id: string
  /** All that its result depends on, besides code. */
  readonly spec: Json
  /** Cells of the same stage whose results it reads. */
  readonly needs?: ReadonlyArray<string>
  /** Things it needs to find its input but that do not change its result, such as paths. */
  readonly resources?: Json
  /** Whether another process does its work: it then takes no thread, and as many go on at once as `jobsAtOnce` says. */
  readonly waits?: boolean
}

/** A cell's end. */
export type CellResult =
  | { readonly _tag: "Done"; readonly cell: Cell; readonly value: Json }
  | { readonly _tag: "Failed"; readonly cell: Cell; readonly error: string }

/** What the pipeline needs of any stage. */
interface StageCommon<Config> {
  readonly id: string
  /** URLs of the modules whose transitive sources are the stage's code version: its own, and its cells'. */
  readonly sources: ReadonlyArray<string>
  /** The inputs, or undefined when the study does not have this stage. */
  readonly inputs: (config: Config) => StageInputs | undefined
}

/** A stage whose work is a list of cells, run on worker threads. */
export interface CellStage<Config> extends StageCommon<Config> {
  readonly _tag: "Cells"
  /** URL of the module whose `runCell` does a cell's work: see {@link CellModule}. */
  readonly cellModule: string
  /** Whether its cells keep checkpoints in their work folder: then two runs never work on the same cell at once. */
  readonly keepsCheckpoints?: boolean
  /** How many cells that wait for other processes go on at once; default 1. */
  readonly jobsAtOnce?: (config: Config) => number
  /**
   * The script with which cells that wait for other processes would be handed to those, for people; undefined without one.
   * `workFolders` are those of the cells to run, none when they are not known yet.
   */
  readonly script?: (config: Config, runFolder: string, workFolders: ReadonlyArray<string>) => string | undefined
  readonly cells: (context: StageContext<Config>) => Promise<ReadonlyArray<Cell>>
  /** The stage's files from its cells' ends, in the order of the cells. Failed cells are left out of the records. */
  readonly collect: (
    context: StageContext<Config>,
    results: ReadonlyArray<CellResult>
  ) => Promise<ReadonlyArray<NewFile>>
}

/** A stage that is quick enough for the main thread. */
export interface DirectStage<Config> extends StageCommon<Config> {
  readonly _tag: "Direct"
  readonly run: (context: StageContext<Config>) => Promise<ReadonlyArray<NewFile>>
}

export type Stage<Config> = CellStage<Config> | DirectStage<Config>

/** URLs of all modules that a stage's work is done by. */
export const modulesOf = <Config>(stage: Stage<Config>): ReadonlyArray<string> =>
  stage._tag === "Cells" ? [...stage.sources, stage.cellModule] : stage.sources

/** What a cell has at hand on its thread. */
export interface CellTools {
  /** Says how far it is, 0 to 1. */
  readonly report: (fraction: number, text?: string) => void
  /** A folder that outlives a killed process, for checkpoints; removed when the cell is done. Not made yet. */
  readonly workFolder: string
  /** A folder for what other cells can use too, in this run and in others; everything in it is named by its content. */
  readonly sharedFolder?: string
  /** Tells a cell that waits for another process to stop. */
  readonly signal?: AbortSignal
  /** The result of a cell it needs. */
  readonly result: (id: string) => Json
  readonly resources: Json
}

/** The shape of a cell module. What `runCell` returns has to be the same for the same spec, on any thread. */
export interface CellModule {
  readonly runCell: (spec: Json, tools: CellTools) => unknown
}

/** A stage's rows as its two records files. */
export const recordFiles = (stage: string, rows: ReadonlyArray<Row>): ReadonlyArray<NewFile> => [
  { path: `records/${stage}.jsonl`, content: rowsToJsonLines(rows) },
  { path: `records/${stage}.parquet`, content: rowsToParquet(rows) }
]

/** The values of the cells that are done, in order. */
export const doneValues = (results: ReadonlyArray<CellResult>): ReadonlyArray<Json> =>
  results.flatMap((result) => (result._tag === "Done" ? [result.value] : []))
