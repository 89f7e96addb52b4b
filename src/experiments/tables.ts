/** @file The tables of a study: the total list, and each as CSV and LaTeX files. */
import type { RecordName, Records } from "./figures/records.ts"
import { claimPartsTable, claimsTable } from "./tables/claims.ts"
import { banditClassesTable } from "./tables/classes.ts"
import { confirmationCountsTable, confirmationsTable } from "./tables/confirmations.ts"
import { conformanceTable } from "./tables/conformance.ts"
import { elsewhereClassesTable, finetuneClassesTable } from "./tables/finetuneClasses.ts"
import { previewTex, tableTex } from "./tables/latex.ts"
import { derivedLossesTable, latticeTable, publishedLossesTable, refusedLossesTable } from "./tables/losses.ts"
import { namesTable } from "./tables/names.ts"
import {
  banditLossesTable,
  finetuneTable,
  selectionTable,
  verdictMatrixTable,
  verdictsTable
} from "./tables/outcomes.ts"
import { surveyTable } from "./tables/published.ts"
import { regressionEffectsTable, regressionModelsTable, regressionSharesTable } from "./tables/regression.ts"
import { type Table, tableCsv } from "./tables/table.ts"
import { twinsTable } from "./tables/twins.ts"
import { winRatesTable } from "./tables/winRates.ts"

/** A table's maker and the records without which it would be empty. */
interface TableMaker {
  readonly needs: RecordName
  readonly make: (records: Records) => Table
}

/** Every table, in the order of the report. One more table: its function and one line here. */
const makers: readonly TableMaker[] = [
  { needs: "claims", make: claimsTable },
  { needs: "claims", make: claimPartsTable },
  { needs: "catalogue", make: surveyTable },
  { needs: "catalogue", make: publishedLossesTable },
  { needs: "catalogue", make: refusedLossesTable },
  { needs: "names", make: namesTable },
  { needs: "conformance", make: conformanceTable },
  { needs: "landscape", make: latticeTable },
  { needs: "twins", make: twinsTable },
  { needs: "derive", make: derivedLossesTable },
  { needs: "validate", make: verdictMatrixTable },
  { needs: "validate", make: verdictsTable },
  { needs: "bandit", make: banditClassesTable },
  { needs: "bandit", make: banditLossesTable },
  { needs: "regression", make: regressionModelsTable },
  { needs: "regression", make: regressionSharesTable },
  { needs: "regression", make: regressionEffectsTable },
  { needs: "select", make: selectionTable },
  { needs: "finetune", make: finetuneClassesTable },
  { needs: "elsewhere", make: elsewhereClassesTable },
  { needs: "summary", make: finetuneTable },
  { needs: "win-rates", make: winRatesTable },
  { needs: "confirmations", make: confirmationCountsTable },
  { needs: "confirmations", make: confirmationsTable }
]

/** The study's tables as data; those without rows are left out. */
export const studyTables = (records: Records): readonly Table[] =>
  makers
    .filter((maker) => records[maker.needs].length > 0)
    .map((maker) => maker.make(records))
    .filter((table) => table.rows.length > 0)

/** One table in its file forms: `tables/<name>.csv` and `tables/<name>.tex`. */
export interface WrittenTable {
  readonly name: string
  readonly csv: string
  /** Needs the packages of tables/all.tex. */
  readonly tex: string
}

/** The study's tables ready to be written; the same records give the same bytes. */
export const writeTables = (records: Records): readonly WrittenTable[] =>
  studyTables(records).map((table) => ({ name: table.name, csv: tableCsv(table), tex: tableTex(table) }))

/** `tables/all.tex`, which shows the tables that are made to be read. */
export const allTablesTex = (records: Records): string =>
  previewTex(
    studyTables(records)
      .filter(({ filesOnly }) => filesOnly !== true)
      .map(({ name }) => name)
  )
