/**
 * What a person pasted, made ready for `decode`, which itself trims nothing (V1). `note` says in one sentence what was
 * dropped, so that nobody takes a repaired spelling for the token that was sent; null when nothing was.
 */
export function fromPaste(text: string): { readonly token: string; readonly note: string | null } {
  const trimmed = text.trim()
  const scheme = /^(?:authorization:\s*)?bearer\s+/i.exec(trimmed)?.[0] ?? ""
  const dropped = [
    ...(trimmed === text ? [] : ["whitespace around it"]),
    ...(scheme === "" ? [] : [`"${scheme.trim()}" before it`]),
  ]
  return {
    token: trimmed.slice(scheme.length),
    note: dropped.length === 0 ? null : `Dropped from what was pasted: ${dropped.join(" and ")}.`,
  }
}
