/** A study file and its overrides, from text to a decoded configuration: every problem at once, each where it stands. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { hashOf } from "../../src/experiments/canonical.ts"
import { decodeLocated } from "../../src/experiments/decode.ts"
import { type LoadOptions, loadConfig } from "../../src/experiments/load.ts"
import { parseLocated, plainOf } from "../../src/experiments/located.ts"
import { applyOverride } from "../../src/experiments/overrides.ts"
import { resultInNode, temporaryFolder, writeInto } from "./toy/harness.ts"

const Study = Schema.Struct({
  version: Schema.Literal(1),
  losses: Schema.NonEmptyArray(Schema.NonEmptyString),
  steps: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(100))),
  rate: Schema.Union([Schema.Finite, Schema.NonEmptyArray(Schema.Finite)]).pipe(
    Schema.withDecodingDefaultTypeKey(Effect.succeed(1))
  ),
  optimizer: Schema.optionalKey(
    Schema.Struct({
      kind: Schema.Literals(["adam", "gd", "rmsprop", "lion"]),
      momentum: Schema.optionalKey(Schema.Finite)
    })
  ),
  data: Schema.optionalKey(
    Schema.Union([
      Schema.Struct({ mode: Schema.Literal("exact") }),
      Schema.Struct({ mode: Schema.Literal("sampled"), pairs: Schema.Int })
    ])
  ),
  window: Schema.optionalKey(
    Schema.Struct({ from: Schema.Int, to: Schema.Int }).check(
      Schema.makeFilter(({ from, to }) => (from <= to ? [] : [{ path: ["to"], issue: `${to} lies before ${from}` }]))
    )
  )
})

/** Writes files into a fresh folder and loads the first; problems as `file:line:column: message`, files relative to the folder. */
const load = async (files: Readonly<Record<string, string>>, options: LoadOptions = {}) => {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeInto(folder, name, text)
  }
  const result = await resultInNode(loadConfig(Study, join(folder, Object.keys(files)[0]!), options))
  const problems = Result.isFailure(result) ? result.failure.message.replaceAll(`${folder}/`, "").split("\n") : []
  const loaded = Result.isSuccess(result) ? result.success : undefined
  return { problems, config: loaded?.config, hash: loaded?.hash, files: loaded?.files ?? [] }
}

const right = "version: 1\nlosses: [dpo, ipo]\n"

describe("a study file", () => {
  it("with three mistakes has three problems, each with line and column", async () => {
    const { problems } = await load({
      "s.yaml": ["version: 1", "losses: []", "stpes: 10", "optimizer:", "  kind: adma", "  momentum: 0.9", ""].join(
        "\n"
      )
    })
    expect(problems).toEqual([
      "s.yaml:2:9: losses: the list may not be empty",
      's.yaml:3:1: unknown key "stpes"; nearest: steps',
      's.yaml:5:9: optimizer.kind: "adma" is not allowed; nearest: adam (all: adam, gd, rmsprop, lion)'
    ])
  })

  it("says what it found and what is allowed", async () => {
    const { problems } = await load({
      "s.yaml": [
        "version: 2",
        "losses: dpo",
        "steps: 1.5",
        "rate: [fast]",
        "data: {mode: sampled, pairs: many, paris: 3}",
        "window: {from: 3, to: 1}",
        ""
      ].join("\n")
    })
    expect(problems).toEqual([
      "s.yaml:1:10: version: expected 1, found 2",
      's.yaml:2:9: losses: expected a list such as [dpo], found "dpo"',
      "s.yaml:3:8: steps: expected an integer, found 1.5",
      's.yaml:4:8: rate[0]: expected a number, found "fast"',
      's.yaml:5:30: data.pairs: expected a number, found "many"',
      's.yaml:5:36: data: unknown key "paris"; nearest: pairs',
      "s.yaml:6:23: window.to: 1 lies before 3"
    ])
  })

  it("names a key that is missing where its map stands", async () => {
    expect((await load({ "s.yaml": `${right}optimizer:\n  momentum: 1\n` })).problems).toEqual([
      's.yaml:4:3: optimizer.kind: missing key "kind"'
    ])
  })

  it.each([
    ["a: [1\nb: 2", "s.yaml:2:1"],
    ["version: 1\nversion: 1", "s.yaml:2:1"],
    ["- 1\n- 2", "s.yaml:1:1: expected a map of settings"],
    ["", "s.yaml:1:1: expected a map of settings"],
    ["version: 1\nlosses: &a [*a]", "s.yaml"]
  ])("that is %j is refused with its place", async (text, expected) => {
    const { problems } = await load({ "s.yaml": text })
    expect(problems[0]).toContain(expected)
  })

  it("may take a map into another, whose own entries win", async () => {
    const { config } = await load(
      {
        "s.yaml": `${right}optimizer: &base {kind: gd, momentum: 1}\nprofiles:\n  small:\n    optimizer:\n      <<: *base\n      kind: lion\n`
      },
      { profile: "small" }
    )
    expect(config?.optimizer).toEqual({ kind: "lion", momentum: 1 })
    expect((await load({ "s.yaml": "version: 1\nlosses: [dpo]\n<<: 3\n" })).problems[0]).toContain(
      "s.yaml:3:5: << expects a map"
    )
  })

  it("that is missing, or a folder, is refused by name", async () => {
    const folder = temporaryFolder()
    const missing = await resultInNode(loadConfig(Study, join(folder, "none.yaml")))
    expect(Result.isFailure(missing) && missing.failure.message).toContain("none.yaml: no such file")
    const wrong = await resultInNode(loadConfig(Study, folder))
    expect(Result.isFailure(wrong) && wrong.failure.message).toContain("is a folder")
  })

  it("has the checks of a map run though the map has an unknown key too", async () => {
    const { problems } = await load({ "s.yaml": `${right}window: {from: 3, to: 1, form: 2}\n` })
    expect(problems).toEqual([
      "s.yaml:3:23: window.to: 1 lies before 3",
      's.yaml:3:26: window: unknown key "form"; nearest: from'
    ])
  })

  it("has one problem for a number that is wrong in two ways, shown as it is", async () => {
    const { problems } = await load({ "s.yaml": "version: 1\nlosses: [dpo]\nsteps: -.inf\nrate: [.nan]\n" })
    expect(problems).toEqual([
      "s.yaml:3:8: steps: expected an integer, found -Infinity",
      "s.yaml:4:8: rate[0]: expected a finite number, found NaN"
    ])
  })

  it("that is no UTF-8, or has a tag that nobody knows, is refused", async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, "s.yaml"), Buffer.from(`${right}# caf\xe9\n`, "latin1"))
    const latin = await resultInNode(loadConfig(Study, join(folder, "s.yaml")))
    expect(Result.isFailure(latin) && latin.failure.message).toContain("s.yaml: is not text in UTF-8")
    const tagged = await load({ "s.yaml": 'version: 1\nlosses: [!!js/function "dpo"]\n' })
    expect(tagged.problems).toEqual([expect.stringMatching(/^s\.yaml:2:10: Unresolved tag/)])
  })
})

describe("defaults", () => {
  it("lie under the file in order, maps key by key, the rest whole", async () => {
    const { config, files } = await load({
      "studies/s.yaml": "defaults: [base.yaml, ../more/fast.yaml]\nlosses: [orpo]\noptimizer: {momentum: 0.5}\n",
      "studies/base.yaml": "version: 1\nlosses: [dpo, ipo]\nsteps: 10\noptimizer: {kind: gd, momentum: 0}\n",
      "more/fast.yaml": "defaults: rate.yaml\nsteps: 5\n",
      "more/rate.yaml": "rate: 3\nsteps: 7\n"
    })
    expect(config).toEqual({
      version: 1,
      losses: ["orpo"],
      steps: 5,
      rate: 3,
      optimizer: { kind: "gd", momentum: 0.5 }
    })
    expect(files.map(({ file }) => file.split("/").at(-1))).toEqual(["base.yaml", "rate.yaml", "fast.yaml", "s.yaml"])
  })

  it("have their problems reported in their own file", async () => {
    const { problems } = await load({
      "s.yaml": "defaults: [base.yaml]\nversion: 1\n",
      "base.yaml": "losses: [dpo]\n# a comment\nstps: 3\n"
    })
    expect(problems).toEqual(['base.yaml:3:1: unknown key "stps"; nearest: steps'])
  })

  it.each([
    ["none.yaml", "s.yaml:2:3: defaults: "],
    ["/etc/hostname", "has to be relative to this file"],
    ["[1]", "expected the name of a file"],
    ["s.yaml", "defaults go in a circle"]
  ])("%s is refused where it is named", async (name, expected) => {
    const { problems } = await load({ "s.yaml": `defaults:\n- ${name}\nversion: 1\n` })
    expect(problems.length).toBe(1)
    expect(problems[0]).toContain(expected)
  })

  it("that are wrong are all named", async () => {
    const { problems } = await load({
      "s.yaml": `defaults: [none.yaml, b.yaml, neither.yaml]\n${right}`,
      "b.yaml": "[1\n"
    })
    expect(problems.map((problem) => problem.split(": ")[0])).toEqual(["s.yaml:1:12", "b.yaml:2:1", "s.yaml:1:31"])
  })

  it("in a circle of three are refused with the whole circle", async () => {
    const { problems } = await load({
      "a.yaml": "defaults: b.yaml\n",
      "b.yaml": "defaults: c.yaml\n",
      "c.yaml": "version: 1\ndefaults: a.yaml\n"
    })
    expect(problems[0]).toContain("c.yaml:2:11: defaults go in a circle: a.yaml → b.yaml → c.yaml → a.yaml")
  })
})

describe("overrides", () => {
  it("are typed, reach into maps and lists, and sweep", async () => {
    const { config } = await load(
      { "s.yaml": right },
      {
        overrides: [
          "steps=7",
          "rate=0.1,0.2",
          "losses.1=uncpo",
          "optimizer.kind=gd",
          "optimizer={kind: adam, momentum: 1}"
        ]
      }
    )
    expect(config).toMatchObject({
      steps: 7,
      rate: [0.1, 0.2],
      losses: ["dpo", "uncpo"],
      optimizer: { kind: "adam", momentum: 1 }
    })
  })

  it("keep commas inside brackets and quotes", () => {
    const valueFrom = (argument: string): unknown => {
      const base = parseLocated("s.yaml", "a: 0")
      if (Result.isFailure(base)) throw new Error("not YAML")
      const applied = applyOverride(base.success, argument)
      return Result.isSuccess(applied) ? (plainOf(applied.success) as { a: unknown }).a : applied.failure.message
    }
    expect(valueFrom('a=["rows:TF,TT/FT", dpo]')).toEqual(["rows:TF,TT/FT", "dpo"])
    expect(valueFrom('a="x, y",z')).toEqual(["x, y", "z"])
    expect(valueFrom("a=[1,2],[3]")).toEqual([[1, 2], [3]])
    expect(valueFrom("a={b: 1, c: 2}")).toEqual({ b: 1, c: 2 })
    expect(valueFrom("a=")).toBe(null)
    expect(valueFrom("a=b=c")).toBe("b=c")
  })

  it("that are wrong are all named as arguments", async () => {
    const decoding = await load({ "s.yaml": right }, { overrides: ["stpes=7", "steps=many", "optimizer.kin=gd"] })
    expect(decoding.problems).toEqual([
      'argument "optimizer.kin=gd": optimizer: unknown key "kin"; nearest: kind',
      'argument "optimizer.kin=gd": optimizer.kind: missing key "kind"',
      'argument "steps=many": steps: expected a number, found "many"',
      'argument "stpes=7": unknown key "stpes"; nearest: steps'
    ])
    const malformed = await load({ "s.yaml": right }, { overrides: ["steps", "losses.5=a", "a..b=1", "steps=[1"] })
    expect(malformed.problems.length).toBe(4)
    expect(malformed.problems.join("\n")).toContain('"5" is no position of a list with 2 items')
  })

  it("that are wrong hide neither the file's mistakes nor those of a profile's name", async () => {
    const { problems } = await load(
      { "s.yaml": `${right}stpes: 3\n` },
      { profile: "big", overrides: ["steps", "rate=x"] }
    )
    expect(problems.map((problem) => problem.split(": ").slice(0, 2).join(": "))).toEqual([
      "s.yaml:1:1: profiles",
      's.yaml:3:1: unknown key "stpes"; nearest',
      'argument "rate=x": rate',
      'argument "steps": expected key=value, for example seeds=1,2'
    ])
  })
})

describe("profiles", () => {
  const profiled = `${right}steps: 50\nprofiles:\n  small: {steps: 5}\n  tiny: {steps: 1}\n`

  it("are laid over the study when asked for, under the overrides", async () => {
    expect((await load({ "s.yaml": profiled })).config?.steps).toBe(50)
    expect((await load({ "s.yaml": profiled }, { profile: "small" })).config?.steps).toBe(5)
    expect((await load({ "s.yaml": profiled }, { profile: "small", overrides: ["steps=9"] })).config?.steps).toBe(9)
  })

  it("that are no map are refused", async () => {
    const { problems } = await load({ "s.yaml": `${right}profiles: 3\n` })
    expect(problems).toEqual(["s.yaml:3:11: profiles: expected a map of profiles"])
  })

  it("that are unknown are refused with those there are", async () => {
    expect((await load({ "s.yaml": profiled }, { profile: "smal" })).problems).toEqual([
      's.yaml:4:1: profiles: there is no profile "smal"; there are small, tiny'
    ])
    expect((await load({ "s.yaml": right }, { profile: "small" })).problems[0]).toContain("the study has none")
  })

  it("have their mistakes found though nobody asked for them", async () => {
    expect((await load({ "s.yaml": `${right}profiles:\n  small: {stps: 5}\n` })).problems).toEqual([
      's.yaml:4:11: unknown key "stps"; nearest: steps'
    ])
  })
})

describe("the hash of a configuration", () => {
  it("does not depend on how it was written", async () => {
    const plain = await load({ "s.yaml": "version: 1\nlosses: [dpo]\noptimizer: {kind: gd, momentum: 1}\n" })
    const others = await Promise.all([
      load({
        "t.yaml": "optimizer:\n  momentum: 1.0\n  kind: gd\nlosses:\n- dpo # the usual one\nversion: 1\nsteps: 100\n"
      }),
      load({
        "u.yaml": "defaults: b.yaml\nlosses: [dpo]\n",
        "b.yaml": "version: 1\noptimizer: {kind: gd, momentum: 1}\nlosses: [x]\n"
      }),
      load(
        { "v.yaml": "version: 1\nlosses: [ipo]\n" },
        { overrides: ["losses=[dpo]", "optimizer={kind: gd, momentum: 1}"] }
      )
    ])
    for (const other of others) expect(other.hash).toBe(plain.hash)
    const changed = await load({ "s.yaml": "version: 1\nlosses: [dpo]\noptimizer: {kind: gd, momentum: 2}\n" })
    expect(plain.hash).toBeDefined()
    expect(changed.hash).not.toBe(plain.hash)
    expect(plain.hash).toBe(hashOf(plain.config))
  })
})

describe("decoding", () => {
  it("sees a list that grew through an alias where the alias stands", () => {
    const located = parseLocated("s.yaml", "version: &one 1\nlosses: [dpo]\nsteps: *one\nrate: *one\n")
    if (Result.isFailure(located)) throw new Error("not YAML")
    expect(decodeLocated(Study, located.success)).toMatchObject({ success: { steps: 1, rate: 1 } })
  })
})
