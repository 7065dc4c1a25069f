import { ConnectorError } from "./connector-error.ts"

/** What was read, or null where the provider does not have it. */
export async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "not_found") return null
    throw error
  }
}

/** A removal of what is gone already is done. */
export async function goneIsDone(removal: Promise<unknown>): Promise<void> {
  await orNull(removal)
}
