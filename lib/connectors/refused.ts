import { ConnectorError } from "./connector-error.ts"
import { recoded } from "./recoded.ts"

/**
 * A create that was refused has made nothing. Everything else leaves that open: a lost answer, and whatever is no word of
 * the provider's, such as the end of the process.
 */
export const refused = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && error.code !== "lost_answer"

/**
 * For the first call of a step that changes something, where it is sent as kind `create`, and for the reads before it: a
 * refusal says that nothing was done, and only a lost answer leaves that open.
 */
export async function firstChange<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw refused(error) ? recoded(error, { nothingDone: true }) : error
  }
}
