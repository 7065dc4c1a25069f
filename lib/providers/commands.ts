import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, notFound, staleEtag } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { requireVersion } from "../base/version.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { enqueue } from "../queue/enqueue.ts"
import { record } from "../trail/record.ts"
import { remains, type Remains } from "./disconnect.ts"
import { toWire, type ProviderInput, type ProviderPatch, type ProviderWire } from "./schema.ts"
import { availableKind, openSettings, requireSecretsAgain, storeSettings } from "./settings.ts"

const json = (value: unknown) => value as Prisma.InputJsonValue
const target = (row: { id: string; name: string }) => ({ kind: "provider", id: row.id, name: row.name })

async function nameOnce<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict("name_taken", `There is a provider named ${name} already.`, { name })
    throw error
  }
}

/** Connects a provider: nothing is called yet; a first read is asked for. 422 `kind_not_available`, 409 `name_taken`. */
export async function createProvider(actor: Actor, input: ProviderInput): Promise<ProviderWire> {
  authorize(actor, "providers:write")
  const kind = availableKind(input.kind)
  const id = newId()
  const { settings, sealed } = storeSettings(kind, id, input.settings)
  const { issuer, tokenEndpoint, jwksUri, introspectionEndpoint } = kind.endpoints(settings)
  return nameOnce(input.name, () =>
    withTx(async (tx) => {
      const row = await tx.provider.create({
        data: {
          id,
          kind: kind.kind,
          name: input.name,
          environment: input.environment,
          issuer,
          tokenEndpoint,
          jwksUri,
          introspectionEndpoint,
          settings: json(settings),
          sealedSettings: json(sealed),
          readRequestedAt: new Date(),
        },
      })
      await enqueue(tx, "provider.read")
      await record(tx, { actor, action: "provider.create", target: target(row), after: toWire(row) })
      return toWire(row)
    }),
  )
}

/**
 * Changes name, environment or single settings; a secret that is not named stays, unless the address moves. Where the
 * issuer moves, the answer says what stays at the old one. 404, 409, 412, 422.
 */
export async function updateProvider(
  actor: Actor,
  id: string,
  patch: ProviderPatch,
  ifMatch: number | null,
): Promise<ProviderWire & { left_behind?: Remains }> {
  authorize(actor, "providers:write")
  return nameOnce(patch.name ?? "", () =>
    withTx(async (tx) => {
      const before = await current(tx, id, ifMatch)
      const moved = patch.settings ? restored(before, patch.settings) : null
      const { count } = await tx.provider.updateMany({
        where: { id, version: before.version },
        data: {
          ...(patch.name === undefined ? {} : { name: patch.name }),
          ...(patch.environment === undefined ? {} : { environment: patch.environment }),
          ...(patch.read_every_seconds === undefined
            ? {}
            : { readEverySeconds: patch.read_every_seconds, nextReadAt: null }),
          ...moved?.data,
          version: { increment: 1 },
        },
      })
      if (count === 0) throw staleEtag(`"${before.version + 1}"`)
      const after = await tx.provider.findUniqueOrThrow({ where: { id } })
      const left = moved?.elsewhere ? await remains(tx, id, before.issuer) : null
      await record(tx, {
        actor,
        action: "provider.update",
        target: target(after),
        before: toWire(before),
        after: {
          ...toWire(after),
          secrets_changed: moved?.secrets ?? [],
          ...(left ? { left_behind: left.counts } : {}),
        },
      })
      return { ...toWire(after), ...(left ? { left_behind: left } : {}) }
    }),
  )
}

/**
 * The settings with the patch over them, sealed anew, and which secrets it names. Endpoints that a probe has found stay,
 * unless the issuer moves elsewhere: then the provider is another one, with a pace of its own. Throws Invalid.
 */
function restored(before: Parameters<typeof openSettings>[0], patch: Readonly<Record<string, unknown>>) {
  const kind = availableKind(before.kind)
  requireSecretsAgain(kind, before, patch)
  const held = openSettings(before)
  const { settings, sealed } = storeSettings(kind, before.id, { ...held, ...patch })
  const endpoints = kind.endpoints(settings)
  const elsewhere = kind.endpoints(held).issuer !== endpoints.issuer
  return {
    data: {
      settings: json(settings),
      sealedSettings: json(sealed),
      nextReadAt: null,
      retryAt: null,
      ...(elsewhere ? endpoints : {}),
    },
    elsewhere,
    secrets: kind.secrets.filter((field) => field in patch),
  }
}

/**
 * Asks for a read of the provider. The worker does it within seconds; drift follows from it. It writes nothing there, but
 * it spends the provider's patience and changes our rows, so it asks for what a plan asks for, not for sight alone.
 */
export async function requestRead(actor: Actor, id: string): Promise<ProviderWire> {
  authorize(actor, "plans:write")
  return withTx((tx) => askForRead(tx, actor, id))
}

/** The same, for a change that the caller has been allowed already. 404. */
export async function askForRead(tx: Tx, actor: Actor, id: string): Promise<ProviderWire> {
  const { count } = await tx.provider.updateMany({ where: { id }, data: { readRequestedAt: new Date() } })
  if (count === 0) throw notFound("provider", id)
  await enqueue(tx, "provider.read")
  const row = await tx.provider.findUniqueOrThrow({ where: { id } })
  await record(tx, { actor, action: "provider.read", target: target(row) })
  return toWire(row)
}

async function current(tx: Tx, id: string, ifMatch: number | null) {
  const row = await tx.provider.findUnique({ where: { id } })
  if (!row) throw notFound("provider", id)
  requireVersion(ifMatch, row.version)
  return row
}
