/** Ways in which the right numbers can come out wrongly: reduced, scaled, signed or cut from the graph. */
import type { Params, Values } from "./expected.ts"
import type { Point } from "./inputs.ts"

/** What an output error may look at. */
export interface OutputContext {
  readonly rows: ReadonlyArray<Point>
  readonly params: Params
  readonly perPair: boolean
}

/** A wrong way to give out values. `fit` names a factor or offset that is read off one observation. */
export interface Output {
  readonly id: string
  readonly says: string
  readonly apply: (values: Values, context: OutputContext) => Values
  /** Whether it leaves the losses alone. */
  readonly gradientsOnly?: true
}

const scaled = (
  { loss, gradients }: Values,
  factor: number | ((row: number) => number),
  gradientsOnly = false
): Values => {
  const at = (row: number): number => (typeof factor === "number" ? factor : factor(row))
  return {
    loss: gradientsOnly ? loss : loss.map((x, row) => x * at(row)),
    gradients: Object.fromEntries(
      Object.entries(gradients).map(([name, list]) => [name, list.map((x, row) => x * at(row))])
    )
  }
}

const without = (values: Values, names: ReadonlyArray<string>): Values => ({
  loss: values.loss,
  gradients: Object.fromEntries(
    Object.entries(values.gradients).map(([name, list]) => [name, names.includes(name) ? list.map(() => 0) : list])
  )
})

export const plainOutput: Output = { id: "as-is", says: "", apply: (values) => values }

/** Reductions, signs, detached parts. Factors of the loss's parameters come from {@link parameterFactors}. */
export const outputs: ReadonlyArray<Output> = [
  {
    id: "sum",
    says: "the losses of a batch are summed, not averaged",
    apply: (values, { rows, perPair }) => (perPair ? values : scaled(values, rows.length))
  },
  { id: "sign", says: "the sign is wrong (it is minus the loss)", apply: (values) => scaled(values, -1) },
  {
    id: "divided-by-batch",
    says: "the mean over the batch is divided by the batch size once more",
    apply: (values, { rows }) => scaled(values, 1 / rows.length)
  },
  {
    id: "per-token-loss",
    says: "each pair's loss is divided by its number of tokens",
    apply: (values, { rows, perPair }) =>
      perPair ? scaled(values, (row) => 1 / (rows[row]!.nw! + rows[row]!.nl!)) : values
  },
  {
    id: "detached",
    says: "no gradient flows: the log-probabilities are detached",
    gradientsOnly: true,
    apply: (values) => without(values, ["lw", "ll", "lg"])
  },
  {
    id: "detached-chosen",
    says: "no gradient flows to the chosen answer: it is detached",
    gradientsOnly: true,
    apply: (values) => without(values, ["lw"])
  },
  {
    id: "detached-rejected",
    says: "no gradient flows to the rejected answer: it is detached",
    gradientsOnly: true,
    apply: (values) => without(values, ["ll"])
  },
  {
    id: "gradient-sign",
    says: "the values are right, the gradients have the wrong sign",
    gradientsOnly: true,
    apply: (values) => scaled(values, -1, true)
  }
]

/** Powers of a parameter as factors: `beta` times the loss, the loss divided by it, … */
export const parameterFactors = (name: string): ReadonlyArray<Output> =>
  ([1, -1, 2, -2] as const).map((power) => ({
    id: `factor-${name}^${power}`,
    says: `the loss is ${power > 0 ? "multiplied" : "divided"} by ${Math.abs(power) === 1 ? name : `${name}²`}`,
    apply: (values, { params }) => scaled(values, (params[name] ?? 1) ** power)
  }))

/** A factor that was read off the data. */
export const constantFactor = (factor: number): Output => ({
  id: "factor",
  says: `the loss is multiplied by ${Number(factor.toPrecision(6))}`,
  apply: (values) => scaled(values, factor)
})

/** A factor of the gradients alone. */
export const gradientFactor = (factor: number): Output => ({
  id: "gradient-factor",
  says: `the values are right, the gradients are multiplied by ${Number(factor.toPrecision(6))}`,
  gradientsOnly: true,
  apply: (values) => scaled(values, factor, true)
})

/** A constant added to every loss. */
export const constantOffset = (offset: number): Output => ({
  id: "offset",
  says: `${Number(offset.toPrecision(6))} is added to the loss`,
  apply: ({ loss, gradients }) => ({ loss: loss.map((x) => x + offset), gradients })
})

/** Losses cut off above (below) a bound that was read off the data; their gradients are 0 there. */
export const clampedAt = (bound: number, above: boolean): Output => {
  const cut = (x: number): boolean => (above ? x > bound : x < bound)
  return {
    id: above ? "clamped-above" : "clamped-below",
    says: `the loss is cut off ${above ? "above" : "below"} ${Number(bound.toPrecision(6))}`,
    apply: ({ loss, gradients }, { perPair }) => ({
      loss: loss.map((x) => (cut(x) ? bound : x)),
      gradients: Object.fromEntries(
        Object.entries(gradients).map(([name, list]) => [
          name,
          list.map((x, row) => (cut(loss[perPair ? row : 0]!) ? 0 : x))
        ])
      )
    })
  }
}
