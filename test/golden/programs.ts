/**
 * Prints the goldens with their encoded loss programs as JSON, `{"programs": {spec: program}, "goldens": [{...golden, spec}]}`:
 * what the tests of the Python worker read, so that they run on the programs of this very source.
 */
import * as Result from "effect/Result"
import { encodeProgram } from "../../src/loss/codec.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { goldens, specOf } from "../arbitraries/loss.ts"

const rows = goldens.map((golden) => ({ ...golden, spec: specOf(golden) }))
const programs = Object.fromEntries(
  rows.map(({ spec }) => [spec, encodeProgram(Result.getOrThrow(resolveLoss(spec)).program)])
)
process.stdout.write(JSON.stringify({ programs, goldens: rows }))
