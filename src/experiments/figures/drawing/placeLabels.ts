/**
 * @file Names beside points without one on another: each goes to the first free place of rings that grow around its point,
 * points in crowds last, so that they give way; a name that had to go far gets a line to its point.
 */

/** A point with the size of its name, pixels. */
export interface LabelSpot {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The middle of a name; `leader`: where the line from its point ends, for names that are not beside it. */
export interface PlacedLabel {
  readonly x: number
  readonly y: number
  readonly leader?: { readonly x: number; readonly y: number }
}

interface Area {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const areaOf = (x: number, y: number, width: number, height: number): Area => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2
})

const meet = (a: Area, b: Area): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const directions = 24
const nearest = 9
const mark = 5

/** Places around a spot, nearest first: right, left, above, below, then all around, ever farther. */
function* candidates({ x, y, width, height }: LabelSpot): Generator<readonly [number, number, boolean]> {
  yield [x + nearest + width / 2, y, false]
  yield [x - nearest - width / 2, y, false]
  yield [x, y - nearest - 2, false]
  yield [x, y + nearest + 2, false]
  for (let distance = 14; distance < 400; distance += 7) {
    for (let k = 0; k < directions; k++) {
      const angle = (2 * Math.PI * (k + 0.5)) / directions
      const [dx, dy] = [Math.cos(angle), Math.sin(angle)]
      yield [x + dx * (distance + width / 2), y + dy * (distance + height / 2), true]
    }
  }
}

/** The point of an area's border or inside that is nearest to a spot. */
const towards = (area: Area, { x, y }: LabelSpot) => ({
  x: Math.min(area.right, Math.max(area.left, x)),
  y: Math.min(area.bottom, Math.max(area.top, y))
})

/**
 * Places the names in their order's crowding, inside the box from (0, 0).
 * @throws RangeError when a name has no place within 400 pixels
 */
export const placeLabels = (
  spots: readonly LabelSpot[],
  box: { readonly width: number; readonly height: number }
): readonly PlacedLabel[] => {
  const crowd = spots.map((a) => spots.filter((b) => Math.hypot(a.x - b.x, a.y - b.y) < 60).length)
  const order = spots.map((_, i) => i).sort((i, j) => crowd[i]! - crowd[j]! || i - j)
  const taken: Area[] = spots.map(({ x, y }) => areaOf(x, y, 2 * mark, 2 * mark))
  const placed = new Map<number, PlacedLabel>()
  for (const i of order) {
    const spot = spots[i]!
    const found = [...candidates(spot)].find(([x, y]) => {
      const area = areaOf(x, y, spot.width + 4, spot.height)
      const inside = area.left >= 0 && area.top >= 0 && area.right <= box.width && area.bottom <= box.height
      return inside && !taken.some((other) => meet(area, other))
    })
    if (found === undefined) throw new RangeError(`no place for a name beside (${spot.x}, ${spot.y})`)
    const [x, y, far] = found
    const area = areaOf(x, y, spot.width + 4, spot.height)
    taken.push(area)
    placed.set(i, { x, y, ...(far ? { leader: towards(area, spot) } : {}) })
  }
  return spots.map((_, i) => placed.get(i)!)
}
