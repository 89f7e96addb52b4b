/** @file `losslattice map`: the map of one loss, drawn on demand. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type LossMapOptions, lossMapSpec, lossMapTitle } from "../../experiments/figures/drawing/lossMap.ts"
import { plainSetting } from "../../experiments/figures/drawing/lossSurface.ts"
import type { AxisKind } from "../../experiments/figures/drawing/mapPanel.ts"
import { compileKernel } from "../../loss/kernel.ts"
import { displacementShares, rests, type Shares } from "../../maps/displacement.ts"
import { defaultSettings, mappability } from "../../maps/mapped.ts"
import { drawPairs, type PairColumns } from "../../maps/measure.ts"
import { drawTo } from "../drawing.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { resolve } from "../losses.ts"
import { printJson, tableLines } from "../output.ts"

interface MapInput {
  readonly loss: string
  readonly axes: AxisKind
  readonly reference: Option.Option<string>
  readonly lengths: Option.Option<string>
  readonly out: Option.Option<string>
  readonly json: boolean
}

const fail = (message: string) => Effect.fail(new InputError({ message }))

interface Pair {
  readonly chosen: number
  readonly rejected: number
}

/** Two numbers, separated by a comma, each allowed by `allows`. */
const readPair = (
  flag: string,
  text: Option.Option<string>,
  otherwise: Pair,
  allowed: string,
  allows: (pair: Pair) => boolean
) => {
  if (Option.isNone(text)) return Effect.succeed(otherwise)
  const parts = text.value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)))
  const [chosen, rejected] = parts
  const isPair = parts.length === 2 && chosen !== undefined && rejected !== undefined && parts.every(Number.isFinite)
  if (isPair && allows({ chosen, rejected })) return Effect.succeed({ chosen, rejected })
  return fail(`--${flag}: expected ${allowed}, found "${text.value}"`)
}

const isProbability = (p: number): boolean => p > 0 && p < 1
const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1

const optionsOf = ({ axes, reference, lengths }: MapInput): Effect.Effect<LossMapOptions, InputError> =>
  Effect.gen(function* () {
    const probabilities =
      "the reference's probabilities of chosen and rejected, above 0 with a sum below 1, such as 0.2,0.4"
    return {
      axes,
      reference: yield* readPair("reference", reference, plainSetting.reference, probabilities, (pair) =>
        [pair.chosen, pair.rejected, pair.chosen + pair.rejected].every(isProbability)
      ),
      lengths: yield* readPair(
        "lengths",
        lengths,
        plainSetting.lengths,
        "two token counts from 1, such as 4,8",
        (pair) => [pair.chosen, pair.rejected].every(isCount)
      )
    }
  })

/** The measure's policies, at the map's reference and token counts. */
const columnsAt = ({ reference, lengths }: LossMapOptions): PairColumns => {
  const columns = drawPairs(defaultSettings)
  const constant = (value: number) => new Float64Array(defaultSettings.points).fill(value)
  return {
    ...columns,
    rw: constant(Math.log(reference.chosen)),
    rl: constant(Math.log(reference.rejected)),
    nw: constant(lengths.chosen),
    nl: constant(lengths.rejected)
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const page = (title: string, shares: Shares): string =>
  [
    title,
    "",
    ...tableLines([
      ["share of policies where a softmax step", "lowers chosen", "raises rejected"],
      ...rests.map((rest) => [
        `further mass on ${rest.replace("-", " ")}`,
        percent(shares[rest].lowersChosen),
        percent(shares[rest].raisesRejected)
      ])
    ])
  ].join("\n")

/** Runs `map`. */
export const run = (input: MapInput): Effect.Effect<void, CliFailure, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const loss = yield* fromInput(resolve(input.loss))
    const able = mappability(loss)
    if (Result.isFailure(able)) return yield* fail(`${loss.spec} has no map: ${able.failure}`)
    const options = yield* optionsOf(input)
    const file = Option.getOrUndefined(input.out)
    if (file !== undefined) yield* drawTo(file, lossMapTitle(loss, options), () => lossMapSpec(loss, options))
    const shares = displacementShares(compileKernel(loss.program), columnsAt(options))
    const { axes, reference, lengths } = options
    yield* input.json
      ? printJson({ loss: loss.spec, axes, reference, lengths, displacement: shares, ...(file && { file }) })
      : Console.log(page(lossMapTitle(loss, options), shares))
    if (file !== undefined && !input.json) yield* Console.error(`wrote ${file}`)
  })
