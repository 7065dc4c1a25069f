/** The local identity provider as the suites of sync take it: one of its own, over the test's database. */
import { localBehind, localSamples } from "../../connectors/local/samples.fixture.ts"
import { startTestIdp, type TestIdp } from "./testing.ts"
import type { Subject } from "../../sync/kinds.fixture.ts"

export async function localSubject(databaseUrl: string): Promise<Subject> {
  const { idp, settings, admin } = await startTestIdp(databaseUrl)
  return {
    settings: { issuer: settings.issuer, admin_token: settings.admin_token },
    samples: localSamples,
    behind: () => localBehind(admin),
    meddle: {
      cannot: "A client there holds nothing but what Grantry writes.",
      source: "lib/playground/idp/shapes.ts, clientFields",
    },
    counts: () => countAll(admin),
    stop: () => idp.close(),
  }
}

async function countAll(admin: TestIdp["admin"]): Promise<Record<string, number>> {
  const counts = { audience: 0, client: 0, grant: 0, secrets: 0 }
  for (let cursor: unknown = ""; typeof cursor === "string";) {
    const { body } = await admin("GET", `/state?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`)
    for (const { kind, id } of body.items as { kind: "audience" | "client" | "grant"; id: string }[]) {
      counts[kind]++
      if (kind !== "client") continue
      const secrets = await admin("GET", `/clients/${id}/secrets`)
      counts.secrets += (secrets.body.items as unknown[]).length
    }
    cursor = body.next
  }
  return counts
}
