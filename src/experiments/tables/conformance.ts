/** @file Table: trainers' losses beside the catalogue's, as audits of the trainers' own code found them. */
import { distinct } from "../figures/drawing/intervals.ts"
import type { Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

/** One row a way to configure a trainer, held against one loss. */
export const conformanceTable = (records: Records): Table => {
  const rows = records.conformance
  const agreeing = rows.filter(({ verdict }) => verdict.startsWith("agrees")).length
  const checked = distinct(
    rows.map(({ project, version, torch, checked }) => `${project} ${version} with PyTorch ${torch} on ${checked}`)
  )
  return {
    name: "conformance",
    title: "Conformance of trainers",
    caption:
      `${rows.length} configurations of trainers held against losses by running the trainers' own code, ${checked.join("; ")}:` +
      ` ${agreeing} agree in every value and derivative, ${rows.length - agreeing} do not. Difference: how many of the numbers` +
      " compared differ, and the audit's guess at the cause. A row that differs is no error by itself: several hold the code against" +
      " what its name promises, beside the row with which it agrees.",
    columns: [
      { key: "trainer", title: "trainer", kind: "text" },
      { key: "code", title: "configured as", kind: "code" },
      { key: "loss", title: "held against", kind: "code" },
      { key: "verdict", title: "verdict", kind: "text" },
      { key: "differing", title: "differ", kind: "number" },
      { key: "compared", title: "of", kind: "number" },
      { key: "found", title: "difference", kind: "text" },
      { key: "because", title: "what the code shows", kind: "text", only: "page" },
      { key: "project", title: "project", kind: "text", only: "file" },
      { key: "version", title: "version", kind: "text", only: "file" },
      { key: "torch", title: "PyTorch", kind: "text", only: "file" },
      { key: "checked", title: "checked on", kind: "text", only: "file" }
    ],
    rows: rows.map((row) => [
      row.trainer,
      row.code,
      row.loss,
      row.verdict,
      row.differing,
      row.compared,
      row.found,
      row.because,
      row.project,
      row.version,
      row.torch,
      row.checked
    ])
  }
}
