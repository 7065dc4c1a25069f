/** What this very server turned out to do: RFC 7591 and 7592 leave much open, so it is seen and kept, never assumed. Pure. */
import { z } from "zod"
import type { Metadata } from "./shapes.ts"

export const manners = z.object({
  /** Do the management verbs exist (RFC 7592 sections 2.1 to 2.3)? Unknown until tried. */
  read: z.enum(["unknown", "yes", "no"]).default("unknown"),
  update: z.enum(["unknown", "yes", "no"]).default("unknown"),
  remove: z.enum(["unknown", "yes", "no"]).default("unknown"),
  /** What an update without `client_secret` does to the secret. */
  secret_on_update: z.enum(["unknown", "kept", "changed"]).default("unknown"),
  /** An update leaves what it does not name, against RFC 7592 section 2.2. */
  merges: z.boolean().default(false),
  /** It refuses a registration without a redirect URI, though none is ever used. */
  needs_redirect_uri: z.boolean().default(false),
  /** Members of ours that it was seen to show. One that it never shows says nothing by its absence. */
  shows: z.array(z.string()).default([]),
  /** Members that were sent and did not come back as sent. */
  drops: z.array(z.string()).default([]),
  changes: z.array(z.string()).default([]),
})
export type Manners = z.output<typeof manners>
export const noManners: Manners = manners.parse({})

const watched = ["client_name", "contacts", "token_endpoint_auth_method", "jwks", "scope", "software_id"]

const empty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)

const words = (value: unknown): string =>
  typeof value === "string" ? value.split(" ").toSorted().join(" ") : JSON.stringify(value)

/** What an answer teaches: which members of ours the server shows, drops or changes. The latest answer decides. */
export function learn(known: Manners, sent: Metadata, told: Readonly<Record<string, unknown>>): Manners {
  const shows = new Set(known.shows)
  const drops = new Set(known.drops)
  const changes = new Set(known.changes)
  for (const member of watched) {
    const there = !empty(told[member])
    if (there) shows.add(member)
    if (empty(sent[member])) continue
    drops.delete(member)
    changes.delete(member)
    if (!there) drops.add(member)
    else if (
      words([told[member]].flat().length === 1 ? [told[member]].flat()[0] : told[member]) !== words(oneOf(sent[member]))
    )
      changes.add(member)
  }
  return { ...known, shows: sorted(shows), drops: sorted(drops), changes: sorted(changes) }
}

const oneOf = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value)
const sorted = (set: ReadonlySet<string>): string[] => [...set].toSorted()

const ours: Readonly<Record<string, string>> = {
  client_name: "the name",
  contacts: "the owner",
  token_endpoint_auth_method: "the authentication method",
  jwks: "the public keys",
  scope: "the scopes",
  software_id: "our mark",
}

/** What the server cannot do, as sentences for the capability page and the check. */
export function limits(known: Manners): readonly { readonly name: string; readonly why: string }[] {
  const told: { name: string; why: string }[] = []
  const say = (name: string, why: string) => told.push({ name, why })
  if (known.read === "no") say("read", "This server does not show a registration again: drift cannot be seen.")
  if (known.update === "no")
    say(
      "update",
      "This server does not change a registration. A change means a new registration, with a new client_id.",
    )
  if (known.remove === "no")
    say("remove", "This server does not delete a registration. Delete it there, and then unmanage it here.")
  if (known.secret_on_update === "kept")
    say(
      "rotate",
      "This server keeps a client's secret when its registration is updated, so a secret cannot be replaced.",
    )
  if (known.secret_on_update === "changed")
    say(
      "update_secret",
      "This server issues a new secret with every update, so a client with a secret in use is changed only by a rotation.",
    )
  if (known.drops.length > 0)
    say("drops", `This server does not show what was sent for ${known.drops.map((m) => ours[m] ?? m).join(", ")}.`)
  if (known.changes.length > 0)
    say(
      "changes",
      `This server holds another value than was sent for ${known.changes.map((m) => ours[m] ?? m).join(", ")}.`,
    )
  return told
}
