/** Two losses side by side: their maps, where one is above the other, and what is decided exactly. */
import * as Result from "effect/Result"
import { useMemo } from "preact/hooks"
import "../compare/compare.css"
import type { Loss } from "../../loss/loss.ts"
import { Verdict } from "../compare/verdict.tsx"
import { linkOf } from "../link.ts"
import "../loss/loss.css"
import { useAnswer } from "../parts/explain/useAnswer.ts"
import { LossEditor, useLoss } from "../parts/lossEditor.tsx"
import { MapLayers, MapSliders } from "../parts/map/controls.tsx"
import { drawDifference, drawSurface } from "../parts/map/draw.ts"
import { LossMap } from "../parts/map/map.tsx"
import { Numbers } from "../parts/map/numbers.tsx"
import { type MapSetting, pointPatch, readMap } from "../parts/map/setting.ts"
import { type Point, readsReference, type Surface, surfaceOf } from "../parts/map/surface.ts"
import { ParameterSliders } from "../parts/sliders.tsx"
import type { View, ViewProps } from "../views.ts"

const letters = ["A", "B"] as const

interface MapsProps {
  readonly surfaces: ReadonlyArray<Result.Result<Surface, string>>
  readonly losses: ReadonlyArray<Loss>
  readonly map: MapSetting
  readonly onPoint: (point: Point) => void
}

const Maps = ({ surfaces, losses, map, onPoint }: MapsProps) => {
  const { kind, point, layers, setting } = map
  const { arrows, displacement } = layers
  const reference = losses.some(readsReference) ? { reference: { lw: setting.rw, ll: setting.rl } } : {}
  const shared = { kind, point, onPoint, ...reference }
  const [a, b] = surfaces.map((surface) => (Result.isSuccess(surface) ? surface.success : undefined))
  return (
    <div class="maps">
      {surfaces.map((surface, k) => (
        <section key={letters[k]} aria-label={`Map of ${letters[k]}`}>
          <h2>
            {letters[k]}: <a href={linkOf("loss", { loss: losses[k]!.spec })}>{losses[k]!.title}</a>
          </h2>
          {Result.isFailure(surface) ? (
            <p>There is no map over one pair’s probabilities: {surface.failure}.</p>
          ) : (
            <LossMap
              {...shared}
              label={`Heat map of ${losses[k]!.title}`}
              draw={(sheet) => drawSurface(sheet, surface.success, layers)}
              drawnFrom={[surface.success, arrows, displacement]}
            />
          )}
        </section>
      ))}
      {a !== undefined && b !== undefined && (
        <section aria-label="Difference">
          <h2>A − B</h2>
          <LossMap
            {...shared}
            label="Map of the loss of A minus that of B"
            draw={(sheet) => drawDifference(sheet, a, b)}
            drawnFrom={[a, b]}
          />
          <p class="map-key">
            <span class="swatch difference" aria-hidden="true" /> A smaller, equal, A larger; the strong line: equal
          </p>
        </section>
      )}
    </div>
  )
}

interface BothProps extends ViewProps {
  readonly losses: readonly [Loss, Loss]
}

const Both = ({ state, set, losses }: BothProps) => {
  const { map, problems } = useMemo(() => readMap(state), [state])
  const { rw, rl, nw, nl } = map.setting
  const [first, second] = losses
  const surfaces = useMemo(
    () => [first, second].map((loss) => surfaceOf(loss, { rw, rl, nw, nl })),
    [first, second, rw, rl, nw, nl]
  )
  const answer = useAnswer({ kind: "compare", a: first.spec, b: second.spec })
  const shown = surfaces.flatMap((surface, k) =>
    Result.isSuccess(surface) ? [{ name: `${letters[k]}: ${losses[k]!.spec}`, surface: surface.success }] : []
  )
  return (
    <>
      {problems.map((problem) => (
        <p role="alert" key={problem}>
          {problem}
        </p>
      ))}
      <MapLayers map={map} set={set} />
      <Maps
        surfaces={surfaces}
        losses={losses}
        map={map}
        onPoint={(point) => set(pointPatch(point), { replace: true })}
      />
      <div class="compare-below">
        <div>
          <Verdict answer={answer} onPoint={(point) => set(pointPatch(point))} />
        </div>
        <section aria-label="At the point">
          <div class="sliders">
            <MapSliders map={map} set={set} losses={losses} />
          </div>
          <Numbers point={map.point} surfaces={shown} />
        </section>
      </div>
    </>
  )
}

const Compare = ({ state, set }: ViewProps) => {
  const [a, b] = [useLoss(state.loss ?? "cpo_core"), useLoss(state.other ?? "orpo_seq")]
  return (
    <div class="page compare-page">
      <h1>Compare two losses</h1>
      <div class="compare-editors">
        {([a, b] as const).map((read, k) => {
          const key = k === 0 ? "loss" : "other"
          const change = (text: string, typing: boolean): void => set({ [key]: text }, { replace: typing })
          return (
            <div key={key}>
              <LossEditor id={`${key}-text`} label={letters[k]!} read={read} onText={change} />
              <div class="sliders" role="group" aria-label={`Parameters of ${letters[k]}`}>
                <ParameterSliders
                  id={`${key}-parameter`}
                  text={read.problem === undefined ? read.text : (read.loss?.spec ?? "")}
                  onText={change}
                />
              </div>
            </div>
          )
        })}
      </div>
      {a.loss !== undefined && b.loss !== undefined && <Both state={state} set={set} losses={[a.loss, b.loss]} />}
    </div>
  )
}

/** The view. */
export const compareView: View = { id: "compare", title: "Compare", Component: Compare }
