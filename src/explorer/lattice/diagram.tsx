/** The Hasse diagram: nodes with their truth tables, covers between them, zoom and pan, arrow keys along covers. */
import { memo } from "preact/compat"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { classLook, inSigns, markPaths } from "../parts/looks.tsx"
import { type LatticeDrawing, type LatticeEdge, type LatticeNode, nodeSize } from "./data.ts"
import { type Around, type Direction, step } from "./walk.ts"
import { type Look, moved, type Size, showing, wholeOf, zoomed } from "./zoom.ts"

const { width, height } = nodeSize
const rows = ["TT", "TF", "FT", "FF"] as const

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

const Card = memo(({ node }: { readonly node: LatticeNode }) => {
  const { shape } = classLook(node.vanishing)
  const cell = width / rows.length
  return (
    <>
      <rect class="card" width={width} height={height} rx="7" />
      <path class="tile" d={`M0,7a7,7,0,0,1,7,-7H${width - 7}a7,7,0,0,1,7,7V20H0Z`} />
      <g class="details" aria-hidden="true">
        <path class="shape" d={shape} transform="translate(11,10)" />
        <text
          class="name"
          x="21"
          y="14"
          {...(node.name.length > 11 ? { textLength: 93, lengthAdjust: "spacingAndGlyphs" } : {})}
        >
          {node.name}
        </text>
        <text class="core" x={width / 2} y="33" text-anchor="middle">
          {shortened(inSigns(node.core), 24)}
        </text>
        {rows.map((row, k) => {
          const tick = node.ticks.includes(row)
          const cross = node.crosses.includes(row)
          const x = cell * (k + 0.5)
          const apart = tick && cross ? 5 : 0
          return (
            <g key={row}>
              <text class="row" x={x} y="45" text-anchor="middle">
                {row}
              </text>
              {tick && <path class="mark tick" d={markPaths.tick} transform={`translate(${x - apart},54)`} />}
              {cross && <path class="mark cross" d={markPaths.cross} transform={`translate(${x + apart},54)`} />}
            </g>
          )
        })}
      </g>
    </>
  )
})

const edgePath = (from: LatticeNode, to: LatticeNode): string => {
  const [y0, y1] = [from.y - height / 2, to.y + height / 2]
  const bend = Math.min(60, Math.abs(y0 - y1) / 2)
  return `M${from.x},${y0}C${from.x},${y0 - bend},${to.x},${y1 + bend},${to.x},${y1}`
}

const Edges = memo(
  ({ drawing, lit }: { readonly drawing: LatticeDrawing; readonly lit: (edge: LatticeEdge) => string }) => (
    <g class="edges">
      {drawing.edges.map((edge) => (
        <path
          key={`${edge.from} ${edge.to}`}
          class={`edge ${edge.entailment ? "" : "dominance"} ${lit(edge)}`}
          d={edgePath(drawing.nodes[edge.from]!, drawing.nodes[edge.to]!)}
        />
      ))}
    </g>
  )
)

/** What a screen reader says of a loss. */
const spoken = ({ name, vanishing, core, ticks, crosses }: LatticeNode, { above, below }: Around): string =>
  `${name}: core ${core}; ticks ${ticks.join(" ") || "none"}, crosses ${crosses.join(" ") || "none"}; class ${vanishing}; ` +
  `${above.length} above, ${below.length} below`

interface NodesProps {
  readonly drawing: LatticeDrawing
  readonly around: ReadonlyArray<Around>
  readonly selected: number
  readonly dimmed: ReadonlySet<number>
  readonly marked: ReadonlySet<number>
  readonly onChoose: (place: number) => void
  readonly onOpen: (place: number) => void
}

const Nodes = memo(({ drawing, around, selected, dimmed, marked, onChoose, onOpen }: NodesProps) => (
  <g>
    {drawing.nodes.map((node, place) => (
      <g
        key={node.loss}
        id={`lattice-${place}`}
        role="button"
        tabindex={place === selected ? 0 : -1}
        aria-pressed={place === selected}
        class={`node ${place === selected ? "selected" : ""} ${dimmed.has(place) ? "dimmed" : ""} ${marked.has(place) ? "marked" : ""}`}
        style={{ "--class": classLook(node.vanishing).colour }}
        transform={`translate(${node.x - width / 2},${node.y - height / 2})`}
        onClick={() => (place === selected ? onOpen(place) : onChoose(place))}
        onKeyDown={(event) => {
          if (event.key === " ") {
            event.preventDefault()
            onChoose(place)
          } else if (event.key === "Enter") onOpen(place)
        }}
      >
        <title>{spoken(node, around[place]!)}</title>
        <Card node={node} />
      </g>
    ))}
  </g>
))

const arrows: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right"
}

/** Size of an element, kept up to date. */
const useSize = (): readonly [Size | undefined, (element: Element | null) => void] => {
  const [size, setSize] = useState<Size>()
  const [element, setElement] = useState<Element | null>(null)
  useLayoutEffect(() => {
    if (element === null) return
    const measure = (): void => {
      const box = element.getBoundingClientRect()
      setSize({ width: box.width, height: box.height })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [size, setElement]
}

interface DiagramProps extends NodesProps {
  readonly label: string
  /** What is seen; undefined: all of it. */
  readonly look: Look | undefined
  readonly lit: (edge: LatticeEdge) => string
  readonly onLook: (look: Look | undefined) => void
}

/** Wheel and pointer: zoom about the pointer, drag to pan, two fingers to pinch. */
const useGestures = (svg: { readonly current: SVGSVGElement | null }, look: Look, onLook: (look: Look) => void) => {
  const now = useRef({ look, onLook })
  now.current = { look, onLook }
  const pointers = useRef(new Map<number, readonly [number, number]>())
  const dragged = useRef(0)
  useEffect(() => {
    const element = svg.current
    if (element === null) return
    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      const [dx, dy] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2]
      const lines = event.deltaMode === 1 ? 24 : 1
      now.current.onLook(zoomed(now.current.look, Math.exp(-event.deltaY * lines * 0.0015), dx, dy))
    }
    // Preact's own listeners are passive for wheels: the page would scroll as well.
    element.addEventListener("wheel", wheel, { passive: false })
    return () => element.removeEventListener("wheel", wheel)
  }, [svg])
  const spread = (): number => {
    const [a, b] = [...pointers.current.values()]
    return a === undefined || b === undefined ? 0 : Math.hypot(a[0] - b[0], a[1] - b[1])
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      pointers.current.set(event.pointerId, [event.clientX, event.clientY])
      if (pointers.current.size === 1) dragged.current = 0
    },
    onPointerMove: (event: PointerEvent) => {
      const last = pointers.current.get(event.pointerId)
      if (last === undefined) return
      const before = spread()
      pointers.current.set(event.pointerId, [event.clientX, event.clientY])
      const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]]
      dragged.current += Math.hypot(dx, dy)
      if (pointers.current.size === 2 && before > 0) onLook(zoomed(now.current.look, spread() / before))
      else if (dragged.current > 4) {
        svg.current?.setPointerCapture(event.pointerId)
        onLook(moved(now.current.look, -dx, -dy))
      }
    },
    onPointerUp: (event: PointerEvent) => pointers.current.delete(event.pointerId),
    onPointerCancel: (event: PointerEvent) => pointers.current.delete(event.pointerId),
    // The click that ends a drag chooses nothing.
    onClickCapture: (event: MouseEvent) => {
      if (dragged.current > 4) event.stopPropagation()
    }
  }
}

/** The drawing in its window. */
export const Diagram = (props: DiagramProps) => {
  const { drawing, around, selected, look, lit, onLook, onChoose, label } = props
  const [size, measure] = useSize()
  const svg = useRef<SVGSVGElement>(null)
  const pane = size ?? { width: 800, height: 500 }
  const shown = look ?? wholeOf(drawing, pane)
  const gestures = useGestures(svg, shown, onLook)
  const goOn = (place: number): void => {
    const point = drawing.nodes[place]!
    const next = showing(shown, pane, point, { width: width + 20, height: height + 20 })
    if (look !== undefined && (next.x !== look.x || next.y !== look.y)) onLook(next)
    onChoose(place)
    requestAnimationFrame(() => document.getElementById(`lattice-${place}`)?.focus({ preventScroll: true }))
  }
  const keys = (event: KeyboardEvent): void => {
    const way = arrows[event.key]
    if (event.key === "+" || event.key === "=") onLook(zoomed(shown, 1.25))
    else if (event.key === "-") onLook(zoomed(shown, 0.8))
    else if (event.key === "0") onLook(undefined)
    else if (way !== undefined) {
      event.preventDefault()
      const next = step(drawing, around, selected, way)
      if (next !== undefined) goOn(next)
    }
  }
  const { scale } = shown
  const far = scale < 0.42 ? "far" : scale < 0.6 ? "middle" : "near"
  return (
    <div class="diagram" ref={measure}>
      <svg ref={svg} role="group" aria-label={label} class={far} onKeyDown={keys} {...gestures}>
        {size !== undefined && (
          <g
            transform={`translate(${pane.width / 2},${pane.height / 2}) scale(${scale}) translate(${-shown.x},${-shown.y})`}
          >
            <Edges drawing={drawing} lit={lit} />
            <Nodes
              drawing={drawing}
              around={around}
              selected={selected}
              dimmed={props.dimmed}
              marked={props.marked}
              onChoose={onChoose}
              onOpen={props.onOpen}
            />
          </g>
        )}
      </svg>
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom in" onClick={() => onLook(zoomed(shown, 1.4))}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => onLook(zoomed(shown, 1 / 1.4))}>
          −
        </button>
        <button type="button" onClick={() => onLook(undefined)}>
          All
        </button>
      </div>
    </div>
  )
}
