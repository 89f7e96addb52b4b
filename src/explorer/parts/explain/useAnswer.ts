/** Asking the worker: the newest question counts, and one that keeps it too long is given up for the next. */
import { useEffect, useState } from "preact/hooks"
import type { Answer, Numbered, Question } from "./protocol.ts"
import ExplainWorker from "./worker.ts?worker&inline"

/** A worker busy with an old question is replaced after this time, milliseconds: starting one costs about as much. */
const patience = 300

/** One worker, asked one question at a time. */
class Asker {
  #worker: Worker | undefined
  #next = 0
  #busy: number | undefined
  #waiting: (Numbered<Question> & { readonly reply: (answer: Answer) => void }) | undefined
  #reply: ((answer: Answer) => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Asks; `reply` is called once, unless a newer question is asked before. @returns gives the question up */
  ask(body: Question, reply: (answer: Answer) => void): () => void {
    const id = this.#next++
    this.#waiting = { id, body, reply }
    if (this.#busy === undefined) this.#send()
    else this.#timer ??= setTimeout(() => this.#restart(), patience)
    return () => {
      if (this.#waiting?.id === id) this.#waiting = undefined
      if (this.#busy === id) this.#reply = undefined
    }
  }

  #restart(): void {
    this.#timer = undefined
    if (this.#waiting === undefined) return
    this.#worker?.terminate()
    this.#worker = undefined
    this.#send()
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#busy = undefined
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    this.#worker ??= this.#start()
    this.#busy = waiting.id
    this.#reply = waiting.reply
    this.#worker.postMessage({ id: waiting.id, body: waiting.body } satisfies Numbered<Question>)
  }

  #start(): Worker {
    const worker = new ExplainWorker()
    worker.onmessage = ({ data }: MessageEvent<Numbered<Answer>>) => {
      if (data.id === this.#busy) this.#reply?.(data.body)
      this.#send()
    }
    worker.onerror = ({ message }) => {
      this.#reply?.({ kind: "failure", failure: `the worker failed: ${message}` })
      worker.terminate()
      this.#worker = undefined
      this.#send()
    }
    return worker
  }
}

const asker = new Asker()

/** The answer to a question, undefined until it comes; a new question takes the old answer away. */
export const useAnswer = (question: Question | undefined): Answer | undefined => {
  const key = question === undefined ? "" : JSON.stringify(question)
  const [known, setKnown] = useState<{ readonly key: string; readonly answer: Answer }>()
  useEffect(() => {
    if (question === undefined) return
    return asker.ask(question, (answer) => setKnown({ key, answer }))
  }, [key])
  return known?.key === key ? known.answer : undefined
}
