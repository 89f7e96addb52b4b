import * as Effect from "effect/Effect"
import { printJson } from "../output.ts"
export const run = (_input: { readonly json: boolean }) =>
  Effect.andThen(Effect.void, printJson({ node: process.version }))
