/**
 * @file Times at which a thread must not be ended. Dawn ends the whole process when a thread is ended amid one of its calls,
 * or while a buffer is on its way. Thread and owner share two words: `[held, wanted]`. The owner says that it wants to end the
 * thread, then waits while it is held; the thread says that it is held, then stands still if it is wanted.
 */

import { workerData } from "node:worker_threads"

const [HELD, WANTED] = [0, 1]

/** The shared words, given to a thread as `workerData.hold`. */
export type Hold = Int32Array<SharedArrayBuffer>

/** New words: the thread is free. */
export const makeHold = (): Hold => new Int32Array(new SharedArrayBuffer(8))

/**
 * For the owner: resolves when the thread may be ended. From then on the thread begins nothing that must not be cut.
 * @param patience milliseconds after which it resolves anyway
 */
export const whenFree = async (words: Hold, patience = 30_000): Promise<void> => {
  Atomics.store(words, WANTED, 1)
  const deadline = Date.now() + patience
  while (Atomics.load(words, HELD) === 1 && Date.now() < deadline) {
    const wait = Atomics.waitAsync(words, HELD, 1, deadline - Date.now())
    if (wait.async) await wait.value
  }
}

const own: unknown = (workerData as { readonly hold?: unknown } | null)?.hold

/**
 * For the thread: it must not be ended until the function that this returns is called. A hold in a hold is the same one.
 * Never returns when the owner wants to end the thread; does nothing in a thread whose owner shares no words.
 */
export const hold = (words: unknown = own): (() => void) => {
  if (!(words instanceof Int32Array)) return () => undefined
  const release = () => {
    Atomics.store(words, HELD, 0)
    Atomics.notify(words, HELD)
  }
  Atomics.store(words, HELD, 1)
  if (Atomics.load(words, WANTED) === 1) {
    release()
    for (;;) Atomics.wait(words, WANTED, 1)
  }
  return release
}
