/** The notebooks: executed on Deno's kernel they give what they hold, their cells have types, their formulas can be set. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import katex from "katex"
import { afterAll, describe, expect, it } from "vitest"
import { root } from "../e2e/process.ts"
import { requires } from "../requirements.ts"

interface Output {
  readonly output_type: string
  readonly data?: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly text?: string | ReadonlyArray<string>
}

interface Cell {
  readonly id: string
  readonly cell_type: "markdown" | "code"
  readonly source: string | ReadonlyArray<string>
  readonly execution_count?: number | null
  readonly outputs?: ReadonlyArray<Output>
}

interface Notebook {
  readonly nbformat: number
  readonly nbformat_minor: number
  readonly metadata: { readonly kernelspec: { readonly name: string; readonly language: string } }
  readonly cells: ReadonlyArray<Cell>
}

const folder = join(root, "notebooks")
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".ipynb"))
  .sort()
const textOf = (text: string | ReadonlyArray<string> | undefined): string =>
  typeof text === "string" ? text : (text ?? []).join("")
const read = (name: string): Notebook => JSON.parse(readFileSync(join(folder, name), "utf8")) as Notebook
const codeOf = (name: string): ReadonlyArray<Cell> => read(name).cells.filter(({ cell_type }) => cell_type === "code")

const scratch = mkdtempSync(join(tmpdir(), "losslattice-notebooks-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const notebooks = (...options: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [join(root, "scripts", "notebooks.mjs"), ...options], { cwd: root, encoding: "utf8" })

describe("the notebooks", () => {
  it("are five", () => expect(names.map((name) => name.split("-")[0])).toEqual(["1", "2", "3", "4", "5"]))

  it.each(names)("%s: is a notebook for Deno's kernel, executed from top to bottom without an error", (name) => {
    const { nbformat, nbformat_minor, metadata, cells } = read(name)
    expect([nbformat, nbformat_minor]).toEqual([4, 5])
    expect(metadata.kernelspec).toMatchObject({ name: "deno", language: "typescript" })
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
    const code = codeOf(name)
    expect(code.map(({ execution_count }) => execution_count)).toEqual(code.map((_, i) => i + 1))
    expect(code.flatMap(({ outputs }) => outputs!).filter(({ output_type }) => output_type === "error")).toEqual([])
  })

  it.each(names)("%s: holds formulas and pictures, and nothing of the machine that executed it", (name) => {
    const data = codeOf(name).flatMap(({ outputs }) => outputs!.map((output) => output.data ?? {}))
    expect(data.some((forms) => "image/svg+xml" in forms)).toBe(true)
    expect(data.some((forms) => "text/latex" in forms)).toBe(true)
    expect(data.every((forms) => !("image/svg+xml" in forms) || "text/plain" in forms)).toBe(true)
    const text = readFileSync(join(folder, name), "utf8").replaceAll(/base64,[A-Za-z0-9+/=]+/g, "")
    expect(text).not.toMatch(/\/(?:root|home|work|tmp|Users)\/|file:\/\/|NaN|\[object/)
  })

  it.each(names)("%s: every formula can be set", (name) => {
    const { cells } = read(name)
    const outputs = cells.flatMap(({ outputs }) => outputs ?? []).map(({ data }) => textOf(data?.["text/latex"]))
    const markdown = cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => textOf(source))
    const formulas = [...outputs, ...markdown].flatMap((text) =>
      [...text.matchAll(/\$\$([\s\S]+?)\$\$|\$([^$\n]+)\$/g)].map((match) => match[1] ?? match[2]!)
    )
    expect(formulas.length).toBeGreaterThan(0)
    for (const one of formulas)
      expect(() => katex.renderToString(one, { throwOnError: true, strict: "error" })).not.toThrow()
  })

  it("cells have no wrong types", () => {
    // Inside the checkout, where the packages that cells import are found.
    mkdirSync(join(root, ".cache"), { recursive: true })
    const project = mkdtempSync(join(root, ".cache", "notebook-types-"))
    try {
      const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
        readonly exports: Readonly<Record<string, string | { readonly types: string }>>
      }
      const paths = Object.entries(exports).flatMap(([key, value]) =>
        typeof value === "string"
          ? []
          : [[key.replace(/^\./, "losslattice"), [value.types.replace("./dist", "../../src").replace(".d.ts", ".ts")]]]
      )
      const compilerOptions = { paths: Object.fromEntries(paths), verbatimModuleSyntax: false }
      const config = { extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"] }
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config))
      const check = () =>
        spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
          encoding: "utf8"
        })
      const write = (name: string, more = "") => {
        const code = codeOf(name).map(({ id, source }) => `// cell ${id}\n${textOf(source)}`)
        writeFileSync(join(project, name.replace(".ipynb", ".ts")), [...code, more].join("\n"))
      }
      for (const name of names) write(name)
      expect(check().stdout).toBe("")
      write(names[0]!, 'export const wrong: number = "text"')
      expect(check().stdout).toContain("TS2322")
    } finally {
      rmSync(project, { recursive: true, force: true })
    }
  })
})

/** A notebook of these code cells, with their outputs as text. */
const small = (cells: ReadonlyArray<readonly [id: string, source: string, result: string]>) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  cells: cells.map(([id, source, result], i) => ({
    cell_type: "code",
    id,
    metadata: {},
    execution_count: i + 1,
    source,
    outputs: [{ output_type: "execute_result", execution_count: i + 1, metadata: {}, data: { "text/plain": result } }]
  }))
})

const folderWith = (files: Readonly<Record<string, unknown>>): string => {
  const own = mkdtempSync(join(scratch, "folder-"))
  for (const [name, notebook] of Object.entries(files)) writeFileSync(join(own, name), JSON.stringify(notebook))
  return own
}

describe.runIf(requires("python"))("npm run notebooks", () => {
  it("-- --check: all five give exactly what they hold", { timeout: 240_000 }, () => {
    const { status, stderr } = notebooks("--check")
    expect(status, stderr).toBe(0)
  })

  it("-- --check names the notebook and the cell that differs or throws, and writes nothing", () => {
    const own = folderWith({
      "altered.ipynb": small([
        ["fine", "const two: number = 1 + 1\ntwo", "2"],
        ["altered", "two + 2", "5"]
      ]),
      "throws.ipynb": small([
        ["throws", "throw new RangeError('out of losses')", ""],
        ["never", "1", "1"]
      ])
    })
    const before = readFileSync(join(own, "altered.ipynb"), "utf8")
    const { status, stderr } = notebooks("--check", `--folder=${own}`)
    expect(status).toBe(1)
    expect(stderr).toContain("altered.ipynb: cell 2 (altered), which begins `two + 2`: text/plain differs:")
    expect(stderr).toMatch(/-5\n\s*\+4/)
    expect(stderr).not.toContain("(fine)")
    expect(stderr).toContain("throws.ipynb: cell 1 (throws)")
    expect(stderr).toContain("it throws RangeError: out of losses")
    expect(readFileSync(join(own, "altered.ipynb"), "utf8")).toBe(before)
  })

  it("writes the outputs of many cells, none lost, and then holds them", () => {
    const many = Array.from({ length: 60 }, (_, i) => [`c${i}`, `console.log(${i})\n${i} * 2`, "not yet"] as const)
    const own = folderWith({ "many.ipynb": small(many) })
    const { status, stderr } = notebooks("many", `--folder=${own}`)
    expect(status, stderr).toBe(0)
    const written = JSON.parse(readFileSync(join(own, "many.ipynb"), "utf8")) as Notebook
    const results = written.cells.map(({ outputs }) =>
      outputs!.map(({ data, text }) => textOf(text) + textOf(data?.["text/plain"]))
    )
    expect(results).toEqual(many.map((_, i) => [`${i}\n`, `${i * 2}`]))
  })

  it("refuses what it does not know", () => {
    expect(notebooks("--chek")).toMatchObject({ status: 2, stderr: expect.stringContaining("--chek is no option") })
    expect(notebooks("6-none")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no notebook 6-none.ipynb")
    })
  })
})
