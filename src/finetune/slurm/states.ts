/**
 * @file Slurm's words for the state of a job, as the few that matter to a driver: is it worth waiting, is it over, and may it be
 * submitted again.
 */

/**
 * `waiting`, `running` and `ending` go on. `completed` and `failed`: the script ended by itself. `cancelled`, `timed-out`,
 * `out-of-memory`: it was ended for a reason that a new submission would meet again. `interrupted`: a node or the cluster's
 * own needs ended it.
 */
export const slurmPhases = [
  "waiting",
  "running",
  "ending",
  "completed",
  "failed",
  "cancelled",
  "timed-out",
  "out-of-memory",
  "interrupted"
] as const
export type SlurmPhase = (typeof slurmPhases)[number]

/** Base states and flags of `squeue`, `scontrol` and `sacct` from 20.11 to 25.11. */
const phases: Readonly<Record<string, SlurmPhase>> = {
  PENDING: "waiting",
  CONFIGURING: "waiting",
  POWER_UP_NODE: "waiting",
  REQUEUED: "waiting",
  REQUEUE_FED: "waiting",
  REQUEUE_HOLD: "waiting",
  RESV_DEL_HOLD: "waiting",
  SPECIAL_EXIT: "waiting",
  RECONFIG_FAIL: "waiting",
  EXPEDITING: "waiting",
  RUNNING: "running",
  SUSPENDED: "running",
  STOPPED: "running",
  RESIZING: "running",
  SIGNALING: "running",
  UPDATE_DB: "running",
  COMPLETING: "ending",
  STAGE_OUT: "ending",
  COMPLETED: "completed",
  FAILED: "failed",
  LAUNCH_FAILED: "interrupted",
  CANCELLED: "cancelled",
  TIMEOUT: "timed-out",
  DEADLINE: "timed-out",
  OUT_OF_MEMORY: "out-of-memory",
  NODE_FAIL: "interrupted",
  BOOT_FAIL: "interrupted",
  PREEMPTED: "interrupted",
  REVOKED: "interrupted"
}

/** The phase of a state; flags and further words (`CANCELLED by 0`, `CANCELLED+`) are passed over. A word of the future goes on. */
export const phaseOf = (state: string): SlurmPhase => phases[/^[A-Z_]+/.exec(state)?.[0] ?? ""] ?? "running"

/** Whether a job in this phase has ended. */
export const isOver = (phase: SlurmPhase): boolean => phase !== "waiting" && phase !== "running" && phase !== "ending"

/** All states that are known, for tests and documents. */
export const knownStates: ReadonlyArray<string> = Object.keys(phases)
