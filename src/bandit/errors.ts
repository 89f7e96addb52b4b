/** Typed failures of the bandit laboratory. */
import * as Data from "effect/Data"

/** A cell or environment specification that cannot be run; every problem found is listed, one per entry. */
export class BanditSpecError extends Data.TaggedError("BanditSpecError")<{ readonly issues: ReadonlyArray<string> }> {
  override get message(): string {
    return this.issues.join("; ")
  }
}

/** Training met a number that is not finite, at the named step (0 = before the first update), and stopped. */
export class TrainingDiverged extends Data.TaggedError("TrainingDiverged")<{
  readonly step: number
  readonly quantity: "loss" | "gradient" | "parameter"
  readonly value: number
}> {
  override get message(): string {
    return `step ${this.step}: the ${this.quantity} is ${this.value}`
  }
}
