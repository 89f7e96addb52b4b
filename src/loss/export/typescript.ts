/** Export as one self-contained TypeScript function: loss and derivatives of one pair. */
import type { Loss } from "../loss.ts"
import type { Op, Program } from "../program.ts"
import { argumentName, functionName, headerLines, statementsOf } from "./statements.ts"

const helpers: Readonly<Record<string, string>> = {
  softplus: "const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))",
  sigmoid: `const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x))
  return x >= 0 ? 1 / (1 + e) : e / (1 + e)
}`,
  log1mexp: `const log1mexp = (x: number): number =>
  x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))`,
  logaddexp:
    "const logaddexp = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))",
  scaleExp: `const scaleExp = (a: number, x: number): number => {
  if (a === 0) return 0
  const factor = Math.exp(x)
  return factor < Infinity ? a * factor : Math.sign(a) * Math.exp(x + Math.log(Math.abs(a)))
}`
}

const templates: Readonly<Record<Op, (...args: ReadonlyArray<string>) => string>> = {
  neg: (x) => `-${x}`,
  exp: (x) => `Math.exp(${x})`,
  expm1: (x) => `Math.expm1(${x})`,
  log: (x) => `Math.log(${x})`,
  log1p: (x) => `Math.log1p(${x})`,
  log1mexp: (x) => `log1mexp(${x})`,
  sigmoid: (x) => `sigmoid(${x})`,
  logsigmoid: (x) => `-softplus(-${x})`,
  softplus: (x) => `softplus(${x})`,
  abs: (x) => `Math.abs(${x})`,
  sqrt: (x) => `Math.sqrt(${x})`,
  stopGradient: (x) => `${x}`,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  pow: (a, b) => `${a} ** ${b}`,
  max: (a, b) => `Math.max(${a}, ${b})`,
  min: (a, b) => `Math.min(${a}, ${b})`,
  logaddexp: (a, b) => `logaddexp(${a}, ${b})`,
  scaleExp: (a, x) => `scaleExp(${a}, ${x})`,
  less: (a, b) => `${a} < ${b} ? 1 : 0`,
  atMost: (a, b) => `${a} <= ${b} ? 1 : 0`,
  where: (c, a, b) => `${c} !== 0 ? ${a} : ${b}`
}

/** The declared inputs that some node reads: a binding of the others would not pass `noUnusedLocals`. */
const readInputs = ({ inputs, nodes }: Program): ReadonlyArray<string> =>
  inputs.filter((name) => nodes.some((node) => node.op === "input" && "name" in node && node.name === name))

/** The loss as a TypeScript module that imports nothing: interface of the inputs, parameters with defaults, one function. */
export const typescriptOf = (loss: Loss): string => {
  const { program } = loss
  const statements = statementsOf(program)
  const nameOf = (id: number): string => statements[id]!.name
  const lines = statements.flatMap(({ name, operation }) =>
    operation === undefined ? [] : [`const ${name} = ${templates[operation.op](...operation.args.map(nameOf))}`]
  )
  const code = lines.join("\n")
  const used = Object.entries(helpers).filter(([name]) => new RegExp(`\\b${name}\\(`).test(code))
  const params = Object.entries(program.params)
  const gradients = { lw: undefined, ll: undefined, ...program.outputs.gradients }
  const results = Object.entries(gradients).map(
    ([name, id]) => [`d${name}`, id === undefined ? "0" : nameOf(id)] as const
  )
  const signature =
    params.length === 0 ? "inputs: PairInputs" : "inputs: PairInputs, params: PairParams = defaultParams"
  return `${[
    `/**\n${headerLines(loss)
      .map((line) => ` * ${line.replaceAll("*/", "*\\/")}`)
      .join("\n")}\n */`,
    ...used.map(([, text]) => text),
    `/** One pair: log-probabilities in nats (l: policy, r: reference), token counts n. */\nexport interface PairInputs {\n${program.inputs.map((name) => `  readonly ${name}: number`).join("\n")}\n}`,
    ...(params.length === 0
      ? []
      : [
          `export interface PairParams {\n${params.map(([name]) => `  readonly ${name}: number`).join("\n")}\n}`,
          `export const defaultParams: PairParams = { ${params.map(([name, value]) => `${name}: ${value}`).join(", ")} }`
        ]),
    [
      `/** The loss and its derivatives by the policy's log-probabilities, all other inputs fixed. */`,
      `export const ${functionName(loss)} = (${signature}): { readonly loss: number${results.map(([name]) => `; readonly ${name}: number`).join("")} } => {`,
      ...readInputs(program).map((name) => `  const ${argumentName(name)} = inputs.${name}`),
      ...params.map(([name]) => `  const ${argumentName(name)} = params.${name}`),
      ...lines.map((line) => `  ${line}`),
      `  return { loss: ${nameOf(program.outputs.loss)}, ${results.map(([name, value]) => `${name}: ${value}`).join(", ")} }`,
      "}"
    ].join("\n")
  ].join("\n\n")}\n`
}
