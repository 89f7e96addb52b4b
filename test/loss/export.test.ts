import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { catalogue, catalogueIds } from "../../src/loss/catalogue/index.ts"
import { type ExportFormat, exportFormats, exportLoss } from "../../src/loss/export/index.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import type { Loss } from "../../src/loss/loss.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { type Golden, goldens, outputs, specOf, tolerance } from "../arbitraries/loss.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-export-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const resolve = (spec: string): Loss => Result.getOrThrow(resolveLoss(spec))
const exported = (spec: string, format: ExportFormat): string => Result.getOrThrow(exportLoss(resolve(spec), format))

const others = [
  "rows:TF,FF/FT?link=squared&margin=0.5&beta=2",
  "rows:0b11110010/0b00001100@M(w),M(l),M(y3)",
  "sce?semantics=relative&oddsBeta=0.5&lengthNormalised=true",
  "ratio:(p_w+1)/p_l",
  "expr:lambda*max(0, 1-(lw-ll))+where(lw<ll, lw^2, 0)?lambda=0.5",
  "rows:/FT"
]

const hasPython = spawnSync("python3", ["--version"]).status === 0

describe("loss files", () => {
  it.each([...catalogueIds, ...others])("of %s read back to the same loss", (spec) => {
    const loss = resolve(spec)
    const text = exported(spec, "json")
    expect(Result.getOrThrow(resolveLoss("a/loss.json", () => text))).toEqual(loss)
    expect(Result.getOrThrow(exportLoss(resolve(spec), "json"))).toBe(text)
  })

  it("are refused where a parameter's name is more than a name, which an export would write into code", () => {
    const read = (name: string): string => {
      const text = exported("expr:gamma*lw?gamma=2", "json").replaceAll('"gamma"', `"${name}"`)
      const result = resolveLoss("a/loss.json", () => text)
      return Result.isFailure(result) ? result.failure.message : ""
    }
    expect(read("gamma = boom()")).toContain('"gamma = boom()" is no parameter name')
    expect(read("lw")).toContain('"lw" is an input and a parameter')
    expect(read("delta")).toBe("")
  })
})

describe("exports", () => {
  it("are the same text every time, in every format", () => {
    for (const format of exportFormats)
      expect(exported("uncpo?link=hinge", format)).toBe(exported("uncpo?link=hinge", format))
  })

  it("of degenerate structures are data only", () => {
    expect(Result.isSuccess(exportLoss(resolve("rows:/FT"), "latex"))).toBe(true)
    const code = exportLoss(resolve("rows:/FT"), "typescript")
    expect(Result.isFailure(code) && code.failure.message).toMatch(/degenerate/)
  })

  it("keep a loss file's own words in the comment that they stand in", () => {
    const file = { ...JSON.parse(exported("uncpo", "json")), title: 'A"""\n*/ boom()', spec: "B*/\u2028boom() /*" }
    const loss = Result.getOrThrow(resolveLoss("a/loss.json", () => JSON.stringify(file)))
    const [typescript, python] = (["typescript", "pytorch"] as const).map((format) =>
      Result.getOrThrow(exportLoss(loss, format))
    )
    const comment = typescript!.slice(0, typescript!.indexOf("*/"))
    const docstring = python!.slice(0, python!.indexOf('"""', 3))
    for (const [code, head] of [
      [typescript!, comment],
      [python!, docstring]
    ] as const) {
      expect(head.match(/boom/g)).toHaveLength(2)
      expect(code.match(/boom/g)).toHaveLength(2)
      expect(head.split(/[\n\u2028]/).filter((line) => line.includes("boom"))).toHaveLength(2)
    }
  })

  it("rename a parameter that is called as the exported helpers are", () => {
    expect(exported("expr:lw*softplus + softplus(ll)?softplus=2", "typescript")).toContain("lw * softplus_")
  })

  it("for TRL are refused where its trainer lacks an input or the loss is no function of a pair", () => {
    const reason = (spec: string): string => {
      const result = exportLoss(resolve(spec), "trl")
      return Result.isFailure(result) ? result.failure.message : ""
    }
    expect(reason("rebel")).toMatch(/s_w; s_l/)
    expect(reason("kto")).toMatch(/kl \(a statistic of the batch/)
    expect(reason("aot")).toMatch(/sorting them over the whole batch/)
    expect(exported("dpo", "trl")).toContain("class PairLossTrainer(DPOTrainer)")
    expect(exported("cpo_core", "trl")).not.toContain("compute_ref_log_probs")
  })
})

/** Golden rows with the double-precision kernel's values where it is more exact than a golden's floor says. */
const misses = (golden: Golden, got: Readonly<Record<string, number>>): ReadonlyArray<string> =>
  outputs.flatMap((name, k) =>
    Math.abs(got[name]! - golden[name]) <= tolerance(golden[name], golden.cond[k]!)
      ? []
      : [`${specOf(golden)} ${name}: ${got[name]}, golden ${golden[name]}`]
  )

describe("exported TypeScript", () => {
  it("stands alone and meets every golden", async () => {
    const found: Array<string> = []
    for (const { id } of catalogue) {
      const file = join(folder, `${id}.ts`)
      writeFileSync(file, exported(id, "typescript"))
      const module = (await import(pathToFileURL(file).href)) as Record<
        string,
        (inputs: object, params: object) => Record<string, number>
      >
      const compute = Object.entries(module).find(([name]) => name !== "defaultParams")![1]
      for (const golden of goldens) {
        // Parameters change the program's shape where they change what a loss is (bco_pair at beta = 1): by file, then.
        if (golden.id !== id || resolve(specOf(golden)).program.nodes.length !== resolve(id).program.nodes.length)
          continue
        const params = { ...(module.defaultParams as unknown as object), ...golden.params }
        found.push(...misses(golden, compute(golden.inputs, params)))
      }
    }
    expect(found).toEqual([])
  })

  it("type-checks under strict rules, unused names among them", () => {
    const specs = ["ce_odds", "unlikelihood", "dpop", "kto", "ratio:p_w/(1-p_w)", ...others.slice(0, -1)]
    const files = specs.map((spec, k) => {
      const file = join(folder, `strict${k}.ts`)
      writeFileSync(file, exported(spec, "typescript"))
      return file
    })
    const options = ["--noEmit", "--strict", "--noUnusedLocals", "--noUnusedParameters", "--target", "es2023"]
    const compiler = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url))
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, "--moduleDetection", "force", ...files], {
      cwd: folder,
      encoding: "utf8"
    })
    expect(stdout).toBe("")
  })

  it("of other losses gives the kernel's values", async () => {
    const at = { lw: -1.2, ll: -2.1, rw: -1.5, rl: -1.7, nw: 3, nl: 5, ly3: -3 }
    for (const [k, spec] of others.slice(0, -1).entries()) {
      const file = join(folder, `other${k}.ts`)
      writeFileSync(file, exported(spec, "typescript"))
      const { pair_loss } = (await import(pathToFileURL(file).href)) as {
        pair_loss: (inputs: object) => Record<string, number>
      }
      const expected = compileKernel(resolve(spec).program).evaluate(at)
      expect(pair_loss(at)).toMatchObject({ loss: expected.loss, dlw: expected.dlw, dll: expected.dll })
    }
  })
})

describe.runIf(hasPython)("exported Python", () => {
  /** Runs a Python text in the folder, where `torch` is the stand-in; returns its output. */
  const python = (code: string): string => {
    const result = spawnSync("python3", ["-c", code], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 })
    if (result.status !== 0) throw new Error(result.stderr)
    return result.stdout
  }

  it("runs on floats and meets every golden, the gradient through the autograd function too", () => {
    copyFileSync(new URL("floatTorch.py", import.meta.url), join(folder, "torch.py"))
    for (const [k, golden] of goldens.entries())
      writeFileSync(join(folder, `golden${k}.py`), exported(specOf(golden), "pytorch"))
    const cases = goldens.map((golden, k) => {
      const { inputs } = resolve(specOf(golden)).program
      return { module: `golden${k}`, inputs: inputs.map((name) => golden.inputs[name]), names: inputs }
    })
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases))
    const output = python(`
import importlib, json
results = []
for case in json.load(open("cases.json")):
    module = importlib.import_module(case["module"])
    name = module.__all__[0]
    args = [float(x) for x in case["inputs"]]
    loss, gradients = module.value_and_gradients(*args)
    value, by_argument = getattr(module, name)(*args)
    assert value == loss
    named = dict(zip(case["names"], by_argument[1:]))
    assert all(named[k] == v for k, v in gradients.items()), case
    results.append([loss, named.get("lw") or 0.0, named.get("ll") or 0.0])
print(json.dumps(results))
`)
    const results = JSON.parse(output) as ReadonlyArray<readonly [number, number, number]>
    expect(
      goldens.flatMap((golden, k) => misses(golden, { loss: results[k]![0], dlw: results[k]![1], dll: results[k]![2] }))
    ).toEqual([])
  })

  it("for TRL compiles, and its loss is the same code", () => {
    mkdirSync(join(folder, "trl"), { recursive: true })
    for (const id of ["dpo", "simpo", "uncpo", "irpo", "orpo"]) {
      const file = join(folder, `trl_${id}.py`)
      const text = exported(id, "trl")
      writeFileSync(file, text)
      expect(spawnSync("python3", ["-m", "py_compile", file], { encoding: "utf8" }).stderr).toBe("")
      const definition = /def value_and_gradients[\s\S]*?\n\n\n/.exec(exported(id, "pytorch"))![0]
      expect(text).toContain(definition)
    }
  })
})
