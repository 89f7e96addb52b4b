/**
 * @file How the logic paper's models ended: mean log-probability per token of the chosen and the rejected answer at the last
 * evaluation, read off the training cards that its first author published with the models (Qwen1.5 0.5 B after supervised
 * finetuning, UltraFeedback, three epochs). A card names the weight of the cross-entropy term; where none is named it is taken
 * to be 0. All of them start near -1.3 nats per token.
 */

/** The end of one published run. */
export interface PublishedCard {
  /** Lattice id. */
  readonly loss: string
  readonly ceWeight: number
  /** Nats per token. */
  readonly chosen: number
  readonly rejected: number
  /** Share of the evaluation pairs whose chosen answer is the more probable, per token. */
  readonly accuracy: number
}

const card = (loss: string, ceWeight: number, chosen: number, rejected: number, accuracy: number): PublishedCard => ({
  ...{ loss, ceWeight, chosen, rejected, accuracy }
})

/** Level at which the published runs started, nats per token. */
export const publishedStart = -1.3

/** The cards of losses of the lattice that ended with finite numbers. */
export const publishedCards: readonly PublishedCard[] = [
  card("qfunl", 0.01, -1.6017, -2.233, 0.6506),
  card("ccpo", 0.01, -1.6159, -2.1942, 0.6714),
  card("cpo_core", 0.3, -1.399, -1.844, 0.6157),
  card("cpo_core", 0.1, -1.7146, -2.3727, 0.6773),
  card("cpo_core", 0.01, -3.3285, -4.381, 0.7226),
  card("orpo_seq", 0.01, -3.1855, -4.1739, 0.7226),
  card("orpo_seq", 0, -5.2305, -6.346, 0.7285),
  card("orpo_seq", 0, -9.9757, -11.1054, 0.724),
  card("cunl", 0.01, -4.6682, -5.7215, 0.7292),
  card("uncpo", 0.01, -4.3252, -5.1044, 0.6892),
  card("cfunl", 0.01, -4.3435, -5.1114, 0.681),
  card("funl", 0.01, -4.4231, -5.1418, 0.6862),
  card("uncpo", 0, -46.3149, -47.3422, 0.5616),
  card("funl", 0, -42.7794, -43.9149, 0.5668)
]
