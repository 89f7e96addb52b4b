/** @file Claims, quantities and conditions in words. Pure. */
import { formulaTitle } from "../quantities/columns.ts"
import type { Quantity } from "../quantities/quantity.ts"
import type { Condition } from "../quantities/runs.ts"
import type { Selection } from "../quantities/select.ts"
import { type Bound, type Claim, checkOf } from "./claim.ts"

/** A condition in words: `clean, dpo, with reference`. */
export const conditionName = ({ environment, loss, reference, ceWeight }: Condition): string =>
  [environment, loss, ...(reference ? ["with reference"] : []), ...(ceWeight > 0 ? [`CE ${ceWeight}`] : [])].join(", ")

/** How a reading is called: `expectedReward at the end`. */
export const quantityName = ({ value, at = "final", across, fit }: Quantity): string => {
  const title = formulaTitle(String(value))
  if (fit) return `${fit.take} of the form ${fit.form} of ${title}`
  const read =
    typeof at === "object"
      ? "step" in at
        ? `${title} at step ${at.step}`
        : "kl" in at
          ? `${title} at KL ${at.kl}`
          : `first step with ${title} ${at.fall} below an earlier value`
      : {
          initial: `${title} at the start`,
          final: `${title} at the end`,
          max: `largest ${title}`,
          min: `smallest ${title}`,
          "argmax-step": `step of the largest ${title}`,
          "argmin-step": `step of the smallest ${title}`
        }[at]
  if (across === undefined) return read
  const x = typeof across.x === "object" ? quantityName(across.x) : formulaTitle(String(across.x))
  const statistic = { slope: "slope", "rank-correlation": "rank correlation", hypervolume: "hypervolume" }[
    across.statistic
  ]
  return `${statistic} of ${read} with ${x}`
}

const selectionText = (of: Selection): string =>
  Object.entries(of)
    .map(([key, value]) => {
      const of = typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : String(value)
      return key === "where" ? of.replaceAll(/[{}"]/g, "").replaceAll(":", " ") : `${key} ${of.replaceAll(",", " or ")}`
    })
    .join(", ")

const boundText = (bound: Bound, claim: Claim): string => {
  if (typeof bound !== "object") return String(bound)
  const { of, ...quantity } = bound
  const name = Object.keys(quantity).length === 0 ? "that" : quantityName({ ...claim, ...quantity } as Quantity)
  return of === undefined ? name : `${name} of ${selectionText(of)}`
}

/** The quantity of a claim; about a whole run there is no place where it is read. */
export const claimedName = (claim: Claim, quantity: Quantity): string =>
  ["increases", "decreases", "interiorMaximum"].includes(checkOf(claim))
    ? formulaTitle(String(quantity.value))
    : quantityName(quantity)

/** What is checked, in words. */
export const checkText = (claim: Claim): string => {
  const by = (amount: number | undefined) => (amount === undefined ? "" : ` by at least ${amount}`)
  switch (checkOf(claim)) {
    case "above":
      return `above ${boundText(claim.above!.than, claim)}${by(claim.above!.by)}`
    case "below":
      return `below ${boundText(claim.below!.than, claim)}${by(claim.below!.by)}`
    case "close":
      return `within ${claim.close!.within} of ${boundText(claim.close!.to, claim)}`
    case "between":
      return `between ${claim.between![0]} and ${claim.between![1]}`
    case "increases":
      return `rises along the run${by(claim.increases!.by)}`
    case "decreases":
      return `falls along the run${by(claim.decreases!.by)}`
    case "interiorMaximum":
      return `highest between the first and the last checkpoint${by(claim.interiorMaximum!.by)}`
  }
}
