/** Losses that go by one name in different places. */
import { getCatalogueEntry } from "./index.ts"
import { filledLoss, projectNames, refusedNames } from "./projects/index.ts"

/** A name and the LOSS that it stands for; `refused` instead where its project computes none. */
export interface SameName {
  readonly name: string
  readonly is?: string
  readonly refused?: string
}

/** What a project calls the loss: the part after the dot, without the version of another library that it depends on. */
const calledAs = (name: string): string => name.slice(name.lastIndexOf(".") + 1).replace(/_trl\d+$/, "")

/** The other places that use the name: the survey's id or alias, and every project's, at the projects' defaults. */
export const sameNames = (name: string): ReadonlyArray<SameName> => {
  const called = calledAs(name)
  const entry = name === called ? undefined : getCatalogueEntry(called)
  const isOther = (other: { readonly name: string }): boolean => other.name !== name && calledAs(other.name) === called
  return [
    ...(entry === undefined ? [] : [{ name: called, is: entry.id }]),
    ...projectNames.filter(isOther).map((other) => ({ name: other.name, is: filledLoss(other) })),
    ...refusedNames.filter(isOther).map(({ name: other, refused }) => ({ name: other, refused }))
  ]
}
