/** What is beside a map: axes, layers, and sliders for all that it depends on. */
import type { Loss } from "../../../loss/loss.ts"
import type { ViewProps } from "../../views.ts"
import { NumberSlider } from "../sliders.tsx"
import { layerPatch, logEnds, type MapSetting, pointPatch, settingPatch } from "./setting.ts"
import { axisKinds, readsLengths, readsReference } from "./surface.ts"

interface ControlProps {
  readonly map: MapSetting
  readonly set: ViewProps["set"]
}

/** Axes, and what is drawn over the heat. */
export const MapLayers = ({ map, set, layers = true }: ControlProps & { readonly layers?: boolean }) => (
  <div class="map-layers">
    <span class="choice" role="group" aria-label="Axes">
      {axisKinds.map((kind) => (
        <button
          type="button"
          key={kind}
          aria-pressed={kind === map.kind}
          onClick={() => set({ axes: kind === "log" ? undefined : kind })}
        >
          {kind === "log" ? "log p" : "p"}
        </button>
      ))}
    </span>
    {layers && (
      <>
        <label>
          <input type="checkbox" checked={map.layers.arrows} onChange={() => set(layerPatch(map.layers, "arrows"))} />{" "}
          descent arrows
        </label>
        <label>
          <input
            type="checkbox"
            checked={map.layers.displacement}
            onChange={() => set(layerPatch(map.layers, "displacement"))}
          />{" "}
          displacement
        </label>
      </>
    )}
  </div>
)

/** Sliders of the point, and of the reference and the token counts where a loss reads them. */
export const MapSliders = ({ map, set, losses }: ControlProps & { readonly losses: ReadonlyArray<Loss> }) => {
  const { point, setting } = map
  const fixed = (key: "rw" | "rl", label: string) => (
    <NumberSlider
      id={`map-${key}`}
      label={label}
      value={setting[key]}
      {...logEnds}
      onValue={(value, typing) => set(settingPatch(key, value), { replace: typing })}
    />
  )
  const count = (key: "nw" | "nl", label: string) => (
    <NumberSlider
      id={`map-${key}`}
      label={label}
      value={setting[key]}
      least={1}
      most={64}
      step={1}
      onValue={(value, typing) => set(settingPatch(key, Math.round(value)), { replace: typing })}
    />
  )
  return (
    <>
      <NumberSlider
        id="map-lw"
        label="log p_w"
        value={point.lw}
        {...logEnds}
        onValue={(lw, typing) => set(pointPatch({ ...point, lw }), { replace: typing })}
      />
      <NumberSlider
        id="map-ll"
        label="log p_l"
        value={point.ll}
        {...logEnds}
        onValue={(ll, typing) => set(pointPatch({ ...point, ll }), { replace: typing })}
      />
      {losses.some(readsReference) && (
        <>
          {fixed("rw", "log r_w")}
          {fixed("rl", "log r_l")}
        </>
      )}
      {losses.some(readsLengths) && (
        <>
          {count("nw", "tokens n_w")}
          {count("nl", "tokens n_l")}
        </>
      )}
    </>
  )
}
