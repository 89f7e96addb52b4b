/** Answers to the page's exact questions, with src/explain and src/landscape as they are. */
import * as Result from "effect/Result"
import { compareLosses } from "../../../explain/comparison.ts"
import { explainLoss } from "../../../explain/explanation.ts"
import { certificatesText } from "../../../landscape/certificate.ts"
import { catalogueStructures } from "../../../loss/catalogueLoss.ts"
import { resolveLoss } from "../../../loss/resolve.ts"
import type { Answer, Question } from "./protocol.ts"

const failed = (failure: string): Answer => ({ kind: "failure", failure })

const explain = (text: string): Answer => {
  const loss = resolveLoss(text)
  if (Result.isFailure(loss)) return failed(loss.failure.message)
  const explanation = explainLoss(loss.success, catalogueStructures(), [], { certificates: true })
  const evidence = explanation.expressible ? (explanation.evidence ?? {}) : {}
  const proofs = Object.fromEntries(
    Object.entries(evidence).flatMap(([name, { certificates }]) =>
      certificates === undefined || certificates.length === 0 ? [] : [[name, certificatesText(certificates)]]
    )
  )
  return { kind: "explain", explanation, proofs }
}

const compare = (first: string, second: string): Answer => {
  const [a, b] = [resolveLoss(first), resolveLoss(second)]
  if (Result.isFailure(a)) return failed(a.failure.message)
  if (Result.isFailure(b)) return failed(b.failure.message)
  const comparison = compareLosses(a.success, b.success)
  return Result.isFailure(comparison)
    ? failed(comparison.failure.message)
    : { kind: "compare", comparison: comparison.success }
}

/** The answer to a question; what no refusal foresees becomes a failure as well. */
export const answer = (question: Question): Answer => {
  try {
    return question.kind === "explain" ? explain(question.loss) : compare(question.a, question.b)
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}
