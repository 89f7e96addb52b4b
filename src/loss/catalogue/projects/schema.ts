/**
 * Names that trainers give to losses. The same name is not the same mathematics everywhere: a name here is `project.loss`, takes
 * the project's own parameters with the project's own defaults, and says which loss that is. Two names that fill in to one loss
 * are one loss; where the catalogue has no entry for it the loss is an expression.
 */

interface Named {
  /** `project.loss`. */
  readonly name: string
  /** The project as people call it, with a version where versions differ. */
  readonly project: string
  readonly note?: string
  /** Repository, commit and file in which mathematics and defaults were read. */
  readonly checked: string
}

/** A trainer's name for a loss. */
export interface ProjectName extends Named {
  /** A LOSS text with holes: `{beta}`, `{beta*ratio}` (products) and `{1-alpha}` are filled with the parameters. */
  readonly loss: string
  /** The project's parameters with their defaults. */
  readonly params: Readonly<Record<string, number>>
}

/** A name that a project lists or listed, and refuses to compute. */
export interface RefusedName extends Named {
  /** Why, in a clause. */
  readonly refused: string
}

/** What one project contributes; `checked` and `project` are shared by all its names unless a name has its own. */
export const namesOf = (
  shared: { readonly project: string; readonly checked: string },
  prefix: string,
  names: Readonly<
    Record<string, Omit<ProjectName, "name" | "project" | "checked"> & Partial<Pick<Named, "project" | "checked">>>
  >
): ReadonlyArray<ProjectName> =>
  Object.entries(names).map(([loss, entry]) => ({ ...shared, ...entry, name: `${prefix}.${loss}` }))

/** beta with the default that most trainers share. */
export const beta = { beta: 0.1 } as const

export const sums = "log-probabilities summed over the answer's tokens"
export const means = "log-probabilities averaged over the answer's tokens"
