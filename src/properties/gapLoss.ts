/** Losses of DPO's log-ratio gap h = log π(w)/π_ref(w) - log π(l)/π_ref(l) alone. */
import { makeStructure, type Structure, withReference } from "../logic/structure.ts"
import { needsPopulation } from "./population.ts"
import type { LossSubject } from "./subject.ts"

const propositions = ["M(w)", "M(l)"]
const cpo = makeStructure(propositions, 0b1010n, 0b1100n)
const orpo = makeStructure(propositions, 0b0010n, 0b0100n)

const isRows = (structure: Structure, other: Structure): boolean =>
  structure.propositions.join() === other.propositions.join() &&
  structure.ticks === other.ticks &&
  structure.crosses === other.crosses

/** Whether rho is h: CPO's rows with a reference, or ORPO's rows in the relative reading. */
export const isGapLoss = ({ loss, agrees }: LossSubject): boolean =>
  loss.structure !== undefined &&
  agrees &&
  loss.oddsBeta === 1 &&
  (loss.semantics === "relative" ? isRows(loss.structure, orpo) : isRows(loss.structure, withReference(cpo)))

/** `appliesTo` of the theorems about IPO: a population loss of h alone. */
export const needsGapLoss = (subject: LossSubject): true | string => {
  const population = needsPopulation(subject)
  if (population !== true) return population
  if (subject.extras.length > 0) return `the loss also reads ${subject.extras.join(", ")}`
  return isGapLoss(subject)
    ? true
    : "the statement is about losses of the log-ratio gap h alone (DPO, IPO, SLiC on h, …)"
}
