/**
 * All published names of losses by what they are: classes of equal core ratio (docs/theory.md §7, on the same probabilities), and
 * within them classes of equal loss, link, beta and margin included.
 */
import * as Result from "effect/Result"
import { sameLoss } from "../landscape/equality.ts"
import { relativeTwin } from "../logic/decompile/relative.ts"
import { type AnyStructure, isWeighted } from "../logic/structure.ts"
import { structureSpec } from "../logic/structureText.ts"
import { catalogue } from "../loss/catalogue/index.ts"
import { filledLoss, projectNames, type RefusedName, refusedNames } from "../loss/catalogue/projects/index.ts"
import { encodeProgram } from "../loss/codec.ts"
import type { Loss } from "../loss/loss.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { pairInputsMean } from "./programs.ts"

/** One name with what it stands for at its default parameters. */
export interface LossName {
  readonly name: string
  /** `catalogue` for ids, `alias`, or the project whose name it is. */
  readonly project: string
  /** The LOSS that it is. */
  readonly is: string
  readonly probabilities: "whole answers" | "per token"
  readonly link: string
  readonly note?: string
  /** Where a trainer's name was read. */
  readonly checked?: string
  /** Numbers of its classes, from 1: of equal rho (absent where no single ratio expresses it), and of equal losses. */
  readonly ratioClass?: number
  readonly lossClass: number
}

/** A class of equal ratios. */
export interface RatioClass {
  readonly number: number
  /** A structure of the class, absolute where it has one. */
  readonly structure: string
  readonly probabilities: LossName["probabilities"]
  readonly names: ReadonlyArray<string>
}

/** The table. */
export interface NameTable {
  readonly names: ReadonlyArray<LossName>
  readonly ratioClasses: ReadonlyArray<RatioClass>
  readonly lossClasses: ReadonlyArray<ReadonlyArray<string>>
  /** Names that projects list and do not compute. */
  readonly refused: ReadonlyArray<RefusedName>
}

interface Named {
  readonly name: string
  readonly project: string
  readonly is: string
  readonly note?: string
  readonly checked?: string
  readonly loss: Loss
}

const resolved = (name: string): Loss =>
  Result.getOrThrowWith(resolveLoss(name), ({ message }) => new RangeError(`lossNames: ${message}`))

const everyName = (): ReadonlyArray<Named> => [
  ...catalogue.flatMap(({ id, aliases }): ReadonlyArray<Named> => {
    const loss = resolved(id)
    return [
      { name: id, project: "catalogue", is: id, loss },
      ...aliases.map((name) => ({ name, project: "alias", is: id, loss }))
    ]
  }),
  ...projectNames.map((entry): Named => {
    const { name, project, note, checked } = entry
    const is = filledLoss(entry)
    return { name, project, is, ...(note === undefined ? {} : { note }), checked, loss: resolved(name) }
  })
]

/** Whether two losses have one rho on the same probabilities, in whatever readings they are given. */
const haveSameRatio = (a: Loss, b: Loss): boolean => {
  const [x, y] = [a.structure ?? a.weighted, b.structure ?? b.weighted]
  if (x === undefined || y === undefined) return false
  if (a.lengthNormalised !== b.lengthNormalised || a.oddsBeta !== b.oddsBeta) return false
  if (a.semantics === b.semantics) return sameLoss(x, y)
  const relative = (loss: Loss, structure: AnyStructure): AnyStructure | undefined =>
    loss.semantics === "relative"
      ? structure
      : isWeighted(structure)
        ? undefined
        : Result.getOrUndefined(relativeTwin(structure))
  const [first, second] = [relative(a, x), relative(b, y)]
  return first !== undefined && second !== undefined && sameLoss(first, second)
}

const isSame = (a: Loss, b: Loss): boolean => pairInputsMean(a) === pairInputsMean(b) && haveSameProgram(a, b)

const haveSameProgram = (a: Loss, b: Loss): boolean =>
  JSON.stringify(encodeProgram(a.program)) === JSON.stringify(encodeProgram(b.program)) ||
  (haveSameRatio(a, b) &&
    a.link.kind !== "custom" &&
    a.link.kind === b.link.kind &&
    typeof a.link.beta === "number" &&
    typeof a.link.margin === "number" &&
    a.link.beta === b.link.beta &&
    a.link.margin === b.link.margin)

/** Classes of an equivalence, members in order; losses that occur many times are compared once. */
const classesOf = (losses: ReadonlyArray<Named>, same: (a: Loss, b: Loss) => boolean): ReadonlyArray<Array<Named>> => {
  const classes: Array<Array<Named>> = []
  const known = new Map<string, Array<Named>>()
  for (const one of losses) {
    const place = known.get(one.is) ?? classes.find(([first]) => same(first!.loss, one.loss))
    if (place === undefined) classes.push([one])
    else place.push(one)
    known.set(one.is, place ?? classes.at(-1)!)
  }
  return classes
}

const linkText = ({ link }: Loss): string =>
  link.kind === "custom" ? "custom" : `${link.kind}, beta ${link.beta}, margin ${link.margin}`

const specOf = ({ structure, weighted, semantics }: Loss): string =>
  structure === undefined
    ? `${weighted!.propositions.join(", ")} with weighted rows`
    : `${structureSpec(structure)}${semantics === "relative" ? "?semantics=relative" : ""}`

/** The table of all names. */
export const lossNames = (): NameTable => {
  const all = everyName()
  const byRatio = classesOf(
    all.filter(({ loss }) => (loss.structure ?? loss.weighted) !== undefined),
    haveSameRatio
  )
  const byLoss = classesOf(all, isSame)
  const numberIn = (classes: ReadonlyArray<ReadonlyArray<Named>>, one: Named): number =>
    classes.findIndex((members) => members.includes(one)) + 1
  const probabilities = ({ lengthNormalised }: Loss) => (lengthNormalised ? "per token" : "whole answers")
  return {
    names: all.map((one) => {
      const ratioClass = numberIn(byRatio, one)
      return {
        name: one.name,
        project: one.project,
        is: one.is,
        probabilities: probabilities(one.loss),
        link: linkText(one.loss),
        ...(one.note === undefined ? {} : { note: one.note }),
        ...(one.checked === undefined ? {} : { checked: one.checked }),
        ...(ratioClass === 0 ? {} : { ratioClass }),
        lossClass: numberIn(byLoss, one)
      }
    }),
    ratioClasses: byRatio.map((members, i) => ({
      number: i + 1,
      structure: specOf(members[0]!.loss),
      probabilities: probabilities(members[0]!.loss),
      names: members.map(({ name }) => name)
    })),
    lossClasses: byLoss.map((members) => members.map(({ name }) => name)),
    refused: refusedNames
  }
}

/** The names whose ratio is the loss's. */
export const namesWithRatio = (loss: Loss): ReadonlyArray<string> =>
  everyName()
    .filter((one) => haveSameRatio(one.loss, loss))
    .map(({ name }) => name)
