/** A truth table: which rows count for the chosen answer, which against it. */
import { rowName } from "../../logic/rows.ts"
import { Mark } from "./looks.tsx"

interface TruthTableProps {
  readonly propositions: ReadonlyArray<string>
  readonly ticks: ReadonlyArray<string>
  readonly crosses: ReadonlyArray<string>
}

/** True rows first, as truth tables are read; over more than three propositions the rows that count alone. */
export const TruthTable = ({ propositions, ticks, crosses }: TruthTableProps) => {
  const n = propositions.length
  const all = Array.from({ length: 2 ** n }, (_, i) => rowName(2 ** n - 1 - i, n))
  const rows = n <= 3 ? all : all.filter((row) => ticks.includes(row) || crosses.includes(row))
  return (
    <>
      <table class="truth-table">
        <thead>
          <tr>
            {propositions.map((proposition) => (
              <th key={proposition} scope="col">
                {proposition}
              </th>
            ))}
            <th scope="col">for</th>
            <th scope="col">against</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              {[...row].map((letter, k) => (
                <td key={propositions[k]} class={letter}>
                  {letter}
                </td>
              ))}
              <td>{ticks.includes(row) && <Mark kind="tick" />}</td>
              <td>{crosses.includes(row) && <Mark kind="cross" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < all.length && <p class="soft">The other {all.length - rows.length} rows count for nothing.</p>}
    </>
  )
}
