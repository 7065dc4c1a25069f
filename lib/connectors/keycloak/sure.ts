import { ConnectorError } from "../connector-error.ts"

/**
 * One create whose id we chose. A yes is believed where we know what was `sent`. Where we do not (null), and after a lost
 * answer, one GET (`look`) tells: what is there was made, and the lost answer is handed back beside it, so that the caller
 * goes on and says so in the end; what is not there is thrown.
 */
export async function sure<T extends object>(
  created: Promise<null>,
  sent: T | null,
  look: () => Promise<T | null>,
): Promise<{ readonly made: T; readonly lost: ConnectorError | null }> {
  let lost: ConnectorError | null = null
  try {
    await created
    if (sent !== null) return { made: sent, lost }
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "lost_answer") throw error
    lost = error
  }
  const made = await look()
  if (made !== null) return { made, lost }
  throw lost ?? new ConnectorError("lost_answer", "create", "The provider said yes and shows nothing.")
}
