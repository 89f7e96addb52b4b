/** Looks of series that are told apart by nothing but their name; colours and dashes are in charts.css. */

/** Different looks; further series have these again, with another dash. */
export const seriesLooks = 8

/** Class of the `index`-th series: colours come again after eight, each time with another dash. */
export const seriesClass = (index: number): string => {
  const turn = Math.floor(index / seriesLooks)
  return `series colour-${index % seriesLooks} dash-${(index + 3 * turn) % seriesLooks}`
}
