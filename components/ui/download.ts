/** Hands a text to the browser as a file; it never leaves the page otherwise. */
export function download(name: string, text: string, type = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

/** As `download`, of a value as JSON that people can read. */
export const downloadJson = (name: string, value: unknown): void =>
  download(name, `${JSON.stringify(value, null, 2)}\n`, "application/json")
