/** What a loss is at the point, in numbers: value, gradient, and where the next gradient step goes. */
import { stepMoves } from "../../../maps/displacement.ts"
import type { Point, Surface } from "./surface.ts"

/** Five significant digits, with a real minus sign. */
export const figure = (value: number): string => {
  if (Number.isNaN(value)) return "not a number"
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞"
  const size = Math.abs(value)
  const text =
    size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential(3) : String(Number(value.toPrecision(5)))
  return text.replaceAll("-", "−")
}

/** A rate with its direction; `wrong` says which way displaces. */
const Rate = ({ value, wrong }: { readonly value: number | undefined; readonly wrong: "down" | "up" }) => {
  if (value === undefined) return <td class="soft">no policy</td>
  const way = Math.abs(value) < 1e-12 ? "still" : value > 0 ? "up" : "down"
  return (
    <td class={way === wrong ? "displaced" : ""}>
      {{ up: "↑", down: "↓", still: "→" }[way]} {figure(value)}
    </td>
  )
}

interface NumbersProps {
  readonly point: Point
  readonly surfaces: ReadonlyArray<{ readonly name: string; readonly surface: Surface }>
}

const log = (letter: "w" | "l") => (
  <>
    log p<sub>{letter}</sub>
  </>
)

/** Rows of the loss and its derivatives. */
const gradientRows = [
  { id: "loss", title: <>loss</> },
  { id: "dlw", title: <>∂ loss / ∂ {log("w")}</> },
  { id: "dll", title: <>∂ loss / ∂ {log("l")}</> }
] as const

/** Rows of the next step's rates, by where the mass beyond the pair is. */
const stepGroups = [
  { rest: "many-arms", title: "next step of a softmax policy, other mass on many arms" },
  { rest: "one-arm", title: "the same, other mass on one arm" }
] as const

type Found = ReturnType<Surface["at"]> & { readonly name: string }

const StepRows = (props: { readonly found: ReadonlyArray<Found>; readonly p: number; readonly q: number }) => {
  const { found, p, q } = props
  return (
    <>
      {stepGroups.map(({ rest, title }) => (
        <>
          <tr class="group" key={rest}>
            <th scope="rowgroup" colSpan={1 + found.length}>
              {title}
            </th>
          </tr>
          {(["chosen", "rejected"] as const).map((answer) => (
            <tr key={answer}>
              <th scope="row">{log(answer === "chosen" ? "w" : "l")}</th>
              {found.map(({ name, dlw, dll }) => (
                <Rate
                  key={name}
                  value={stepMoves({ dlw, dll }, p, q, rest)?.[answer]}
                  wrong={answer === "chosen" ? "down" : "up"}
                />
              ))}
            </tr>
          ))}
        </>
      ))}
    </>
  )
}

/** A column for each loss. */
export const Numbers = ({ point, surfaces }: NumbersProps) => {
  const [p, q] = [Math.exp(point.lw), Math.exp(point.ll)]
  const found = surfaces.map(({ name, surface }) => ({ name, ...surface.at(point.lw, point.ll) }))
  return (
    <div class="numbers">
      <p>
        p<sub>w</sub> = {figure(p)}, p<sub>l</sub> = {figure(q)}
        {p + q >= 1 && <span class="soft"> (no policy: their sum is {figure(p + q)})</span>}
      </p>
      <table>
        <thead class={surfaces.length === 1 ? "hidden-text" : ""}>
          <tr>
            <th scope="col">at the point</th>
            {found.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {gradientRows.map(({ id, title }) => (
            <tr key={id}>
              <th scope="row">{title}</th>
              {found.map((one) => (
                <td key={one.name} data-number={id}>
                  {figure(one[id])}
                </td>
              ))}
            </tr>
          ))}
          <StepRows found={found} p={p} q={q} />
        </tbody>
      </table>
    </div>
  )
}
