/** A cell of the toy study: squares a number, slowly if asked, and leaves a mark each time it really runs. */
import { appendFileSync } from "node:fs"
import type { Json } from "../../../src/experiments/canonical.ts"
import type { CellTools } from "../../../src/experiments/Stage.ts"

interface ToySpec {
  readonly n: number
  readonly milliseconds: number
  readonly fault: string
}

export const runCell = async (spec: Json, tools: CellTools): Promise<Json> => {
  const { n, milliseconds, fault } = spec as unknown as ToySpec
  const { trace } = tools.resources as { trace: string }
  if (fault === "throw") throw new Error(`${n} is not to be squared`)
  if (fault === "exit") process.exit(7)
  if (fault === "exit-later") setTimeout(() => process.exit(7), 20)
  tools.report(0.5, "half")
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  if (trace !== "") appendFileSync(trace, `square ${n}\n`)
  return { n, square: n * n, third: n / 3, limit: n === 0 ? Number.NaN : 1 / n }
}
