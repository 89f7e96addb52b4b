/** Exported Python under the real torch and TRL: goldens, its own checks, and training that starts at the program's loss. */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { findPython, workerEnvironment } from "../../src/finetune/python.ts"
import { catalogue } from "../../src/loss/catalogue/index.ts"
import { type ExportFormat, exportLoss } from "../../src/loss/export/index.ts"
import { interpret } from "../../src/loss/interpret.ts"
import type { Loss } from "../../src/loss/loss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { goldens, outputs, type Point, specOf, tolerance } from "../arbitraries/loss.ts"
import { requires } from "../requirements.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-export-torch-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const resolve = (spec: string): Loss => Result.getOrThrow(resolveLoss(spec))
const write = (name: string, spec: string, format: ExportFormat): void =>
  writeFileSync(join(folder, `${name}.py`), Result.getOrThrow(exportLoss(resolve(spec), format)))

/** Runs a Python file of the folder and reads the last line of its output. */
const run = (file: string): unknown => {
  const { command } = Result.getOrThrow(findPython())
  const env = { ...workerEnvironment(), HF_HUB_OFFLINE: "1", OMP_NUM_THREADS: "1" } as NodeJS.ProcessEnv
  const { status, stdout, stderr } = spawnSync(command, [file], {
    cwd: folder,
    encoding: "utf8",
    env,
    maxBuffer: 1 << 27
  })
  if (status !== 0) throw new Error(stderr.slice(-3000))
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as unknown
}

const others = [
  "rows:TF,FF/FT?link=squared&margin=0.5&beta=2",
  "sce?semantics=relative&oddsBeta=0.5",
  "expr:lambda*lw^2?lambda=0.5"
]

/** Losses of different kinds that DPOTrainer can feed. */
const trained = ["dpo?beta=0.5", "ipo_norm", "simpo", "orpo", "uncpo", "rows:TF,FF/FT?link=hinge&margin=40"]

describe.runIf(requires("python"))("exported for PyTorch", () => {
  it("meets every golden in float64, value and gradients by autograd, and in float32 at rounded inputs", () => {
    for (const [k, golden] of goldens.entries()) write(`golden${k}`, specOf(golden), "pytorch")
    const cases = goldens.map((golden, k) => ({
      module: `golden${k}`,
      inputs: resolve(specOf(golden)).inputs.map((name) => [name, golden.inputs[name]!] as const)
    }))
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases))
    copyFileSync(new URL("exportedGoldens.py", import.meta.url), join(folder, "exportedGoldens.py"))
    const results = run("exportedGoldens.py") as Readonly<Record<string, ReadonlyArray<ReadonlyArray<number>>>>
    const missed: Array<string> = []
    for (const [k, golden] of goldens.entries()) {
      const { program } = resolve(specOf(golden))
      const rounded = Object.fromEntries(Object.entries(golden.inputs).map(([name, x]) => [name, Math.fround(x)]))
      const single = interpret(program, rounded)
      for (const [j, name] of outputs.entries()) {
        const double = results.float64![k]![j]!
        if (!(Math.abs(double - golden[name]) <= tolerance(golden[name], golden.cond[j]!)))
          missed.push(`${specOf(golden)} ${name}: ${double}, golden ${golden[name]}`)
        // What float32 cannot hold is not asked of it: parameters are rounded as well, and the least and largest numbers are lost.
        const wanted = single[name]
        const narrow = Number(results.float32![k]![j]!)
        const allowed = tolerance(wanted, golden.cond[j] ?? 0, 2 ** -23, 1e-37)
        if (Math.abs(wanted) < 1e38 && golden.cond[j] !== null && !(Math.abs(narrow - wanted) <= allowed))
          missed.push(`${specOf(golden)} ${name} in float32: ${narrow}, should be ${wanted}`)
      }
    }
    expect(missed).toEqual([])
  })

  it("passes its own check, and fails it when a derivative is off", () => {
    const specs = [...catalogue.map(({ id }) => id), ...others]
    for (const [k, spec] of specs.entries()) write(`own${k}`, spec, "pytorch")
    const broken = Result.getOrThrow(exportLoss(resolve("dpo"), "pytorch")).replace(
      /"ll": (_\d+)\}$/m,
      '"ll": 1.01 * $1}'
    )
    expect(broken).toContain("1.01 *")
    writeFileSync(join(folder, "broken.py"), broken)
    writeFileSync(
      join(folder, "checks.py"),
      `import importlib, json
counts = [importlib.import_module(f"own{k}").check() for k in range(${specs.length})]
try:
    importlib.import_module("broken").check()
    failure = ""
except AssertionError as error:
    failure = str(error)
print(json.dumps({"counts": counts, "failure": failure}))
`
    )
    const { counts, failure } = run("checks.py") as { readonly counts: ReadonlyArray<number>; readonly failure: string }
    expect(counts.filter((count) => count < 24)).toEqual([])
    expect(failure).toMatch(/^dll at /)
  })
})

interface Trained {
  readonly checked: number
  readonly pairs: ReadonlyArray<Point>
  readonly losses: ReadonlyArray<number>
  readonly precomputed: number
  readonly metrics: ReadonlyArray<string>
  readonly moved: boolean
  readonly refused: Readonly<Record<string, string>>
}

describe.runIf(requires("python"))("exported for TRL", () => {
  it("trains with DPOTrainer from the program's loss on, and refuses what it would ignore", () => {
    for (const [k, spec] of trained.entries()) write(`trained${k}`, spec, "trl")
    copyFileSync(new URL("exportedTrl.py", import.meta.url), join(folder, "exportedTrl.py"))
    const results = run("exportedTrl.py") as ReadonlyArray<Trained>
    expect(results).toHaveLength(trained.length)
    for (const [k, { checked, pairs, losses, precomputed, metrics, moved, refused }] of results.entries()) {
      const { program, inputs } = resolve(trained[k]!)
      const wanted = pairs.reduce((sum, pair) => sum + interpret(program, pair).loss, 0) / pairs.length
      expect(checked, trained[k]).toBeGreaterThan(0)
      expect(pairs).toHaveLength(4)
      expect(losses[0]! / wanted, trained[k]).toBeCloseTo(1, 4)
      expect(precomputed / wanted, trained[k]).toBeCloseTo(1, 4)
      expect(moved, trained[k]).toBe(true)
      expect(losses.at(-1)!, trained[k]).toBeLessThan(losses[0]!)
      expect(metrics).toContain("logps/chosen")
      expect(metrics.includes("rewards/margins")).toBe(inputs.includes("rw"))
      for (const [setting, message] of Object.entries(refused)) expect(message, setting).toContain(setting)
      expect(Object.keys(refused)).toHaveLength(8)
    }
  })
})
