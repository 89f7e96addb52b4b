/**
 * @file What a study says about the cluster: the resources of one job, how its processes start, and how long the driver
 * waits. Every value that reaches a script is checked here; only `setup` holds shell code, and it is the user's own.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const withDefault =
  <S extends Schema.Top>(value: S["Encoded"]) =>
  (schema: S) =>
    Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema).annotateKey({ default: value })

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
const Index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
const Seconds = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 86_400 }))

const matching = (pattern: RegExp, allowed: string) =>
  Schema.String.check(
    Schema.makeFilter((text) => (pattern.test(text) ? undefined : `expected ${allowed}, found ${JSON.stringify(text)}`))
  )

/** Names of partitions, accounts, clusters and the like. */
const Name = matching(/^[A-Za-z0-9_][A-Za-z0-9_.,@+-]*$/, "a name of letters, digits and _ . , @ + -")
const GpuType = matching(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "a GPU type as in the cluster's gres, like h100")
const Memory = matching(/^[1-9]\d*[KMGT]?$/, "megabytes, or a number with K, M, G or T, like 64G")
const Constraint = matching(/^[A-Za-z0-9_.,&|*()[\]-]+$/, "node features joined by & , | or *")

const timePattern = /^(?:(\d+)-)?(\d+)(?::(\d{1,2}))?(?::(\d{1,2}))?$/

/**
 * Seconds of a Slurm time: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes,
 * days-hours:minutes:seconds; undefined when it is none.
 */
export const secondsOfTime = (text: string): number | undefined => {
  const match = timePattern.exec(text)
  if (match === null) return undefined
  const [days, ...parts] = match.slice(1).map((part) => (part === undefined ? undefined : Number(part)))
  const [a = 0, b, c] = parts
  if (days !== undefined) return ((days * 24 + a) * 60 + (b ?? 0)) * 60 + (c ?? 0)
  if (c !== undefined) return (a * 60 + (b ?? 0)) * 60 + c
  return a * 60 + (b ?? 0)
}

const Time = Schema.String.check(
  Schema.makeFilter((text) =>
    (secondsOfTime(text) ?? 0) > 0
      ? undefined
      : `expected a time like 90 (minutes), 12:00:00 or 2-00:00:00, found ${JSON.stringify(text)}`
  )
)

/** Options that the script sets itself, or that would change what a submission is. */
const reserved: ReadonlySet<string> = new Set(
  `account array bb begin chdir clusters comment constraint cpus-per-task deadline dependency error export export-file
  get-user-env gid gres hold help input job-name kill-on-invalid-dep mem no-requeue nodes ntasks ntasks-per-node
  open-mode output parsable partition qos quiet requeue signal test-only time uid usage verbose version wait wrap`.split(
    /\s+/
  )
)

const optionPattern = /^--([a-z][a-z0-9-]*)(?:=[A-Za-z0-9_.,:;@%+/*&|()[\]=-]+)?$/

/** One more `#SBATCH` option. */
const ExtraOption = Schema.String.check(
  Schema.makeFilter((text) => {
    const name = optionPattern.exec(text)?.[1]
    if (name === undefined)
      return `expected one option like --exclusive or --reservation=name, found ${JSON.stringify(text)}`
    return reserved.has(name)
      ? `--${name} is set by the script or by its own key here; found ${JSON.stringify(text)}`
      : undefined
  })
)

const oneLine = Schema.String.check(
  Schema.makeFilter((text) => {
    const control = [...text].find((character) => character < " " && character !== "\t")
    return control === undefined ? undefined : `expected one line of shell, found ${JSON.stringify(text)}`
  })
)

/** Where Python is, if not on the path that `setup` leaves. */
const Program = oneLine.check(Schema.isMinLength(1))

/** How the processes of one job start. `torchrun`: one agent a node; `srun`: one Slurm task a process. */
export const launchers = ["torchrun", "srun"] as const
export type Launcher = (typeof launchers)[number]

/** The `slurm` section of a study. */
export const SlurmSettings = Schema.Struct({
  cluster: Schema.optionalKey(Name).annotateKey({
    description: "Cluster, where there are several (`sbatch --clusters`)."
  }),
  partition: Schema.optionalKey(Name).annotateKey({ description: "Default: the cluster's." }),
  account: Schema.optionalKey(Name).annotateKey({ description: "What the time is charged to. Default: the user's." }),
  qos: Schema.optionalKey(Name).annotateKey({ description: "Quality of service. Default: the account's." }),
  time: Schema.optionalKey(Time).annotateKey({
    description:
      "Time limit of one stretch; a job that reaches it writes a checkpoint and is queued again. Default: the partition's."
  }),
  nodes: Count.pipe(withDefault<typeof Count>(1)).annotateKey({ description: "Machines of one job." }),
  gpusPerNode: Index.pipe(withDefault<typeof Index>(0)).annotateKey({
    description: "GPUs of one machine; 0 asks for none."
  }),
  gpuType: Schema.optionalKey(GpuType).annotateKey({
    description: "As in the cluster's gres, like `h100`. Needs `gpusPerNode`."
  }),
  cpusPerProcess: Schema.optionalKey(Count).annotateKey({ description: "CPUs of one process." }),
  memory: Schema.optionalKey(Memory).annotateKey({ description: "Memory of one node." }),
  constraint: Schema.optionalKey(Constraint).annotateKey({
    description: "Node features joined by `&`, `,`, `|` or `*`."
  }),
  extra: Schema.Array(ExtraOption)
    .pipe(withDefault<Schema.$Array<typeof ExtraOption>>([]))
    .annotateKey({ description: "Further `#SBATCH` options, one each." }),
  setup: Schema.Array(oneLine).pipe(withDefault<Schema.$Array<typeof oneLine>>([])).annotateKey({
    description: "Shell lines run before Python, such as `module load cuda`: the user's own code, as it stands."
  }),
  python: Schema.optionalKey(Program).annotateKey({
    description: "Where Python is, if not on the path that `setup` leaves."
  }),
  launcher: Schema.Literals(launchers).pipe(withDefault<Schema.Literals<typeof launchers>>("torchrun")).annotateKey({
    description: "How the processes of one job start. `torchrun`: one agent a node; `srun`: one Slurm task a process."
  }),
  throttle: Schema.optionalKey(Count).annotateKey({
    description: "Jobs of a stage that run at once; default: as many as the cluster lets."
  }),
  signalBefore: Count.pipe(withDefault<typeof Count>(120)).annotateKey({
    description: "Seconds before the time limit at which a checkpoint is asked for."
  }),
  requeues: Index.pipe(withDefault<typeof Index>(100)).annotateKey({
    description: "How often one submission is queued again after its time limit."
  }),
  retries: Index.pipe(withDefault<typeof Index>(2)).annotateKey({
    description: "New submissions of a job that a node, Slurm or an outsider ended."
  }),
  poll: Seconds.pipe(withDefault<typeof Seconds>(2)).annotateKey({
    description: "Seconds between looks at a job: the first, doubled while nothing happens up to `pollMost`."
  }),
  pollMost: Seconds.pipe(withDefault<typeof Seconds>(30)).annotateKey({
    description: "Most seconds between looks at a job."
  }),
  grace: Seconds.pipe(withDefault<typeof Seconds>(120)).annotateKey({
    description: "Seconds of silence of the job, the queue and the accounting after which a job is lost."
  })
}).check(
  Schema.makeFilter(({ gpuType, gpusPerNode, time, signalBefore }) => {
    if (gpuType !== undefined && gpusPerNode === 0)
      return { path: ["gpuType"], issue: "a GPU type without gpusPerNode" }
    const limit = time === undefined ? undefined : secondsOfTime(time)
    return limit !== undefined && limit <= signalBefore
      ? { path: ["signalBefore"], issue: `${signalBefore} s before the end of a job of ${limit} s is no time in it` }
      : undefined
  })
)
export type SlurmSettings = typeof SlurmSettings.Type

/** Settings from JSON values, all problems at once, unknown keys refused. */
export const decodeSlurmSettings = Schema.decodeUnknownResult(SlurmSettings, {
  errors: "all",
  onExcessProperty: "error"
})
