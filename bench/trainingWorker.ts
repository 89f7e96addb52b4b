/** @file A thread of bench/training.ts: trains the seeds it is given, and says how long. */
import { parentPort } from "node:worker_threads"
import { type TrainingTask, trainSeeds } from "./trainingTask.ts"

const port = parentPort
if (port === null) throw new RangeError("trainingWorker.ts runs on a worker thread only")

port.on("message", (task: TrainingTask) => {
  const start = process.threadCpuUsage()
  const policies = trainSeeds(task)
  const { user, system } = process.threadCpuUsage(start)
  port.postMessage({ policies, cpu: (user + system) / 1e6 })
})
