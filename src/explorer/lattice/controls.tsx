/** What is above the diagram: which losses, the search, wishes about properties. */
import { exactPropertyTable } from "../../landscape/exactProperties.ts"
import { type LatticeDrawing, type LatticeSet, latticeSets } from "./data.ts"
import type { Found, Wish } from "./search.ts"

const setNames: Readonly<Record<LatticeSet, string>> = {
  sixteen: "The sixteen",
  monotone: "All monotone",
  all: "All over two propositions"
}

/** The choice of the set. */
export const SetChoice = ({ set, onSet }: { readonly set: LatticeSet; readonly onSet: (set: LatticeSet) => void }) => (
  <div class="choice" role="group" aria-label="Which losses">
    {latticeSets.map((id) => (
      <button type="button" key={id} aria-pressed={id === set} onClick={() => onSet(id)}>
        {setNames[id]}
      </button>
    ))}
  </div>
)

interface SearchProps {
  readonly text: string
  readonly found: Found | undefined
  readonly drawing: LatticeDrawing
  readonly set: LatticeSet
  readonly onText: (text: string) => void
  readonly onGo: (place: number) => void
  readonly onAll: () => void
}

const foundText = (found: Found, drawing: LatticeDrawing): string => {
  const names = found.places.map((place) => drawing.nodes[place]!.name)
  if (names.length === 0) return found.key === undefined ? "No loss here has this in its name." : ""
  if (found.key !== undefined) return `Equal to ${names[0]}.`
  const shown = names.slice(0, 4).join(", ")
  return `${names.length} ${names.length === 1 ? "loss" : "losses"}: ${shown}${names.length > 4 ? ", …" : ""}`
}

/** The search by name or formula; Enter selects the best. */
export const Search = ({ text, found, drawing, set, onText, onGo, onAll }: SearchProps) => {
  const absent = found?.key !== undefined && found.places.length === 0
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        const best = found?.places[0]
        if (best !== undefined) onGo(best)
      }}
    >
      <label for="lattice-search">Find</label>
      <input
        id="lattice-search"
        type="search"
        spellcheck={false}
        autocomplete="off"
        placeholder="CPO, or a formula: M(l) -> M(w)"
        value={text}
        aria-describedby="lattice-found"
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      <span id="lattice-found" role="status" class="soft">
        {found !== undefined && found.problem === undefined && foundText(found, drawing)}
        {absent && set === "all" && "No loss over M(w), M(l) is equal to it."}
      </span>
      {absent && set !== "all" && (
        <button type="button" class="quiet" onClick={onAll}>
          It is not among these: look among all
        </button>
      )}
      {found?.problem !== undefined && <p role="alert">{found.problem}</p>}
    </form>
  )
}

interface FilterProps {
  readonly wishes: ReadonlyArray<Wish>
  readonly drawing: LatticeDrawing
  readonly count: number
  readonly onWishes: (wishes: ReadonlyArray<Wish>) => void
}

/** Wishes about properties, all of which must be met; the others are dimmed. */
export const Filter = ({ wishes, drawing, count, onWishes }: FilterProps) => (
  <div class="filter" role="group" aria-label="Properties">
    <label>
      <span class="hidden-text">Filter by property</span>
      <select
        value=""
        onChange={({ currentTarget }) => {
          const [sign, property] = [currentTarget.value[0], currentTarget.value.slice(1)]
          onWishes([...wishes.filter((wish) => wish.property !== property), { property, holds: sign === "+" }])
          currentTarget.value = ""
        }}
      >
        <option value="">Filter by property…</option>
        <optgroup label="holds">
          {drawing.properties.map((name) => (
            <option key={name} value={`+${name}`}>
              {name}
            </option>
          ))}
        </optgroup>
        <optgroup label="fails">
          {drawing.properties.map((name) => (
            <option key={name} value={`-${name}`}>
              not {name}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
    {wishes.map(({ property, holds }) => (
      <button
        type="button"
        class="chip"
        key={property}
        title={exactPropertyTable[property as keyof typeof exactPropertyTable].statement}
        aria-label={`Remove: ${holds ? "" : "not "}${property}`}
        onClick={() => onWishes(wishes.filter((wish) => wish.property !== property))}
      >
        {holds ? "" : "not "}
        {property} <span aria-hidden="true">×</span>
      </button>
    ))}
    {wishes.length > 0 && (
      <span role="status" class="soft">
        {count} of {drawing.nodes.length}
      </span>
    )}
  </div>
)
