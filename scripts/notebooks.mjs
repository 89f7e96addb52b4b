// `npm run notebooks`: executes the notebooks on Deno's Jupyter kernel and writes their outputs; with `--check` compares them
// with what is committed instead and exits 1 where a cell differs or fails. `npm run notebooks -- 2-the-lattice` takes one.
//
// They run in a folder of their own under .cache, laid out like the clone and with a build of their own, so that nothing else
// that builds meanwhile disturbs them. The kernel is told to Jupyter by a folder there, too: nothing goes into the user's home.
import { spawnSync } from "node:child_process"
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runAll } from "./child.mjs"
import { notebookPython } from "./notebooks/environment.mjs"
import { root, setUp } from "./setup.mjs"
import { SetupError, say } from "./setup-torch.mjs"

const options = process.argv.slice(2)
const check = options.includes("--check")
const folderOption = options.find((option) => option.startsWith("--folder="))
/** Where the notebooks are; tests give another folder. */
const source = folderOption === undefined ? join(root, "notebooks") : folderOption.slice("--folder=".length)
const named = options.filter((option) => !option.startsWith("--")).map((name) => name.replace(/(\.ipynb)?$/, ".ipynb"))
const there = readdirSync(source)
  .filter((name) => name.endsWith(".ipynb"))
  .sort()

const usage = () => {
  const strange = options.find((option) => option.startsWith("--") && option !== "--check" && option !== folderOption)
  if (strange !== undefined) return `${strange} is no option; expected --check, --folder=DIR or names of notebooks`
  const missing = named.find((name) => !there.includes(name))
  return missing === undefined ? undefined : `there is no notebook ${missing}; there are ${there.join(", ")}`
}

/** The clone as notebooks see it: `..` has the package, its assets and the studies' data. */
const layOut = (stage) => {
  for (const name of ["assets", "configs", "docs", "node_modules"]) symlinkSync(join(root, name), join(stage, name))
  copyFileSync(join(root, "package.json"), join(stage, "package.json"))
  cpSync(source, join(stage, "notebooks"), { recursive: true })
  copyFileSync(join(root, "notebooks", "deno.json"), join(stage, "notebooks", "deno.json"))
  const kernel = join(stage, "jupyter", "kernels", "deno")
  mkdirSync(kernel, { recursive: true })
  const deno = join(root, "node_modules", ".bin", "deno")
  const spec = { argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"], display_name: "Deno" }
  writeFileSync(join(kernel, "kernel.json"), JSON.stringify({ ...spec, language: "typescript" }))
}

const build = (stage) =>
  runAll([[["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", join(stage, "dist")]]])

const execute = (stage, python, names) => {
  const script = join(root, "scripts", "notebooks", "execute.py")
  const env = {
    ...process.env,
    JUPYTER_PATH: join(stage, "jupyter"),
    JUPYTER_DATA_DIR: join(stage, "jupyter"),
    JUPYTER_CONFIG_DIR: join(stage, "jupyter"),
    JUPYTER_RUNTIME_DIR: join(stage, "runtime"),
    DENO_DIR: join(root, ".cache", "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    PYTHONDONTWRITEBYTECODE: "1"
  }
  const ended = spawnSync(python, [script, ...(check ? ["--check"] : []), join(stage, "notebooks"), ...names], {
    env,
    stdio: ["ignore", 2, 2]
  })
  return ended.status ?? 1
}

const main = async () => {
  setUp()
  const python = notebookPython()
  mkdirSync(join(root, ".cache"), { recursive: true })
  const stage = mkdtempSync(join(root, ".cache", "notebooks-"))
  try {
    layOut(stage)
    const built = await build(stage)
    if (built !== 0) return built
    const names = named.length === 0 ? there : named
    const code = execute(stage, python, names)
    if (!check) for (const name of names) copyFileSync(join(stage, "notebooks", name), join(source, name))
    if (code === 0) say(`${names.length} notebooks ${check ? "give what they hold" : "executed"}`)
    return code
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

const problem = usage()
if (problem === undefined) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  }
} else {
  say(problem)
  process.exitCode = 2
}
