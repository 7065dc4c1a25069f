/**
 * The caller's address. Next's own server sets x-forwarded-for to the socket's address, appending to what came; the last
 * entry is the one nobody outside could write.
 */
export function clientIp(headers: Headers): string | null {
  const last = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim()
  return last ? last.replace(/^::ffff:/, "") : null
}
