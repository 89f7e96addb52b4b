/** The shape of the source: imports point one way, mathjs and Effect stay where they belong, nothing cyclic between folders. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join, normalize, relative } from "node:path"
import { describe, expect, it } from "vitest"

/** What each folder of src may import besides itself. */
const allowed = {
  random: [],
  logic: [],
  rundata: [],
  landscape: ["random", "logic"],
  loss: ["logic"],
  bandit: ["random", "logic", "loss"],
  maps: ["random", "loss", "bandit"],
  surface: ["random", "loss", "bandit"],
  finetune: ["random", "logic", "loss"],
  audit: ["random", "logic", "loss"],
  properties: ["random", "logic", "landscape", "loss", "bandit"],
  derive: ["random", "logic", "landscape", "loss", "bandit", "properties"],
  explain: ["logic", "landscape", "loss", "properties"],
  experiments: [
    "random",
    "logic",
    "landscape",
    "loss",
    "bandit",
    "properties",
    "derive",
    "finetune",
    "maps",
    "surface",
    "explain"
  ],
  cli: [
    "random",
    "logic",
    "landscape",
    "loss",
    "bandit",
    "properties",
    "derive",
    "finetune",
    "maps",
    "surface",
    "audit",
    "experiments",
    "rundata",
    "explain"
  ],
  explorer: [
    "random",
    "logic",
    "rundata",
    "landscape",
    "loss",
    "bandit",
    "maps",
    "surface",
    "properties",
    "derive",
    "explain"
  ]
} as const satisfies Record<string, ReadonlyArray<string>>

type Folder = keyof typeof allowed

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const sources = globSync("src/**/*.{ts,tsx}")

const importsOf = (file: string): ReadonlyArray<Import> => {
  const text = readFileSync(file, "utf8")
  const found: Array<Import> = []
  for (const match of text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^"'()]*?from\s+"([^"]+)"/g)) {
    found.push({ file, target: match[2]!, typeOnly: match[1] !== undefined })
  }
  for (const match of text.matchAll(/(?:import\(|(?:^|\n)\s*import\s+)"([^"]+)"/g)) {
    found.push({ file, target: match[1]!, typeOnly: false })
  }
  return found
}

const folderOf = (file: string): string => relative("src", file).split("/")[0]!
const imports = sources.flatMap(importsOf)
const local = imports.filter(({ target }) => target.startsWith("."))
const packages = imports.filter(({ target }) => !target.startsWith("."))

describe("architecture", () => {
  it("reads the whole source", () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(local.length).toBeGreaterThan(100)
  })

  it("imports point one way", () => {
    const wrong = local.flatMap(({ file, target }) => {
      const from = folderOf(file)
      const to = folderOf(normalize(join(dirname(file), target)))
      if (from === to || file === "src/index.ts") return []
      const may: ReadonlyArray<string> = allowed[from as Folder] ?? []
      return may.includes(to) ? [] : [`${file} → ${target}`]
    })
    expect(wrong).toEqual([])
  })

  it("local imports name existing .ts files", () => {
    const wrong = local
      .filter(({ target }) => !/\.(tsx?|json|css)$/.test(target.replace(/\?.*$/, "")))
      .map(({ file, target }) => `${file} → ${target}`)
    expect(wrong).toEqual([])
  })

  it("the checker of certificates shares nothing with the prover but polynomials and the form of certificates", () => {
    const folder = "src/landscape"
    const checking = ["checker.ts", "claims.ts", "propertyClaims.ts", "dominanceClaims.ts"]
    const may = (file: string): ReadonlyArray<string> =>
      file === "checker.ts" ? [] : [...checking, "certificate.ts"].map((name) => join(folder, name))
    const wrong = checking.flatMap((file) => {
      const own = local.filter((entry) => entry.file === join(folder, file))
      expect(own.length).toBeGreaterThan(0)
      return own
        .map(({ target }) => normalize(join(folder, target)))
        .filter((target) => !target.startsWith("src/logic/") && !may(file).includes(target))
        .map((target) => `${file} → ${target}`)
    })
    expect(wrong).toEqual([])
    // Nor does the prover use what checks it.
    const provers = local.filter(({ file }) => /\/(sign|factor|witness|odds|oddsPolynomial|axisShift)\.ts$/.test(file))
    expect(provers.filter(({ target }) => /(checker|[cC]laims)\.ts$/.test(target))).toEqual([])
  })

  it("mathjs is read in one place only", () => {
    const wrong = packages.filter(({ target }) => target.startsWith("mathjs")).map(({ file }) => file)
    // The page, which cannot require it, hands it over.
    const may = (file: string): boolean => file.startsWith("src/logic/decompile/") || file === "src/explorer/mathjs.ts"
    expect(wrong.filter((file) => !may(file))).toEqual([])
  })

  it("DuckDB is loaded by a query, when one is asked: nothing else waits for it", () => {
    const folder = "src/experiments/query/"
    const users = packages.filter(({ target }) => target.startsWith("@duckdb/")).map(({ file }) => file)
    expect(users.length).toBeGreaterThan(0)
    expect(users.filter((file) => !file.startsWith(folder))).toEqual([])
    const atOnce = users.filter((file) => /^import (?!type\b)[^"]*"@duckdb\//m.test(readFileSync(file, "utf8")))
    expect(atOnce).toEqual([])
    const askers = local.filter(({ file, target }) => normalize(join(dirname(file), target)).startsWith(folder))
    const outside = askers.map(({ file }) => file).filter((file) => !file.startsWith(folder))
    expect([...new Set(outside)]).toEqual(["src/cli/commands/query.ts"])
  })

  it("pure folders use of Effect no more than data, results and schemas, and no Node", () => {
    const pure = [
      "random",
      "logic",
      "rundata",
      "landscape",
      "loss",
      "maps",
      "surface",
      "bandit",
      "properties",
      "derive",
      "explain",
      "explorer"
    ]
    const plain = new Set([
      "effect/Result",
      "effect/Data",
      "effect/Schema",
      "effect/SchemaIssue",
      "effect/SchemaGetter"
    ])
    const wrong = packages.filter(({ file, target }) => {
      if (!pure.includes(folderOf(file))) return false
      return (
        target.startsWith("node:") ||
        target.startsWith("@effect/") ||
        (/^effect(\/|$)/.test(target) && !plain.has(target))
      )
    })
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  it("nothing uses Math.random or evaluates text, but the two code generators: JavaScript of a checked graph, WebAssembly of one", () => {
    const wrong = sources.filter((file) => {
      const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
      if (/\bMath\.random\b|\beval\(/.test(code)) return true
      // The training engine of the finetuning runs its library's own modules.
      const mayAssemble = file === "src/bandit/fast/module.ts" || file.startsWith("src/finetune/tfjs/")
      if (/\bWebAssembly\b/.test(code) && !mayAssemble) return true
      return /\bnew Function\b/.test(code) && file !== "src/loss/kernel.ts"
    })
    expect(wrong).toEqual([])
  })
})
