import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, invalid } from "../base/errors.ts"
import type { Json } from "../base/json.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort, type DocumentPort } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { askForRead } from "./commands.ts"
import { openConnector } from "./open.ts"
import { availableKind } from "./settings.ts"

/** Everything that is wanted on a provider that takes no writes, as one file. 404, 409 `no_document` with the reason. */
export async function exportDocument(actor: Actor, id: string): Promise<{ name: string; document: Json }> {
  authorize(actor, "providers:read")
  const port = await documentOf(id)
  return { name: port.name, document: await port.export() }
}

/** Takes in what the provider holds, from its file: the next plan is made against it. 404, 409 `no_document`, 422 `bad_document`. */
export async function loadDocument(actor: Actor, id: string, document: unknown): Promise<void> {
  authorize(actor, "providers:write")
  const port = await documentOf(id)
  const { keep } = loaded(port, document)
  const { name } = await db().provider.findUniqueOrThrow({ where: { id }, select: { name: true } })
  await withTx(async (tx) => {
    await record(tx, {
      actor,
      action: "provider.import",
      target: { kind: "provider", id, name },
      after: { document: port.name },
    })
  })
  await keep()
  await withTx((tx) => askForRead(tx, actor, id))
}

function loaded(port: DocumentPort, document: unknown): ReturnType<DocumentPort["load"]> {
  try {
    return port.load(document)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "invalid") throw invalid("", "bad_document", error.message)
    throw error
  }
}

async function documentOf(id: string): Promise<DocumentPort> {
  const { kind, document } = await openConnector(id)
  if (document === undefined) throw conflict("no_document", `${availableKind(kind).title} takes no file.`)
  if (!isPort(document)) throw conflict("no_document", document.cannot, { source: document.source })
  return document
}
