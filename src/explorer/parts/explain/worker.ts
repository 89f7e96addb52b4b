/** The worker that decides exactly, so that typing never waits for it. */
import "../../mathjs.ts"
import { answer } from "./answer.ts"
import type { Answer, Numbered, Question } from "./protocol.ts"

self.onmessage = ({ data }: MessageEvent<Numbered<Question>>) => {
  const reply: Numbered<Answer> = { id: data.id, body: answer(data.body) }
  self.postMessage(reply)
}
