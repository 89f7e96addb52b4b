/** A section of the setting as a form: its kind, and the settings of that kind with their descriptions. */
import { useId, useState } from "preact/hooks"
import { environments } from "../../bandit/environments/registry.ts"
import type { LinkState } from "../link.ts"
import type { Control, Field, Form } from "./fields.ts"

/** Takes a section's new settings; an empty text leaves a setting out. */
export type SectionChange = (settings: LinkState, typing: boolean) => void

interface FieldProps {
  readonly label: string
  readonly field: Field
  readonly value: string
  readonly onChange: (value: string, typing: boolean) => void
}

/** Numbers between 0 and 1, bounds included, have a slider too. */
const isShare = (control: Control): boolean =>
  control.kind === "number" && !control.whole && control.minimum === 0 && control.maximum === 1

const Choice = ({
  id,
  field,
  value,
  onChange,
  options
}: FieldProps & { id: string; options: ReadonlyArray<string> }) => (
  <select
    id={id}
    aria-describedby={`${id}-help`}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value, false)}
  >
    {!field.required && <option value="">default</option>}
    {value !== "" && !options.includes(value) && <option value={value}>{value}</option>}
    {options.map((option) => (
      <option key={option} value={option}>
        {option}
      </option>
    ))}
  </select>
)

const Input = ({ id, label, field, value, onChange }: FieldProps & { id: string }) => {
  const { control } = field
  const suggestions = control.kind === "text" ? control.suggestions : []
  return (
    <>
      {isShare(control) && (
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          aria-label={`${label}, slider`}
          value={value === "" ? "0" : value}
          onInput={(event) => onChange(event.currentTarget.value, true)}
        />
      )}
      <input
        id={id}
        type="text"
        class={isShare(control) ? "beside-slider" : undefined}
        inputMode={control.kind === "number" ? "decimal" : "text"}
        list={suggestions.length > 0 ? `${id}-list` : undefined}
        aria-describedby={`${id}-help`}
        placeholder="default"
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value, true)}
      />
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </>
  )
}

const FieldRow = (props: FieldProps) => {
  const id = useId()
  const { control, description } = props.field
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class="control">
        {control.kind === "choice" ? (
          <Choice id={id} {...props} options={control.options} />
        ) : control.kind === "switch" ? (
          <Choice id={id} {...props} options={["true", "false"]} />
        ) : (
          <Input id={id} {...props} />
        )}
      </div>
      <small id={`${id}-help`}>{description.replaceAll("`", "")}</small>
    </div>
  )
}

const titles = new Map<string, string>(Object.values(environments).map(({ id, title }) => [id, title]))

/** Settings of an inner section, names without its own. */
const innerSettings = (settings: LinkState, name: string): LinkState =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : []
    )
  )

/** Settings with an inner section replaced. */
const withInner = (settings: LinkState, name: string, inner: LinkState): LinkState => ({
  ...Object.fromEntries(Object.entries(settings).filter(([key]) => !key.startsWith(`${name}.`))),
  ...Object.fromEntries(Object.entries(inner).map(([key, value]) => [`${name}.${key}`, value]))
})

/** A section that must be there starts as the first of its kinds. */
const startOf = (form: Form): LinkState =>
  form.selector === undefined ? {} : { [form.selector]: form.kinds[0]?.value ?? "" }

/** What a kind needs at least, so that choosing it is no mistake. */
const minimal = (form: Form, kind: string): LinkState => {
  const fields = form.kinds.find(({ value }) => value === kind)?.fields.filter(({ required }) => required) ?? []
  const starts = fields.flatMap(({ name, control }): ReadonlyArray<readonly [string, string]> => {
    if (control.kind === "section") {
      return Object.entries(startOf(control.form())).map(([key, value]) => [`${name}.${key}`, value])
    }
    if (control.kind === "choice") return [[name, control.options[0] ?? ""]]
    if (control.kind === "switch") return [[name, "false"]]
    if (control.kind === "text") return [[name, "0.5"]]
    return [[name, control.whole ? "100" : "0.1"]]
  })
  return { ...(form.selector === undefined ? {} : { [form.selector]: kind }), ...Object.fromEntries(starts) }
}

/** Settings that are looked for first; the others wait in a list that opens. */
const usualNames = ["arms", "contexts", "reference", "unseen", "coverage", "noise", "learningRate", "batchSize", "kind"]

const isUsual = ({ name, required }: Field): boolean => required || usualNames.includes(name)

/** Whether the link gives the setting a value. */
const isSaid = (settings: LinkState, name: string): boolean =>
  Object.keys(settings).some((key) => key === name || key.startsWith(`${name}.`))

interface SectionFormProps {
  readonly label: string
  readonly form: Form
  readonly settings: LinkState
  /** Kind that stands for a section that is left out. */
  readonly absent?: string
  readonly onChange: SectionChange
}

export const SectionForm = ({ label, form, settings, absent, onChange }: SectionFormProps) => {
  const id = useId()
  const selected = form.selector === undefined ? "" : (settings[form.selector] ?? absent ?? "")
  const kind = form.kinds.find(({ value }) => value === selected)
  const fields = kind?.fields ?? []
  const change = (name: string, value: string, typing: boolean): void => {
    const rest = Object.fromEntries(Object.entries(settings).filter(([key]) => key !== name))
    const base = form.selector !== undefined && rest[form.selector] === undefined ? { [form.selector]: selected } : {}
    onChange({ ...base, ...rest, ...(value === "" ? {} : { [name]: value }) }, typing)
  }
  const row = (field: Field) =>
    field.control.kind === "section" ? (
      <SectionForm
        key={field.name}
        label={field.name}
        form={field.control.form()}
        settings={innerSettings(settings, field.name)}
        onChange={(inner, typing) => onChange(withInner(settings, field.name, inner), typing)}
      />
    ) : (
      <FieldRow
        key={field.name}
        label={field.name}
        field={field}
        value={settings[field.name] ?? ""}
        onChange={(value, typing) => change(field.name, value, typing)}
      />
    )
  // Open from the start where there is something to see; after that it is the reader's.
  const [open] = useState(() => fields.some((field) => !isUsual(field) && isSaid(settings, field.name)))
  const usual = fields.filter(isUsual)
  const rare = fields.filter((field) => !isUsual(field))
  return (
    <fieldset class="section">
      <legend>{label}</legend>
      {form.selector !== undefined && (
        <div class="field">
          <label for={id}>{form.selector}</label>
          <div class="control">
            <select
              id={id}
              value={selected}
              onChange={(event) => onChange(minimal(form, event.currentTarget.value), false)}
            >
              {kind === undefined && <option value={selected}>{selected}</option>}
              {form.kinds.map(({ value }) => (
                <option key={value} value={value}>
                  {value}
                </option>
              ))}
            </select>
          </div>
          <small>{titles.get(selected) ?? ""}</small>
        </div>
      )}
      {usual.map(row)}
      {rare.length > 0 && (
        <details open={open}>
          <summary>{rare.length} more</summary>
          <div class="section">{rare.map(row)}</div>
        </details>
      )}
    </fieldset>
  )
}
