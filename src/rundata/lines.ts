/** Lines of a text that comes in pieces. */

/** A line without its end. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** False for a last line that no line break ends. */
  readonly ended: boolean
}

/** Lines are no longer than this, characters: a longer one is no record, and reading on would fill the memory. */
export const longestLine = 16_000_000

/** @throws RangeError for a line of more than {@link longestLine} characters, naming it */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<Line> {
  let rest = ""
  let number = 0
  for await (const piece of pieces) {
    const parts = (rest + piece).split("\n")
    rest = parts.pop()!
    for (const text of parts) yield { number: ++number, text, ended: true }
    if (rest.length > longestLine) {
      throw new RangeError(`line ${number + 1} is longer than ${longestLine} characters; reading stops there`)
    }
  }
  if (rest !== "") yield { number: ++number, text: rest, ended: false }
}
