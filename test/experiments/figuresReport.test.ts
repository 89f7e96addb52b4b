import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { applicableFigures } from "../../src/experiments/figures/index.ts"
import { type BehaviourClass, emptyRecords, type Records } from "../../src/experiments/figures/records.ts"
import { buildReport, inlineSvg, type ReportStudy } from "../../src/experiments/report/buildReport.ts"
import {
  changes,
  classGap,
  classShare,
  driftAgreement,
  finalLead,
  regretLead
} from "../../src/experiments/report/comparisons.ts"
import { findings } from "../../src/experiments/report/findings.ts"
import { setupOf } from "../../src/experiments/report/setup.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { htmlMath, tableHtml } from "../../src/experiments/tables/html.ts"
import { tableTex } from "../../src/experiments/tables/latex.ts"
import { texText } from "../../src/experiments/tables/latexText.ts"
import { csvField, intervalText, significant, type Table, tableCsv } from "../../src/experiments/tables/table.ts"
import { studyTables, writeTables } from "../../src/experiments/tables.ts"
import { banditRows, syntheticRecords } from "./fixtures/synthetic.ts"

const quickstart = Schema.decodeUnknownSync(ExperimentConfig)(
  parse(readFileSync("configs/quickstart.yaml", "utf8"), { merge: true })
)

const study: ReportStudy = {
  title: "Made-up study <1>",
  question: "Which loss is safe & sound?",
  command: "losslattice run configs/made-up.yaml",
  configHash: "0123abcd",
  config: 'name: made-up\nlosses: [dpo, "<cpo>"]\n',
  seeds: [0, 1, 2],
  version: "0.0.0",
  limits: ["The model has 0.2 million parameters."]
}

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" class="marks" width="100" height="50" viewBox="0 0 100 50">' +
  '<style>@font-face{font-family:"LossLattice Sans";src:url(data:font/woff2;base64,AAAA) format("woff2")}</style>' +
  '<g clip-path="url(#d0)"><text>−ρ</text></g><defs><clipPath id="d0"><rect/></clipPath></defs></svg>'

const reportOf = (records: Records): string =>
  buildReport({
    study,
    records,
    figures: applicableFigures(records).map((figure) => ({
      id: figure.id,
      title: figure.title,
      caption: figure.caption(records),
      alt: figure.alt(records),
      svg
    }))
  })

/** Text that a reader sees, tags and style left out. */
const readable = (html: string): string => html.replaceAll(/<style>[\s\S]*?<\/style>/g, "").replaceAll(/<[^>]+>/g, " ")

describe("the report", () => {
  const html = reportOf(syntheticRecords)

  it("fetches nothing and holds nothing of the machine", () => {
    expect(html).not.toMatch(/https?:|\bsrc=|<link|<script|@import|file:|\/home\/|\/root\/|\/tmp\//)
    for (const match of html.matchAll(/url\(([^)]{0,9})/g)) expect(match[1]).toMatch(/^(#|data:font)/)
    expect(reportOf(syntheticRecords)).toBe(html)
  })

  it("has no trace of a missing value", () => {
    expect(readable(html)).not.toMatch(/NaN|undefined|\[object|Infinity/)
    expect(readable(reportOf(emptyRecords))).not.toMatch(/NaN|undefined|\[object|Infinity/)
  })

  it("is one well-formed page: headings in order, ids unique, links that lead somewhere, figures described", () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!)
    expect(new Set(ids).size).toBe(ids.length)
    for (const match of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(match[1])
    const levels = [...html.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]))
    expect(levels[0]).toBe(1)
    for (let i = 1; i < levels.length; i++) expect(levels[i]! - levels[i - 1]!).toBeLessThanOrEqual(1)
    expect(html.match(/<svg role="img" aria-label="[^"]+"/g)).toHaveLength(applicableFigures(syntheticRecords).length)
    for (const tag of ["section", "figure", "table", "dl", "ul", "pre", "div", "span"]) {
      expect(html.split(new RegExp(`<${tag}[ >]`)).length, tag).toBe(html.split(`</${tag}>`).length)
    }
  })

  it("escapes what comes from people and records", () => {
    expect(html).toContain("Made-up study &lt;1&gt;")
    expect(html).toContain("losses: [dpo, &quot;&lt;cpo&gt;&quot;]")
    expect(html).toContain("with &lt;tags&gt; &amp; signs")
  })

  it("tells refusals with their counterexamples, and how to do it again", () => {
    expect(readable(html)).toContain("log π(w) −2.30 → −2.41")
    expect(html).toContain("selected by force")
    for (const text of [study.command, study.configHash, "0, 1, 2", study.limits![0]!]) expect(html).toContain(text)
  })

  it("says what the names in its sentences stand for, with every setting", () => {
    const { studies } = quickstart.bandit!
    const setup = Object.fromEntries(setupOf(quickstart).map(({ name, meaning }) => [name, meaning]))
    expect(Object.keys(setup)).toEqual([
      "Query “novel-safe”",
      ...Object.keys(studies).map((name) => `Environment “${name}”`),
      "Finetuning"
    ])
    expect(setup["Query “novel-safe”"]).toContain("required: strictly-monotone, chosen-safe")
    expect(setup["Environment “clean”"]).toBe(
      "Bradley–Terry preferences over given or drawn rewards, arms 8, reference normal, behaviour reference; 4,000 sampled" +
        " pairs; Adam at 0.02, 3,000 updates; each with cross-entropy weights 0 and 0.1; seeds 0 to 7"
    )
    expect(setup.Finetuning).toContain("150 updates of 16 pairs")
    const page = buildReport({
      study: { ...study, setup: setupOf(quickstart) },
      records: syntheticRecords,
      figures: []
    })
    expect(page).toContain("<dt>Environment “sparse”</dt><dd>Noisy, sparse comparisons")
  })

  it("says what a wrapper is around", () => {
    const { bandit, ...config } = quickstart
    const clean = bandit!.studies.clean!
    const wrapped = { ...clean, environment: { kind: "noise", rate: 0.2, of: clean.environment } } as const
    const meanings = setupOf({ ...config, bandit: { ...bandit!, studies: { wrapped } } }).map(({ meaning }) => meaning)
    expect(meanings.join("; ")).toContain(
      "Labels turned at random, rate 0.2, around: Bradley–Terry preferences over given or drawn rewards, arms 8,"
    )
  })

  it("writes p_w in captions as a letter with its subscript", () => {
    const caption = html.slice(html.indexOf('id="figure-loss-maps"'))
    expect(caption).toContain("response, <i>p</i><sub>w</sub> and <i>p</i><sub>l</sub>.")
    expect(readable(html).match(/\b[pa]_[wl]\b/g) ?? []).toEqual([])
  })

  it("keeps ids and clip paths of inlined pictures apart", () => {
    const inlined = inlineSvg({ id: "one", title: "", caption: "", alt: 'a "b"', svg })
    expect(inlined).toContain('clip-path="url(#one-d0)"')
    expect(inlined).toContain('id="one-d0"')
    expect(inlined).toContain('aria-label="a &quot;b&quot;"')
    expect(inlined).not.toMatch(/xmlns|font-face/)
  })
})

describe("findings", () => {
  const text = (records: Records): string =>
    findings(records)
      .flatMap((finding) => finding.sentences)
      .join(" ")

  it("follow the records: the other way round gives the other sentence", () => {
    expect(text(syntheticRecords)).toMatch(/log-probability of chosen responses \(nats\) fell under CPO \(−/)
    const mirrored: Records = {
      ...syntheticRecords,
      finetune: syntheticRecords.finetune.map((row) => ({ ...row, "logps/chosen": -(row["logps/chosen"] as number) }))
    }
    expect(text(mirrored)).toMatch(/log-probability of chosen responses \(nats\)[^.]*rose under CPO/)
  })

  it("call a difference resolved only when its interval leaves zero out", () => {
    const noisy: Records = {
      ...emptyRecords,
      finetune: [0, 1, 2].flatMap((seed) =>
        [0, 10].map((step) => ({
          cell: "c",
          loss: "dpo",
          seed,
          step,
          kind: "evaluation" as const,
          "gold/reward": step === 0 ? 0 : [1, -1, 0.2][seed]!
        }))
      )
    }
    expect(changes(noisy, "dpo", "gold/reward")?.resolved).toBe(false)
    expect(text(noisy)).toMatch(/During training the change of the gold reward is not resolved under dpo/)
    const clear = {
      ...noisy,
      finetune: noisy.finetune.map((row) => ({ ...row, "gold/reward": row.step / 10 + row.seed / 100 }))
    }
    expect(changes(clear, "dpo", "gold/reward")).toMatchObject({ mean: 1, resolved: true, seeds: 3 })
    const single = { ...clear, finetune: clear.finetune.filter((row) => row.seed === 0) }
    expect(changes(single, "dpo", "gold/reward")?.resolved).toBe(false)
  })

  it("compare classes and losses paired by seed", () => {
    const final = banditRows.filter((row) => row.final && row.environment === "clean")
    expect(classGap(final, "rankingAccuracy")).toMatchObject({
      best: "neither",
      next: "both",
      difference: { resolved: true }
    })
    expect(
      classGap(
        final.filter((row) => row.class === "both"),
        "rankingAccuracy"
      )
    ).toBeUndefined()
    expect(finalLead(syntheticRecords, "gold/reward")?.difference.seeds).toBe(3)
    expect(text(syntheticRecords)).toMatch(
      /“clean” the class “neither \(CPO-like\)” has the highest ranking accuracy; its lead/
    )
    // Regrets of 0 and 4e-16 are the same policy; a lead of that size is none.
    const alike = final.map((row) => ({ ...row, regret: row.loss === final[0]!.loss ? 0 : 4e-16 }))
    expect(regretLead(alike)?.difference.resolved).toBe(false)
    expect(regretLead(alike.map((row) => ({ ...row, regret: 1e6 * row.regret })))?.difference.resolved).toBe(true)
    const agreement = driftAgreement(syntheticRecords)
    expect(agreement.losses).toBe(3)
    // Runs with a cross-entropy term or an added reference are other conditions: sentences speak of the plain one.
    const other = banditRows.map((row) => ({
      ...row,
      ceWeight: 0.1,
      chosenLogpDrift: -100 * (row.chosenLogpDrift as number)
    }))
    expect(driftAgreement({ ...syntheticRecords, bandit: [...banditRows, ...other] })).toEqual(agreement)
  })

  it("say how much of the differences between losses their class accounts for", () => {
    const template = banditRows.find((row) => row.final)!
    const row = (loss: string, id: BehaviourClass, expectedReward: number) => ({
      ...template,
      loss,
      class: id,
      expectedReward
    })
    const within = [row("a", "both", 1), row("b", "both", 3), row("c", "neither", 1), row("d", "neither", 3)]
    expect(classShare(within, "expectedReward")).toBe(0)
    const between = [row("a", "both", 1), row("b", "both", 1), row("c", "neither", 3)]
    expect(classShare(between, "expectedReward")).toBe(1)
    // Class means 1 and 4, all four losses 2.5: between 4 · 1.5² = 9, within 4 · 1² = 4.
    const mixed = [row("a", "both", 0), row("b", "both", 2), row("c", "neither", 3), row("d", "neither", 5)]
    expect(classShare(mixed, "expectedReward")).toBeCloseTo(9 / 13, 12)
    // One loss a class, or losses that are all alike, say nothing about classes.
    expect(classShare([mixed[0]!, mixed[2]!], "expectedReward")).toBeUndefined()
    expect(
      classShare(
        between.map((one) => ({ ...one, expectedReward: 1 })),
        "expectedReward"
      )
    ).toBeUndefined()
    expect(text(syntheticRecords)).toMatch(
      /in the environment “clean” the behaviour class, [^.]*accounts for \d+ % in ranking/
    )
  })

  it("say nothing about stages that did not run", () => {
    expect(findings(emptyRecords)).toEqual([])
  })
})

describe("tables", () => {
  const tricky: Table = {
    name: "tricky",
    title: "Tricky",
    caption: "50% of A_1 & {B}.",
    columns: [
      { key: "name", title: "name", kind: "text" },
      { key: "value", title: "value", kind: "interval" },
      { key: "formula", title: "formula", kind: "formula" },
      { key: "ratio", title: "ratio", kind: "ratio" },
      { key: "note", title: "note", kind: "text", only: "page" }
    ],
    rows: [
      [
        'a "quoted", text\nof two lines',
        { mean: -0.5, low: -1, high: 0.25, seeds: 3, resolved: false },
        "M(l) -> M(w)",
        "p_w*(1-p_l)",
        "x"
      ],
      ["~^\\#$", undefined, undefined, undefined, undefined]
    ]
  }

  it("write CSV that reads back", () => {
    expect(csvField('say "a", b')).toBe('"say ""a"", b"')
    expect(tableCsv(tricky)).toBe(
      "name,value_mean,value_low,value_high,value_seeds,formula,ratio,note\n" +
        '"a ""quoted"", text\nof two lines",-0.5,-1,0.25,3,M(l) -> M(w),p_w*(1-p_l),x\n' +
        "~^\\#$,,,,,,,\n"
    )
  })

  it("write LaTeX with everything escaped and braces balanced", () => {
    expect(texText("50% A_1 & {B} #$~^\\ <−π>")).toBe(
      "50\\% A\\_1 \\& \\{B\\} \\#\\$\\textasciitilde{}\\textasciicircum{}\\textbackslash{} \\textless{}$-$$\\pi$\\textgreater{}"
    )
    const tex = tableTex(tricky)
    expect(tex).toContain("\\mathrm{M}(y_l) \\rightarrow \\mathrm{M}(y_w)")
    expect(tex).toContain("$p_{w}\\,(1-p_{l})$")
    expect(tex).toContain("not resolved")
    expect(tex).not.toMatch(/\bnote\b/)
  })

  it("tell rows apart in LaTeX by every setting that differs", () => {
    const withTerm = { ...syntheticRecords, bandit: banditRows.flatMap((row) => [row, { ...row, ceWeight: 0.1 }]) }
    const lines = (records: Records) => {
      const tex = writeTables(records).find(({ name }) => name === "bandit-losses")!.tex
      return tex
        .replaceAll(/\\begin\{tabular\}\[b\]\{@\{\}.@\{\}\}|\\end\{tabular\}/g, "")
        .split("\n")
        .filter((line) => line.includes(" & "))
    }
    expect(lines(withTerm)[0]).toMatch(/CE(?: |\\\\)weight/)
    const rows = lines(withTerm).filter((line) => !line.startsWith("environment"))
    expect(new Set(rows).size).toBe(rows.length)
    expect(lines(syntheticRecords)[0]).not.toContain("CE")
  })

  it("fold long lists of names on the page, and break the cells of wide tables on paper, or turn the page", () => {
    const names = ["dpo", "cdpo", "ipo", "hinge", "aot"]
    const table: Table = {
      ...tricky,
      columns: [{ key: "same", title: "same", kind: "codes" }],
      rows: [[names.join(" ")], [names.slice(0, 4).join(" ")], [""]]
    }
    expect(tableHtml(table)).toContain(
      "<code>ipo</code> <details><summary>and 2 more</summary><code>hinge</code> <code>aot</code></details>"
    )
    expect(tableHtml(table).match(/<details>/g)).toHaveLength(1)
    const interval = { mean: -0.123, low: -0.456, high: -0.0123, seeds: 3 }
    const columns = Array.from({ length: 5 }, (_, k) => ({ key: `k${k}`, title: `k${k}`, kind: "interval" as const }))
    const wide = tableTex({ ...tricky, columns, rows: [columns.map(() => interval)] })
    expect(wide).toMatch(/p\{0\.\d+\\linewidth\}/)
    const narrow = tableTex({ ...tricky, columns: columns.slice(0, 2), rows: [[interval, interval]] })
    expect(narrow).toContain("\\begin{tabular}{@{}ll@{}}")
    const many = [...columns, ...columns, ...columns].map((column, k) => ({ ...column, key: `k${k}` }))
    expect(tableTex({ ...tricky, columns: many, rows: [many.map(() => interval)] })).toContain("\\begin{landscape}")
  })

  it.each(writeTables(syntheticRecords))("$name compiles as far as braces and mathematics go", ({ name, tex, csv }) => {
    const bare = tex.replaceAll(/\\[\\{}$&#%_]/g, (escaped) => (escaped === "\\\\" ? "\n" : ""))
    let depth = 0
    for (const character of bare) {
      if (character === "{") depth++
      if (character === "}") depth--
      expect(depth).toBeGreaterThanOrEqual(0)
    }
    expect(depth).toBe(0)
    expect((bare.match(/\$/g) ?? []).length % 2).toBe(0)
    expect(tex).not.toMatch(/[^\x20-\xff\n]/)
    const table = studyTables(syntheticRecords).find((one) => one.name === name)!
    expect(csv.split("\n").length - 1).toBeGreaterThanOrEqual(table.rows.length + 1)
    expect(csv).not.toMatch(/NaN|undefined|\[object/)
  })

  it("show numbers to three digits with a minus sign, HTML escaped", () => {
    expect([0, 12, 1.2345, -0.012345, 123.456, 1234567.8, -1e-9, -5e-17].map(significant)).toEqual([
      "0",
      "12",
      "1.23",
      "−0.0123",
      "123",
      "1.23e+6",
      "−1.00e−9",
      "0"
    ])
    expect(intervalText({ mean: 1, low: 1, high: 1, seeds: 1 })).toBe("1 (one run)")
    expect(intervalText({ mean: 1, low: 0.5, high: 1.5, seeds: 1 })).toBe("1 [0.500, 1.50]")
    expect(htmlMath("p_w < 1")).toBe("<i>p</i><sub>w</sub> &lt; 1")
    expect(tableHtml(tricky)).toContain('<th scope="row">a &quot;quoted&quot;, text\nof two lines</th>')
  })
})
