/** The check that exported Python carries: points with the loss and its derivatives, and the code that holds the functions to them. */
import { interpret } from "../interpret.ts"
import type { Loss } from "../loss.ts"
import { argumentName } from "./statements.ts"

// Numbers that float32 keeps exactly, so that one list serves both types.
const points: ReadonlyArray<Readonly<Record<string, number>>> = [
  { lw: -12.5, ll: -14.25, rw: -13, rl: -13.5, nw: 4, nl: 8 },
  { lw: -3, ll: -2.5, rw: -2.75, rl: -3.25, nw: 2, nl: 2 },
  { lw: -1.5, ll: -4, rw: -1.5, rl: -4, nw: 1, nl: 3 },
  { lw: -0.25, ll: -0.75, rw: -0.5, rl: -0.5, nw: 1, nl: 1 },
  { lw: -40, ll: -37.5, rw: -38, rl: -41.5, nw: 16, nl: 5 },
  { lw: -6.5, ll: -90, rw: -7, rl: -88, nw: 3, nl: 64 }
]

/** Inputs beyond those of every pair; what is not listed is 0.5. */
const others: Readonly<Record<string, number>> = {
  s_w: 1.5,
  s_l: 0.25,
  v: 0.25,
  lg: -5,
  rg: -5.5,
  ng: 4,
  win_w: 0.75,
  win_l: 0.25,
  pol_is_w: 1
}

const inputAt = (name: string, point: Readonly<Record<string, number>>): number =>
  point[name] ?? others[name] ?? (/^[lr]y\d+$/.test(name) ? -3.5 : /^ny\d+$/.test(name) ? 3 : 0.5)

/** A number as Python reads it back exactly. */
const literal = (x: number): string => (Number.isInteger(x) ? `${x}.0` : String(x))

/** The points at which the loss and all derivatives are finite, as Python tuples (inputs, loss, derivatives). */
const pointLines = ({ program }: Loss): ReadonlyArray<string> =>
  points.flatMap((point) => {
    const inputs = Object.fromEntries(program.inputs.map((name) => [name, inputAt(name, point)]))
    const { loss, gradients } = interpret(program, inputs)
    if (![loss, ...Object.values(gradients)].every(Number.isFinite)) return []
    const dict = (values: Readonly<Record<string, number>>): string =>
      `{${Object.entries(values)
        .map(([name, x]) => `"${argumentName(name)}": ${literal(x)}`)
        .join(", ")}}`
    return [`    (${dict(inputs)}, ${literal(loss)}, ${dict(gradients)}),`]
  })

/**
 * Python of `check()`: the loss and its gradient by autograd at the points, in float64 (1e-9) and float32 (1e-3 beside 1e-4,
 * which is what single precision leaves of a difference of log-probabilities), against values of the float64 evaluator.
 * @param name  the differentiable function
 */
export const checkCode = (
  loss: Loss,
  name: string
): string => `# What the loss and its derivatives are at a few points, from the program this file was written from.
_POINTS = [
${pointLines(loss).join("\n")}
]


def check():
    """Holds the loss and its gradients to the points above, in float64 and float32; returns how many numbers were compared."""
    compared = 0
    for dtype, relative, absolute in ((torch.float64, 1e-9, 1e-11), (torch.float32, 1e-3, 1e-4)):
        for inputs, loss, derivatives in _POINTS:
            # Two equal pairs: a loss that mixes the pairs of a batch would show.
            leaves = {k: torch.tensor([x, x], dtype=dtype, requires_grad=k in derivatives) for k, x in inputs.items()}
            found = ${name}(**leaves)
            pairs = [("loss", found, loss)]
            if derivatives:
                slopes = torch.autograd.grad(found.sum(), [leaves[k] for k in derivatives])
                pairs += [(f"d{k}", slope, derivatives[k]) for k, slope in zip(derivatives, slopes)]
            for what, values, wanted in pairs:
                for value in values.tolist():
                    compared += 1
                    if not abs(value - wanted) <= relative * abs(wanted) + absolute:
                        raise AssertionError(f"{what} at {inputs} in {dtype}: {value}, should be {wanted}")
    return compared


if __name__ == "__main__":
    print(f"${name}: {check()} numbers agree")`
