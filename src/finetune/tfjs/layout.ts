/**
 * @file How token sequences lie in one flat batch. A row is a prompt followed by one or more answers that share it: the
 * prompt is computed once, every answer sees the prompt and itself, no answer sees another. Rows are packed without
 * padding (the fast path) or padded to equal length (the plain path).
 */

/** A prompt (begin-of-text token included) and the answers that continue it; all hold at least one token id. */
export interface PromptRow {
  readonly prompt: ReadonlyArray<number>
  readonly answers: ReadonlyArray<ReadonlyArray<number>>
}

/** A batch of N input tokens that predicts M answer tokens of S answers (numbered row by row). */
export interface Layout {
  /** Input tokens and their positions, [N]. The last token of an answer predicts nothing and is no input. */
  readonly tokens: Int32Array
  readonly positions: Int32Array
  /** Number of inputs that are not padding. */
  readonly inputs: number
  /** Keys of each input, [N, 5]: ranges `[a0, a1)` and `[b0, b1)` of inputs, and the number of keys of all inputs before it. */
  readonly ranges: Int32Array
  /** Number of (input, key) pairs. */
  readonly keys: number
  /** The padded grid, `rows * length = N`; a packed batch is one row. */
  readonly grid: { readonly rows: number; readonly length: number }
  /** For each answer token: the input that predicts it, the token id, its answer, [M]. */
  readonly targetRows: Int32Array
  readonly targets: Int32Array
  readonly targetAnswers: Int32Array
  /** Tokens per answer, [S]. */
  readonly answerLengths: Int32Array
}

/** Inputs that a row takes. */
const inputsOf = (row: PromptRow): number =>
  row.answers.reduce((sum, answer) => sum + answer.length - 1, row.prompt.length)

/** Positions that a row takes: its longest answer after the prompt. */
const positionsOf = (row: PromptRow): number =>
  row.prompt.length + Math.max(...row.answers.map((answer) => answer.length)) - 1

class LayoutWriter {
  readonly tokens: Int32Array
  readonly positions: Int32Array
  readonly ranges: Int32Array
  readonly targetRows: Int32Array
  readonly targets: Int32Array
  readonly targetAnswers: Int32Array
  readonly answerLengths: Array<number> = []
  input = 0
  keys = 0
  #target = 0

  constructor(inputs: number, targets: number) {
    this.tokens = new Int32Array(inputs)
    this.positions = new Int32Array(inputs)
    this.ranges = new Int32Array(5 * inputs)
    this.targetRows = new Int32Array(targets)
    this.targets = new Int32Array(targets)
    this.targetAnswers = new Int32Array(targets)
  }

  /** One input that sees `[a0, a1)` and from `b0` to itself. */
  addInput(token: number, position: number, a0: number, a1: number, b0: number): void {
    const n = this.input
    this.tokens[n] = token
    this.positions[n] = position
    this.ranges.set([a0, a1, b0, n + 1, this.keys], 5 * n)
    this.keys += a1 - a0 + n + 1 - b0
    this.input += 1
  }

  addTarget(row: number, token: number): void {
    this.targetRows[this.#target] = row
    this.targets[this.#target] = token
    this.targetAnswers[this.#target] = this.answerLengths.length
    this.#target += 1
  }

  addRow(row: PromptRow): void {
    const start = this.input
    const promptEnd = start + row.prompt.length
    row.prompt.forEach((token, position) => {
      this.addInput(token, position, start, start, start)
    })
    for (const answer of row.answers) {
      const answerStart = this.input
      answer.forEach((token, j) => {
        this.addTarget(j === 0 ? promptEnd - 1 : answerStart + j - 1, token)
        if (j < answer.length - 1) this.addInput(token, row.prompt.length + j, start, promptEnd, answerStart)
      })
      this.answerLengths.push(answer.length)
    }
  }
}

const checkRow = (row: PromptRow, contextLength: number): void => {
  if (row.prompt.length === 0) throw new RangeError("layOut: a prompt is empty")
  if (row.answers.length === 0 || row.answers.some((answer) => answer.length === 0)) {
    throw new RangeError("layOut: an answer is empty")
  }
  if (positionsOf(row) > contextLength) {
    throw new RangeError(`layOut: a row takes ${positionsOf(row)} positions, the model has ${contextLength}`)
  }
}

/**
 * Lays rows out for one forward pass.
 * @param contextLength positions the model has
 * @param padded pad every row to the longest instead of packing; padding sees itself only and predicts nothing
 * @throws RangeError on an empty prompt or answer, or a row longer than the context
 */
export const layOut = (rows: ReadonlyArray<PromptRow>, contextLength: number, padded = false): Layout => {
  if (rows.length === 0) throw new RangeError("layOut: no rows")
  for (const row of rows) checkRow(row, contextLength)
  const length = Math.max(...rows.map(inputsOf))
  const inputs = rows.reduce((sum, row) => sum + inputsOf(row), 0)
  const size = padded ? rows.length * length : inputs
  const targets = rows.reduce((sum, row) => sum + row.answers.reduce((n, answer) => n + answer.length, 0), 0)
  const writer = new LayoutWriter(size, targets)
  rows.forEach((row, index) => {
    writer.addRow(row)
    while (padded && writer.input < (index + 1) * length) writer.addInput(0, 0, 0, 0, writer.input)
  })
  const { tokens, positions, ranges, keys, targetRows, targetAnswers } = writer
  return {
    ...{ tokens, positions, inputs, ranges, keys, targetRows, targetAnswers, targets: writer.targets },
    grid: padded ? { rows: rows.length, length } : { rows: 1, length: inputs },
    answerLengths: Int32Array.from(writer.answerLengths)
  }
}

/** Sums of token values [M] per answer: [S], in double precision. */
export const sumPerAnswer = (layout: Layout, values: ArrayLike<number>): Float64Array => {
  const sums = new Float64Array(layout.answerLengths.length)
  layout.targetAnswers.forEach((answer, m) => {
    sums[answer] = sums[answer]! + values[m]!
  })
  return sums
}
