/**
 * @file Beginnings of reviews, after which praise and blame are equally at hand: the prompts of the controlled-sentiment task
 * for models that know the web (Rafailov et al. 2023, section 6, takes the first words of film reviews).
 */

const things = [
  ...[
    "film",
    "movie",
    "documentary",
    "television series",
    "thriller",
    "play",
    "magazine",
    "book",
    "album",
    "concert",
    "exhibition"
  ],
  ...["restaurant", "café", "hotel", "apartment", "cruise", "museum tour", "cooking class", "language course", "gym"],
  ...[
    "phone",
    "laptop",
    "camera",
    "washing machine",
    "coffee machine",
    "bicycle",
    "car",
    "mattress",
    "board game",
    "app"
  ]
] as const

const openings = [
  (thing: string) => `I tried this ${thing} last week and`,
  (thing: string) => `My opinion of the ${thing}:`,
  (thing: string) => `After a month with this ${thing}, I`,
  (thing: string) => `The ${thing} that everyone talks about`,
  (thing: string) => `What I remember most about the ${thing} is`,
  (thing: string) => `We chose this ${thing} for my birthday and`,
  (thing: string) => `If you are thinking about this ${thing}, you should know that`,
  (thing: string) => `The first thing I noticed about the ${thing} was`,
  (thing: string) => `My sister told me about this ${thing}, and`,
  (thing: string) => `Compared with the last one, this ${thing}`,
  (thing: string) => `On the whole, the ${thing}`,
  (thing: string) => `I went into this ${thing} without expectations, and`,
  (thing: string) => `The people behind this ${thing}`,
  (thing: string) => `Two things about the ${thing}. First,`,
  (thing: string) => `By the end of the day, the ${thing} had`,
  (thing: string) => `Would I take this ${thing} again? Let me explain:`,
  (thing: string) => `For the price, the ${thing}`,
  (thing: string) => `Nobody had told me that this ${thing}`,
  (thing: string) => `The ${thing} made me feel`,
  (thing: string) => `In short, this ${thing} is`
] as const

/** All prompts, every opening with every thing, without repetition and in a fixed order. */
export const reviewPrompts = (): ReadonlyArray<string> => openings.flatMap((opening) => things.map(opening))
