/** Sliders with their numbers: parameters of a loss, and what its surface holds fixed. */
import { rangeText } from "../../loss/settings.ts"
import { parametersOf, scaleOf, withParameter } from "./lossParameters.ts"

interface SliderProps {
  readonly id: string
  readonly label: string
  readonly least: number
  readonly most: number
  readonly step: number
  readonly place: number
  readonly text: string
  readonly title?: string
  readonly onPlace: (place: number) => void
  /** What was typed into the number's field. */
  readonly onText: (text: string) => void
}

/** One slider, and a field for its number. */
const Slider = ({ id, label, least, most, step, place, text, title, onPlace, onText }: SliderProps) => (
  <div class="slider" title={title}>
    <label for={id}>{label}</label>
    <input
      id={id}
      type="range"
      min={least}
      max={most}
      step={step}
      value={place}
      aria-valuetext={text}
      onInput={({ currentTarget }) => onPlace(Number(currentTarget.value))}
    />
    <input
      type="text"
      inputMode="decimal"
      aria-label={`${label}, as a number`}
      value={text}
      onChange={({ currentTarget }) => onText(currentTarget.value)}
    />
  </div>
)

interface ParameterProps {
  readonly id: string
  readonly text: string
  readonly onText: (text: string, typing: boolean) => void
}

/** The parameters of a LOSS text: turning one changes the text. */
export const ParameterSliders = ({ id, text, onText }: ParameterProps) => (
  <>
    {parametersOf(text).map(({ name, spec, value }) => {
      const number = Number(value)
      const scale = scaleOf(spec, Number.isFinite(number) ? number : spec.default)
      return (
        <Slider
          key={name}
          id={`${id}-${name}`}
          label={name}
          title={`${name}: ${rangeText(spec)}; default ${spec.default}`}
          least={scale.least}
          most={scale.most}
          step={scale.step}
          place={scale.place(Number.isFinite(number) ? number : spec.default)}
          text={value}
          onPlace={(place) => onText(withParameter(text, name, String(scale.value(place))), true)}
          onText={(next) => onText(withParameter(text, name, next), false)}
        />
      )
    })}
  </>
)

interface NumberProps {
  readonly id: string
  readonly label: string
  readonly value: number
  readonly least: number
  readonly most: number
  readonly step: number
  readonly title?: string
  readonly onValue: (value: number, typing: boolean) => void
}

/** A number on a linear scale. */
export const NumberSlider = ({ value, onValue, ...rest }: NumberProps) => (
  <Slider
    {...rest}
    place={value}
    text={String(Number(value.toFixed(3)))}
    onPlace={(place) => onValue(place, true)}
    onText={(text) => {
      const number = Number(text)
      if (text.trim() !== "" && Number.isFinite(number))
        onValue(Math.min(Math.max(number, rest.least), rest.most), false)
    }}
  />
)
