import pg from "pg"

/** What no API does, and time alone would: asks the database of the stack, as its owner. */
export async function sql(text: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: process.env["GRANTRY_E2E_DATABASE_URL"] })
  await client.connect()
  try {
    await client.query(text, [...values])
  } finally {
    await client.end()
  }
}

/** As if everybody who is signed in had done so six minutes ago: a deed that needs a fresh proof asks for it. */
export const ageSessions = (): Promise<void> =>
  sql("update session set authenticated_at = authenticated_at - interval '6 minutes'")
