/** @file A line of progress on stderr while a long command computes, on terminals only; it is gone when the answer is printed. */

const shown = process.stderr.isTTY === true

/** Milliseconds between two updates. */
const interval = 200

/** Shows the text that a step makes, at most five times a second; `clear` takes the line away. */
export interface ProgressLine {
  readonly show: (text: () => string) => void
  readonly clear: () => void
}

/** A fresh line; silent unless stderr is a terminal. */
export const progressLine = (): ProgressLine => {
  let last = Date.now()
  let visible = false
  return {
    show: (text) => {
      if (!shown || Date.now() - last < interval) return
      last = Date.now()
      visible = true
      process.stderr.write(`\r\u001b[K${text()}`)
    },
    clear: () => {
      if (visible) process.stderr.write("\r\u001b[K")
      visible = false
    }
  }
}
