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
      "configs/hello.yaml",
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

  it("is imported as a library", () => {
    const program =
      'import { resolveLoss, compileKernel } from "losslattice"; const k = compileKernel(resolveLoss("dpo").success.program); console.log(k.evaluate({ lw: -1, ll: -2, rw: -1, rl: -2 }).loss)'
    expect(Number(run(process.execPath, ["--input-type=module", "-e", program]))).toBeCloseTo(Math.LN2, 12)
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
