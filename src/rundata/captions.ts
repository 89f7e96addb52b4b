/** Captions of a run's figures, as its report prints them. */

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " }

const plainText = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
      if (name !== undefined) return entities[name] ?? whole
      const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    })
    .replaceAll(/\s+/g, " ")
    .trim()

/** The captions of report.html, by figure: plain text, without the figure's number. */
export const captionsOf = (report: string): ReadonlyMap<string, string> => {
  const captions = new Map<string, string>()
  for (const part of report.split('<figure id="figure-').slice(1)) {
    const id = part.slice(0, part.indexOf('"'))
    const from = part.indexOf("<figcaption>")
    const to = part.indexOf("</figcaption>")
    if (from < 0 || to < from) continue
    captions.set(id, plainText(part.slice(from, to)).replace(/^Figure \d+: /, ""))
  }
  return captions
}
