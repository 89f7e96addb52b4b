/**
 * @file Prompts: the first words of sentences, and their division into training and held-out prompts.
 */

import type { Rng } from "../random/rng.ts"

/**
 * Beginnings of sentences, three to six words each, lower-cased, without repetition, in sentence order.
 * Words keep their punctuation; a beginning that would be its whole sentence is left out.
 */
export const promptsFrom = (sentences: ReadonlyArray<string>, rng: Rng): ReadonlyArray<string> => {
  const prompts = sentences.flatMap((sentence) => {
    const words = sentence.toLowerCase().split(" ")
    const count = 3 + rng.int(4)
    return words.length > count + 2 ? [words.slice(0, count).join(" ")] : []
  })
  return [...new Set(prompts)]
}

/** The prompts of a study: disjoint, in an order that depends on the stream only. */
export interface PromptSplit {
  readonly training: ReadonlyArray<string>
  readonly heldOut: ReadonlyArray<string>
}

/**
 * Draws `training + heldOut` prompts without replacement.
 * @throws RangeError when there are fewer prompts than that
 */
export const splitPrompts = (
  prompts: ReadonlyArray<string>,
  sizes: { readonly training: number; readonly heldOut: number },
  rng: Rng
): PromptSplit => {
  const needed = sizes.training + sizes.heldOut
  if (prompts.length < needed)
    throw new RangeError(`splitPrompts: ${needed} prompts are needed, ${prompts.length} exist`)
  const order = rng.shuffled(prompts)
  return { heldOut: order.slice(0, sizes.heldOut), training: order.slice(sizes.heldOut, needed) }
}
