/** Whether things stand side by side; the style sheets change over at the same width. */
export const isWide = (): boolean => matchMedia("(min-width: 801px)").matches
