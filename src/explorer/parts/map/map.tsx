/** A map with axes and a point on it that can be dragged, or moved with the arrow keys. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { isDark } from "../../theme.ts"
import { logUnder } from "./draw.ts"
import type { Sheet } from "./layers.ts"
import "./map.css"
import { type AxisKind, logReach, type Point, unitAt } from "./surface.ts"

const ticks: Readonly<Record<AxisKind, ReadonlyArray<readonly [number, string]>>> = {
  log: [-6, -4, -2, 0].map((log) => [1 + log / logReach, String(log).replace("-", "−")] as const),
  prob: [0, 0.25, 0.5, 0.75, 1].map((p) => [p, String(p)] as const)
}
const titles = { log: ["log p_w", "log p_l"], prob: ["p_w", "p_l"] } as const

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1]
}

interface MapProps {
  /** What a screen reader says of the picture. */
  readonly label: string
  readonly kind: AxisKind
  readonly point: Point
  readonly onPoint: (point: Point) => void
  readonly draw: (sheet: Sheet) => void
  /** Draws again when one of these changes. */
  readonly drawnFrom: ReadonlyArray<unknown>
  /** Where the reference stands, if the loss has one. */
  readonly reference?: Point
}

const shown = (value: number): string => Math.exp(value).toPrecision(3)

/** The picture, drawn at the screen's own resolution. */
const Picture = ({ label, kind, draw, drawnFrom }: Pick<MapProps, "label" | "kind" | "draw" | "drawnFrom">) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [size, setSize] = useState(0)
  useLayoutEffect(() => {
    const element = canvas.current
    if (element === null) return
    const measure = (): void => setSize(Math.round(element.clientWidth * Math.min(devicePixelRatio, 2)))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const dark = isDark.value
  useLayoutEffect(() => {
    const element = canvas.current
    const context = element?.getContext("2d")
    if (!element || !context || size === 0) return
    element.width = size
    element.height = size
    draw({ context, size, kind, dark })
  }, [size, dark, kind, ...drawnFrom])
  return <canvas ref={canvas} role="img" aria-label={label} />
}

/** The map. */
export const LossMap = (props: MapProps) => {
  const { kind, point, onPoint, reference } = props
  const frame = useRef<HTMLDivElement>(null)
  const dragging = useRef(false)
  const follow = (event: PointerEvent): void => {
    const box = frame.current!.getBoundingClientRect()
    const [x, y] = [(event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height]
    onPoint({ lw: logUnder(kind, x), ll: logUnder(kind, y) })
  }
  useEffect(() => {
    const stop = (): void => {
      dragging.current = false
    }
    addEventListener("pointerup", stop)
    addEventListener("pointercancel", stop)
    return () => {
      removeEventListener("pointerup", stop)
      removeEventListener("pointercancel", stop)
    }
  }, [])
  const keys = (event: KeyboardEvent): void => {
    const way = steps[event.key]
    if (way === undefined) return
    event.preventDefault()
    const size = event.shiftKey ? 0.05 : 0.01
    onPoint({
      lw: logUnder(kind, unitAt(kind, point.lw) + way[0] * size),
      ll: logUnder(kind, unitAt(kind, point.ll) + way[1] * size)
    })
  }
  const place = ({ lw, ll }: Point) => ({
    left: `${100 * Math.min(Math.max(unitAt(kind, lw), 0), 1)}%`,
    bottom: `${100 * Math.min(Math.max(unitAt(kind, ll), 0), 1)}%`
  })
  return (
    <div class="map">
      <div class="y-title">{titles[kind][1]}</div>
      <div class="y-ticks" aria-hidden="true">
        {ticks[kind].map(([at, text]) => (
          <span key={text} style={{ bottom: `${100 * at}%` }}>
            {text}
          </span>
        ))}
      </div>
      <div
        class="frame"
        ref={frame}
        onPointerDown={(event) => {
          dragging.current = true
          frame.current?.setPointerCapture(event.pointerId)
          follow(event)
        }}
        onPointerMove={(event) => dragging.current && follow(event)}
      >
        <Picture {...props} />
        {reference !== undefined && <span class="reference" style={place(reference)} aria-hidden="true" />}
        <button
          type="button"
          class="point"
          style={place(point)}
          aria-label={`Point: p_w ${shown(point.lw)}, p_l ${shown(point.ll)}. Arrow keys move it, with Shift faster.`}
          onKeyDown={keys}
        />
      </div>
      <div class="x-ticks" aria-hidden="true">
        {ticks[kind].map(([at, text]) => (
          <span key={text} style={{ left: `${100 * at}%` }}>
            {text}
          </span>
        ))}
      </div>
      <div class="x-title">{titles[kind][0]}</div>
    </div>
  )
}
