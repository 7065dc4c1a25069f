import "server-only"
import { clientFacts, clientTarget } from "../registry/clients/rules.ts"
import { audienceFacts, audienceTarget } from "../registry/audiences/rules.ts"
import type { Actor } from "../auth/actor.ts"
import { newId } from "../base/id.ts"
import { isObject, type Json } from "../base/json.ts"
import { splitGrantKey, type Fields, type RemoteObject } from "../connectors/objects.ts"
import type { Prisma, Tx } from "../db/tx.ts"
import { insertAudiences, lockAudience, reloadAudience, updateAudience } from "../registry/audiences/store.ts"
import { insertClients, lockClient, reloadClient, updateClient } from "../registry/clients/store.ts"
import { grantFacts, grantTarget, insertGrants, reloadGrant } from "../registry/grants/store.ts"
import type { PublicJwks } from "../registry/jwks.ts"
import { authMethods, clientName, identifierProblem, scopeToken, signingAlgs, tokenFormats } from "../registry/rules.ts"
import { shareRegistry } from "../registry/turn.ts"
import type { TrailChange } from "../trail/record.ts"
import { scopeNames } from "./normal.ts"
import { isProposal } from "./proposals.ts"

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")
const oneOf = <T extends string>(words: readonly T[], value: Json | undefined): T | null =>
  words.find((word) => word === value) ?? null
/** Why an adopted object came, in the trail and on a grant. */
export const adoptedReason = "Found on the provider and adopted"

/** Pure: why the registry cannot hold this object, in sentences; none when it can. */
export function unusable({ kind, key, fields }: RemoteObject): string[] {
  if (kind === "client") {
    return [
      ...(clientName.test(key) ? [] : [`The client id ${key} is not a name that the registry can hold.`]),
      ...(oneOf(authMethods, fields.auth_method)
        ? []
        : [
            `${key} authenticates by ${text(fields.auth_method) || "a way that the provider does not tell"}, which Grantry does not manage.`,
          ]),
    ]
  }
  if (kind === "grant") return []
  return [
    ...(identifierProblem(key, true) === null ? [] : [`The audience ${key} is not a name that the registry can hold.`]),
    ...scopesOf(fields)
      .filter(({ name }) => !scopeToken.test(name))
      .map(
        ({ name }) => `${key} has the scope ${JSON.stringify(name)}, which is no scope token (RFC 6749 section 3.3).`,
      ),
  ]
}

function scopesOf(fields: Fields): { name: string; description: string }[] {
  const list = Array.isArray(fields.scopes) ? fields.scopes : []
  return list.flatMap((scope) =>
    isObject(scope) && typeof scope.name === "string"
      ? [{ name: scope.name, description: text(scope.description as Json) }]
      : [],
  )
}

/** Registry rows for what is not registered yet, placements for all. Audiences first, then clients, then grants. */
export async function adoptObjects(
  tx: Tx,
  actor: Actor,
  providerId: string,
  objects: readonly RemoteObject[],
): Promise<TrailChange[]> {
  const changes: TrailChange[] = []
  await shareRegistry(tx)
  for (const object of objects)
    if (object.kind === "audience")
      changes.push(...(await adoptAudience(tx, actor, providerId, withTokenFields(object, objects))))
  for (const object of objects)
    if (object.kind === "client") changes.push(...(await adoptClient(tx, actor, providerId, object)))
  for (const object of objects) if (object.kind === "grant") changes.push(...(await adoptGrant(tx, actor, object)))
  await tx.placement.createMany({
    data: objects
      .filter((object) => !isProposal(object))
      .map(({ kind, key, remoteId, fields }) => ({
        id: newId(),
        providerId,
        kind,
        key,
        remoteId,
        origin: "adopted",
        applied: fields as Prisma.InputJsonValue,
        appliedAt: new Date(),
      })),
  })
  return changes
}

/** Where the provider keeps lifetime and algorithm on clients or on grants, an audience has the smallest of those granted to it. */
function withTokenFields(audience: RemoteObject, objects: readonly RemoteObject[]): RemoteObject {
  if (audience.fields.token_ttl_seconds !== undefined) return audience
  const granted = new Set(
    objects
      .filter(({ kind }) => kind === "grant")
      .map(({ key }) => splitGrantKey(key))
      .flatMap((ends) => (ends.audience === audience.key ? [ends.client] : [])),
  )
  const [first] = objects
    .filter(({ kind, key }) =>
      kind === "client" ? granted.has(key) : kind === "grant" && splitGrantKey(key).audience === audience.key,
    )
    .flatMap(({ fields: { token_ttl_seconds, signing_alg } }) =>
      typeof token_ttl_seconds === "number" ? [{ token_ttl_seconds, signing_alg: signing_alg ?? null }] : [],
    )
    .sort((a, b) => a.token_ttl_seconds - b.token_ttl_seconds)
  return first ? { ...audience, fields: { ...audience.fields, ...first } } : audience
}

async function adoptAudience(
  tx: Tx,
  actor: Actor,
  providerId: string,
  { key, fields }: RemoteObject,
): Promise<TrailChange[]> {
  const known = await tx.audience.findUnique({ where: { identifier: key }, select: { id: true } })
  if (known) {
    const before = await lockAudience(tx, known.id)
    if (before.provider_ids.includes(providerId)) return []
    await updateAudience(tx, before, { ...audienceFacts(before), provider_ids: [...before.provider_ids, providerId] })
    const after = await reloadAudience(tx, known.id)
    return [
      {
        actor,
        action: "audience.update",
        target: audienceTarget(after),
        before: audienceFacts(before),
        after: audienceFacts(after),
        reason: adoptedReason,
      },
    ]
  }
  const id = newId()
  await insertAudiences(tx, [
    {
      id,
      identifier: key,
      name: text(fields.name),
      legacy: identifierProblem(key, false) !== null,
      token_ttl_seconds: typeof fields.token_ttl_seconds === "number" ? fields.token_ttl_seconds : 900,
      token_format: oneOf(tokenFormats, fields.token_format) ?? "jwt",
      signing_alg: oneOf(signingAlgs, fields.signing_alg) ?? "RS256",
      scopes: scopesOf(fields),
      provider_ids: [providerId],
      tags: [],
    },
  ])
  const after = await reloadAudience(tx, id)
  return [
    {
      actor,
      action: "audience.create",
      target: audienceTarget(after),
      after: audienceFacts(after),
      reason: adoptedReason,
    },
  ]
}

async function adoptClient(
  tx: Tx,
  actor: Actor,
  providerId: string,
  { key, fields }: RemoteObject,
): Promise<TrailChange[]> {
  const known = await tx.client.findUnique({ where: { name: key }, select: { id: true } })
  if (known) {
    const before = await lockClient(tx, known.id)
    if (before.provider_ids.includes(providerId)) return []
    await updateClient(tx, before.id, before.version, {
      ...clientFacts(before),
      provider_ids: [...before.provider_ids, providerId],
    })
    const after = await reloadClient(tx, known.id)
    return [
      {
        actor,
        action: "client.update",
        target: clientTarget(after),
        before: clientFacts(before),
        after: clientFacts(after),
        reason: adoptedReason,
      },
    ]
  }
  const id = newId()
  await insertClients(tx, [
    {
      id,
      name: key,
      display_name: text(fields.display_name),
      owner: text(fields.owner),
      description: "",
      auth_method: oneOf(authMethods, fields.auth_method) ?? "client_secret_basic",
      jwks: isObject(fields.jwks) ? (fields.jwks as unknown as PublicJwks) : null,
      provider_ids: [providerId],
      tags: [],
      enabled: fields.enabled !== false,
    },
  ])
  const after = await reloadClient(tx, id)
  return [
    { actor, action: "client.create", target: clientTarget(after), after: clientFacts(after), reason: adoptedReason },
  ]
}

async function adoptGrant(tx: Tx, actor: Actor, { key, fields }: RemoteObject): Promise<TrailChange[]> {
  const ends = splitGrantKey(key)
  const client = await tx.client.findUniqueOrThrow({ where: { name: ends.client }, select: { id: true } })
  const audience = await tx.audience.findUniqueOrThrow({
    where: { identifier: ends.audience },
    select: { id: true, scopes: true },
  })
  if (
    await tx.grant.findUnique({
      where: { clientId_audienceId: { clientId: client.id, audienceId: audience.id } },
      select: { id: true },
    })
  )
    return []
  const wanted = new Set(scopeNames(fields))
  const id = newId()
  await insertGrants(tx, [
    {
      id,
      clientId: client.id,
      audienceId: audience.id,
      scopeIds: audience.scopes.filter(({ name }) => wanted.has(name)).map((scope) => scope.id),
      reason: adoptedReason,
      expiresAt: null,
      createdBy: actor.name,
    },
  ])
  const after = await reloadGrant(tx, id, new Date())
  return [
    { actor, action: "grant.create", target: grantTarget(after), after: grantFacts(after), reason: adoptedReason },
  ]
}
