/** A loss is what it says: its program is the one that structure and link describe, and a file that says otherwise is refused. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { catalogueIds } from "../../src/loss/catalogue/index.ts"
import { inconsistency } from "../../src/loss/consistency.ts"
import { lossFromJson, lossToJson } from "../../src/loss/lossJson.ts"
import { lossOf } from "../arbitraries/properties.ts"

const expressed = catalogueIds.map((id) => lossOf(id)).filter((loss) => (loss.structure ?? loss.weighted) !== undefined)

describe("losses with a structure", () => {
  it("are most of the catalogue, and each program is the loss of its structure and link", () => {
    expect(expressed.length).toBeGreaterThan(50)
    for (const loss of expressed) expect(inconsistency(loss), loss.spec).toBeUndefined()
  })

  it.each([
    "rows:TF/FT?link=hinge&margin=0.3",
    "rows:TF/FT?link=squared&semantics=relative",
    "uncpo?oddsBeta=2",
    "ratio:2*p_w/p_l",
    "ratio:(2*p_w+p_l)/(p_l*3)",
    "logic:M(y3) -> M(w)",
    "ccpo?lengthNormalised=true&link=exponential"
  ])("%s too", (spec) => {
    expect(inconsistency(lossOf(spec))).toBeUndefined()
  })
})

describe("a loss file is refused", () => {
  const dpo = lossToJson(lossOf("dpo"))
  const edits: ReadonlyArray<readonly [string, object]> = [
    [
      "with its sides exchanged",
      { structure: { ...dpo.structure, ticks: dpo.structure!.crosses, crosses: dpo.structure!.ticks } }
    ],
    ["with one row less", { structure: { ...dpo.structure, crosses: "0b1100000010000000" } }],
    ["with another beta", { link: { ...dpo.link, beta: 0.2 } }],
    ["with another link", { link: { ...dpo.link, kind: "hinge" } }],
    ["with a margin", { link: { ...dpo.link, margin: 0.01 } }],
    ["per token", { lengthNormalised: true }],
    ["with powers of the odds", { oddsBeta: 2 }]
  ]
  it.each(edits)("%s", (_what, edit) => {
    const read = lossFromJson(JSON.stringify({ ...dpo, ...edit }))
    expect(Result.isFailure(read) && read.failure).toMatch(
      /^it is not what it says: the program's (value|derivative by l[wl]) is -?[\d.e-]+ at lw = .*, its structure and link give /
    )
  })

  it("not as it was exported", () => {
    expect(Result.isSuccess(lossFromJson(JSON.stringify(dpo)))).toBe(true)
  })
})
