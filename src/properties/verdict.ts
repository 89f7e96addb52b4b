/**
 * What a property's examination can say. `proved` and `refuted` by exact decision are about all weightings at once;
 * `held` counts the cases that were tried; `refuted` always comes with a counterexample or a witness.
 */
import type { Certificate } from "../landscape/certificate.ts"
import type { Witness } from "../landscape/verdict.ts"

/** The verdict of one property on one loss. */
export type Verdict = "proved" | "held" | "refuted" | "undecided" | "not-applicable"

/** All verdicts, in the order in which tables list them. */
export const verdicts: ReadonlyArray<Verdict> = ["proved", "held", "refuted", "undecided", "not-applicable"]

/** An exact decision: no sampling; the certificate says why it is so, the witness where it fails. */
export type Decision =
  | { readonly verdict: "proved"; readonly certificate: string; readonly proof?: ReadonlyArray<Certificate> }
  | {
      readonly verdict: "refuted"
      readonly witness: string
      readonly proof?: ReadonlyArray<Certificate>
      readonly point?: Witness
      /** A case that shows it, for the property's search to simplify. */
      readonly case?: unknown
    }
  | { readonly verdict: "undecided"; readonly reason: string }

/** A property tried on one case. `outside` names the condition of the property that the case does not meet. */
export type Outcome =
  | {
      readonly holds: boolean /** How far inside (positive) or outside (negative) the claim. */
      readonly margin: number
    }
  | { readonly outside: string }

/** One line of a printed bandit: name and role of the arm, then whatever the property speaks about. */
export type ArmRow = Readonly<Record<string, string | number>>

/** A case in words: its arms, the numbers it speaks of, one paragraph. */
export interface Description {
  readonly arms: ReadonlyArray<ArmRow>
  readonly facts: Readonly<Record<string, string | number>>
  readonly explanation: string
}

/** A failing case, ready for JSON: the bandit, the case itself (to try it again) and both as readable text. */
export interface Counterexample extends Description {
  readonly case: unknown
  readonly text: string
  /** fast-check's path: with the seed, it leads back to this case without shrinking again. */
  readonly path?: string
}

/** The verdict of one property on one loss with its evidence, as `validate` prints it. */
export interface PropertyResult {
  readonly property: string
  readonly id: string
  readonly title: string
  readonly statement: string
  readonly verdict: Verdict
  readonly runs?: number
  readonly shrinks?: number
  readonly counterexample?: Counterexample
  /** Why an exact verdict holds, in words; `proof` is the part that a checker can verify. */
  readonly certificate?: string
  readonly proof?: ReadonlyArray<Certificate>
  /** The exact point that refutes, where a point does. */
  readonly witness?: Witness
  /** Why there is no verdict, or why an exact one was not used. */
  readonly reason?: string
}
