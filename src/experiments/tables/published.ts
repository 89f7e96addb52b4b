/** @file Table: every published loss of a run with what is known of it, whether or not a structure expresses it. */
import type { CatalogueRow, Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

const yesNo = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? "yes" : "no"

/** How the log-probabilities of answers of different lengths are brought together. */
const normalisation = ({ lengthNormalised }: CatalogueRow): string | undefined =>
  lengthNormalised === undefined ? undefined : lengthNormalised ? "per token" : "sum"

/** All losses of the catalogue's records. */
export const surveyTable = (records: Records): Table => {
  const rows = records.catalogue
  const expressible = rows.filter((row) => row.expressible).length
  return {
    name: "survey",
    title: "The published losses",
    caption:
      `${rows.length} losses, of which ${expressible} are one preference structure, a link of one ratio. Class and limit (P13): what ρ does as the policy's` +
      " probabilities vanish at fixed ratios, by whether the rows in which no answer is valid count for the loss (ticks) or against it" +
      " (crosses); losses that are no structure have none. Ref. model: whether one is needed. Lengths: whether" +
      " log-probabilities are sums over an answer or means per token. A loss without an arXiv number is older than the papers" +
      " that use it, or was not published there. Found by computation from the published expressions; no seeds are involved.",
    columns: [
      { key: "id", title: "loss", kind: "code" },
      { key: "title", title: "title", kind: "text" },
      { key: "structure", title: "one ratio", kind: "text" },
      { key: "class", title: "class (P13)", kind: "text" },
      { key: "limit", title: "limit", kind: "ratio" },
      { key: "reference", title: "ref. model", kind: "text" },
      { key: "link", title: "link", kind: "text" },
      { key: "normalisation", title: "lengths", kind: "text" },
      { key: "level", title: "level", kind: "text", only: "page" },
      { key: "arxiv", title: "arXiv", kind: "arxiv" },
      { key: "year", title: "year", kind: "text", only: "page" }
    ],
    rows: rows.map((row) => [
      row.id,
      row.title,
      yesNo(row.expressible),
      row.vanishingClass,
      row.vanishingLimit,
      yesNo(row.reference),
      row.linkName,
      normalisation(row),
      row.level,
      row.arxiv,
      row.year === undefined ? undefined : String(row.year)
    ])
  }
}
