/** docs/tutorial.md, from its first command to its last: all of it runs, and prints what the page says. */
import { lstatSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { root } from "../e2e/process.ts"
import { blocksOf, stepsOf, take, workplace } from "./page.ts"

const page = "tutorial.md"
const steps = stepsOf(page)

describe("the tutorial", () => {
  const place = workplace()
  for (const name of ["configs", "scripts", "assets"]) symlinkSync(join(root, name), join(place.folder, name))
  afterAll(() => {
    for (const folder of [place.folder, place.tools]) rmSync(folder, { recursive: true, force: true })
  })

  it("has no block that nothing checks", () => {
    const blocks = blocksOf(page)
    const checked = new Set(
      steps.flatMap(({ block, output }) => (output === undefined ? [block.text] : [block.text, output]))
    )
    expect(blocks.filter(({ text }) => !checked.has(text)).map(({ line }) => line)).toEqual([])
    expect(steps.length).toBeGreaterThan(12)
    expect(steps.flatMap(({ block }) => block.words).filter((word) => word === "elsewhere")).toEqual([])
  })

  // Set-up writes into node_modules: not where these are another checkout's.
  const isOwn = !lstatSync(join(root, "node_modules")).isSymbolicLink()
  it.each(steps)("$name", (step) => {
    if (step.block.text.includes("scripts/setup.mjs") && !isOwn) return
    take(step, place)
  })
})
