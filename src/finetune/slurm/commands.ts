/**
 * @file The Slurm commands, and what is read from what they print. Text with columns of our own choosing (`-o`, `-P`, `-o` of
 * scontrol) rather than `--json`, which came with 21.08, needs a plugin and changes its form with every release.
 */

import { execFile } from "node:child_process"

/** What a command left. `code` is undefined when it could not be started or did not end in time. */
export interface CommandEnd {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command without a shell, in a folder. */
export type RunCommand = (command: string, args: ReadonlyArray<string>, folder?: string) => Promise<CommandEnd>

/** The environment without what an enclosing Slurm job says of itself, which a new job would take for its own. */
export const outerEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => name === "SLURM_CONF" || !/^(SLURM|SLURMD|SLURM_TASKS|PMI|PMIX|SRUN)_/.test(name)
    )
  ),
  LC_ALL: "C"
})

/** Runs commands as processes of this machine, each for a minute at most. */
export const runCommand: RunCommand = (command, args, folder) =>
  new Promise((done) => {
    const options = {
      encoding: "utf8" as const,
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
      env: outerEnvironment(process.env),
      ...(folder === undefined ? {} : { cwd: folder })
    }
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return done({ code: 0, stdout, stderr })
      const code = typeof error.code === "number" ? error.code : undefined
      done({ code, stdout, stderr: stderr.trim() === "" ? error.message : stderr })
    })
  })

/** One job as the queue, the controller or the accounting has it. */
export interface SlurmJob {
  /** Number of the job, or `array_index` for a task of an array. */
  readonly id: string
  /** The job's own number, also for a task of an array; where the source tells it. */
  readonly number?: string
  /** Slurm's word, as `RUNNING`. */
  readonly state: string
  readonly reason?: string
  /** Exit code and signal, as `1:0`. */
  readonly exit?: string
  readonly restarts?: number
  readonly nodes?: string
}

/** What Slurm answers about a job: it, nothing by that number, or no answer. */
export type Answer =
  | { readonly _tag: "Known"; readonly job: SlurmJob }
  | { readonly _tag: "Unknown" }
  | { readonly _tag: "Silent"; readonly message: string }

/** What sbatch answers. */
export type Submitted =
  | { readonly _tag: "Accepted"; readonly id: string; readonly cluster?: string }
  | { readonly _tag: "Refused"; readonly message: string }
  /** Slurm could not be reached, or did not say whether it took the job. */
  | { readonly _tag: "Unanswered"; readonly message: string }

const unreachable =
  /unable to contact|socket timed out|connection (refused|timed out|reset)|communication|zero bytes|slurmctld.*(down|not respond)|try again|temporarily/i
const noSuchJob = /invalid job id/i

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? ""

/** The number, and the cluster where there are several, that `sbatch --parsable` prints; undefined for anything else. */
export const parseSubmission = (text: string): { readonly id: string; readonly cluster?: string } | undefined => {
  const [, id, cluster] = /^(\d+)(?:;(\S+))?$/m.exec(text.trim()) ?? []
  return id === undefined ? undefined : { id, ...(cluster === undefined ? {} : { cluster }) }
}

/** Format of {@link parseQueue}: number, array, index, state, reason, name. */
export const queueFormat = "%A|%F|%K|%T|%r|%j"

/** Rows of `squeue -h -r -o` with {@link queueFormat}. */
export const parseQueue = (text: string): ReadonlyArray<SlurmJob & { readonly name: string }> =>
  text.split("\n").flatMap((line) => {
    const [number, array, index, state, reason, ...name] = line.trim().split("|")
    if (number === undefined || array === undefined || state === undefined || !/^\d+$/.test(number)) return []
    const id = index !== undefined && /^\d+$/.test(index) ? `${array}_${index}` : number
    return [{ id, number, state, ...(reason === undefined ? {} : { reason }), name: name.join("|") }]
  })

/** The value of a key in a line of `scontrol show job -o`. */
const field = (line: string, key: string): string | undefined => new RegExp(`(?:^|\\s)${key}=(\\S*)`).exec(line)?.[1]

const isGiven = (value: string | undefined): value is string =>
  value !== undefined && value !== "" && value !== "(null)" && value !== "N/A"

/** The jobs of `scontrol show job -o`, one a line. A line for tasks that still wait together has their indices in brackets. */
export const parseShownJobs = (text: string): ReadonlyArray<SlurmJob> =>
  text.split("\n").flatMap((line) => {
    const [number, state] = [field(line, "JobId"), field(line, "JobState")]
    if (number === undefined || state === undefined) return []
    const [array, index] = [field(line, "ArrayJobId"), field(line, "ArrayTaskId")]
    const [reason, exit, restarts, nodes] = ["Reason", "ExitCode", "Restarts", "NodeList"].map((key) =>
      field(line, key)
    )
    return [
      {
        id: isGiven(array) && isGiven(index) ? `${array}_${index}` : number,
        number,
        state,
        ...(isGiven(reason) ? { reason } : {}),
        ...(isGiven(exit) ? { exit } : {}),
        ...(isGiven(restarts) ? { restarts: Number(restarts) } : {}),
        ...(isGiven(nodes) ? { nodes } : {})
      }
    ]
  })

/** Rows of `sacct -n -P -X -o JobID,State,ExitCode`; a state may go on, as `CANCELLED by 1000`. */
export const parseAccounting = (text: string): ReadonlyArray<SlurmJob> =>
  text.split("\n").flatMap((line) => {
    const [id, state, exit] = line.trim().split("|")
    const word = /^[A-Z_]+/.exec(state ?? "")?.[0]
    return id === undefined || word === undefined ? [] : [{ id, state: word, ...(exit ? { exit } : {}) }]
  })

/** Whether `1-3,7%2` in the brackets of an id such as `12_[1-3,7%2]` has the index. */
const bracketHas = (bracket: string, index: number): boolean =>
  bracket
    .replace(/%\d+$/, "")
    .split(",")
    .some((part) => {
      const [, from, to, step] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part) ?? []
      if (from === undefined) return false
      const [low, high] = [Number(from), Number(to ?? from)]
      return index >= low && index <= high && (index - low) % Number(step ?? 1) === 0
    })

/** Whether a row stands for a job: by its own id, or as one of the tasks of an array that wait together. */
export const standsFor = (row: string, id: string): boolean => {
  if (row === id) return true
  const [array, index] = id.split("_")
  const [, waiting, bracket] = /^(\d+)_\[?([^\]]+)\]?$/.exec(row) ?? []
  return waiting !== undefined && waiting === array && index !== undefined && bracketHas(bracket ?? "", Number(index))
}

const answer = (end: CommandEnd, jobs: ReadonlyArray<SlurmJob>, id: string): Answer => {
  const job = jobs.find((one) => one.number === id || standsFor(one.id, id))
  if (job !== undefined) return { _tag: "Known", job: { ...job, id } }
  if (end.code === 0 || noSuchJob.test(end.stderr)) return { _tag: "Unknown" }
  return { _tag: "Silent", message: lastLine(end.stderr) }
}

/** The Slurm of this machine. */
export interface Slurm {
  readonly submit: (script: string, folder: string) => Promise<Submitted>
  /** What the controller has of a job: the queue first, then what it remembers of ended jobs. */
  readonly job: (id: string, cluster?: string) => Promise<Answer>
  /** What the accounting has of it; nothing where there is none. */
  readonly accounted: (id: string, cluster?: string) => Promise<Answer>
  /** Jobs of a name, ended ones too as long as the controller remembers them; undefined when Slurm does not answer. */
  readonly named: (name: string, cluster?: string) => Promise<ReadonlyArray<SlurmJob> | undefined>
  /** Ends jobs. Jobs that have ended are passed over. @returns what went wrong, if anything did */
  readonly cancel: (ids: ReadonlyArray<string>, cluster?: string) => Promise<string | undefined>
  /** Tasks that one array may have. */
  readonly maxArraySize: () => Promise<number>
}

const on = (cluster: string | undefined): ReadonlyArray<string> =>
  cluster === undefined ? [] : [`--clusters=${cluster}`]

const submitScript =
  (run: RunCommand): Slurm["submit"] =>
  async (script, folder) => {
    const end = await run("sbatch", ["--parsable", script], folder)
    const accepted = end.code === 0 ? parseSubmission(end.stdout) : undefined
    if (accepted !== undefined) return { _tag: "Accepted", ...accepted }
    const message = lastLine(end.stderr) || lastLine(end.stdout) || "sbatch said nothing"
    const refused = end.code !== undefined && end.code !== 0 && !unreachable.test(end.stderr)
    return { _tag: refused || /ENOENT/.test(end.stderr) ? "Refused" : "Unanswered", message }
  }

const readJob =
  (run: RunCommand): Slurm["job"] =>
  async (id, cluster) => {
    const queue = await run("squeue", ["-h", "-r", "-t", "all", "-j", id, "-o", queueFormat, ...on(cluster)])
    const queued = answer(queue, parseQueue(queue.stdout), id)
    const shown = await run("scontrol", ["show", "job", "-o", id, ...on(cluster)])
    const remembered = answer(shown, parseShownJobs(shown.stdout), id)
    if (remembered._tag === "Known" || queued._tag === "Unknown") return remembered
    return queued
  }

/** Real calls of the commands; `run` stands in for processes in tests. */
export const makeSlurm = (run: RunCommand = runCommand): Slurm => ({
  submit: submitScript(run),
  job: readJob(run),
  accounted: async (id, cluster) => {
    const end = await run("sacct", ["-n", "-P", "-X", "-j", id, "-o", "JobID,State,ExitCode", ...on(cluster)])
    const found = answer(end, parseAccounting(end.stdout), id)
    return found._tag === "Silent" ? { _tag: "Unknown" } : found
  },
  named: async (name, cluster) => {
    const end = await run("squeue", ["-h", "-r", "-t", "all", `--name=${name}`, "-o", queueFormat, ...on(cluster)])
    return end.code === 0 ? parseQueue(end.stdout).filter((row) => row.name === name) : undefined
  },
  cancel: async (ids, cluster) => {
    if (ids.length === 0) return undefined
    const end = await run("scancel", [...on(cluster), ...ids])
    return end.code === 0 || noSuchJob.test(end.stderr) ? undefined : lastLine(end.stderr)
  },
  maxArraySize: async () => {
    const end = await run("scontrol", ["show", "config"])
    return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(end.stdout)?.[1] ?? 1001)
  }
})
