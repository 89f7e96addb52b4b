/** @file From the arguments of `neighbourhood` and `interval` to a search: losses to structures, names to properties. */
import * as Effect from "effect/Effect"
import {
  type ExactProperty,
  type ExactPropertyName,
  exactPropertyTable,
  requirableProperties
} from "../../landscape/exactProperties.ts"
import { nonDegenerateSize, type SearchSpace } from "../../landscape/search/index.ts"
import { canonicalOrder, type Proposition, propositionParts } from "../../logic/proposition.ts"
import { maxPropositions } from "../../logic/rows.ts"
import { extendTo, type Semantics, type Structure } from "../../logic/structure.ts"
import { nearest } from "../../loss/nearest.ts"
import { fromInput, InputError } from "../failure.ts"
import { resolve } from "../losses.ts"
import { mostListed } from "./stream.ts"

const fail = (message: string) => Effect.fail(new InputError({ message }))

/** A loss as a search takes it: its rows and what they are rows of. */
export interface SearchedLoss {
  readonly spec: string
  readonly structure: Structure
  readonly semantics: Semantics
  readonly lengthNormalised: boolean
}

/** The structure of a LOSS text; links, beta and margin are not looked at. */
export const readSearchedLoss = (text: string): Effect.Effect<SearchedLoss, InputError> =>
  Effect.gen(function* () {
    const loss = yield* fromInput(resolve(text))
    const { structure, semantics, lengthNormalised, oddsBeta } = loss
    if (structure === undefined) {
      const reason = loss.refusal ?? "its rows carry weights"
      return yield* fail(`${text}: no single structure whose row marks could change: ${reason}`)
    }
    if (oddsBeta !== 1) {
      return yield* fail(`${text}: oddsBeta is ${oddsBeta}; properties are decided at oddsBeta=1, leave it out`)
    }
    return { spec: text, structure, semantics, lengthNormalised }
  })

/** The declared propositions with those asked for, in the order of losses. */
export const searchedPropositions = (
  declared: ReadonlyArray<Proposition>,
  asked: ReadonlyArray<Proposition>,
  semantics: Semantics
): Effect.Effect<ReadonlyArray<Proposition>, InputError> =>
  Effect.suspend(() => {
    const propositions = canonicalOrder([...declared, ...asked])
    if (propositions.length > maxPropositions) {
      return fail(
        `--propositions: with those of the loss ${propositions.length}, ${propositions.join(", ")}; at most ${maxPropositions}`
      )
    }
    if (semantics === "relative" && propositions.some((p) => propositionParts(p).model === "Ref")) {
      return fail("--propositions: the relative reading weighs M by the reference: leave out the Ref propositions")
    }
    return Effect.succeed(propositions)
  })

/** The loss's structure over more propositions. */
export const overPropositions = ({ structure }: SearchedLoss, propositions: ReadonlyArray<Proposition>): Structure =>
  extendTo(structure, propositions)

const numberOf = (name: ExactPropertyName): string | undefined => (exactPropertyTable[name] as ExactProperty).number

/** Property names (or numbers, `P9`) of `--require`, separated by commas. */
export const readRequired = (
  texts: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ExactPropertyName>, InputError> =>
  Effect.forEach(
    texts.flatMap((text) => text.split(",")).map((text) => text.trim()),
    (text) => {
      const known = requirableProperties.find((name) => name === text || numberOf(name) === text)
      return known === undefined
        ? fail(`--require: unknown property "${text}"; ${nearest(text, requirableProperties)}`)
        : Effect.succeed(known)
    }
  )

/** The space with the required properties that prune its search, and the others. */
export const withRequired = (
  space: SearchSpace,
  required: ReadonlyArray<ExactPropertyName>
): { readonly space: SearchSpace; readonly require: ReadonlyArray<ExactPropertyName> } => {
  const monotone = required.includes("strictly-monotone")
    ? "strict"
    : required.includes("preference-monotone")
      ? "weak"
      : undefined
  const antisymmetric = required.includes("swap-antisymmetric")
  return {
    space: { ...space, ...(monotone === undefined ? {} : { monotone }), ...(antisymmetric ? { antisymmetric } : {}) },
    require: required.filter(
      (name) => !["strictly-monotone", "preference-monotone", "swap-antisymmetric"].includes(name)
    )
  }
}

/** Refuses to list what is too large and has no property that prunes. */
export const checkListable = (space: SearchSpace): Effect.Effect<void, InputError> =>
  Effect.suspend(() => {
    const size = nonDegenerateSize(space)
    if (size <= BigInt(mostListed) || space.monotone !== undefined || space.antisymmetric) return Effect.void
    return fail(
      `${size.toLocaleString("en-US")} structures, more than the ${mostListed.toLocaleString("en-US")} that are listed: require preference-monotone, strictly-monotone or swap-antisymmetric, take a smaller part, or count them with --count`
    )
  })
