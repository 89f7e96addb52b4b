/** @file Table: trainers' names for losses, what each stands for at the trainer's defaults, and which are one loss. */
import type { Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

/** Every name in the files; the survey's own ids and aliases are left to the page's table of losses. */
export const namesTable = (records: Records): Table => {
  const trainers = records.names.filter(({ project }) => project !== "catalogue" && project !== "alias")
  const losses = new Set(records.names.map(({ lossClass }) => lossClass).filter((number) => number !== undefined))
  return {
    name: "names",
    title: "Trainers' names for losses",
    caption:
      `${trainers.length} names in ${new Set(trainers.map(({ project }) => project)).size} projects, at each project's own` +
      ` parameters and defaults; with the survey's ids and aliases, ${records.names.length} names of ${losses.size} losses.` +
      " Ratio: names with one number have one core ratio ρ on the same probabilities, by exact equality; a name without a" +
      " number is no single ratio. Loss: names with one number are one function, link, β and margin included, as proved;" +
      " names with two numbers are not proved to be one. A name without a loss is listed by its project and not computed.",
    columns: [
      { key: "name", title: "name", kind: "code" },
      { key: "project", title: "project", kind: "text", only: "page" },
      { key: "is", title: "stands for", kind: "code" },
      { key: "probabilities", title: "probabilities", kind: "text" },
      { key: "link", title: "link", kind: "text", only: "page" },
      { key: "ratio_class", title: "ratio", kind: "text" },
      { key: "loss_class", title: "loss", kind: "text" },
      { key: "same_loss", title: "the same loss as", kind: "codes", only: "page" },
      { key: "note", title: "note", kind: "text", only: "page" },
      { key: "checked", title: "read in", kind: "text", only: "page" }
    ],
    rows: trainers.map((row) => [
      row.name,
      row.project,
      row.is,
      row.probabilities,
      row.link,
      row.ratioClass === undefined ? undefined : String(row.ratioClass),
      row.lossClass === undefined ? undefined : String(row.lossClass),
      row.sameLoss.join(" "),
      row.note,
      row.checked
    ])
  }
}
