/** The loss page: a text that is edited in place, and everything that follows from it. */
import * as Result from "effect/Result"
import { useMemo } from "preact/hooks"
import { exportFormats } from "../../loss/export/index.ts"
import type { Loss } from "../../loss/loss.ts"
import { linkOf } from "../link.ts"
import { Exports } from "../loss/exports.tsx"
import { Facts } from "../loss/facts.tsx"
import "../loss/loss.css"
import { Properties } from "../loss/properties.tsx"
import { useAnswer } from "../parts/explain/useAnswer.ts"
import { Formula } from "../parts/formula.tsx"
import { LossEditor, type ReadLoss, useLoss } from "../parts/lossEditor.tsx"
import { MapLayers, MapSliders } from "../parts/map/controls.tsx"
import { drawSurface } from "../parts/map/draw.ts"
import { LossMap } from "../parts/map/map.tsx"
import { Numbers } from "../parts/map/numbers.tsx"
import { type MapSetting, pointPatch, readMap } from "../parts/map/setting.ts"
import { readsReference, surfaceOf } from "../parts/map/surface.ts"
import { ParameterSliders } from "../parts/sliders.tsx"
import type { View, ViewProps } from "../views.ts"

const Heading = ({ loss }: { readonly loss: Loss }) => {
  const { arxiv, year } = loss.citation ?? {}
  return (
    <header class="loss-heading">
      <h1>{loss.title}</h1>
      <p class="soft">
        {loss.id !== undefined && <code>{loss.id}</code>}
        {arxiv !== undefined && (
          <>
            {" "}
            <a href={`https://arxiv.org/abs/${arxiv}`}>arXiv {arxiv}</a>
          </>
        )}
        {year !== undefined && ` (${year})`} <a href={linkOf("compare", { loss: loss.spec })}>Compare with another</a>
      </p>
    </header>
  )
}

interface SurfaceProps {
  readonly loss: Loss
  readonly text: string
  readonly map: MapSetting
  readonly set: ViewProps["set"]
}

/** What the patterns of the map mean. */
const MapKey = () => (
  <p class="map-key">
    <span class="swatch ramp" aria-hidden="true" /> loss, low to high <span class="swatch lowers" aria-hidden="true" />{" "}
    a step can lower the chosen <span class="swatch raises" aria-hidden="true" /> a step can raise the rejected; beyond
    the dashed line p<sub>w</sub> + p<sub>l</sub> &gt; 1
  </p>
)

const SurfaceSection = ({ loss, text, map, set }: SurfaceProps) => {
  const { rw, rl, nw, nl } = map.setting
  const surface = useMemo(() => surfaceOf(loss, { rw, rl, nw, nl }), [loss, rw, rl, nw, nl])
  const sliders = (
    <ParameterSliders id="parameter" text={text} onText={(next, typing) => set({ loss: next }, { replace: typing })} />
  )
  if (Result.isFailure(surface)) {
    return (
      <section class="surface" aria-label="Surface">
        <p>There is no map over one pair’s probabilities: {surface.failure}.</p>
        <div class="sliders">{sliders}</div>
      </section>
    )
  }
  const { arrows, displacement } = map.layers
  return (
    <section class="surface" aria-label="Surface">
      <MapLayers map={map} set={set} />
      <LossMap
        label={`Heat map of ${loss.title} over the log-probabilities of chosen and rejected, with contour lines and descent arrows`}
        kind={map.kind}
        point={map.point}
        onPoint={(point) => set(pointPatch(point), { replace: true })}
        draw={(sheet) => drawSurface(sheet, surface.success, map.layers)}
        drawnFrom={[surface, arrows, displacement]}
        {...(readsReference(loss) ? { reference: { lw: rw, ll: rl } } : {})}
      />
      <MapKey />
      <div class="sliders">
        {sliders}
        <MapSliders map={map} set={set} losses={[loss]} />
      </div>
      <Numbers point={map.point} surfaces={[{ name: loss.spec, surface: surface.success }]} />
    </section>
  )
}

const Body = ({ loss, state, set, read }: ViewProps & { readonly loss: Loss; readonly read: ReadLoss }) => {
  const { map, problems } = useMemo(() => readMap(state), [state])
  const answer = useAnswer({ kind: "explain", loss: loss.spec })
  const format = exportFormats.find((name) => name === state.code) ?? "json"
  const badFormat = state.code !== undefined && format !== state.code
  const all = badFormat
    ? [...problems, `code: expected one of ${exportFormats.join(", ")}, found “${state.code}”`]
    : problems
  return (
    <>
      {all.map((problem) => (
        <p role="alert" key={problem}>
          {problem}
        </p>
      ))}
      <div class={`loss-grid ${read.problem === undefined ? "" : "stale"}`}>
        <SurfaceSection loss={loss} text={read.problem === undefined ? read.text : loss.spec} map={map} set={set} />
        <div class="facts-column">
          <section aria-label="Formula" class="formula-box">
            <Formula latex={loss.latex} display />
          </section>
          {loss.unevaluable !== undefined && <p class="problem">{loss.unevaluable}</p>}
          <Facts loss={loss} explanation={answer?.kind === "explain" ? answer.explanation : undefined} />
          <Properties answer={answer} onPoint={(point) => set(pointPatch(point))} />
          {(loss.entry?.notes ?? "") !== "" && (
            <section aria-labelledby="notes-heading">
              <h2 id="notes-heading">Notes</h2>
              <p>{loss.entry?.notes}</p>
            </section>
          )}
        </div>
        <Exports loss={loss} format={format} onFormat={(code) => set({ code: code === "json" ? undefined : code })} />
      </div>
    </>
  )
}

const LossPage = ({ state, set }: ViewProps) => {
  const read = useLoss(state.loss ?? "dpo")
  return (
    <div class="page loss-page">
      {read.loss === undefined ? <h1>Loss</h1> : <Heading loss={read.loss} />}
      <LossEditor
        id="loss-text"
        label="Loss: a name, ratio, logic, rows or an expression"
        read={read}
        onText={(loss, typing) => set({ loss }, { replace: typing })}
      />
      {read.loss !== undefined && <Body loss={read.loss} state={state} set={set} read={read} />}
    </div>
  )
}

/** The view. */
export const lossView: View = { id: "loss", title: "Loss", Component: LossPage }
