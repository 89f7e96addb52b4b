/** @file The legend that maps of losses share. */
import { displacementColours } from "./mapPanel.ts"
import { arrowPath } from "./pairMap.ts"
import type { Primitive, Shape } from "./scene.ts"
import { type LegendEntry, legendRow } from "./symbols.ts"
import { ink, okabeIto } from "./theme.ts"

const sign = (path: string, stroke: string, strokeWidth = 1, dash: readonly number[] = []): Shape => ({
  kind: "shape",
  x: 0,
  y: 0,
  path,
  stroke,
  strokeWidth,
  dash
})

/** Two rows: what is hatched, and what else is drawn. */
export const mapLegend = (x: number, y: number, withReference: boolean): readonly Primitive[] => {
  const { lowersChosen, raisesRejected } = displacementColours
  const hatched: readonly LegendEntry[] = [
    {
      sign: [sign("M-9,6L-1,-6M-4,6L4,-6M1,6L9,-6", lowersChosen)],
      signWidth: 18,
      text: "a step can lower the chosen response"
    },
    {
      sign: [sign("M-9,-6L-1,6M-4,-6L4,6M1,-6L9,6", raisesRejected)],
      signWidth: 18,
      text: "a step can raise the rejected response"
    }
  ]
  const drawn: readonly LegendEntry[] = [
    { sign: [sign(arrowPath(16, 0), ink.text)], signWidth: 18, text: "descent in log-probabilities" },
    { sign: [sign("M-9,0H9", ink.soft, 1, [4, 3])], signWidth: 18, text: "no policy beyond" },
    ...(withReference ? [{ sign: [sign("M-4,0H4M0,-4V4", okabeIto.blue, 2)], signWidth: 10, text: "reference" }] : [])
  ]
  return [...legendRow(hatched, x, y), ...legendRow(drawn, x, y + 17)]
}
