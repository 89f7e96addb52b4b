import { setTimeout as sleep } from "node:timers/promises"
import { Worker } from "node:worker_threads"
import { describe, expect, it } from "vitest"
import { hold, makeHold, whenFree } from "../../src/finetune/threadHold.ts"

const source = JSON.stringify(new URL("../../src/finetune/threadHold.ts", import.meta.url).href)

/** A thread that holds itself for 20 ms over and over and counts `[begun, ended]`; held for ever after `rounds`. */
const startThread = (words: Int32Array, rounds: number) => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const code = `
    import(${source}).then(async ({ hold }) => {
      const { counts } = require("node:worker_threads").workerData
      const still = new Int32Array(new SharedArrayBuffer(4))
      for (let round = 0; round < ${rounds}; round++) {
        const release = hold()
        Atomics.add(counts, 0, 1)
        Atomics.wait(still, 0, 0, 20)
        Atomics.add(counts, 1, 1)
        release()
        await new Promise(setImmediate)
      }
      hold()
    })`
  return { worker: new Worker(code, { eval: true, workerData: { hold: words, counts } }), counts }
}

const begun = async (counts: Int32Array, most: number) => {
  while (Atomics.load(counts, 0) < most) await sleep(5)
}

describe("a thread that must not be ended at any time", () => {
  it("is free between two holds, begins none once its owner wants to end it, and can be ended", async () => {
    const words = makeHold()
    const { worker, counts } = startThread(words, 100_000)
    await begun(counts, 3)
    await whenFree(words)
    const [first, last] = counts
    expect(last).toBe(first)
    await sleep(100)
    expect([...counts]).toEqual([first, last])
    expect(await worker.terminate()).toBe(1)
  })

  it("is waited for so long and no longer", async () => {
    const words = makeHold()
    const { worker, counts } = startThread(words, 1)
    await begun(counts, 1)
    await sleep(60)
    await whenFree(words, 50)
    expect(Atomics.load(words, 0)).toBe(1)
    await worker.terminate()
  })

  it("needs no owner", () => {
    const release = hold()
    hold()()
    expect(release()).toBeUndefined()
  })
})
