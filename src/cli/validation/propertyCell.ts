/** @file One property of one loss, on whatever thread: what `validate` spreads over cores. */
import * as Result from "effect/Result"
import type { Json } from "../../experiments/canonical.ts"
import type { Loss } from "../../loss/loss.ts"
import { bareLoss } from "../../properties/bare.ts"
import { askedProperties, examineProperty } from "../../properties/validate.ts"
import type { PropertyResult } from "../../properties/verdict.ts"
import { resolve } from "../losses.ts"

/** Which property of which loss, and how long to search. */
export interface PropertySpec {
  /** A LOSS text, as typed. */
  readonly loss: string
  /** A name of a property, as asked for. */
  readonly property: string
  readonly runs: number
  readonly seed: number
  /** Only the program is looked at, not what the loss says about itself. Default false. */
  readonly bare?: boolean
}

/** The last loss is kept: all tasks of a command are about one, and what is decided of it is kept with it. */
let last: { readonly spec: string; readonly loss: Loss; readonly bare: Loss } | undefined

/** Says what a LOSS text stands for, where it is resolved already. */
export const rememberLoss = (spec: string, loss: Loss): void => {
  last = { spec, loss, bare: bareLoss(loss) }
}

const lossOf = (spec: string, bare: boolean): Loss => {
  if (last?.spec !== spec)
    rememberLoss(
      spec,
      Result.getOrThrowWith(resolve(spec), (error) => error)
    )
  return bare ? last!.bare : last!.loss
}

/** The result on one property. @throws the error of a LOSS or property name that is none */
export const examine = ({ loss, property, runs, seed, bare = false }: PropertySpec): PropertyResult => {
  const [[name, found]] = Result.getOrThrowWith(askedProperties([property]), (error) => error) as [
    readonly [string, Parameters<typeof examineProperty>[1]]
  ]
  return examineProperty(lossOf(loss, bare), found, { runs, seed, name })
}

/** @param spec a {@link PropertySpec} */
export const runCell = (spec: Json): PropertyResult => examine(spec as unknown as PropertySpec)
