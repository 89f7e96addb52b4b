/** The lattice view: losses over M(w), M(l) in their order, to be searched, filtered and walked through. */
import { useCallback } from "preact/hooks"
import { Filter, Search, SetChoice } from "../lattice/controls.tsx"
import { Diagram } from "../lattice/diagram.tsx"
import "../lattice/lattice.css"
import { opened, PathPanel, Selection } from "../lattice/panel.tsx"
import { fulfils, wishesText } from "../lattice/search.ts"
import { type LatticeState, useLattice } from "../lattice/useLattice.ts"
import { lookText } from "../lattice/zoom.ts"
import { ClassName, classLooks } from "../parts/looks.tsx"
import { goTo } from "../state.ts"
import type { View, ViewProps } from "../views.ts"

interface PartProps {
  readonly lattice: LatticeState
  readonly set: ViewProps["set"]
  readonly choose: (place: number) => void
}

const Bar = ({ lattice, set, choose }: PartProps) => {
  const { drawing, set: id, text, found, wishes, problems } = lattice
  return (
    <div class="bar">
      <h1>Lattice</h1>
      <SetChoice
        set={id}
        onSet={(next) => set({ set: next, view: undefined, from: undefined, to: undefined, at: undefined })}
      />
      <Search
        text={text}
        found={found}
        drawing={drawing}
        set={id}
        onText={(next) => set({ q: next === "" ? undefined : next }, { replace: true })}
        onGo={choose}
        onAll={() => set({ set: "all", view: undefined })}
      />
      <Filter
        wishes={wishes}
        drawing={drawing}
        count={drawing.nodes.filter((node) => fulfils(drawing, node, wishes)).length}
        onWishes={(next) => set({ has: next.length === 0 ? undefined : wishesText(next) })}
      />
      {problems.map((problem) => (
        <p role="alert" key={problem}>
          {problem}
        </p>
      ))}
    </div>
  )
}

const Picture = ({ lattice, set, choose }: PartProps) => {
  const { drawing } = lattice
  const open = useCallback((place: number) => goTo("loss", { loss: opened(drawing.nodes[place]!) }), [drawing])
  return (
    <div class="picture">
      <Diagram
        {...lattice}
        label={`${drawing.nodes.length} losses; arrow keys walk along covers, Enter opens a loss, + and - zoom, 0 shows all`}
        onLook={(next) => set({ view: next === undefined ? undefined : lookText(next) }, { replace: true })}
        onChoose={choose}
        onOpen={open}
      />
      <div class="legend">
        <span>up: less constrained, the loss never larger</span>
        {classLooks.map((one) => (
          <ClassName key={one.id} id={one.id} />
        ))}
      </div>
    </div>
  )
}

const Beside = ({ lattice, set, choose }: PartProps) => {
  const { drawing, selected } = lattice
  const nameAt = (place: number | undefined): string | undefined =>
    place === undefined ? undefined : drawing.nodes[place]!.name
  return (
    <aside class="beside" aria-label="Selected loss">
      <Selection {...lattice} onChoose={choose} onPath={(end) => set({ [end]: nameAt(selected) })} />
      <PathPanel {...lattice} onEnd={(end, place) => set({ [end]: nameAt(place) })} onChoose={choose} />
    </aside>
  )
}

const Lattice = ({ state, set }: ViewProps) => {
  const lattice = useLattice(state)
  const { drawing } = lattice
  const choose = useCallback(
    (place: number) => set({ at: drawing.nodes[place]!.name }, { replace: true }),
    [drawing, set]
  )
  return (
    <div class="lattice">
      <Bar lattice={lattice} set={set} choose={choose} />
      <Picture lattice={lattice} set={set} choose={choose} />
      <Beside lattice={lattice} set={set} choose={choose} />
    </div>
  )
}

/** The view. */
export const latticeView: View = { id: "lattice", title: "Lattice", Component: Lattice }
