/**
 * `npm run setup:torch` on four packages of a few bytes in place of PyTorch's gigabytes: the script, its lock, pip and the
 * check of what was installed are the real ones.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { torchFolder } from "../../src/finetune/python.ts"
import { requires } from "../requirements.ts"
import { root } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-setup-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const script = join(folder, "scripts", "setup-torch.mjs")
const lock = join(folder, "python", "requirements.lock")

/** Writes a wheel with one empty module, and prints its line for a lock file. */
const makeWheels = `
import hashlib, pathlib, sys, zipfile
for name in sys.argv[2:]:
    wheel = pathlib.Path(sys.argv[1]) / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as z:
        z.writestr(f"{name}.py", "")
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
    print(f"{name} @ file://{wheel} \\\\\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")`

const environment = (cache: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { LOSSLATTICE_PYTHON: _named, PYTHONPATH: _path, ...env } = process.env
  return { ...env, LOSSLATTICE_CACHE: join(folder, cache), ...more }
}

const setUp = (cache: string, more: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [script], { env: environment(cache, more), encoding: "utf8" })

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.on("exit", resolve))

const environments = (cache: string) =>
  readdirSync(join(folder, cache)).filter((name) => existsSync(join(folder, cache, name, "losslattice-setup.json")))

describe.runIf(requires("python"))("npm run setup:torch", () => {
  beforeAll(() => {
    mkdirSync(join(folder, "python"))
    cpSync(join(root, "scripts", "setup-torch.mjs"), script)
    const names = ["torch", "transformers", "safetensors", "numpy"]
    const made = spawnSync("python3", ["-c", makeWheels, folder, ...names], { encoding: "utf8" })
    writeFileSync(lock, made.stdout)
  })

  it("makes an environment once, says where its Python is, and does nothing the second time", () => {
    const first = setUp("once")
    expect(first.stderr).toContain("installing PyTorch into")
    expect(first.status).toBe(0)
    const stamp = JSON.parse(readFileSync(join(first.stdout.trim(), "..", "..", "losslattice-setup.json"), "utf8"))
    expect(stamp.versions).toMatchObject({ torch: "1.0", numpy: "1.0", python: expect.stringMatching(/^3\./) })
    expect(setUp("once")).toMatchObject({ status: 0, stdout: first.stdout, stderr: "" })
  })

  it("begins anew where an earlier one was killed", () => {
    const python = setUp("once").stdout.trim()
    const environmentFolder = join(python, "..", "..")
    rmSync(join(environmentFolder, "losslattice-setup.json"))
    writeFileSync(join(environmentFolder, "leftover"), "")
    expect(setUp("once").status).toBe(0)
    expect(existsSync(join(environmentFolder, "leftover"))).toBe(false)
  })

  it("installs once when started twice at once", async () => {
    const start = () =>
      spawn(process.execPath, [script], { env: environment("twice"), stdio: ["ignore", "pipe", "pipe"] })
    const children = [start(), start()]
    const words = children.map((child) => {
      let text = ""
      child.stderr.on("data", (chunk) => (text += chunk))
      return () => text
    })
    expect(await Promise.all(children.map(ended))).toEqual([0, 0])
    expect(environments("twice")).toHaveLength(1)
    expect(
      words
        .map((text) => text())
        .join("")
        .split("installing PyTorch").length
    ).toBe(2)
  })

  it("refuses packages that are not those of the lock, and leaves nothing that looks ready", () => {
    const text = readFileSync(lock, "utf8")
    writeFileSync(
      lock,
      text.replace(/sha256:./, (found) => `sha256:${found.endsWith("0") ? "1" : "0"}`)
    )
    const failed = setUp("wrong")
    writeFileSync(lock, text)
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain("losslattice: pip could not install the locked packages; its words are above")
    expect(environments("wrong")).toEqual([])
  })

  it("says in a sentence that there is no Python", () => {
    const failed = setUp("none", { PATH: "/nowhere" })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toBe("losslattice: there is no Python 3.11 or newer on the path\n")
  })

  it("checks the Python that LOSSLATTICE_PYTHON names instead", () => {
    const python = setUp("once").stdout.trim()
    expect(setUp("none", { LOSSLATTICE_PYTHON: python }).stdout.trim()).toBe(python)
    const failed = setUp("none", { LOSSLATTICE_PYTHON: "/nowhere/python" })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain("losslattice: /nowhere/python cannot import the worker's packages")
  })

  it("puts the environment where the engine looks for it", () => {
    const env = environment("real")
    const { stdout } = spawnSync(process.execPath, [join(root, "scripts", "setup-torch.mjs"), "--where"], { env })
    expect(String(stdout).trim()).toBe(torchFolder(env))
  })
})
