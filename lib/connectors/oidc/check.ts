import { attempt, checked, pass, skipped, warn } from "../checks.ts"
import { countKeys, endpointsOf, type Discovered } from "../discovery.ts"
import type { Check, Opened } from "../port.ts"
import { limits } from "./manners.ts"
import type { Records } from "./records.ts"

/** Is the server as its issuer says, does it register clients, and is everything that we registered within our reach? Writes nothing. */
export async function check(
  { fetch }: Opened,
  issuer: string,
  records: Records,
  discovery: () => Promise<Discovered>,
): Promise<readonly Check[]> {
  const told = await attempt("discovery", async () => {
    const found = await discovery()
    return { found, ...endpointsOf(issuer, found) }
  })
  if ("failed" in told) return [told.failed, ...["signing_keys", "registration"].map(skipped)]
  const { found, jwksUri } = told.value
  return [
    pass("discovery", "The discovery document names the configured issuer."),
    await checked("signing_keys", async () => `${await countKeys(fetch, jwksUri)} signing keys are published.`),
    found.registration_endpoint
      ? pass(
          "registration",
          "A registration endpoint is published (RFC 7591). Whether it takes our token shows at the first registration: nothing was registered to try it.",
        )
      : warn(
          "registration",
          "No registration endpoint is published (RFC 7591): clients cannot be managed, only verified.",
        ),
    ...(await reach(records)),
  ]
}

async function reach(records: Records): Promise<readonly Check[]> {
  const { clients, manners, orphans, intents } = await records.index()
  const lost: string[] = []
  for (const client of clients) if ((await records.get(client))?.unmanageable === true) lost.push(client)
  const maybe = [...orphans.map(({ name }) => name), ...Object.keys(intents)]
  return [
    ...(lost.length === 0
      ? []
      : [
          warn(
            "unmanageable",
            `The server does not accept our token for ${listed(lost)}: deleted there, or out of our reach. Delete it at the server, or unmanage it here.`,
          ),
        ]),
    ...(maybe.length === 0
      ? []
      : [
          warn(
            "possible_orphans",
            `A registration of ${listed(maybe)} was sent and no clear answer came. It may exist at the server, where only its administrator can find it.`,
          ),
        ]),
    ...limits(manners).map(({ name, why }) => warn(`limit_${name}`, why)),
  ]
}

const shownMax = 10
function listed(names: readonly string[]): string {
  const unique = [...new Set(names)]
  const shown = unique.slice(0, shownMax).join(", ")
  return unique.length > shownMax ? `${shown} and ${unique.length - shownMax} more` : shown
}
