/**
 * @file The sbatch script of one training job, or of an array of them: a pure function of the jobs' folders and the settings.
 * Everything but the user's own `setup` lines and the checked `#SBATCH` options stands between single quotes.
 *
 * What a script does on a node, task by task:
 * - takes the submission's name in the job's folder, so that of two submissions of one attempt only one trains;
 * - starts the worker: Python itself for one process, `srun` with one torchrun agent a node, or `srun` with one task a process;
 * - on USR1, which Slurm sends `signalBefore` seconds before the time limit, asks the worker for a checkpoint and, when it has
 *   ended, puts the job back into the queue; on TERM (preemption, requeue, cancel) lets it write its checkpoint and end;
 * - leaves its exit code in the folder, for a driver that comes when Slurm has forgotten the job.
 */

import type { SlurmSettings } from "./settings.ts"
import { quoted } from "./shell.ts"

/** Folder, in a job's folder, of what belongs to Slurm. */
export const SLURM_FOLDER = "slurm"

/** One job of a script. */
export interface SlurmTask {
  /** The job's output folder, absolute, with `job.json` in it. */
  readonly folder: string
  /** Which submission of this job it is, from 1. */
  readonly attempt: number
}

export interface ScriptInput {
  /** Name of the submission in the queue, unique: letters, digits, `-`, `_` and `.`. */
  readonly name: string
  /** More than one make an array. */
  readonly tasks: ReadonlyArray<SlurmTask>
  /** Where sbatch is called, absolute. */
  readonly folder: string
  readonly settings: SlurmSettings
  /** Processes on each node. */
  readonly processes: number
  /** Python, where the settings have none. */
  readonly python: string
  /** Folder that holds the worker's package. */
  readonly packages: string
}

/** Processes of one job. */
const worldSize = ({ settings, processes }: ScriptInput): number => settings.nodes * processes

const option = (name: string, value: string | number | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [`#SBATCH --${name}=${value}`]

const arrayRange = (tasks: number, throttle: number | undefined): string | undefined => {
  if (tasks === 1) return undefined
  return `0-${tasks - 1}${throttle === undefined ? "" : `%${throttle}`}`
}

/** Slurm tasks on a node, and CPUs of each, for the launcher. */
const taskLayout = ({
  settings,
  processes
}: ScriptInput): { readonly perNode: number; readonly cpus: number | undefined } => {
  const cpus = settings.cpusPerProcess
  return settings.launcher === "srun"
    ? { perNode: processes, cpus }
    : { perNode: 1, cpus: cpus === undefined ? undefined : cpus * processes }
}

/**
 * Where Slurm's own messages go, and what a script says before it has found its job's folder. Slurm reads % signs in the
 * folder too, and knows no way to write one that stands for itself beside others that do not.
 */
const outputPattern = (folder: string): string => (/[%\\]/.test(folder) ? "/dev/null" : "%x.%j.out")

const header = (input: ScriptInput): ReadonlyArray<string> => {
  const { name, tasks, settings } = input
  const { perNode, cpus } = taskLayout(input)
  const { gpusPerNode, gpuType } = settings
  return [
    ...option("job-name", name),
    ...option("array", arrayRange(tasks.length, settings.throttle)),
    ...option("output", outputPattern(input.folder)),
    ...option("open-mode", "append"),
    "#SBATCH --requeue",
    ...option("signal", `B:USR1@${settings.signalBefore}`),
    ...option("clusters", settings.cluster),
    ...option("partition", settings.partition),
    ...option("account", settings.account),
    ...option("qos", settings.qos),
    ...option("time", settings.time),
    ...option("nodes", settings.nodes),
    ...option("ntasks-per-node", perNode),
    ...option("cpus-per-task", cpus),
    ...option("gres", gpusPerNode === 0 ? undefined : ["gpu", ...(gpuType ? [gpuType] : []), gpusPerNode].join(":")),
    ...option("mem", settings.memory),
    ...option("constraint", settings.constraint),
    ...settings.extra.map((text) => `#SBATCH ${text}`)
  ]
}

const list = (name: string, values: ReadonlyArray<string>): ReadonlyArray<string> => [
  `${name}=(`,
  ...values.map((value) => `  ${value}`),
  ")"
]

/** Which job this task is, and whether it may train it. */
const beginning = ({ tasks }: ScriptInput): ReadonlyArray<string> => [
  "# Array task -> folder of its job, and which submission of that job this is.",
  ...list(
    "folders",
    tasks.map(({ folder }) => quoted(folder))
  ),
  ...list(
    "attempts",
    tasks.map(({ attempt }) => `${attempt}`)
  ),
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell
  "folder=${folders[${SLURM_ARRAY_TASK_ID:-0}]}",
  "attempt=${attempts[${SLURM_ARRAY_TASK_ID:-0}]}",
  `state=$folder/${SLURM_FOLDER}`,
  'mkdir -p "$state" || exit 1',
  'exec >>"$state/$SLURM_JOB_ID.log" 2>&1 </dev/null',
  "",
  "# Of two submissions of one attempt, the first to come trains; a requeued job finds its own name.",
  "owner=$state/attempt-$attempt.owner",
  'if ! (set -o noclobber; echo "$SLURM_JOB_ID" >"$owner") 2>/dev/null && [ "$(cat "$owner")" != "$SLURM_JOB_ID" ]; then',
  '  echo "losslattice: Slurm job $(cat "$owner") has this attempt"',
  "  exit 0",
  "fi",
  "ended=$state/attempt-$attempt.exit",
  'rm -f "$ended"',
  'echo "losslattice: Slurm job $SLURM_JOB_ID, restart ${SLURM_RESTART_COUNT:-0}, on $SLURM_JOB_NODELIST"'
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell
]

const environment = ({ settings, python, packages }: ScriptInput): ReadonlyArray<string> => [
  ...(settings.setup.length === 0 ? [] : ["# The study's own lines.", ...settings.setup, ""]),
  `python=${quoted(settings.python ?? python)}`,
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell
  `export PYTHONPATH=${quoted(packages)}` + "${PYTHONPATH:+:$PYTHONPATH}",
  "export PYTHONUNBUFFERED=1",
  `export OMP_NUM_THREADS=` + "${OMP_NUM_THREADS:-" + `${settings.cpusPerProcess ?? 1}}`,
  "# Since 22.05 srun no longer takes this from the job.",
  '[ -z "${SLURM_CPUS_PER_TASK:-}" ] || export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK'
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell
]

const meetingPoint: ReadonlyArray<string> = [
  "# Where the processes meet: the first node's address as Slurm has it, a port from the job's number.",
  'head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
  `address=$(scontrol show node "$head" -o | sed -n 's/.*NodeAddr=\\([^ ]*\\).*/\\1/p')`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell
  "export MASTER_ADDR=${address:-$head}",
  "export MASTER_PORT=$((15000 + SLURM_JOB_ID % 15000))"
]

const worker = '-m losslattice_worker train "$folder/job.json"'

/** The command that trains, without the redirection of its output. */
const command = (input: ScriptInput): ReadonlyArray<string> => {
  const { settings, processes } = input
  if (worldSize(input) === 1) return [`"$python" ${worker}`]
  const srun = `srun --input=none --kill-on-bad-exit=1 --nodes=${settings.nodes}`
  if (settings.launcher === "srun") {
    const ranks = "export RANK=$SLURM_PROCID LOCAL_RANK=$SLURM_LOCALID WORLD_SIZE=$SLURM_NTASKS"
    return [
      `${srun} --ntasks=${worldSize(input)} --ntasks-per-node=${processes} \\`,
      `  bash -c ${quoted(`${ranks} LOCAL_WORLD_SIZE=${processes}; exec "$@"`)} rank \\`,
      `  "$python" ${worker}`
    ]
  }
  return [
    `${srun} --ntasks=${settings.nodes} --ntasks-per-node=1 \\`,
    `  "$python" -m torch.distributed.run --nnodes=${settings.nodes} --nproc-per-node=${processes} --max-restarts=0 \\`,
    '  --rdzv-backend=c10d --rdzv-endpoint="$MASTER_ADDR:$MASTER_PORT" \\',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell
    '  --rdzv-id="$SLURM_JOB_ID-${SLURM_RESTART_COUNT:-0}" \\',
    `  ${worker}`
  ]
}

/**
 * How a checkpoint is asked for. `srun` would take TERM as an order to kill, and torchrun dies of USR1 but hands TERM on:
 * signals to steps therefore go through Slurm, and TERM is what torchrun gets.
 */
const askForCheckpoint = (input: ScriptInput): string => {
  if (worldSize(input) === 1) return 'kill -USR1 "$worker"'
  return `scancel --signal=${input.settings.launcher === "srun" ? "USR1" : "TERM"} "$SLURM_JOB_ID"`
}

const ending = (input: ScriptInput): ReadonlyArray<string> => [
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: shell
  "requeue= terminated= worker=",
  `trap 'requeue=yes; [ -z "$worker" ] || ${askForCheckpoint(input)}' USR1`,
  // Slurm itself sends TERM to the whole step, the worker included.
  "trap 'terminated=yes' TERM",
  ...command(input).slice(0, -1),
  `${command(input).at(-1)} >/dev/null &`,
  "worker=$!",
  `[ -z "$requeue" ] || ${askForCheckpoint(input)}`,
  "while :; do",
  '  wait "$worker"',
  "  code=$?",
  '  kill -0 "$worker" 2>/dev/null && continue',
  "  # A signal that came with the end hides the worker's own code, which bash still knows.",
  '  [ "$code" -le 128 ] || { wait "$worker" 2>/dev/null; own=$?; [ "$own" -eq 127 ] || code=$own; }',
  "  break",
  "done",
  'echo "losslattice: the worker ended with code $code"',
  '[ -z "$terminated" ] || exit "$code"',
  `if [ -n "$requeue" ] && [ "$code" -ne 0 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${input.settings.requeues} ] \\`,
  `  && ! grep -q '"state": *"failed"' "$folder/status.json"; then`,
  '  echo "losslattice: back into the queue before the time limit"',
  '  scontrol requeue "$SLURM_JOB_ID" && exit 0',
  "fi",
  'echo "$SLURM_JOB_ID ${SLURM_RESTART_COUNT:-0} $code" >"$ended.tmp" && mv "$ended.tmp" "$ended"',
  'exit "$code"'
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: shell
]

/**
 * The text of a script, which `sbatch` takes as it is.
 * @throws RangeError without tasks, or for a path that holds a NUL character
 */
export const slurmScript = (input: ScriptInput): string => {
  if (input.tasks.length === 0) throw new RangeError("a script without jobs")
  if (!/^[\w.-]+$/.test(input.name)) throw new RangeError(`${JSON.stringify(input.name)} names no submission`)
  const parts = [
    ["#!/bin/bash", ...header(input)],
    beginning(input),
    environment(input),
    ...(worldSize(input) === 1 ? [] : [meetingPoint]),
    ending(input)
  ]
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`
}
