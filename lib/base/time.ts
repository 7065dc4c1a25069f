export const secondMs = 1_000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** The clock, handed to what decides, so that tests own the time. */
export type Clock = () => Date
export const systemClock: Clock = () => new Date()

/** RFC 3339 in UTC with milliseconds. */
export const rfc3339 = (at: Date): string => at.toISOString()
