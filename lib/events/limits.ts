import { dayMs, minuteMs } from "../base/time.ts"

/** Every cap of ingestion (reliability.md T19, 4.4). */
export const limits = {
  wireBytes: 5_000_000,
  decodedBytes: 32_000_000,
  /** Decoded to wire, once more than `ratioFromBytes` are decoded. */
  ratio: 200,
  ratioFromBytes: 1_000_000,
  lines: 10_000,
  lineBytes: 64 * 1024,
  depth: 32,
  /** Client, audience, trace, ...: what is looked up. UTF-8 bytes. */
  wordBytes: 512,
  /** Resource and user agent: cut, and flagged, beyond this many UTF-16 units. */
  textUnits: 2_048,
  scopes: 200,
  /** A body must have come whole, and a piece of it must come, within these times. */
  bodyMs: 30_000,
  idleMs: 10_000,
} as const

export const aheadMaxMs = dayMs
export const aheadFlagMs = 5 * minuteMs
export const lateFlagMs = 30 * dayMs
export const retentionDaysDefault = 30
export const retentionDaysBounds = { min: 1, max: 365 } as const
/** The longest silence of a source that is normal: ten seconds to 30 days. */
export const silentSecondsBounds = { min: 10, max: 2_592_000 } as const
