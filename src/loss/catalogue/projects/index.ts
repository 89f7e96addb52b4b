/** All names that trainers give to losses, by project: one more name is one entry of its project's file. */
import { authors, authorsRefused } from "./authors.ts"
import { halos } from "./halos.ts"
import { liger, ligerRefused } from "./liger.ts"
import { llamafactory, llamafactoryRefused } from "./llamafactory.ts"
import { msswift } from "./msswift.ts"
import { nemo } from "./nemo.ts"
import { openinstruct } from "./openinstruct.ts"
import { openrlhf } from "./openrlhf.ts"
import type { ProjectName, RefusedName } from "./schema.ts"
import { trl, trlRefused } from "./trl.ts"
import { trlOlder } from "./trlOlder.ts"

export type { ProjectName, RefusedName } from "./schema.ts"

/** All names, by project. */
export const projectNames: ReadonlyArray<ProjectName> = [
  ...trl,
  ...trlOlder,
  ...openrlhf,
  ...halos,
  ...llamafactory,
  ...openinstruct,
  ...nemo,
  ...liger,
  ...msswift,
  ...authors
]

/** Names that projects list or listed, and do not compute. */
export const refusedNames: ReadonlyArray<RefusedName> = [
  ...trlRefused,
  ...llamafactoryRefused,
  ...ligerRefused,
  ...authorsRefused
]

const byName: ReadonlyMap<string, ProjectName> = new Map(projectNames.map((entry) => [entry.name, entry]))
const refusedByName: ReadonlyMap<string, RefusedName> = new Map(refusedNames.map((entry) => [entry.name, entry]))

/** The project's name, for a text `project.loss`; undefined for any other. */
export const getProjectName = (name: string): ProjectName | undefined => byName.get(name)

/** The name that a project refuses; undefined for any other text. */
export const getRefusedName = (name: string): RefusedName | undefined => refusedByName.get(name)

/** A hole's value: a parameter, a product of parameters, or 1 less a parameter. */
const holeValue = (hole: string, parameter: (name: string) => number): number =>
  hole.startsWith("1-")
    ? 1 - parameter(hole.slice(2))
    : hole.split("*").reduce((value, name) => value * parameter(name), 1)

/** The LOSS text of a name with the parameters given; those not given have the project's defaults. */
export const filledLoss = ({ loss, params }: ProjectName, given: Readonly<Record<string, number>> = {}): string =>
  loss.replace(/\{([^}]*)\}/g, (_, hole: string) => String(holeValue(hole, (name) => given[name] ?? params[name]!)))
