/**
 * The tensor back end: loss programs on TensorFlow.js (float32), value and symbolic derivatives in one pass. The library is
 * an argument, so importing this module loads nothing; it runs on the cpu and wasm back ends (and wherever expm1 and where
 * exist).
 */
import type * as TensorFlow from "@tensorflow/tfjs"
import { applyOperation } from "./numerics.ts"
import { isOperation, type Op, type Program, programFault } from "./program.ts"

/** The TensorFlow.js module. */
export type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor
type Tensor1D = TensorFlow.Tensor1D

/** Loss per pair, and its derivatives by the policy's log-probabilities, each of the shape of the inputs. */
export interface TensorEvaluation {
  readonly loss: Tensor1D
  readonly gradients: Readonly<Record<string, Tensor1D>>
}

/** A value inside a program: a number as long as no input is involved. */
type Value = number | Tensor

/**
 * `log(1 + x)` by Kahan's correction of the rounded sum: the wasm back end's own log1p takes the logarithm of the rounded
 * sum, which is 0 for |x| below 6e-8.
 */
const log1p = (tf: Tf, x: Tensor): Tensor => {
  const sum = tf.add(x, 1)
  const corrected = tf.mul(tf.log(sum), tf.div(x, tf.sub(sum, 1)))
  return tf.where(tf.equal(sum, 1), x, tf.where(tf.isFinite(sum), corrected, sum))
}

const softplus = (tf: Tf, x: Tensor): Tensor => tf.add(tf.relu(x), log1p(tf, tf.exp(tf.neg(tf.abs(x)))))

const sigmoid = (tf: Tf, x: Tensor): Tensor => {
  const e = tf.exp(tf.neg(tf.abs(x)))
  return tf.div(tf.where(tf.greaterEqual(x, 0), tf.onesLike(e), e), tf.add(e, 1))
}

// Each branch is evaluated everywhere; the one not taken may be infinite, which `where` drops.
const log1mexp = (tf: Tf, x: Tensor): Tensor =>
  tf.where(tf.greater(x, -Math.LN2), tf.log(tf.neg(tf.expm1(x))), log1p(tf, tf.neg(tf.exp(x))))

const logaddexp = (tf: Tf, a: Tensor, b: Tensor): Tensor =>
  tf.add(tf.maximum(a, b), log1p(tf, tf.exp(tf.neg(tf.abs(tf.sub(a, b))))))

const scaleExp = (tf: Tf, a: Tensor, x: Tensor): Tensor => {
  const factor = tf.exp(x)
  const byLogs = tf.mul(tf.sign(a), tf.exp(tf.add(x, tf.log(tf.abs(a)))))
  const product = tf.where(tf.isFinite(factor), tf.mul(a, factor), byLogs)
  return tf.where(tf.equal(a, 0), tf.zerosLike(product), product)
}

const indicator = (tf: Tf, condition: Tensor): Tensor => tf.cast(condition, "float32")

/** Every operation on tensors of one shape. */
const tensorOperations: Readonly<Record<Op, (tf: Tf, ...args: ReadonlyArray<Tensor>) => Tensor>> = {
  neg: (tf, x) => tf.neg(x!),
  exp: (tf, x) => tf.exp(x!),
  expm1: (tf, x) => tf.expm1(x!),
  log: (tf, x) => tf.log(x!),
  log1p: (tf, x) => log1p(tf, x!),
  log1mexp: (tf, x) => log1mexp(tf, x!),
  sigmoid: (tf, x) => sigmoid(tf, x!),
  logsigmoid: (tf, x) => tf.neg(softplus(tf, tf.neg(x!))),
  softplus: (tf, x) => softplus(tf, x!),
  abs: (tf, x) => tf.abs(x!),
  sqrt: (tf, x) => tf.sqrt(x!),
  stopGradient: (_, x) => x!,
  add: (tf, a, b) => tf.add(a!, b!),
  sub: (tf, a, b) => tf.sub(a!, b!),
  mul: (tf, a, b) => tf.mul(a!, b!),
  div: (tf, a, b) => tf.div(a!, b!),
  pow: (tf, a, b) => tf.pow(a!, b!),
  max: (tf, a, b) => tf.maximum(a!, b!),
  min: (tf, a, b) => tf.minimum(a!, b!),
  logaddexp: (tf, a, b) => logaddexp(tf, a!, b!),
  scaleExp: (tf, a, x) => scaleExp(tf, a!, x!),
  less: (tf, a, b) => indicator(tf, tf.less(a!, b!)),
  atMost: (tf, a, b) => indicator(tf, tf.lessEqual(a!, b!)),
  where: (tf, condition, a, b) => tf.where(tf.notEqual(condition!, 0), a!, b!)
}

/**
 * The program as a function of tensors. Numbers (parameters, constants) are combined in double precision before they meet
 * a tensor. Nothing is disposed of but intermediates: the results belong to the caller.
 * @throws RangeError when the graph is no program, or (when called) an input is missing or of another length
 */
export const programToTensors = (
  tf: Tf,
  program: Program
): ((inputs: Readonly<Record<string, Tensor1D>>) => TensorEvaluation) => {
  const fault = programFault(program)
  if (fault !== undefined) throw new RangeError(`programToTensors: ${fault}`)
  return (inputs) => {
    const size = checkInputs(program, inputs)
    return tf.tidy(() => {
      const values = forward(tf, program, inputs, size)
      const whole = (id: number): Tensor1D => {
        const value = values[id]!
        // A result may be an input itself: the caller disposes of both, so it gets a copy.
        return typeof value === "number" ? tf.fill([size], value) : (tf.clone(value) as Tensor1D)
      }
      const gradients = Object.entries(program.outputs.gradients).map(([name, id]) => [name, whole(id)] as const)
      return { loss: whole(program.outputs.loss), gradients: Object.fromEntries(gradients) }
    })
  }
}

const checkInputs = (program: Program, inputs: Readonly<Record<string, Tensor1D>>): number => {
  const sizes = program.inputs.map((name) => {
    const tensor = inputs[name]
    if (tensor === undefined) throw new RangeError(`programToTensors: input "${name}" is missing`)
    return tensor.size
  })
  const size = sizes[0] ?? Object.values(inputs)[0]?.size ?? 1
  if (sizes.some((other) => other !== size)) {
    throw new RangeError(`programToTensors: inputs of different lengths, ${sizes.join(", ")}`)
  }
  return size
}

const forward = (
  tf: Tf,
  program: Program,
  inputs: Readonly<Record<string, Tensor1D>>,
  size: number
): ReadonlyArray<Value> => {
  const values: Array<Value> = []
  const asTensor = (value: Value): Tensor => (typeof value === "number" ? tf.fill([size], value) : value)
  for (const node of program.nodes) {
    if (!isOperation(node)) {
      values.push(
        node.op === "const" ? node.value : node.op === "param" ? program.params[node.name]! : inputs[node.name]!
      )
      continue
    }
    const args = node.args.map((arg) => values[arg]!)
    const constants = args.filter((arg) => typeof arg === "number")
    if (constants.length === args.length) values.push(applyOperation(node.op, constants))
    else values.push(tensorOperations[node.op](tf, ...args.map(asTensor)))
  }
  return values
}

/**
 * The mean loss of a batch as a function that TensorFlow.js can differentiate: its gradient is the program's symbolic one.
 * @returns a function of the inputs by name (policy log-probabilities, reference log-probabilities, counts, scores, each of
 * shape [pairs]) to a scalar; gradients flow to the policy log-probabilities only
 */
export const lossWithGradient = (
  tf: Tf,
  program: Program
): ((inputs: Readonly<Record<string, Tensor1D>>) => TensorFlow.Scalar) => {
  const evaluate = programToTensors(tf, program)
  const policy = Object.keys(program.outputs.gradients).filter((name) => program.inputs.includes(name))
  return (inputs) => {
    const meanLoss = tf.customGrad((...args) => {
      const save = args.pop() as unknown as (tensors: ReadonlyArray<Tensor>) => void
      const current = Object.fromEntries(policy.map((name, k) => [name, args[k] as Tensor1D]))
      const { loss, gradients } = evaluate({ ...inputs, ...current })
      const count = loss.size
      save(policy.map((name) => gradients[name]!))
      const gradFunc = (dy: Tensor, saved: ReadonlyArray<Tensor>): Array<Tensor> =>
        saved.map((slope) => tf.mul(slope, tf.div(dy, count)))
      return { value: tf.mean(loss), gradFunc }
    })
    return meanLoss(...policy.map((name) => inputs[name]!)) as TensorFlow.Scalar
  }
}
