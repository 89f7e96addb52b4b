/** The settings besides the losses, as a form. */
import { isWide } from "../charts/wide.ts"
import type { ViewProps } from "../views.ts"
import { formOfSection } from "./fields.ts"
import { SectionForm } from "./sectionForm.tsx"
import { defaults, type Section, sectionOf, sectionPatch } from "./settings.ts"

const sectionTitles: ReadonlyArray<readonly [Section, string, string | undefined]> = [
  ["environment", "environment", undefined],
  ["data", "data", undefined],
  ["optimizer", "optimizer", undefined],
  ["policy", "policy", "tabular"],
  ["regime", "regime: who proposes the pairs", "offline"]
]

const plainFields = [
  ["seeds", "Numbers such as 0,1,2 or 0-7; a curve is the mean over them."],
  ["steps", "Updates."],
  ["checkpoints", "How many points a curve has."],
  ["reference", "true: adds the reference to losses without one."],
  ["ceWeight", "Weight of −log π(chosen) beside the loss. Default 0."]
] as const

export const Controls = ({ state, set }: ViewProps) => {
  return (
    <form aria-label="Setting" onSubmit={(event) => event.preventDefault()}>
      {/* Beside the curves there is room for the settings; above them they would hide what they do. */}
      <details open={isWide()}>
        <summary>All settings</summary>
        <div class="controls">
          <fieldset class="section">
            <legend>training</legend>
            {plainFields.map(([name, help]) => (
              <div class="field" key={name}>
                <label for={`bandit-${name}`}>{name}</label>
                <div class="control">
                  <input
                    id={`bandit-${name}`}
                    type="text"
                    spellcheck={false}
                    placeholder="default"
                    aria-describedby={`bandit-${name}-help`}
                    value={state[name] ?? defaults[name] ?? ""}
                    onInput={(event) => set({ [name]: event.currentTarget.value }, { replace: true })}
                  />
                </div>
                <small id={`bandit-${name}-help`}>{help}</small>
              </div>
            ))}
          </fieldset>
          {sectionTitles.map(([section, title, absent]) => (
            <SectionForm
              key={section}
              label={title}
              form={formOfSection(section)}
              settings={sectionOf(state, section)}
              {...(absent === undefined ? {} : { absent })}
              onChange={(settings, typing) => set(sectionPatch(state, section, settings), { replace: typing })}
            />
          ))}
        </div>
      </details>
    </form>
  )
}
