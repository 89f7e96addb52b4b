/**
 * What passes between the audit and the Python process that calls the user's code: calls with numbers, answers with numbers.
 * Python judges nothing; everything that is compared, shrunk or guessed is done here.
 */
import type { Point } from "./inputs.ts"

/** Floating-point type of the tensors of a call. */
export type Dtype = "float64" | "float32"

/** One call of the user's code: a batch of pairs, and the values of the loss's parameters that it is compared at. */
export interface Call {
  /** Why these numbers: `typical`, `zero margin`, `doubled batch`, … */
  readonly family: string
  readonly dtype: Dtype
  readonly params: Readonly<Record<string, number>>
  /** Inputs of every pair (nats, counts, scores); at least one row, all with the same names. */
  readonly rows: ReadonlyArray<Point>
}

/** One argument of what is called, as Python found it. */
export interface ArgumentInfo {
  readonly name: string
  readonly required: boolean
  /** The default, where it is plain data. */
  readonly default: boolean | number | string | null
}

/** What Python found at the target. */
export interface TargetInfo {
  readonly kind: "function" | "class" | "trainer"
  /** Arguments of a class's constructor. */
  readonly made: ReadonlyArray<ArgumentInfo>
  readonly arguments: ReadonlyArray<ArgumentInfo>
  readonly torch: string
  readonly trl?: string
  readonly note?: string
}

/**
 * What a call gave. Gradients are those of the pair's own loss where a loss per pair came back, of the one number otherwise;
 * null where autograd saw no dependence. Values may be NaN or infinite.
 */
export interface Answer {
  readonly losses?: ReadonlyArray<number>
  readonly value?: number
  readonly gradients?: Readonly<Record<string, ReadonlyArray<number> | null>>
  readonly dtype?: string
  /** The exception's type and text, when one was raised. */
  readonly error?: string
}

/** Where an argument's value comes from, as Python reads it. */
export type Source =
  | { readonly input: string }
  | { readonly param: string }
  | { readonly constant: boolean | number | string | null }

/** A request: the arguments' sources, which part of the result is the loss, and the calls with values of `param` sources. */
export interface Request {
  readonly arguments: Readonly<Record<string, Source>>
  readonly returns: number | string | null
  readonly calls: ReadonlyArray<{
    readonly dtype: Dtype
    readonly rows: Readonly<Record<string, ReadonlyArray<number>>>
    readonly params: Readonly<Record<string, number>>
  }>
}

/** What runs the calls: a live Python process, or a stand-in of a test. */
export type Ask = (request: Request) => Promise<ReadonlyArray<Answer>>

/** Rows as columns. */
export const columnsOf = (rows: ReadonlyArray<Point>): Readonly<Record<string, ReadonlyArray<number>>> =>
  Object.fromEntries(Object.keys(rows[0] ?? {}).map((name) => [name, rows.map((row) => row[name]!)]))

const number = (value: unknown): number => (typeof value === "number" ? value : Number(value))

/** An answer as it came over the pipe: NaN and infinities are strings there. */
export const readAnswer = (json: unknown): Answer => {
  const { losses, value, gradients, dtype, error } = json as Record<string, unknown>
  if (typeof error === "string") return { error }
  const lists = Object.entries((gradients ?? {}) as Record<string, ReadonlyArray<unknown> | null>)
  return {
    ...(Array.isArray(losses) ? { losses: losses.map(number) } : { value: number(value) }),
    gradients: Object.fromEntries(lists.map(([name, list]) => [name, list === null ? null : list.map(number)])),
    ...(typeof dtype === "string" ? { dtype } : {})
  }
}
