/** `losslattice query`, typed into a real process: runs by their names, forms of the result, and a database that reads nothing else. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { parquetReadObjects } from "hyparquet"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rowsToParquet } from "../../src/experiments/records.ts"
import { json, losslattice, root } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-query-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const runs = join(scratch, "runs")
let first = ""
let second = ""

const query = (...args: ReadonlyArray<string>) => losslattice("query", "--runs", runs, ...args)
const ask = (statement: string, ...args: ReadonlyArray<string>) => {
  const { code, out, err } = query("hello", statement, "--format", "csv", ...args)
  expect(code, err).toBe(0)
  return out.trim().split("\n")
}

beforeAll(() => {
  const run = (...overrides: ReadonlyArray<string>): string => {
    const small = ["--small", "figures.only=[lattice]", "validate.properties=[P8]", "--out", runs]
    const { code, out, err } = losslattice("run", join(root, "configs/hello.yaml"), ...small, ...overrides)
    expect(code, err).toBe(0)
    return out.trim().split("\n").at(-1)!
  }
  first = run()
  second = run("seeds=3,4,5")
  // The second lacks a table, has nothing but nulls in a column, and two columns of its own.
  const records = join(second, "records")
  for (const name of ["catalogue.parquet", "catalogue.jsonl"]) rmSync(join(records, name))
  writeFileSync(
    join(records, "extra.parquet"),
    rowsToParquet([{ run: "mine", study: 1, value: Number.NaN, empty: null }])
  )
  mkdirSync(join(first, "records"), { recursive: true })
  writeFileSync(join(first, "records/extra.parquet"), rowsToParquet([{ value: 2, empty: 7, own: true }]))
  writeFileSync(join(first, "records/nothing.parquet"), rowsToParquet([]))
})

describe("query", () => {
  it("finds runs by folder, by a folder of runs, by study, by the beginning of the hash", () => {
    const count = (...names: ReadonlyArray<string>) => query(...names, "select count(*) as n from runs", "--json").out
    expect(JSON.parse(count(first))).toEqual([{ n: 1 }])
    expect(JSON.parse(count(runs))).toEqual([{ n: 2 }])
    expect(JSON.parse(count(join(runs, "hello")))).toEqual([{ n: 2 }])
    expect(JSON.parse(count("hello"))).toEqual([{ n: 2 }])
    expect(JSON.parse(count(`hello/${basename(second).slice(0, 6)}`))).toEqual([{ n: 1 }])
    // Named twice, a run is counted once.
    expect(JSON.parse(count(first, "hello", first))).toEqual([{ n: 2 }])
  })

  it("says of each run what its manifest says", () => {
    const { out } = query(second, "from runs", "--json")
    const manifest = JSON.parse(readFileSync(join(second, "manifest.json"), "utf8")) as Record<string, unknown>
    expect(JSON.parse(out)).toEqual([
      {
        run: `hello/${basename(second)}`,
        study: "hello",
        hash: basename(second),
        title: "Hello: one loss from definition to figure",
        commit: manifest.commit ?? null,
        dirty: manifest.dirty ?? null,
        started: (manifest.started as string).replace("T", " ").replace(/\.?0*Z$/, ""),
        finished: (manifest.finished as string).replace("T", " ").replace(/\.?0*Z$/, ""),
        status: "finished",
        seeds: [3, 4, 5],
        folder: second
      }
    ])
  })

  it("unites the runs' tables, and leaves out runs that lack one", () => {
    const seeds = ask("select run, count(distinct seed) as seeds from bandit group by run order by seeds")
    expect(seeds).toEqual(["run,seeds", `hello/${basename(first)},2`, `hello/${basename(second)},3`])
    expect(ask("select distinct run from catalogue")).toEqual(["run", `hello/${basename(first)}`])
    expect(ask('select count(*) from "bandit-summary"')).toEqual(ask("select count(*) from bandit_summary"))
    // Numbers stay numbers beside a run whose column is empty; a record's own `run` and `study` make way.
    expect(ask("select typeof(empty), typeof(own), record_run, record_study from extra order by record_run")).toEqual([
      "typeof(empty),typeof(own),record_run,record_study",
      "DOUBLE,BOOLEAN,mine,1",
      "DOUBLE,BOOLEAN,,"
    ])
  })

  it("lists the tables without a statement", () => {
    const { tables } = json<{ tables: ReadonlyArray<{ name: string; alias?: string; rows: number }> }>("query", first)
    expect(tables.map(({ name }) => name)).toEqual([
      ...["runs", "bandit", "bandit_summary", "catalogue", "extra", "landscape", "validate"]
    ])
    expect(tables.find(({ name }) => name === "bandit_summary")?.alias).toBe("bandit-summary")
    expect(tables.find(({ name }) => name === "catalogue")?.rows).toBe(3)
    expect(query(first).out).toMatch(/^bandit_summary \(or "bandit-summary"\), \d+ rows\n {2}column +type\n/m)
  })

  it("prints a table for people, in full to files", () => {
    const { out, err } = query(first, "select 1/3::double as third, 'a' || chr(10) || chr(27) as text, null as gap")
    expect(out).toBe("third     text       gap\n0.333333  a\\n\\u001b\n")
    expect(err).toBe("1 row\n")
    const values =
      "select 1/3::double as a, 'x,\"y\"' as b, [1, 2] as c, {'k': 2::hugeint} as d, null as e, 2::bigint ** 60 as f, 9007199254740993 as g"
    expect(query(first, values, "--format", "csv").out).toBe(
      'a,b,c,d,e,f,g\n0.3333333333333333,"x,""y""","[1,2]","{""k"":2}",,1152921504606847000,9007199254740993\n'
    )
    expect(JSON.parse(query(first, values, "--format", "json").out)).toEqual([
      { a: 1 / 3, b: 'x,"y"', c: [1, 2], d: { k: 2 }, e: null, f: 2 ** 60, g: "9007199254740993" }
    ])
  })

  it("names what is not finite", () => {
    const { out, err } = query("hello", "select value from extra order by value", "--format", "json")
    expect(JSON.parse(out)).toEqual([{ value: 2 }, { value: "NaN" }])
    expect(err).toBe("losslattice: warning: column value is NaN in 1 of 2 rows\n")
  })

  it("writes files by their ending, and replaces another's content only when told", async () => {
    const statement = "select loss, seed::integer as seed, final, expectedReward, [1] as list from bandit order by seed"
    const file = join(scratch, "deep/bandit.parquet")
    expect(query(first, statement, "--out", file)).toMatchObject({ code: 0, out: "" })
    const bytes = readFileSync(file)
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer })
    expect(rows[0]).toEqual({
      loss: "cpo_core",
      seed: 0n,
      final: expect.any(Boolean),
      expectedReward: expect.any(Number),
      list: "[1]"
    })
    // The same again is no other content.
    expect(query(first, statement, "--out", file).code).toBe(0)
    const other = query(first, "select 1 as one", "--out", file)
    expect(other.code).toBe(2)
    expect(other.err).toMatch(/there already with other content; .*--force/)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(query(first, "select 1 as one", "--out", file, "--force").code).toBe(0)
  })
})

/** Statements that are refused, and what the sentence says. */
const refused: ReadonlyArray<readonly [string, RegExp]> = [
  ["select * from read_csv('/etc/passwd')", /position 15: Cannot access file.*nothing else/],
  ["from read_text('/etc/hostname')", /Cannot access file/],
  ["from '/etc/passwd'", /position 6: Table with name \/etc\/passwd does not exist; tables: runs, bandit/],
  [`copy bandit to '${scratch}/stolen.csv'`, /Cannot access file/],
  [`attach '${scratch}/other.db'`, /kind "attach" is not allowed; .*select, with/],
  ["install httpfs", /kind "load"/],
  ["load httpfs", /kind "load"/],
  ["set enable_external_access = true", /kind "set"/],
  ["drop table bandit", /kind "drop"/],
  ["delete from bandit", /kind "delete"/],
  ["create table t as select 1", /kind "create"/],
  ["call enable_logging()", /kind "call"/],
  ["explain analyze select 1", /kind "explain"/],
  ["select 1; select 2", /2 statements/],
  ["select 1; drop table bandit", /2 statements/],
  ["", /the statement is empty/],
  ["  ", /the statement is empty/],
  ["select * from nope", /position 15: Table with name nope does not exist; tables: runs, bandit, bandit_summary/],
  ["select 'é', nope from bandit", /position 13: Referenced column "nope" not found/],
  ["selec 1 from bandit", /position 1: syntax error at or near "selec"/],
  ["select loss, from bandit where", /position 31: syntax error/],
  ["select cast(loss as integer) from bandit", /Could not convert string/],
  ["select ? from bandit", /parameters/]
]

describe("a statement", () => {
  it.each(refused)("%s is refused", (statement, says) => {
    const { code, out, err } = query(first, statement)
    expect(err).toMatch(says)
    expect(err).toMatch(/^losslattice: [^\n]+\n$/)
    expect([code, out]).toEqual([2, ""])
  })

  it("leaves nothing behind", () => expect(existsSync(join(scratch, "stolen.csv"))).toBe(false))

  it.each(["describe bandit", "show tables", "summarize bandit", "with a as (from runs) from a", "values (1)"])(
    "%s is answered",
    (statement) => expect(query(first, statement).code).toBe(0)
  )
})

describe("a wrong question", () => {
  const wrong: ReadonlyArray<readonly [string, () => ReadonlyArray<string>, RegExp]> = [
    ["no such run", () => ["helo", "select 1"], /helo: no such run; .*nearest: hello/],
    ["no such hash", () => ["hello/zzz", "select 1"], /hello\/zzz: no such run/],
    ["a folder of none", () => [root, "select 1"], /no run in it/],
    ["a statement alone", () => ["select 1"], /no run is named before the statement/],
    ["a statement first", () => ["select 1", first], /select 1: no such run; .*a statement comes last/],
    ["parquet without a file", () => [first, "select 1", "--format", "parquet"], /--format parquet: .*--out FILE/],
    ["a format that is none", () => [first, "select 1", "--format", "xml"], /xml/],
    ["two formats", () => [first, "select 1", "--format", "csv", "--json"], /--json and --format csv/],
    ["a file for no result", () => [first, "--out", join(scratch, "x.csv")], /--out: without a statement/],
    ["a folder as file", () => [first, "select 1", "--out", scratch], /is a folder, a file is needed/],
    ["a file where none can be", () => [first, "select 1", "--out", "/proc/none/x.csv"], /cannot be written/]
  ]
  it.each(wrong)("%s ends with 2 and a sentence", (_what, args, says) => {
    const { code, out, err } = query(...args())
    expect(err).toMatch(says)
    expect(err).toMatch(/^losslattice: [^\n]+\n$/)
    expect([code, out]).toEqual([2, ""])
  })

  it("is one of a run without records, alone; among others it is named", () => {
    const bare = join(scratch, "bare")
    cpSync(first, join(bare, "one"), { recursive: true })
    renameSync(join(bare, "one/records"), join(bare, "one/away"))
    expect(query(join(bare, "one"), "select 1")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/without records/)
    })
    const both = query(join(bare, "one"), second, "select count(*) as n from runs", "--json")
    expect(JSON.parse(both.out)).toEqual([{ n: 2 }])
    expect(both.err).toMatch(/warning: .*one: a run without records/)
    // The same run in two folders would count twice.
    expect(query(join(bare, "one"), first, "select 1")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is in .* too/)
    })
  })

  it("is one of a file that is no Parquet, by its name", () => {
    const broken = join(scratch, "broken")
    cpSync(first, broken, { recursive: true })
    writeFileSync(join(broken, "records/bandit.parquet"), "PAR1 half of it")
    expect(query(broken, "select 1")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/bandit\.parquet: not readable/)
    })
  })
})
