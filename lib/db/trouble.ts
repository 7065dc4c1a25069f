import { isObject } from "../base/json.ts"

/** The server's trouble, never the data's: connection, transaction rollback, resources, operator, system (SQLSTATE classes). */
const troubleClasses = new Set(["08", "25", "40", "53", "55", "57", "58"])
const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENOENT",
])
/** Prisma: unreachable, timed out, closed, pool exhausted, transaction could not start. */
const prismaCodes = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2034", "P1011"])

/** SQLSTATE of an error of pg or of Prisma's driver adapter, or null. */
export function sqlState(error: unknown): string | null {
  for (let e: unknown = error, depth = 0; isObject(e) && depth < 5; e = e.cause, depth++) {
    // Every SQLSTATE has a digit; EPIPE has five capitals too.
    if (typeof e.code === "string" && /^(?=.*\d)[0-9A-Z]{5}$/.test(e.code) && !/^P\d{4}$/.test(e.code)) return e.code
    if (typeof e.originalCode === "string" && /^[0-9A-Z]{5}$/.test(e.originalCode)) return e.originalCode
    if (isObject(e.meta) && isObject(e.meta.driverAdapterError)) {
      const nested = sqlState(e.meta.driverAdapterError)
      if (nested) return nested
    }
  }
  return null
}

export function isDatabaseTrouble(error: unknown): boolean {
  const state = sqlState(error)
  if (state) return troubleClasses.has(state.slice(0, 2))
  for (let e: unknown = error, depth = 0; isObject(e) && depth < 5; e = e.cause, depth++) {
    if (typeof e.code === "string" && (networkCodes.has(e.code) || prismaCodes.has(e.code))) return true
    if (isObject(e.meta) && isObject(e.meta.driverAdapterError) && isDatabaseTrouble(e.meta.driverAdapterError))
      return true
    if (
      typeof e.kind === "string" &&
      [
        "DatabaseNotReachable",
        "ConnectionClosed",
        "SocketTimeout",
        "TlsConnectionError",
        "TooManyConnections",
      ].includes(e.kind)
    )
      return true
    // pg gives these no code at all.
    if (
      e instanceof Error &&
      (e.message === "Connection terminated unexpectedly" ||
        e.message.endsWith("is not queryable") ||
        e.message === "Connection terminated" ||
        e.message.startsWith("timeout exceeded when trying to connect") ||
        e.message.startsWith("Connection terminated due to connection timeout"))
    )
      return true
  }
  return false
}

/** 23505 on the named constraint or index (any when not named). */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === "23505" || (isObject(error) && error.code === "P2002")
}
