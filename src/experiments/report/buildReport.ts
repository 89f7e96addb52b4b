/**
 * @file A study as one page that explains itself: what was asked, what was found, the pictures and the numbers behind them,
 * what was refused and why, and how to do it again. The page is self-contained (style, pictures and typeface inside, nothing
 * fetched) and holds no clock time, host or path, so that the same records give the same bytes.
 */
import { fontFaceCss } from "../figures/drawing/fonts.ts"
import { distinct } from "../figures/drawing/intervals.ts"
import { lossNames } from "../figures/drawing/lossNames.ts"
import type { Records, SelectRow } from "../figures/records.ts"
import { propertyTitle } from "../figures/verdictMatrix.ts"
import { claimRows, claimsTable } from "../tables/claims.ts"
import { htmlMath, htmlText, tableHtml } from "../tables/html.ts"
import { evidenceText } from "../tables/outcomes.ts"
import { studyTables } from "../tables.ts"
import { findings } from "./findings.ts"
import { glossary } from "./glossary.ts"
import { lossSections } from "./lossSections.ts"
import { listed } from "./phrases.ts"
import type { Setup } from "./setup.ts"
import { reportStyle } from "./style.ts"

/** A figure as the report shows it; `svg` as render.ts writes it. */
export interface ReportFigure {
  readonly id: string
  readonly title: string
  readonly caption: string
  readonly alt: string
  readonly svg: string
  /** What is to be seen in it, sentences made from the records. */
  readonly findings?: readonly string[]
}

/** What the study was, without anything that differs from machine to machine. */
export interface ReportStudy {
  readonly title: string
  /** What was asked, in the words of the study's file; absent: said from the stages that ran. */
  readonly question?: string
  /** The command that runs the study again. */
  readonly command: string
  readonly configHash: string
  /** The configuration as resolved, YAML. */
  readonly config: string
  readonly seeds: readonly number[]
  /** The program's version. */
  readonly version: string
  /** What the names of queries, bandits and finetuning stand for. */
  readonly setup?: readonly Setup[]
  /** What a reader must keep in mind beyond what the records say (model and data sizes, say), one sentence each. */
  readonly limits?: readonly string[]
}

/** Everything a report is made from. */
export interface ReportInput {
  readonly study: ReportStudy
  readonly records: Records
  readonly figures: readonly ReportFigure[]
}

/** An SVG for use inside a page: no namespaces or typeface of its own, ids made unique, described for screen readers. */
export const inlineSvg = (figure: ReportFigure): string => {
  const prefix = `${figure.id}-`
  return figure.svg
    .replace(/<style>@font-face[\s\S]*?<\/style>/, "")
    .replaceAll(/ xmlns(?::xlink)?="[^"]*"/g, "")
    .replaceAll(/ id="([^"]+)"/g, (_, id: string) => ` id="${prefix}${id}"`)
    .replaceAll(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${prefix}${id})`)
    .replace(/^<svg([^>]*) width="([\d.]+)" height="[\d.]+"/, (_, before: string, width: string) => {
      // Somewhat larger than the file's own size: the page's text is larger than a paper's.
      return `<svg role="img" aria-label="${htmlText(figure.alt)}"${before} style="width:${Math.round(1.2 * Number(width))}px"`
    })
}

const figureHtml = (figure: ReportFigure, number: number): string =>
  `<figure id="figure-${figure.id}"><div class="picture">${inlineSvg(figure)}</div>` +
  `<figcaption><strong>Figure ${number}: ${htmlText(figure.title)}.</strong> ${htmlMath(figure.caption)}</figcaption></figure>` +
  seen(figure.findings ?? [])

const seen = (findings: readonly string[]): string =>
  findings.length === 0
    ? ""
    : `<ul class="seen">${findings.map((text) => `<li>${htmlMath(text)}</li>`).join("\n")}</ul>`

const paragraphs = (sentences: readonly string[]): string =>
  sentences.length <= 2
    ? sentences.map((sentence) => `<p>${htmlText(sentence)}</p>`).join("\n")
    : `<ul>${sentences.map((sentence) => `<li>${htmlText(sentence)}</li>`).join("\n")}</ul>`

const stageQuestions: readonly (readonly [keyof Records, string])[] = [
  ["catalogue", "Which published preference losses are logic, and which logic are they?"],
  ["landscape", "How are the possible losses ordered?"],
  ["maps", "Which losses pull a policy in the same directions, and which are far from all others?"],
  [
    "surfaces",
    "Where do the losses' minima lie in policy space, what escapes, and how sharp and connected are the policies they train?"
  ],
  ["derive", "Which losses have the wanted properties, and which of them are new?"],
  ["validate", "What can be proved or refuted about each loss?"],
  ["bandit", "What does each loss do to policies in worlds that are small enough to compute?"],
  [
    "regression",
    "What predicts what a loss does there: its depth in the lattice, its behaviour class, or something else?"
  ],
  ["finetune", "Does a finetuned language model behave as the bandits say?"]
]

const asked = ({ study, records }: ReportInput): string => {
  const questions = stageQuestions.filter(([name]) => records[name].length > 0).map(([, question]) => question)
  const own = study.question === undefined ? "" : `<p>${htmlText(study.question)}</p>`
  return `${own}<ul>${questions.map((question) => `<li>${question}</li>`).join("\n")}</ul>`
}

const found = (records: Records): string =>
  findings(records)
    .map((finding) => `<h3>${htmlText(finding.heading)}</h3>\n${paragraphs(finding.sentences)}`)
    .join("\n")

/** The claims, first of all: how many stand, and each with what decides it. */
const claimed = (records: Records): string => {
  const rows = claimRows(records)
  if (rows.length === 0) return ""
  const standing = rows.filter((row) => row.stands).length
  return (
    `<p class="${standing === rows.length ? "proved" : "refuted"}">${standing} of ${rows.length} stand.</p>` +
    tableHtml(claimsTable(records))
  )
}

const definitions = (entries: readonly (readonly [string, string])[]): string =>
  entries.length === 0
    ? ""
    : `<dl>${entries.map(([term, meaning]) => `<dt>${htmlText(term)}</dt><dd>${htmlText(meaning)}</dd>`).join("\n")}</dl>`

const setup = ({ study }: ReportInput): string =>
  definitions((study.setup ?? []).map(({ name, meaning }) => [name, `${meaning}.`]))

const terms = (records: Records): string => definitions(glossary(records).map(({ term, meaning }) => [term, meaning]))

const propertyList = (records: Records): string => {
  const rows = distinct(records.validate.map((row) => row.property)).map((property) => {
    const row = records.validate.find((one) => one.property === property)
    return `<dt>${htmlMath(propertyTitle(property))}</dt><dd>${htmlText(row?.statement ?? "")}</dd>`
  })
  return rows.length === 0 ? "" : `<h3>What the properties say</h3><dl>${rows.join("\n")}</dl>`
}

const evidenceHtml = (evidence: string | undefined): string =>
  evidence === undefined ? "" : `<pre>${htmlText(evidence)}</pre>`

/** Losses held back or forced: those with a counterexample one by one, the others in a list. */
const heldBack = (records: Records, names: ReadonlyMap<string, string>): string => {
  const rows = records.select.filter((row) => !row.selected || row.forced)
  if (rows.length === 0) return "<p>None was held back.</p>"
  const title = (row: SelectRow) =>
    `${htmlText(names.get(row.loss) ?? row.loss)}${row.forced ? " (selected by force)" : ""}`
  const shown = rows.filter((row) => row.counterexample !== undefined || row.forced)
  const listedRows = rows.filter((row) => !shown.includes(row))
  const single = shown.map(
    (row) => `<h4>${title(row)}</h4><p>${htmlText(row.reason)}</p>${evidenceHtml(evidenceText(row.counterexample))}`
  )
  const list = listedRows.map((row) => `<li>${title(row)}: ${htmlText(row.reason)}</li>`)
  return `${list.length === 0 ? "" : `<ul>${list.join("\n")}</ul>`}${single.join("\n")}`
}

const refusals = (records: Records): string => {
  const names = lossNames(
    records,
    [...records.select, ...records.validate].map((row) => row.loss)
  )
  const selection =
    records.select.length === 0 ? "" : `<h3>Losses held back from finetuning</h3>${heldBack(records, names)}`
  return selection + counterexamples(records, names)
}

/** For every refuted property the losses it fails for, and one counterexample as a small bandit to read. */
const counterexamples = (records: Records, names: ReadonlyMap<string, string>): string => {
  const refuted = records.validate.filter((row) => row.verdict === "refuted")
  if (refuted.length === 0) return ""
  const order = distinct(records.validate.map((row) => row.property))
  const properties = order.filter((property) => refuted.some((row) => row.property === property))
  const items = properties.map((property) => {
    const rows = refuted.filter((row) => row.property === property)
    const shown = rows.find((row) => row.counterexample !== undefined)
    const evidence = evidenceText(shown?.counterexample)
    const losses = listed(rows.map((row) => names.get(row.loss) ?? row.loss))
    const example =
      evidence === undefined
        ? ""
        : `<p class="note">Counterexample for ${htmlText(names.get(shown?.loss ?? "") ?? "")}:</p><pre>${htmlText(evidence)}</pre>`
    return `<h4>${htmlMath(propertyTitle(property))}</h4><p>Refuted for ${htmlText(losses)}.</p>${example}`
  })
  return `<h3>Properties refuted</h3>${items.join("\n")}`
}

const limits = ({ study, records }: ReportInput): string => {
  const generic: readonly (readonly [boolean, string])[] = [
    [
      records.validate.length > 0,
      "“Held” says only that random search found nothing; rare counterexamples can be missed."
    ],
    [
      records.bandit.length > 0,
      "Bandits have few arms and exact expectations; what holds there need not hold for language models, where responses share parameters."
    ],
    [
      records.finetune.length > 0,
      "The finetuned models are far smaller than those in use, and their gold reward is an automatic score; differences between losses may change with size, data and judge."
    ],
    [
      records.bandit.length + records.finetune.length > 0,
      "Intervals are over seeds of this study alone: they do not cover other settings of learning rate, β or data. Each is a 95 % interval by itself: of many comparisons some are resolved by chance, the more so where the best of several is compared with the next."
    ]
  ]
  const said = [...(study.limits ?? []), ...generic.filter(([applies]) => applies).map(([, sentence]) => sentence)]
  return paragraphs(said.length === 0 ? ["Everything in this study is exact; it says nothing about training."] : said)
}

const reproduce = ({ study }: ReportInput): string =>
  `<p>The same configuration gives the same records, figures, tables and page, byte for byte.</p>
<pre><code>${htmlText(study.command)}</code></pre>
<dl><dt>Configuration hash</dt><dd><code>${htmlText(study.configHash)}</code></dd>
<dt>Seeds</dt><dd>${study.seeds.length === 0 ? "none" : htmlText(study.seeds.join(", "))}</dd>
<dt>Program</dt><dd>losslattice ${htmlText(study.version)}</dd></dl>
<h3>Configuration as resolved</h3>
<pre><code>${htmlText(study.config)}</code></pre>`

interface Section {
  readonly id: string
  readonly title: string
  readonly body: string
}

const sections = (input: ReportInput): readonly Section[] =>
  [
    { id: "claims", title: "What is claimed, and whether it stands", body: claimed(input.records) },
    { id: "asked", title: "What was asked", body: asked(input) },
    { id: "setup", title: "How it was set up", body: setup(input) },
    { id: "found", title: "What was found", body: found(input.records) },
    { id: "figures", title: "Figures", body: input.figures.map((figure, i) => figureHtml(figure, i + 1)).join("\n") },
    { id: "losses", title: "Loss by loss", body: lossSections(input.records) },
    { id: "refused", title: "What was refused, and why", body: refusals(input.records) },
    {
      id: "numbers",
      title: "The numbers",
      body:
        propertyList(input.records) +
        studyTables(input.records)
          .filter((table) => table.filesOnly !== true && table.name !== "claims")
          .map(tableHtml)
          .join("\n")
    },
    { id: "terms", title: "Terms", body: terms(input.records) },
    { id: "reproduce", title: "How to do it again", body: reproduce(input) },
    { id: "limits", title: "Limits", body: limits(input) }
  ].filter((section) => section.body !== "")

/** The report as one HTML page. */
export const buildReport = (input: ReportInput): string => {
  const parts = sections(input)
  const contents = parts.map((part) => `<li><a href="#${part.id}">${part.title}</a></li>`).join("")
  const body = parts
    .map(
      (part) =>
        `<section id="${part.id}" aria-labelledby="h-${part.id}"><h2 id="h-${part.id}">${part.title}</h2>\n${part.body}\n</section>`
    )
    .join("\n")
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${htmlText(input.study.title)}</title>
<style>${fontFaceCss()}
${reportStyle}</style>
</head>
<body>
<header><h1>${htmlText(input.study.title)}</h1>
<p class="subtitle">A losslattice study: preference losses as logic, on bandits and in finetuning.</p>
<nav aria-label="Contents"><ol>${contents}</ol></nav></header>
<main>
${body}
</main>
</body>
</html>
`
}
