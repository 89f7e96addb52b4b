/** The frame around every view: name, menu, a link to copy, light or dark. */
import { useSignal } from "@preact/signals"
import { useEffect, useErrorBoundary, useRef } from "preact/hooks"
import { type LinkState, linkOf } from "./link.ts"
import { current, goTo, setState, settleAddress } from "./state.ts"
import { type Theme, theme, themes } from "./theme.ts"
import { type View, views } from "./views.ts"

/** Each view is left and found again as it was. */
const lastStates = new Map<string, LinkState>()

const Menu = ({ shown }: { readonly shown: View | undefined }) => (
  <nav aria-label="Views">
    <ul>
      {views.map(({ id, title }) => (
        <li key={id}>
          <a
            href={linkOf(id, lastStates.get(id))}
            aria-current={id === shown?.id ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return
              event.preventDefault()
              if (id !== shown?.id) goTo(id, lastStates.get(id))
            }}
          >
            {title}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)

const CopyLink = () => {
  const said = useSignal("")
  const copy = async (): Promise<void> => {
    settleAddress()
    try {
      await navigator.clipboard.writeText(location.href)
      said.value = "Copied"
    } catch {
      said.value = "Copy the address of this page instead"
    }
    setTimeout(() => {
      said.value = ""
    }, 2500)
  }
  return (
    <>
      <button type="button" class="quiet" onClick={() => void copy()}>
        Copy link
      </button>
      <span role="status" class="said">
        {said}
      </span>
    </>
  )
}

const themeNames: Readonly<Record<Theme, string>> = { system: "Auto", light: "Light", dark: "Dark" }

const ThemeSwitch = () => (
  <label class="theme-switch">
    <span class="hidden-text">Colours</span>
    <select
      value={theme.value}
      onChange={({ currentTarget }) => {
        theme.value = currentTarget.value as Theme
      }}
    >
      {themes.map((name) => (
        <option key={name} value={name}>
          {themeNames[name]}
        </option>
      ))}
    </select>
  </label>
)

const Unknown = ({ view }: { readonly view: string }) => (
  <div class="page">
    <h1>Not found</h1>
    <p role="alert" class="problem">
      There is no view “{view}”. There are:{" "}
      {views.map(({ id, title }, i) => (
        <>
          {i > 0 && ", "}
          <a key={id} href={linkOf(id)}>
            {title}
          </a>
        </>
      ))}
      .
    </p>
  </div>
)

/** A view that fails, which is a defect, leaves its sentence and a way out instead of a blank page. */
const Shown = ({ view, state }: { readonly view: View; readonly state: LinkState }) => {
  const [error, reset] = useErrorBoundary()
  const place = linkOf(view.id, state)
  const failed = useRef<string>(undefined)
  useEffect(() => {
    // What changed may have been what failed.
    if (error !== undefined && failed.current !== undefined && failed.current !== place) reset()
    failed.current = place
  }, [place, error])
  if (error === undefined) return <view.Component state={state} set={setState} />
  return (
    <div class="page">
      <h1>{view.title}</h1>
      <p role="alert">
        This is a defect of losslattice, please report it with this page’s link:{" "}
        {error instanceof Error ? error.message : String(error)}
      </p>
      <p>
        <a href={linkOf(view.id)}>Start this view afresh</a>
      </p>
    </div>
  )
}

/** The whole page. */
export const App = () => {
  const { view: id, state } = current.value
  const shown = id === "" ? views[0] : views.find((view) => view.id === id)
  const main = useRef<HTMLElement>(null)
  const before = useRef(shown)
  useEffect(() => {
    document.title = `${shown?.title ?? "Not found"} · losslattice`
    // A screen reader, and the keyboard, start at the new view; not when the page has just been opened.
    if (before.current !== shown) main.current?.focus()
    before.current = shown
  }, [shown])
  if (shown !== undefined) lastStates.set(shown.id, state)
  return (
    <>
      <header class="top">
        <a
          class="skip"
          href={linkOf(id, state)}
          onClick={(event) => {
            event.preventDefault()
            main.current?.focus()
          }}
        >
          Skip to the view
        </a>
        <span class="brand">losslattice</span>
        <Menu shown={shown} />
        <div class="tools">
          <CopyLink />
          <ThemeSwitch />
        </div>
      </header>
      <main ref={main} tabIndex={-1}>
        {shown === undefined ? <Unknown view={id} /> : <Shown key={shown.id} view={shown} state={state} />}
      </main>
    </>
  )
}
