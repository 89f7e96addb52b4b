/** Every source of further inputs. One more: its definition, and a line here. */
import type { Environment } from "../environment.ts"
import type { InputDefinition } from "./filler.ts"
import { goldResponse, referenceValue, winRatesOfPair } from "./judgements.ts"
import { sequentialKl } from "./sequentialKl.ts"
import { gapMeans, klEstimate, rewardShift, standardisedGap } from "./statistics.ts"

export const inputDefinitions: ReadonlyArray<InputDefinition> = [
  klEstimate,
  rewardShift,
  gapMeans,
  standardisedGap,
  referenceValue,
  winRatesOfPair,
  goldResponse,
  sequentialKl
]

/** Names of the inputs that can be supplied in an environment. */
export const inputsOf = (environment: Environment): ReadonlyArray<string> =>
  inputDefinitions.flatMap(({ names, availableIn }) => (availableIn(environment) === true ? names : []))
