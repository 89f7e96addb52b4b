/** Small win-rate games of properties about self-play and online training: a preference matrix and a policy to start from. */
import { checkedEnvironment, type Environment } from "../bandit/environment.ts"
import { winMatrix } from "../bandit/solvers/winGame.ts"
import type { Loss } from "../loss/loss.ts"
import { type WinCase, winEnvironment } from "./populationCase.ts"

/** The win matrix of a case, P(row ≻ column), shape [arms * arms]. */
export const gameOf = (value: WinCase): Float64Array => winMatrix(winEnvironment(value, 0), 0)

/** The environment of a case with both answers drawn from one policy, and the given reference. */
export const selfPlayEnvironment = (value: WinCase, behaviour: Float64Array, reference: Float64Array): Environment =>
  checkedEnvironment({
    ...winEnvironment(value, 0),
    reference,
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical: true }
  })

/** The parameter that scales a loss's log-ratios, if its program has one. */
export const temperatureName = ({ program }: Loss): "beta" | "tau" | undefined =>
  (["beta", "tau"] as const).find((name) => program.params[name] !== undefined)

/** The loss with its temperature parameter at another value. */
export const atTemperature = (loss: Loss, name: "beta" | "tau", value: number): Loss => ({
  ...loss,
  program: { ...loss.program, params: { ...loss.program.params, [name]: value } }
})
