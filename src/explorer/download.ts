/** Hands the reader a text as a file. */
export const download = (name: string, type: string, text: string): void => {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement("a")
  link.href = address
  link.download = name
  link.click()
  // The download has the content by now; the browser keeps it as long as it needs.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
