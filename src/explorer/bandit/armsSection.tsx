/** The answers of one seed's world one by one, at the checkpoint that is looked at. */
import type { ViewProps } from "../views.ts"
import { ArmBars, type ShownPolicy } from "./armBars.tsx"
import { lookedAt } from "./moment.ts"
import type { Setting } from "./settings.ts"
import type { Training } from "./useTraining.ts"

export const Arms = ({ state, set, training, setting }: ViewProps & { training: Training; setting: Setting }) => {
  const seed = setting.seeds.includes(Number(state.seed)) ? Number(state.seed) : setting.seeds[0]!
  const own = training.cells.filter(({ spec }) => spec.seed === seed)
  const world = own.find((cell) => cell.world !== undefined)?.world
  if (own.length > 0 && world === undefined) {
    return training.over || own.some(({ rows }) => rows.length > 0) ? (
      <p>This world has too many answers to draw them one by one.</p>
    ) : null
  }
  if (world === undefined) return null
  const at = lookedAt(state, setting.shared.steps)
  const context = Math.min(world.contexts - 1, Math.max(0, Number(state.context) || 0))
  const policies = setting.losses.flatMap((loss, look): ReadonlyArray<ShownPolicy> => {
    const cell = own.find(({ spec }) => spec.loss === loss)
    const row = cell?.rows.findLastIndex(({ step }) => at === undefined || step <= at) ?? -1
    const policy = cell?.policies[row]
    return policy === undefined ? [] : [{ loss, look, policy }]
  })
  return (
    <section aria-label="Arms">
      <h2>Arms</h2>
      <div class="pickers">
        <label>
          Seed{" "}
          <select value={String(seed)} onChange={(event) => set({ seed: event.currentTarget.value })}>
            {setting.seeds.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {world.contexts > 1 && (
          <label>
            Context{" "}
            <select value={String(context)} onChange={(event) => set({ context: event.currentTarget.value })}>
              {Array.from({ length: world.contexts }, (_, i) => (
                <option key={String(i)}>{i}</option>
              ))}
            </select>
          </label>
        )}
        <span class="key">Dashed lines: the reference.</span>
      </div>
      <ArmBars world={world} context={context} policies={policies} />
    </section>
  )
}
