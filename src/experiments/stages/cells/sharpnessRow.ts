/** @file The record of how sharp a loss is where training ended, whatever was trained. */
import type { Sharpness } from "../../../surface/trained.ts"
import type { SharpnessRow } from "../../figures/drawing/surfaceRows.ts"
import { classField } from "../lossFacts.ts"
import { nineDigits } from "./nineDigits.ts"

/** @param value loss there, nats @param parameters how many there are */
export const sharpnessRow = (
  { study, seed }: { readonly study: string; readonly seed: number },
  loss: string,
  { value, parameters }: { readonly value: number; readonly parameters: number },
  { top, smallest, trace }: Sharpness
): SharpnessRow => ({
  kind: "sharpness",
  study,
  loss,
  ...classField(loss),
  seed,
  value: nineDigits(value),
  parameters,
  top: top.map((one) => nineDigits(one.value)),
  residual: nineDigits(Math.max(...top.map(({ residual }) => residual))),
  smallest: nineDigits(smallest.value),
  trace: nineDigits(trace.mean),
  traceError: nineDigits(trace.standardError)
})
