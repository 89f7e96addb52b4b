/** Shared by the tests of properties: losses by spec, losses broken on purpose, laws that every arbitrary of cases obeys. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { expect } from "vitest"
import type { Loss } from "../../src/loss/loss.ts"
import type { Node, NodeId, Program } from "../../src/loss/program.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { findProperty } from "../../src/properties/registry.ts"
import { type CaseArbitrary, compareComplexity } from "../../src/properties/shrink.ts"
import { type Validation, validateLoss } from "../../src/properties/validate.ts"
import type { PropertyResult } from "../../src/properties/verdict.ts"
import type { Weights } from "../../src/properties/weights.ts"

/** The loss of a spec that is known to be right. */
export const lossOf = (spec: string): Loss => {
  const loss = resolveLoss(spec)
  if (Result.isFailure(loss)) throw new RangeError(`${spec}: ${loss.failure.message}`)
  return loss.success
}

/** All verdicts, or those of the named properties. */
export const verdictsOf = (loss: Loss, names?: ReadonlyArray<string>, seed = 1, runs = 100): Validation =>
  Result.getOrThrow(validateLoss(loss, { ...(names === undefined ? {} : { properties: names }), seed, runs }))

/** The result of one property. */
export const resultOf = (loss: Loss, name: string, seed = 1, runs = 100): PropertyResult =>
  verdictsOf(loss, [name], seed, runs).results[0]!

/** The property of a name that is known to exist. */
export const propertyOf = (name: string) => Result.getOrThrow(findProperty(name))

const negated = (program: Program): Program => {
  const nodes: Array<Node> = [...program.nodes]
  const negate = (id: NodeId): NodeId => nodes.push({ op: "neg", args: [id] }) - 1
  const { loss, gradients } = program.outputs
  const outputs = {
    loss: negate(loss),
    gradients: Object.fromEntries(Object.entries(gradients).map(([name, id]) => [name, negate(id)]))
  }
  return { ...program, nodes, outputs }
}

/** The loss with its program's sign turned round, everything it claims about itself unchanged. */
export const wrongSign = (loss: Loss): Loss => ({ ...loss, program: negated(loss.program) })

const otherAnswer: Readonly<Record<string, string>> = { lw: "ll", ll: "lw", rw: "rl", rl: "rw" }

/** The loss with chosen and rejected exchanged inside its program only. */
export const swappedPair = (loss: Loss): Loss => {
  const rename = (name: string): string => otherAnswer[name] ?? name
  const { nodes, inputs, outputs } = loss.program
  const program: Program = {
    ...loss.program,
    nodes: nodes.map((node) => (node.op === "input" ? { op: "input", name: rename(node.name) } : node)),
    inputs: inputs.map(rename),
    outputs: {
      loss: outputs.loss,
      gradients: Object.fromEntries(Object.entries(outputs.gradients).map(([name, id]) => [rename(name), id]))
    }
  }
  return { ...loss, program }
}

/** The loss whose program reads 0 for both of the reference's log-probabilities. */
export const droppedReference = (loss: Loss): Loss => {
  const nodes = loss.program.nodes.map(
    (node): Node =>
      node.op === "input" && (node.name === "rw" || node.name === "rl") ? { op: "const", value: 0 } : node
  )
  const inputs = loss.program.inputs.filter((name) => name !== "rw" && name !== "rl")
  return { ...loss, inputs, program: { ...loss.program, nodes, inputs } }
}

/** Weights of the given number of arms. */
export const weightsOf = (arms: number): fc.Arbitrary<Weights> =>
  fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: arms, maxLength: arms })

/**
 * The laws of an arbitrary of cases: equal seeds give equal cases; every case is valid, also after a trip through JSON;
 * every case offered while shrinking is valid and strictly simpler; shrinking ends.
 */
export const expectCaseLaws = (arbitrary: CaseArbitrary<unknown>, seed: number): void => {
  const draw = (): ReadonlyArray<unknown> => fc.sample(arbitrary, { seed, numRuns: 50 })
  const cases = draw()
  expect(draw()).toEqual(cases)
  expect(new Set(cases.map((value) => JSON.stringify(value))).size).toBeGreaterThan(10)
  const { shape } = arbitrary
  for (const value of cases) {
    expect(shape.isCase(value)).toBe(true)
    expect(shape.isCase(JSON.parse(JSON.stringify(value)))).toBe(true)
  }
  for (const value of cases.slice(0, 5)) {
    for (const simpler of arbitrary.shrink(value).take(400)) {
      expect(shape.isCase(simpler.value)).toBe(true)
      expect(compareComplexity(shape.complexity(simpler.value), shape.complexity(value))).toBeLessThan(0)
    }
  }
  // Always taking the first offer walks to a case that has nothing simpler.
  let current = cases[0]
  for (let steps = 0; ; steps++) {
    expect(steps).toBeLessThan(200)
    const next = arbitrary.shrink(current).next()
    if (next.done) break
    current = next.value.value
  }
}
