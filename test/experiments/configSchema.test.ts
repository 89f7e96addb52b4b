/** docs/config.schema.json, by which editors check study files: up to date, right about configs/, and as strict as it can be. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { schemaFiles } from "../../scripts/schema/files.ts"
import { compose } from "../../src/experiments/compose.ts"
import { loadConfig } from "../../src/experiments/load.ts"
import { entryOf, mergeLocated, plainOf, withoutKeys } from "../../src/experiments/located.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { schemaProblems } from "./fixtures/jsonSchema.ts"
import { resultInNode, temporaryFolder, writeInto } from "./toy/harness.ts"

type Json = Readonly<Record<string, unknown>>

const read = (name: string): Json => JSON.parse(readFileSync(`docs/${name}.schema.json`, "utf8")) as Json
const config = read("config")
const query = read("query")

const queries = globSync("configs/derive/*.yaml")
const studies = globSync("configs/**/*.yaml").filter((file) => !queries.includes(file))

/** A file as an editor sees it: merge keys resolved, defaults and profiles as they stand. */
const seen = (file: string): unknown => parse(readFileSync(file, "utf8"), { merge: true })

describe("what npm run schema writes", () => {
  it.each(Object.entries(schemaFiles()))("%s is what the Schemas give", (path, text) => {
    expect(readFileSync(path, "utf8") === text, `${path} is out of date: npm run schema`).toBe(true)
  })

  it("says of every setting what it means, in every section", () => {
    const page = schemaFiles()["docs/config.md"]!
    const silent = (section: string): ReadonlyArray<string> =>
      section.split("\n").filter((line) => /^\| `/.test(line) && !/^\| `kind`/.test(line) && line.endsWith("|  |"))
    const sections = page.split(/^(?=#{2,5} )/m)
    const documented = sections.filter((section) =>
      /^#+ (Keys of a study|finetune|bandit|validate|derive|select|DeriveQuery|BanditStudy|FinetuneData)/.test(section)
    )
    expect(documented.length).toBeGreaterThan(9)
    expect(documented.flatMap(silent)).toEqual([])
  })
})

describe("files of configs/", () => {
  it.each([...studies, ...queries])("%s names its schema in the first line", (file) => {
    const schema = queries.includes(file) ? "docs/query.schema.json" : "docs/config.schema.json"
    const [first] = readFileSync(file, "utf8").split("\n")
    expect(first).toBe(`# yaml-language-server: $schema=${relative(dirname(file), schema)}`)
  })

  it.each(studies)("%s is right by the schema, as it stands", (file) => {
    expect(schemaProblems(config, seen(file))).toEqual([])
  })

  it.each(queries)("%s is right by the schema of queries", (file) => {
    expect(schemaProblems(query, seen(file))).toEqual([])
  })

  it.each(studies)("%s is a whole study once composed, with each profile", async (file) => {
    const composed = await resultInNode(compose(file))
    const { located } = Result.getOrThrow(composed)
    const bare = withoutKeys(located, ["profiles"])
    const profiles = entryOf(located, "profiles")
    const layers = profiles?._tag === "Map" ? [...profiles.entries.values()].map(({ value }) => value) : []
    for (const one of [bare, ...layers.map((layer) => mergeLocated(bare, layer))]) {
      expect(schemaProblems(config, plainOf(one), "Study")).toEqual([])
    }
  })
})

const right = `
version: 1
study: s
title: A study
bandit:
  studies:
    clean:
      losses: [dpo]
      environment: {kind: bradley-terry, arms: 4}
      data: {mode: exact}
      optimizer: {kind: adam, learningRate: 0.02}
      steps: 10
      checkpoints: 2
`

/** The study with a piece of text replaced, or lines added. */
const changed = (from: string, to: string): string => {
  expect(right).toContain(from)
  return right.replace(from, to)
}

const programAccepts = async (text: string): Promise<boolean> => {
  const folder = temporaryFolder()
  writeInto(folder, "s.yaml", text)
  return Result.isSuccess(await resultInNode(loadConfig(ExperimentConfig, join(folder, "s.yaml"))))
}

const schemaAccepts = (text: string): boolean => schemaProblems(config, parse(text, { merge: true })).length === 0

const wrong: Readonly<Record<string, string>> = {
  "an unknown section": `${right}bandits: {}\n`,
  "an unknown key within": changed("steps: 10", "steps: 10\n      stpes: 10"),
  "an unknown kind": changed("kind: adam", "kind: lion"),
  "an environment that there is not": changed("kind: bradley-terry", "kind: bradley"),
  "an option of another environment": changed("arms: 4", "arms: 4, dataset: D1"),
  "a negative count": changed("steps: 10", "steps: -1"),
  "a fraction of a step": changed("steps: 10", "steps: 1.5"),
  "text for a number": changed("learningRate: 0.02", "learningRate: fast"),
  "a rate of zero": changed("learningRate: 0.02", "learningRate: 0"),
  "no losses": changed("losses: [dpo]", "losses: []"),
  "a value for a list": changed("losses: [dpo]", "losses: dpo"),
  "no title": changed("title: A study\n", ""),
  "a title without letters": changed("title: A study", 'title: ""'),
  "another version": changed("version: 1", "version: 2"),
  "capitals in the name": changed("study: s\n", "study: S\n"),
  "a missing optimizer": changed("      optimizer: {kind: adam, learningRate: 0.02}\n", ""),
  "a wrong profile": `${right}profiles: {small: {bandit: {studies: {clean: {steps: many}}}}}\n`,
  "an unknown key in a profile": `${right}profiles: {small: {finetun: {}}}\n`,
  "profiles that are a list": `${right}profiles: [small]\n`
}

/** What a schema has no words for. */
const beyond: Readonly<Record<string, string>> = {
  "a loss that there is not": changed("[dpo]", "[dop]"),
  "finetuning without a selection": `${right}finetune: {steps: 1, batchSize: 1, learningRate: 1, evalEvery: 1,
  data: {trainingPrompts: 1, heldOutPrompts: 1, evaluationPrompts: 1}}\n`,
  "a checkpoint after the end": changed("checkpoints: 2", "checkpoints: [20]")
}

describe("the schema beside the program", () => {
  it("both accept the study, with merge keys and a profile that is a part of it", async () => {
    const text = `${right.replace("clean:", "clean: &clean")}    sparse:
      <<: *clean
      environment: {kind: sparse}
profiles:
  small: {seeds: [1], bandit: {studies: {clean: {steps: 2, environment: {arms: 3}}}}}
`
    expect(await programAccepts(text)).toBe(true)
    expect(schemaProblems(config, parse(text, { merge: true }))).toEqual([])
  })

  it.each(Object.entries(wrong))("both refuse %s", async (_, text) => {
    expect(await programAccepts(text)).toBe(false)
    expect(schemaAccepts(text)).toBe(false)
  })

  it.each(Object.entries(beyond))("the program alone refuses %s", async (_, text) => {
    expect(await programAccepts(text)).toBe(false)
    expect(schemaAccepts(text)).toBe(true)
  })

  it("a file with defaults may leave out what these say, and nothing else changes", () => {
    expect(schemaProblems(config, { defaults: ["base.yaml"], seeds: [1] })).toEqual([])
    expect(schemaProblems(config, { seeds: [1] })).not.toEqual([])
    expect(schemaProblems(config, { defaults: ["base.yaml"], seeds: ["one"] })).not.toEqual([])
  })
})
