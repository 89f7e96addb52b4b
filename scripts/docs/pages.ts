/** Where each page of the site stands. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { DefaultTheme } from "vitepress"

type Entry = DefaultTheme.SidebarItem

const docs = fileURLToPath(new URL("../../docs", import.meta.url))

/** The title of a page: its first heading. */
const titleOf = (file: string): string => /^# (.*)$/m.exec(readFileSync(join(docs, file), "utf8"))?.[1] ?? file

const page = (link: string, text: string): { text: string; link: string } => ({ text, link })

const studies = (): Array<Entry> =>
  globSync("studies/*/README.md", { cwd: docs })
    .toSorted()
    .map((file) => page(`/${dirname(file)}/`, titleOf(file)))

/** The pages of the API, which `npm run docs` writes. */
const api = (): Array<Entry> =>
  globSync("api/*.md", { cwd: docs })
    .toSorted()
    .map((file) => page(`/${file.replace(/\.md$/, "")}`, titleOf(file)))

/** The pages, by what a reader wants of them. */
export const sidebar: Array<Entry> = [
  { text: "Tutorial", items: [page("/tutorial", "From a loss to a study and back")] },
  {
    text: "How to",
    items: [
      page("/how-to/own-loss", "Add a loss of your own"),
      page("/how-to/own-property", "Add a property of your own"),
      page("/how-to/own-environment", "Add an environment of your own"),
      page("/how-to/cluster", "Finetune on your cluster"),
      page("/how-to/audit-trainer", "Audit your trainer"),
      page("/how-to/paper-figures", "Reproduce the paper figures")
    ]
  },
  {
    text: "Explanation",
    items: [
      page("/theory", "Theory"),
      page("/worked-example", "A worked example"),
      page("/findings", "Findings"),
      page("/bandit", "What bandits say"),
      page("/losses", "Survey of losses"),
      page("/experiments", "Survey of experiments"),
      page("/corrections", "Corrections to the survey"),
      page("/measured", "What is measured"),
      page("/conformance", "TRL beside the catalogue"),
      { text: "Studies", collapsed: true, items: studies() }
    ]
  },
  {
    text: "Reference",
    items: [
      page("/cli", "Command line"),
      page("/explorer", "The explorer"),
      page("/notebooks", "Notebooks"),
      page("/config", "Study files and queries"),
      page("/contract", "JSON contract"),
      page("/query", "Tables of records"),
      page("/laboratory", "The bandit laboratory"),
      page("/data", "Preference data"),
      page("/engines", "Engines"),
      page("/slurm", "Slurm"),
      page("/audit", "The audit"),
      { text: "Library", collapsed: true, items: api() }
    ]
  }
]

/** The line at the top. */
export const siteNav: Array<DefaultTheme.NavItemWithLink> = [
  { text: "Tutorial", link: "/tutorial" },
  { text: "How to", link: "/how-to/own-loss" },
  { text: "Theory", link: "/theory" },
  { text: "Reference", link: "/cli" }
]
