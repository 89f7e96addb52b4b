/** The how-to pages: files written and patched as they say, in a copy of the clone, and every command typed there. */
import { spawnSync } from "node:child_process"
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { root } from "../e2e/process.ts"
import { requires } from "../requirements.ts"
import { blocksOf, stepsOf, take, type Workplace, workplace } from "./page.ts"

const pages = globSync("how-to/*.md", { cwd: join(root, "docs") }).toSorted()

/** A copy of the clone's files, to be changed, with the packages of this one. */
const copyClone = ({ folder }: Workplace): void => {
  const options = { cwd: root, encoding: "utf8" } as const
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], options).stdout
  for (const file of listed.split("\0").filter((name) => name !== "" && name !== "node_modules")) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
}

/** A project that has the package installed: its exports lead to sources instead of dist. */
const makeProject = (folder: string): void => {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const installed = join(folder, "node_modules", name)
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "my-project", type: "module" }))
  symlinkSync(join(root, "src"), join(installed, "src"))
  const toSource = JSON.stringify({ name, type: "module", exports })
    .replaceAll("./dist/", "./src/")
    .replaceAll(/"types":"[^"]*",/g, "")
    .replaceAll('.js"', '.ts"')
  writeFileSync(join(installed, "package.json"), toSource)
}

const needOf = (words: ReadonlyArray<string>): "python" | undefined =>
  words.includes("needs=python") ? "python" : undefined

/** Sources that a reader changes by hand, of which there may be three. */
const touched = (page: string): ReadonlyArray<string> => {
  const files = blocksOf(page).flatMap(({ file }) => (file === undefined ? [] : [file]))
  return [...new Set(files.filter((file) => /^(src|docs)\//.test(file)))]
}

describe.each(pages)("%s", (page) => {
  const place = workplace()
  const steps = stepsOf(page).filter(({ block }) => !block.words.includes("elsewhere"))
  const python = steps.every(({ block }) => needOf(block.words) === undefined) || requires("python")
  copyClone(place)
  makeProject(join(place.folder, "my-project"))
  afterAll(() => {
    for (const folder of [place.folder, place.tools]) rmSync(folder, { recursive: true, force: true })
  })

  it("says at its beginning what one has at its end, and asks for at most three files", () => {
    expect(readFileSync(join(root, "docs", page), "utf8")).toMatch(/^# .+\n\nAt the end /)
    expect(touched(page).length).toBeLessThanOrEqual(3)
  })

  it.each(steps.filter(({ block }) => python || needOf(block.words) === undefined))("$name", (step) =>
    take(step, place)
  )
})
