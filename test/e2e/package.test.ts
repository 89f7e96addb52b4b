/** The package as npm publishes it, installed in an empty folder: its command works, worker threads and assets included. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { root } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-package-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (command: string, args: ReadonlyArray<string>, cwd = folder) => {
  // The pinned Node comes first, as it does in npm scripts.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}`)
  return stdout
}

beforeAll(() => {
  run("npm", ["pack", "--silent", "--pack-destination", folder], root)
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", version: "1.0.0", private: true }))
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", `./${tarball}`])
}, 600_000)

describe("the packed package", () => {
  it("carries compiled code with types, configs and assets, and no source", () => {
    const installed = join(folder, "node_modules", "losslattice")
    for (const file of [
      "dist/index.js",
      "dist/index.d.ts",
      "dist/cli/bin.js",
      "dist/explorer/index.html",
      "configs/hello.yaml",
      "docs/config.schema.json",
      "docs/query.schema.json",
      "LICENSE",
      "README.md"
    ]) {
      expect(existsSync(join(installed, file)), file).toBe(true)
    }
    expect(existsSync(join(installed, "src"))).toBe(false)
  })

  it("answers from its command", () => {
    const loss = JSON.parse(run("npx", ["losslattice", "explain", "ratio:p_w*(1-p_l)/(p_l*(1-p_w))", "--json"])) as {
      readonly latticeName: string
    }
    expect(loss.latticeName).toBe("ORPO")
  })

  const library = `
    import * as Result from "effect/Result"
    import { compileKernel, encodeProgram, type Loss, resolveLoss } from "losslattice"
    import { nashEquilibrium } from "losslattice/bandit"
    import { decodeJob, referenceModelFolder, runTfjsJob, type TrainEvent } from "losslattice/finetune"
    import { formulaText, parseFormula } from "losslattice/logic"
    import { display, table } from "losslattice/notebook"

    const dpo: Loss = Result.getOrThrow(resolveLoss("dpo"))
    const zero: number = compileKernel(dpo.program).evaluate({ lw: -1, ll: -2, rw: -1, rl: -2 }).loss
    const text: string = formulaText(Result.getOrThrow(parseFormula("M(l) -> M(w)")))
    const pair = { prompt: "we must", chosen: " honor peace", rejected: " fear war" }
    const job = Result.getOrThrow(
      decodeJob({
        version: 1, id: "one", loss: { spec: "dpo", program: encodeProgram(dpo.program) }, seed: 1,
        model: referenceModelFolder("sotu-0.2m"), data: { pairs: [pair] }, steps: 1, batch_size: 1, learning_rate: 1e-4
      })
    )
    const events: Array<TrainEvent["event"]> = []
    for await (const event of runTfjsJob(job)) events.push(event.event)
    const support: ReadonlyArray<number> = nashEquilibrium(Float64Array.of(0.5, 0.6, 0.4, 0.5), 2).support
    const cells: string = table([{ zero: 0.5 }])[display]()["text/plain"]
    console.log(JSON.stringify({ zero, text, events, support, cells }))
  `

  it("is imported as a library, finetuning included", () => {
    writeFileSync(join(folder, "library.mts"), library)
    const found = JSON.parse(run(process.execPath, ["library.mts"])) as {
      readonly zero: number
    }
    expect(found).toEqual({
      zero: expect.closeTo(Math.LN2, 12),
      text: "M(l) -> M(w)",
      events: ["started", "step", "finished"],
      support: [0],
      cells: "zero\n 0.5"
    })
  })

  it("gives a TypeScript program its types, by either resolution", () => {
    const wrong = library.replace("zero: number", "zero: string")
    writeFileSync(join(folder, "library.mts"), library)
    writeFileSync(join(folder, "wrong.mts"), wrong)
    const check = (file: string, kind: ReadonlyArray<string>) =>
      run(process.execPath, [
        ...[join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck"],
        ...["--target", "es2024", "--lib", "es2024,dom", ...kind, file]
      ])
    const kinds = [
      ["--module", "nodenext"],
      ["--module", "esnext", "--moduleResolution", "bundler"]
    ]
    for (const kind of kinds) {
      expect(check("library.mts", kind)).toBe("")
      expect(() => check("wrong.mts", kind)).toThrow()
    }
  })

  it("runs a study on worker threads", () => {
    const config = join("node_modules", "losslattice", "configs", "hello.yaml")
    const out = run("npx", ["losslattice", "run", config, "--small", "--out", "studies"])
    const runFolder = out.trim().split("\n").at(-1)!
    const manifest = JSON.parse(readFileSync(join(folder, runFolder, "manifest.json"), "utf8")) as {
      readonly status: string
    }
    expect(manifest.status).toBe("finished")
    expect(existsSync(join(folder, runFolder, "report.html"))).toBe(true)
    expect(run("npx", ["losslattice", "figures", runFolder, "--check"])).toBe("")
  })
})
