/**
 * @file A Slurm cluster on one host for tests: munged, slurmctld and four slurmd in a folder of their own, on free ports, no
 * systemd, no accounting, two fake GPUs a node. By hand:
 *
 *   node scripts/slurmCluster.ts start FOLDER    prints the SLURM_CONF to export
 *   node scripts/slurmCluster.ts stop FOLDER
 *
 * One cluster at a time on a host, by a lock in the system's temporary folder: the nodes' daemons share the host's cores.
 */
import { execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { hostname, tmpdir, userInfo } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { isAlive, kill, pidIn, stepsOf } from "./slurmProcesses.ts"

/** Names of the nodes. */
export const nodes = ["n1", "n2", "n3", "n4"] as const
export type NodeName = (typeof nodes)[number]

/** CPUs and GPUs that each node claims to have, whatever the host has. */
export const perNode = { cpus: 4, gpus: 2 }

/**
 * Seconds. Short, so that a killed daemon and a requeued job cost a test little; a real cluster has 300 and 120. A requeued
 * job waits until the credential of its last run is void; Slurm takes less than 5 for a mistake and uses 120.
 */
const slurmdTimeout = 8
const credentialLifetime = 5

export interface SlurmCluster {
  readonly folder: string
  /** What commands need in their environment. */
  readonly env: Readonly<Record<string, string>>
  readonly version: string
  /** Kills a node's daemon and the steps on it, as a power cut would. */
  readonly killNode: (node: NodeName) => void
  /** Starts a node's daemon again. */
  readonly startNode: (node: NodeName) => Promise<void>
  /** Ends everything, running jobs too. */
  readonly stop: () => Promise<void>
}

const sbin = ["/usr/sbin", "/usr/local/sbin", "/sbin"]
const searchPath = [process.env.PATH ?? "", ...sbin].join(":")

const output = (command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = process.env): string =>
  execFileSync(command, args, {
    env: { ...env, PATH: searchPath },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"]
  })

/** Version of the Slurm that is installed, `22.05.8`; undefined without the daemons that a cluster needs. */
export const installedSlurm = (): string | undefined => {
  try {
    output("munged", ["--version"])
    output("slurmd", ["-V"])
    return /[\d.]+\S*$/.exec(output("slurmctld", ["-V"]).trim())?.[0]
  } catch {
    return undefined
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
    server.once("error", () => done(false))
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)))
  })

/** The first of `count` consecutive free ports, below those that the system gives out. */
const freePorts = async (count: number): Promise<number> => {
  for (let base = 24_001 + 10 * (process.pid % 300); base < 32_000; base += 10) {
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(base + i)))
    if (free.every(Boolean)) return base
  }
  throw new Error(`no ${count} consecutive free ports between 24001 and 32000`)
}

const configuration = (folder: string, version: string, base: number): Readonly<Record<string, string>> => {
  const user = userInfo().username
  const [year = 0] = version.split(".").map(Number)
  return {
    "slurm.conf": `ClusterName=losslattice
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${base}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=${credentialLifetime}
StateSaveLocation=${folder}/state
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdSpoolDir=${folder}/spool/%n
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=${slurmdTimeout}
SlurmctldTimeout=30
KillWait=5
MinJobAge=300
MessageTimeout=4
TCPTimeout=1
InactiveLimit=0
JobRequeue=1
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,sched_min_interval=100000,batch_sched_delay=0
GresTypes=gpu
NodeName=n[1-4] NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=[${base + 1}-${base + 4}] CPUs=${perNode.cpus} Gres=gpu:${perNode.gpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP
`,
    "gres.conf": "Name=gpu File=/dev/null,/dev/zero\n",
    // Slurm 22.05 refuses `disabled`, later ones fail where there is no cgroup file system.
    "cgroup.conf": `CgroupPlugin=${year >= 23 ? "disabled" : "cgroup/v1"}\n`
  }
}

const until = async (what: string, seconds: number, holds: () => boolean): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; !holds(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`${what}: not so after ${seconds} s`)
  }
}

const daemonPids = (folder: string): ReadonlyArray<number> =>
  ["slurmctld.pid", ...nodes.map((node) => `slurmd-${node}.pid`), "munged.pid"].flatMap((file) => {
    const pid = pidIn(join(folder, file))
    return pid !== undefined && isAlive(pid) ? [pid] : []
  })

/** Ends the daemons that a folder's pid files name and the steps they have; no harm when there are none. */
export const stopCluster = async (folder: string): Promise<void> => {
  const steps = nodes.flatMap((node) => stepsOf(folder, node))
  const daemons = daemonPids(folder)
  for (const pid of [...steps, ...daemons]) kill(pid, "SIGKILL")
  await until("the daemons' end", 10, () => daemonPids(folder).length === 0)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

const lockFolder = join(tmpdir(), "losslattice-slurm.lock")

/** Takes the host's lock; a cluster whose maker is gone is stopped. */
const takeLock = async (folder: string, holder: number): Promise<void> => {
  for (const end = Date.now() + 600_000; ; await sleep(200)) {
    try {
      mkdirSync(lockFolder)
      writeFileSync(join(lockFolder, "folder"), folder)
      writeFileSync(join(lockFolder, "pid"), `${holder}`)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
    const pid = pidIn(join(lockFolder, "pid"))
    if (pid !== undefined && !isAlive(pid)) {
      const aside = `${lockFolder}.${process.pid}`
      try {
        renameSync(lockFolder, aside)
      } catch {
        continue
      }
      await stopCluster(readFileSync(join(aside, "folder"), "utf8"))
      rmSync(aside, { recursive: true, force: true })
    }
    if (Date.now() > end) throw new Error(`another Slurm test cluster has run for ten minutes: ${lockFolder}`)
  }
}

const releaseLock = (folder: string): void => {
  const file = join(lockFolder, "folder")
  if (existsSync(file) && readFileSync(file, "utf8") === folder) rmSync(lockFolder, { recursive: true, force: true })
}

/** Starts a daemon in the background; what it prints goes to a file. */
const daemon = (folder: string, command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): void => {
  const log = openSync(join(folder, "daemons.log"), "a")
  spawn(command, args, { env: { ...env, PATH: searchPath }, stdio: ["ignore", log, log], detached: true }).unref()
}

const startMunge = async (folder: string): Promise<void> => {
  writeFileSync(join(folder, "munge.key"), randomBytes(128), { mode: 0o400 })
  const at = (name: string) => join(folder, name)
  const files = [
    `--socket=${at("munge.socket")}`,
    `--key-file=${at("munge.key")}`,
    `--pid-file=${at("munged.pid")}`,
    `--log-file=${at("munged.log")}`,
    `--seed-file=${at("munged.seed")}`
  ]
  output("munged", ["--force", ...files])
  await until("munged's socket", 10, () => existsSync(at("munge.socket")))
}

const nodeStates = (env: NodeJS.ProcessEnv): ReadonlyMap<string, string> => {
  try {
    const lines = output("sinfo", ["-h", "-N", "-o", "%N %T"], env).trim().split("\n")
    return new Map(lines.map((line) => line.split(" ") as [string, string]))
  } catch {
    return new Map()
  }
}

const startNode = async (folder: string, env: NodeJS.ProcessEnv, node: NodeName): Promise<void> => {
  rmSync(join(folder, `slurmd-${node}.pid`), { force: true })
  daemon(folder, "slurmd", ["-N", node, "-D"], env)
  await until(`slurmd of ${node}`, 15, () => pidIn(join(folder, `slurmd-${node}.pid`)) !== undefined)
}

/**
 * Starts a cluster in a folder that is made, or emptied, for it; waits for another one on this host to end.
 * @param holder process whose end means that the cluster is no longer wanted; default: this one
 * @throws Error when Slurm is not installed or a daemon does not come up
 */
export const startCluster = async (path: string, holder = process.pid): Promise<SlurmCluster> => {
  const version = installedSlurm()
  if (version === undefined) throw new Error("no Slurm here: apt-get install slurm-wlm munge")
  const folder = resolve(path)
  await takeLock(folder, holder)
  const env = { ...process.env, SLURM_CONF: join(folder, "slurm.conf") }
  const stop = async () => {
    await stopCluster(folder)
    releaseLock(folder)
  }
  try {
    await stopCluster(folder)
    for (const part of ["state", ...nodes.map((node) => `spool/${node}`)]) {
      mkdirSync(join(folder, part), { recursive: true, mode: 0o755 })
    }
    const files = configuration(folder, version, await freePorts(1 + nodes.length))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    await startMunge(folder)
    daemon(folder, "slurmctld", ["-D"], env)
    await Promise.all(nodes.map((node) => startNode(folder, env, node)))
    const allIdle = () => nodes.every((node) => nodeStates(env).get(node) === "idle")
    await until("four idle nodes", 30, allIdle)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    folder,
    env: { SLURM_CONF: env.SLURM_CONF },
    version,
    killNode: (node) => {
      const pid = pidIn(join(folder, `slurmd-${node}.pid`))
      // The daemon first: it must not report the end of its steps.
      if (pid !== undefined) kill(pid, "SIGKILL")
      for (const step of stepsOf(folder, node)) kill(step, "SIGKILL")
    },
    startNode: (node) => startNode(folder, env, node),
    stop
  }
}

const main = async (action: string | undefined, folder: string | undefined): Promise<void> => {
  if (folder === undefined || (action !== "start" && action !== "stop")) {
    console.error("usage: node scripts/slurmCluster.ts start|stop FOLDER")
    process.exitCode = 2
  } else if (action === "start") {
    // The shell that asked for it holds it.
    console.log((await startCluster(folder, process.ppid)).env.SLURM_CONF)
  } else {
    await stopCluster(resolve(folder))
    releaseLock(resolve(folder))
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2], process.argv[3])
