/** Why two identifiers that differ look alike, as a hint; null when they do not. Never used to accept one (V17). */
export function nearMiss(found: string, expected: string): string | null {
  const differences: [string, (text: string) => string][] = [
    ["a slash at the end", (text) => text.replace(/\/+$/, "")],
    ["upper and lower case", (text) => text.toLowerCase()],
    ["http and https", (text) => text.replace(/^http:/i, "https:")],
    ["whitespace around it", (text) => text.trim()],
  ]
  if (found.length > 2048 || expected.length > 2048) return null
  for (const [name, fold] of differences) {
    if (fold(found) === fold(expected)) return `They differ only in ${name}; identifiers are compared exactly.`
  }
  const all = (text: string) => differences.reduce((folded, [, fold]) => fold(folded), text)
  return all(found) === all(expected) ? "They differ only in spelling; identifiers are compared exactly." : null
}
