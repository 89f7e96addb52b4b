/** The losses of a setting: each as its LOSS text, with its numbers as fields; the looks are those of its curves. */
import { useId, useState } from "preact/hooks"
import { methods } from "../../bandit/methods/registry.ts"
import { catalogue } from "../../loss/catalogue/index.ts"
import { rangeText } from "../../loss/settings.ts"
import { seriesClass } from "../charts/looks.ts"
import { type LossParameter, parametersOf, withParameter } from "../parts/lossParameters.ts"

interface LossListProps {
  /** As they are typed; twice the same, and nothing, are no further loss. */
  readonly lines: ReadonlyArray<string>
  /** Those that are trained, in the order of their looks. */
  readonly losses: ReadonlyArray<string>
  /** Problems by loss. */
  readonly problems: ReadonlyMap<string, string>
  readonly onChange: (losses: ReadonlyArray<string>, typing: boolean) => void
}

/** A number of a loss. While it is typed it stays as it is typed; emptied it is the default. */
const ParameterField = (props: { parameter: LossParameter; onChange: (value: string) => void }) => {
  const { name, spec, value } = props.parameter
  const [draft, setDraft] = useState<string>()
  return (
    <label title={rangeText(spec)}>
      {name}
      <input
        type="text"
        class="parameter"
        inputMode="decimal"
        spellcheck={false}
        value={draft ?? value}
        onInput={({ currentTarget }) => {
          setDraft(currentTarget.value)
          props.onChange(currentTarget.value)
        }}
        onBlur={() => setDraft(undefined)}
      />
    </label>
  )
}

const LossRow = (props: {
  readonly loss: string
  /** From 1. */
  readonly place: number
  readonly look: number
  readonly problem: string | undefined
  readonly onChange: (loss: string) => void
  readonly onRemove: () => void
}) => {
  const id = useId()
  const { loss, place, look, problem, onChange, onRemove } = props
  return (
    <li class="loss-row">
      <svg class={`loss-line ${seriesClass(look)}`} viewBox="0 0 34 12" aria-hidden="true">
        <path class="line" d="M1 6H33" />
      </svg>
      <input
        type="text"
        class="loss-text"
        aria-label={`loss ${place}`}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        spellcheck={false}
        value={loss}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <button type="button" aria-label={`Remove loss ${place}, ${loss}`} onClick={onRemove}>
        ×
      </button>
      <div class="parameters">
        {parametersOf(loss).map((parameter) => (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            onChange={(value) => onChange(withParameter(loss, parameter.name, value))}
          />
        ))}
      </div>
      {problem !== undefined && (
        <p id={`${id}-problem`} class="problem">
          {problem}
        </p>
      )}
    </li>
  )
}

const known: ReadonlyArray<string> = [...catalogue.map(({ id }) => id), ...methods.map(({ name }) => name)]

export const LossList = ({ lines, losses, problems, onChange }: LossListProps) => {
  const id = useId()
  const [added, setAdded] = useState("")
  const add = (event: Event): void => {
    event.preventDefault()
    if (added.trim() === "") return
    onChange([...lines, added.trim()], false)
    setAdded("")
  }
  return (
    <fieldset class="section">
      <legend>losses</legend>
      <ul class="loss-list">
        {lines.map((line, i) => (
          <LossRow
            key={i}
            loss={line}
            place={i + 1}
            look={losses.indexOf(line.trim())}
            problem={problems.get(line.trim())}
            onChange={(text) => onChange(lines.with(i, text), true)}
            onRemove={() => onChange(lines.toSpliced(i, 1), false)}
          />
        ))}
      </ul>
      <form class="add-loss" onSubmit={add}>
        <label for={id}>Another loss</label>
        <input
          id={id}
          type="text"
          list={`${id}-known`}
          spellcheck={false}
          placeholder="orpo, rows:TF,TT/FT, …"
          value={added}
          onInput={(event) => setAdded(event.currentTarget.value)}
        />
        <button type="submit">Add</button>
        <datalist id={`${id}-known`}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </form>
    </fieldset>
  )
}
