/** The web worker that trains. Built into the page as text, so that it starts from a file as well. */
import "../mathjs.ts"
import type { Order, Report } from "./protocol.ts"
import { Trainer } from "./trainer.ts"

const messages = new MessageChannel()
let resume: () => void = () => undefined
messages.port1.onmessage = () => resume()

const trainer = new Trainer({
  post: (reports: ReadonlyArray<Report>) => self.postMessage(reports),
  now: () => performance.now(),
  breathe: () =>
    new Promise((resolve) => {
      resume = resolve
      messages.port2.postMessage(null)
    })
})

self.onmessage = ({ data }: MessageEvent<Order>) => trainer.handle(data)
