import { ConnectorError } from "./connector-error.ts"

/**
 * A create that was refused has made nothing. Everything else leaves that open: a lost answer, and whatever is no word of
 * the provider's, such as the end of the process.
 */
export const refused = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && error.code !== "lost_answer"
