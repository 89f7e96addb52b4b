/** @file How two loss programs stand, for people: the verdict, what differs, and the simplest input at which they part. */
import type { ProgramComparison, ProgramValue } from "../properties/programs.ts"
import { labelled, style } from "./output.ts"

const number = (value: number): string => String(Number(value.toPrecision(6)))

const valueText = ({ loss, dlw, dll }: ProgramValue): string =>
  `loss ${number(loss)}, gradient (${number(dlw)}, ${number(dll)})`

const upTo = ({ factor, constant }: NonNullable<ProgramComparison["equalUpTo"]>): string =>
  `the second is ${number(factor)} times the first${constant === 0 ? "" : ` ${constant < 0 ? "-" : "+"} ${number(Math.abs(constant))}`}`

/** The verdict in one sentence. */
export const programSentence = (a: string, b: string, { verdict, inputsTried }: ProgramComparison): string =>
  ({
    same: `${a} and ${b} are one function of their inputs (proved)`,
    differ: `${a} and ${b} are different functions of their inputs`,
    "no difference found": `no difference between ${a} and ${b} at ${inputsTried.toLocaleString("en-US")} inputs (no proof)`
  })[verdict]

/** The lines of a comparison of programs. */
export const programLines = (a: string, b: string, found: ProgramComparison): ReadonlyArray<string> => {
  const line = (label: string, text: string): ReadonlyArray<string> =>
    labelled(label, text, { column: 13 }).map((row, i) =>
      i === 0 && label !== "" ? row.replace(label, style.bold(label)) : row
    )
  const { difference, equalUpTo } = found
  return [
    ...line("programs", programSentence(a, b, found)),
    ...found.because.flatMap((reason) => line("differs", reason)),
    ...(difference === undefined
      ? []
      : [
          ...line(
            "at",
            Object.entries(difference.inputs)
              .map(([name, value]) => `${name} = ${value}`)
              .join(", ")
          ),
          ...line("", `${a}: ${valueText(difference.a)}`),
          ...line("", `${b}: ${valueText(difference.b)}`)
        ]),
    ...(equalUpTo === undefined ? [] : line("up to", `at all ${found.inputsTried} inputs tried ${upTo(equalUpTo)}`))
  ]
}
