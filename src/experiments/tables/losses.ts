/** @file Tables about the losses themselves: the published ones, those that no structure expresses, the lattice, the derived. */
import { lossName } from "../figures/drawing/lossNames.ts"
import { type DeriveRow, type LandscapeNodeRow, landscapeNodes, type Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

/** Published losses that are structures, with what decompiling found. */
export const publishedLossesTable = (records: Records): Table => {
  const rows = records.catalogue.filter((row) => row.expressible)
  return {
    name: "losses",
    title: "Published losses as preference structures",
    caption:
      `${rows.length} of ${records.catalogue.length} published losses are one preference structure: the core formula with its` +
      " constraints, the ratio inside ρ = log(numerator/denominator), the link that turns β ρ − margin into a loss, and the" +
      " semantics of the weights. Found by decompiling the published expression; no seeds are involved.",
    columns: [
      { key: "id", title: "loss", kind: "code" },
      { key: "title", title: "title", kind: "text", only: "page" },
      { key: "year", title: "year", kind: "text", only: "page" },
      { key: "lattice", title: "class", kind: "text" },
      { key: "core", title: "core", kind: "formula" },
      { key: "conditioning", title: "given", kind: "formula", only: "page" },
      { key: "additive", title: "both", kind: "formula", only: "page" },
      { key: "numerator", title: "numerator", kind: "ratio" },
      { key: "denominator", title: "denominator", kind: "ratio" },
      { key: "semantics", title: "semantics", kind: "text" },
      { key: "normalised", title: "per token", kind: "text" },
      { key: "link", title: "link", kind: "text" },
      { key: "link_formula", title: "link of z = β ρ", kind: "text", only: "page" },
      { key: "beta", title: "β", kind: "text", only: "page" },
      { key: "margin", title: "margin", kind: "text", only: "page" },
      { key: "same", title: "same ρ as", kind: "codes", only: "page" }
    ],
    rows: rows.map((row) => [
      row.id,
      row.title,
      row.year === undefined ? undefined : String(row.year),
      row.latticeName,
      row.core,
      row.conditioning,
      row.additive,
      row.numerator,
      row.denominator,
      row.semantics,
      row.lengthNormalised === true ? "yes" : "no",
      row.link.kind,
      row.link.formula,
      String(row.link.beta),
      String(row.link.margin),
      row.sameLossAs.join(" ")
    ])
  }
}

/** Published losses that no single structure expresses, each with the reason. */
export const refusedLossesTable = (records: Records): Table => {
  const rows = records.catalogue.filter((row) => !row.expressible)
  return {
    name: "losses-refused",
    title: "Published losses that no single structure expresses",
    caption: `${rows.length} of ${records.catalogue.length} published losses, with the reason found by the decompiler.`,
    columns: [
      { key: "id", title: "loss", kind: "code" },
      { key: "title", title: "title", kind: "text", only: "page" },
      { key: "year", title: "year", kind: "text" },
      { key: "level", title: "level", kind: "text" },
      { key: "reason", title: "reason", kind: "text" }
    ],
    rows: rows.map((row) => [
      row.id,
      row.title,
      row.year === undefined ? undefined : String(row.year),
      row.level,
      row.reason
    ])
  }
}

/** Which published losses the known ones are the cores of. */
const originalsNote = (nodes: readonly LandscapeNodeRow[]): readonly string[] => {
  const known = nodes.flatMap(({ name, original }) => (original === undefined ? [] : [`${name} of ${original.title}`]))
  return known.length === 0
    ? []
    : [`Known before as the core of another loss, whose paper is given: ${known.join("; ")}.`]
}

/** The sixteen losses of the lattice with truth tables and formulas. */
export const latticeTable = (records: Records): Table => {
  const nodes = landscapeNodes(records)
  return {
    name: "lattice",
    title: "The losses of the lattice",
    caption:
      `The ${nodes.length} admissible losses over M(w) and M(l), ordered as published. Ticks are the truth-table rows of the` +
      " winner side, crosses those of the loser side, rows named by (w, l). Core, given and both: the shortest formulas of the core, of" +
      " what it is conditioned on and of what is added to both sides; numerator and denominator are those of the ratio inside ρ. Class:" +
      " what the loss does with the row FF, both invalid; limit: what ρ tends to as both probabilities vanish (P13). Computed exactly.",
    columns: [
      { key: "name", title: "loss", kind: "text" },
      { key: "id", title: "id", kind: "code", only: "page" },
      { key: "ticks", title: "ticks", kind: "text" },
      { key: "crosses", title: "crosses", kind: "text" },
      { key: "core", title: "core", kind: "formula" },
      { key: "conditioning", title: "given", kind: "formula" },
      { key: "additive", title: "both", kind: "formula" },
      { key: "numerator", title: "numerator", kind: "ratio" },
      { key: "denominator", title: "denominator", kind: "ratio" },
      { key: "depth", title: "depth", kind: "number", only: "page" },
      { key: "class", title: "class", kind: "text" },
      { key: "limit", title: "limit", kind: "ratio" },
      { key: "known", title: "known before", kind: "text", only: "page" },
      { key: "title", title: "published as", kind: "text", only: "page" },
      { key: "paper", title: "arXiv", kind: "arxiv" },
      { key: "original", title: "core of", kind: "text", only: "page" }
    ],
    rows: nodes.map((node) => [
      node.name,
      node.id,
      node.ticks.join(" "),
      node.crosses.join(" "),
      node.core,
      node.conditioning,
      node.additive,
      node.numerator,
      node.denominator,
      node.depth,
      node.class,
      node.vanishingLimit,
      node.known ? "yes" : "no",
      node.title,
      node.original?.arxiv ?? node.arxiv,
      node.original?.title
    ]),
    notes: originalsNote(nodes)
  }
}

const neighbours = (records: Records, row: DeriveRow): string =>
  row.neighbours
    .map((one) => (typeof one === "string" ? lossName(records, one) : `${lossName(records, one.id)} (${one.distance})`))
    .join(", ")

/** What the query of the study returned. */
export const derivedLossesTable = (records: Records): Table => {
  const rows = [...records.derive].sort((a, b) => a.rank - b.rank)
  const first = rows[0]
  return {
    name: "derived",
    title: "Derived losses",
    caption:
      first === undefined
        ? "The query returned nothing."
        : `Losses that the query “${first.query}” returned, best first: ${first.examined} structures examined,` +
          ` ${first.pruned} pruned. Distances count the differing marks in the truth table.`,
    columns: [
      { key: "name", title: "loss", kind: "text" },
      { key: "lattice", title: "in the lattice", kind: "text", only: "page" },
      { key: "loss", title: "to type", kind: "code", only: "page" },
      { key: "core", title: "core", kind: "formula" },
      { key: "conditioning", title: "given", kind: "formula" },
      { key: "additive", title: "both", kind: "formula" },
      { key: "numerator", title: "numerator", kind: "ratio" },
      { key: "denominator", title: "denominator", kind: "ratio" },
      { key: "distance", title: "distance", kind: "number", only: "page" },
      { key: "neighbours", title: "nearest", kind: "text" },
      { key: "properties", title: "properties", kind: "text", only: "page" },
      { key: "sentence", title: "in words", kind: "text", only: "page" }
    ],
    rows: rows.map((row) => [
      row.name,
      row.latticeName,
      row.loss,
      row.core,
      row.conditioning,
      row.additive,
      row.ratio.numerator,
      row.ratio.denominator,
      row.distance,
      neighbours(records, row),
      Object.entries(row.properties)
        .map(([property, verdict]) => `${property}: ${verdict}`)
        .join("; "),
      row.sentence
    ])
  }
}
