/** @file `losslattice names`: published names by classes of equal losses. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { lossNames, type NameTable, namesWithRatio } from "../../properties/names.ts"
import { type CliFailure, fromInput } from "../failure.ts"
import { resolve } from "../losses.ts"
import { labelled, printJson, style, wrap } from "../output.ts"

interface NamesInput {
  readonly of: Option.Option<string>
  readonly json: boolean
}

const page = ({ names, ratioClasses, lossClasses, refused }: NameTable): string => {
  const others = names.filter(({ ratioClass }) => ratioClass === undefined)
  const line = (label: string, words: ReadonlyArray<string>) =>
    labelled(label, words.join(", "), { column: 4, indent: 2 })
  const projects = names.filter(({ project }) => project !== "catalogue" && project !== "alias")
  return [
    `${names.length} names of ${lossClasses.length} losses; ${ratioClasses.length} core ratios, and ${new Set(others.map(({ lossClass }) => lossClass)).size} losses that no single ratio expresses`,
    "",
    style.bold("one core ratio (link, beta and margin aside)"),
    ...ratioClasses.flatMap(({ number, structure, probabilities, names: members }) => [
      ...line(String(number), members),
      ...wrap(`${structure}, ${probabilities}`, 90).map((row) => `      ${style.dim(row)}`)
    ]),
    "",
    style.bold("no single ratio"),
    ...wrap(others.map(({ name }) => name).join(", "), 90).map((row) => `  ${row}`),
    "",
    style.bold("trainers' names, what they stand for at their defaults"),
    ...projects.flatMap(({ name, is, note }) =>
      labelled(name, note === undefined ? is : `${is}  (${note})`, { column: 30, indent: 2 })
    ),
    "",
    style.bold("names that their projects do not compute"),
    ...refused.flatMap(({ name, refused: reason }) => labelled(name, reason, { column: 30, indent: 2 }))
  ].join("\n")
}

/** Runs `names`. */
export const run = ({ of, json }: NamesInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    if (Option.isSome(of)) {
      const loss = yield* fromInput(resolve(of.value))
      const names = namesWithRatio(loss)
      yield* json
        ? printJson({ loss: of.value, names })
        : Console.log(names.length === 0 ? "no name" : names.join("\n"))
      return
    }
    const table = lossNames()
    yield* json ? printJson(table) : Console.log(page(table))
  })
