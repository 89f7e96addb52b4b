/** @file Figures that commands draw on demand: the file's name says the format. */
import { extname } from "node:path"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { FigureSpec } from "../experiments/figures/figure.ts"
import { type RenderedFigure, renderSpec } from "../experiments/figures/render.ts"
import { writeAtomic, writingProblem } from "../experiments/files.ts"
import { InputError } from "./failure.ts"

const formats = { ".svg": "svg", ".pdf": "pdf", ".png": "png" } as const satisfies Record<string, keyof RenderedFigure>

type Format = (typeof formats)[keyof typeof formats]

/** The file format, by the name's ending. */
const formatOf = (file: string): Effect.Effect<Format, InputError> => {
  const ending = extname(file).toLowerCase()
  return ending in formats
    ? Effect.succeed(formats[ending as keyof typeof formats])
    : Effect.fail(
        new InputError({ message: `--out ${file}: expected a name that ends in ${Object.keys(formats).join(", ")}` })
      )
}

/** Draws a figure into the file that `--out` names. */
export const drawTo = (
  file: string,
  title: string,
  spec: () => FigureSpec
): Effect.Effect<void, InputError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const format = yield* formatOf(file)
    const drawn = yield* Effect.promise(() => renderSpec(title, spec()))
    yield* Effect.mapError(
      writeAtomic(file, drawn[format]),
      (error) => new InputError({ message: `--out ${file}: cannot be written: ${writingProblem(error)}` })
    )
  })
