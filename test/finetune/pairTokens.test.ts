import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { expect, it } from "vitest"
import { encodePairs, pairsFromJsonLines } from "../../src/finetune/data.ts"
import { makeTokenizer, tokenizerFromJson } from "../../src/finetune/tfjs/tokenizer.ts"

const golden = JSON.parse(readFileSync("test/golden/pairTokens.json", "utf8")) as {
  readonly model: string
  readonly rows: ReadonlyArray<{
    readonly row: object
    readonly prompt_ids: ReadonlyArray<number>
    readonly chosen_ids: ReadonlyArray<number>
    readonly rejected_ids: ReadonlyArray<number>
  }>
}

it("cuts pairs into the tokens that the PyTorch worker is held to", () => {
  const file = JSON.parse(readFileSync(`assets/reference/${golden.model}/tokenizer.json`, "utf8"))
  const tokenizer = makeTokenizer(Result.getOrThrow(tokenizerFromJson(file)))
  const lines = golden.rows.map(({ row }) => JSON.stringify(row)).join("\n")
  const pairs = Result.getOrThrow(pairsFromJsonLines(lines, "golden"))
  const tokens = Result.getOrThrow(encodePairs(tokenizer, pairs, { context: 1000, needsScores: false }, "golden"))
  expect(tokens.map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected }))).toEqual(
    golden.rows.map((row) => ({ prompt: row.prompt_ids, chosen: row.chosen_ids, rejected: row.rejected_ids }))
  )
})
