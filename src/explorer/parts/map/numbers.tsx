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

/** A column for each loss. */
export const Numbers = ({ point, surfaces }: NumbersProps) => {
  const [p, q] = [Math.exp(point.lw), Math.exp(point.ll)]
  const found = surfaces.map(({ name, surface }) => ({ name, ...surface.at(point.lw, point.ll) }))
  const moves = found.map(({ dlw, dll }) => ({
    many: stepMoves({ dlw, dll }, p, q, "many-arms"),
    one: stepMoves({ dlw, dll }, p, q, "one-arm")
  }))
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
          <tr>
            <th scope="row">loss</th>
            {found.map(({ name, loss }) => (
              <td key={name} data-number="loss">
                {figure(loss)}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">
              ∂ loss / ∂ log p<sub>w</sub>
            </th>
            {found.map(({ name, dlw }) => (
              <td key={name} data-number="dlw">
                {figure(dlw)}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">
              ∂ loss / ∂ log p<sub>l</sub>
            </th>
            {found.map(({ name, dll }) => (
              <td key={name} data-number="dll">
                {figure(dll)}
              </td>
            ))}
          </tr>
          <tr class="group">
            <th scope="rowgroup" colSpan={1 + found.length}>
              next step of a softmax policy, other mass on many arms
            </th>
          </tr>
          <tr>
            <th scope="row">
              log p<sub>w</sub>
            </th>
            {moves.map(({ many }, k) => (
              <Rate key={found[k]!.name} value={many?.chosen} wrong="down" />
            ))}
          </tr>
          <tr>
            <th scope="row">
              log p<sub>l</sub>
            </th>
            {moves.map(({ many }, k) => (
              <Rate key={found[k]!.name} value={many?.rejected} wrong="up" />
            ))}
          </tr>
          <tr class="group">
            <th scope="rowgroup" colSpan={1 + found.length}>
              the same, other mass on one arm
            </th>
          </tr>
          <tr>
            <th scope="row">
              log p<sub>w</sub>
            </th>
            {moves.map(({ one }, k) => (
              <Rate key={found[k]!.name} value={one?.chosen} wrong="down" />
            ))}
          </tr>
          <tr>
            <th scope="row">
              log p<sub>l</sub>
            </th>
            {moves.map(({ one }, k) => (
              <Rate key={found[k]!.name} value={one?.rejected} wrong="up" />
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  )
}
