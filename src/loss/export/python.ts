/**
 * The body of a loss as Python on torch tensors: value and symbolic derivatives, and a function that torch differentiates
 * by them. Autograd through the value would lose the digits that the exact derivatives keep.
 */
import type { Loss } from "../loss.ts"
import type { Op } from "../program.ts"
import { argumentName, functionName, type Statement, statementsOf } from "./statements.ts"

const helpers: Readonly<Record<string, string>> = {
  _softplus: `def _softplus(x):
    return torch.maximum(x, torch.zeros_like(x)) + torch.log1p(torch.exp(-torch.abs(x)))`,
  _sigmoid: `def _sigmoid(x):
    e = torch.exp(-torch.abs(x))
    return torch.where(x >= 0, torch.ones_like(x), e) / (1 + e)`,
  _log1mexp: `def _log1mexp(x):
    return torch.where(x > -math.log(2), torch.log(-torch.expm1(x)), torch.log1p(-torch.exp(x)))`,
  _logaddexp: `def _logaddexp(a, b):
    return torch.maximum(a, b) + torch.log1p(torch.exp(-torch.abs(a - b)))`,
  _scale_exp: `def _scale_exp(a, x):
    factor = torch.exp(x)
    by_logs = torch.sign(a) * torch.exp(x + torch.log(torch.abs(a)))
    product = torch.where(torch.isfinite(factor), a * factor, by_logs)
    return torch.where(a == 0, torch.zeros_like(product), product)`
}

/** Operations on tensors; scalars have been made tensors where torch wants them. */
const tensorOps: Readonly<Record<Op, (...args: ReadonlyArray<string>) => string>> = {
  neg: (x) => `-${x}`,
  exp: (x) => `torch.exp(${x})`,
  expm1: (x) => `torch.expm1(${x})`,
  log: (x) => `torch.log(${x})`,
  log1p: (x) => `torch.log1p(${x})`,
  log1mexp: (x) => `_log1mexp(${x})`,
  sigmoid: (x) => `_sigmoid(${x})`,
  logsigmoid: (x) => `-_softplus(-${x})`,
  softplus: (x) => `_softplus(${x})`,
  abs: (x) => `torch.abs(${x})`,
  sqrt: (x) => `torch.sqrt(${x})`,
  stopGradient: (x) => `${x}`,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  pow: (a, b) => `torch.pow(${a}, ${b})`,
  max: (a, b) => `torch.maximum(${a}, ${b})`,
  min: (a, b) => `torch.minimum(${a}, ${b})`,
  logaddexp: (a, b) => `_logaddexp(${a}, ${b})`,
  scaleExp: (a, x) => `_scale_exp(${a}, ${x})`,
  less: (a, b) => `torch.where(${a} < ${b}, torch.ones_like(${a}), torch.zeros_like(${a}))`,
  atMost: (a, b) => `torch.where(${a} <= ${b}, torch.ones_like(${a}), torch.zeros_like(${a}))`,
  where: (c, a, b) => `torch.where(${c} != 0, ${a}, ${b})`
}

/** Operations on Python numbers: parameters among themselves. */
const numberOps: Readonly<Record<Op, (...args: ReadonlyArray<string>) => string>> = {
  ...tensorOps,
  exp: (x) => `math.exp(${x})`,
  expm1: (x) => `math.expm1(${x})`,
  log: (x) => `math.log(${x})`,
  log1p: (x) => `math.log1p(${x})`,
  log1mexp: (x) => `math.log(-math.expm1(${x}))`,
  sigmoid: (x) => `1 / (1 + math.exp(-${x}))`,
  logsigmoid: (x) => `-(max(-${x}, 0) + math.log1p(math.exp(-abs(${x}))))`,
  softplus: (x) => `max(${x}, 0) + math.log1p(math.exp(-abs(${x})))`,
  abs: (x) => `abs(${x})`,
  sqrt: (x) => `math.sqrt(${x})`,
  pow: (a, b) => `${a} ** ${b}`,
  max: (a, b) => `max(${a}, ${b})`,
  min: (a, b) => `min(${a}, ${b})`,
  logaddexp: (a, b) => `max(${a}, ${b}) + math.log1p(math.exp(-abs(${a} - ${b})))`,
  scaleExp: (a, x) => `${a} * math.exp(${x})`,
  less: (a, b) => `1.0 if ${a} < ${b} else 0.0`,
  atMost: (a, b) => `1.0 if ${a} <= ${b} else 0.0`,
  where: (c, a, b) => `${a} if ${c} != 0 else ${b}`
}

/** Operators take numbers beside tensors; torch's functions of two arguments do not. */
const takesNumbers: ReadonlySet<Op> = new Set<Op>(["neg", "add", "sub", "mul", "div"])

const assignment = (
  statements: ReadonlyArray<Statement>,
  { name, operation, varies }: Statement,
  like: string
): string => {
  const { op, args } = operation!
  const texts = args.map((arg) => {
    const statement = statements[arg]!
    return varies && !statement.varies && !takesNumbers.has(op)
      ? `torch.full_like(${like}, ${statement.name})`
      : statement.name
  })
  return `${name} = ${(varies ? tensorOps : numberOps)[op](...texts)}`
}

/** Python of a loss in pieces. */
export interface PythonLoss {
  /** Name of the differentiable function. */
  readonly name: string
  /** Definitions: helpers, `value_and_gradients`, the autograd function, the loss function. */
  readonly code: string
  readonly inputs: ReadonlyArray<string>
}

const indented = (lines: ReadonlyArray<string>): string => lines.map((line) => `    ${line}`).join("\n")

/** The definitions of a loss on torch tensors; they need `import math` and `import torch` before them. */
export const pythonLoss = (loss: Loss): PythonLoss => {
  const { program } = loss
  const statements = statementsOf(program)
  const inputs = program.inputs.map(argumentName)
  const like = inputs[0] ?? "lw"
  const whole = (id: number): string => {
    const { name, varies } = statements[id]!
    return varies ? name : `torch.full_like(${like}, ${name})`
  }
  const lines = statements
    .filter(({ operation }) => operation !== undefined)
    .map((statement) => assignment(statements, statement, like))
  const body = lines.join("\n")
  const used = Object.entries(helpers).filter(([name]) => body.includes(`${name}(`))
  const params = Object.entries(program.params).map(([name, value]) => [argumentName(name), value] as const)
  const policy = Object.keys(program.outputs.gradients)
  const name = functionName(loss)
  const signature = [...inputs, ...(params.length === 0 ? [] : ["*"]), ...params.map(([p, value]) => `${p}=${value}`)]
  const passed = params.map(([p]) => `${p}=${p}`)
  const derivatives = policy.map((input) => `"${input}": ${whole(program.outputs.gradients[input]!)}`)
  const code = [
    ...used.map(([, text]) => text),
    `def value_and_gradients(${signature.join(", ")}):
    """Loss per pair, and its derivatives by the policy's log-probabilities, all other inputs fixed."""
${indented([...lines, `return ${whole(program.outputs.loss)}, {${derivatives.join(", ")}}`])}`,
    `class _PairLoss(torch.autograd.Function):
    """The value with the exact derivatives above as its gradient."""

    @staticmethod
    def forward(ctx, settings, ${inputs.join(", ")}):
        loss, gradients = value_and_gradients(${[...inputs, "**settings"].join(", ")})
        ctx.save_for_backward(${policy.map((input) => `gradients["${input}"]`).join(", ")})
        return loss

    @staticmethod
    def backward(ctx, grad_output):
        ${policy.length === 0 ? "return (None,) * " + (inputs.length + 1) : `${policy.map((input) => `d_${input}`).join(", ")}${policy.length === 1 ? "," : ""} = ctx.saved_tensors`}
        return (None, ${program.inputs.map((input) => (policy.includes(input) ? `grad_output * d_${input}` : "None")).join(", ")},)`,
    `def ${name}(${signature.join(", ")}):
    """Loss per pair, shape [pairs]; gradients flow to ${policy.join(" and ")}."""
    return _PairLoss.apply(dict(${passed.join(", ")}), ${inputs.join(", ")})`
  ]
  return { name, code: code.join("\n\n\n"), inputs }
}
