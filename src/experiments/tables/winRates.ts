/** @file Table of win rates: how often a finetuned model's answers beat the baseline's. */

import { distinct } from "../figures/drawing/intervals.ts"
import { lossNames } from "../figures/drawing/lossNames.ts"
import { finite, type Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

/** Win rates against the baseline, with intervals over seeds and over held-out prompts. */
export const winRatesTable = (records: Records): Table => {
  const rows = records["win-rates"]
  const names = lossNames(
    records,
    rows.flatMap(({ loss, against }) => [loss, against])
  )
  const against = distinct(rows.map((row) => names.get(row.against) ?? row.against)).join(", ")
  return {
    name: "win-rates",
    title: `Win rates against ${against}`,
    caption:
      `How often the answer of a model trained with the loss has a higher gold reward than that of the model trained with ${against}, same` +
      " seed, same held-out prompt, same random numbers, same weight of the cross-entropy term where the other was trained with it;" +
      " a tie counts half. 95 % intervals over seeds and over prompts; “not resolved” where the interval covers one half.",
    columns: [
      { key: "loss", title: "loss", kind: "text" },
      { key: "spec", title: "to type", kind: "code", only: "page" },
      { key: "ce_weight", title: "CE weight", kind: "text" },
      { key: "over", title: "interval over", kind: "text" },
      { key: "win_rate", title: "win rate [95 % interval]", kind: "interval" },
      { key: "wins", title: "wins", kind: "number", only: "page" },
      { key: "ties", title: "ties", kind: "number", only: "page" },
      { key: "losses", title: "losses", kind: "number", only: "page" },
      { key: "comparisons", title: "comparisons", kind: "number", only: "page" }
    ],
    rows: rows.map((row) => {
      const [low, high] = [finite(row.low), finite(row.high)]
      const bounded = low !== undefined && high !== undefined
      return [
        names.get(row.loss),
        row.loss,
        String(row.ceWeight),
        row.over,
        {
          mean: row.winRate,
          low: low ?? row.winRate,
          high: high ?? row.winRate,
          seeds: row.seeds,
          ...(bounded ? { resolved: row.resolved } : {})
        },
        row.wins,
        row.ties,
        row.losses,
        row.comparisons
      ]
    })
  }
}
