import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { lossWithGradient, programToTensors, type Tf } from "../../src/loss/tensors.ts"
import { type Golden, goldens, outputs, specOf, tolerance } from "../arbitraries/loss.ts"

let tf: Tf

beforeAll(async () => {
  tf = await import("@tensorflow/tfjs")
  const wasm = await import("@tensorflow/tfjs-backend-wasm")
  wasm.setWasmPaths(new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).pathname)
  await tf.setBackend("wasm")
  await tf.ready()
})

afterAll(() => tf.disposeVariables())

const rounded = (golden: Golden): Record<string, number> =>
  Object.fromEntries(Object.entries(golden.inputs).map(([name, value]) => [name, Math.fround(value)]))

/** Smallest normal float32: what is below it may be flushed to zero. */
const float32Floor = 1.2e-38

/**
 * A golden in float32 against the double-precision kernel on the same, rounded inputs. Rows whose bound exceeds 0.1 say
 * nothing: they are returned by name, and counted below.
 */
const compare = (golden: Golden): { readonly misses: ReadonlyArray<string>; readonly loose: ReadonlyArray<string> } => {
  const { program } = Result.getOrThrow(resolveLoss(specOf(golden)))
  const inputs = rounded(golden)
  const expected = compileKernel(program).evaluate(inputs)
  const tensors = Object.fromEntries(program.inputs.map((name) => [name, tf.tensor1d([inputs[name]!])]))
  const { loss, gradients } = programToTensors(tf, program)(tensors)
  const got = {
    loss: loss.dataSync()[0]!,
    dlw: gradients.lw?.dataSync()[0] ?? 0,
    dll: gradients.ll?.dataSync()[0] ?? 0
  }
  tf.dispose([loss, ...Object.values(gradients), ...Object.values(tensors)])
  const misses: Array<string> = []
  const loose: Array<string> = []
  for (const [k, name] of outputs.entries()) {
    const cond = golden.cond[k]!
    const row = `${specOf(golden)} ${name} at ${JSON.stringify(golden.inputs)}`
    if (cond !== null && 16 * 2 ** -23 * (1 + cond) > 0.1) loose.push(row)
    else if (!(Math.abs(got[name] - expected[name]) <= tolerance(expected[name], cond, 2 ** -23, float32Floor))) {
      misses.push(`${row}: ${got[name]}, kernel ${expected[name]}`)
    }
  }
  return { misses, loose }
}

describe.each(["wasm", "cpu"])("programs on the %s back end", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend)
  })

  it("meet every golden in float32, but for the listed rows whose bound exceeds 0.1", () => {
    const found = goldens.map(compare)
    expect(found.flatMap(({ misses }) => misses)).toEqual([])
    expect(found.flatMap(({ loose }) => loose).map((row) => row.split(" at ")[0])).toEqual([
      "fdpo_forward_kl?beta=0.1 loss",
      "fdpo_forward_kl?beta=0.1 dlw",
      "fdpo_forward_kl?beta=0.1 dll",
      "fdpo_alpha?beta=0.1&alpha=0.5 loss",
      "fdpo_alpha?beta=0.1&alpha=0.5 dlw",
      "fdpo_alpha?beta=0.1&alpha=0.5 dll",
      "simper loss"
    ])
  })

  it("keep no tensors but their results", () => {
    const { program } = Result.getOrThrow(resolveLoss("sce"))
    const inputs = { lw: tf.tensor1d([-3, -4]), ll: tf.tensor1d([-2, -9]) }
    const before = tf.memory().numTensors
    const { loss, gradients } = programToTensors(tf, program)(inputs)
    expect(tf.memory().numTensors - before).toBe(3)
    tf.dispose([loss, gradients.lw!, gradients.ll!, inputs.lw, inputs.ll])
  })

  it("give TensorFlow.js the symbolic gradient of the mean loss", () => {
    const { program } = Result.getOrThrow(resolveLoss("dpo"))
    const meanLoss = lossWithGradient(tf, program)
    const [rw, rl] = [tf.tensor1d([-3, -4, -5]), tf.tensor1d([-3, -4, -6])]
    const inputs = [tf.tensor1d([-2, -5, -7]), tf.tensor1d([-3, -3, -9])] as const
    const { value, grads } = tf.valueAndGrads((lw, ll) => meanLoss({ lw: lw!.as1D(), ll: ll!.as1D(), rw, rl }))([
      ...inputs
    ])
    const expected = [0, 1, 2].map((k) => {
      const at = {
        lw: inputs[0].arraySync()[k]!,
        ll: inputs[1].arraySync()[k]!,
        rw: rw.arraySync()[k]!,
        rl: rl.arraySync()[k]!
      }
      return compileKernel(program).evaluate(at)
    })
    expect(value.dataSync()[0]).toBeCloseTo(
      expected.reduce((sum, { loss }) => sum + loss / 3, 0),
      6
    )
    expect([...grads[0]!.dataSync()]).toEqual(expected.map(({ dlw }) => expect.closeTo(dlw / 3, 7)))
    expect([...grads[1]!.dataSync()]).toEqual(expected.map(({ dll }) => expect.closeTo(dll / 3, 7)))
  })

  it("name an input that is missing or of another length", () => {
    const run = programToTensors(tf, Result.getOrThrow(resolveLoss("sce")).program)
    const [one, two] = [tf.tensor1d([-3]), tf.tensor1d([-3, -2])]
    expect(() => run({ lw: one })).toThrow(/"ll" is missing/)
    expect(() => run({ lw: one, ll: two })).toThrow(/different lengths/)
  })
})
