/** The part of the contract about what is taken away: a provider that keeps it would keep a permission nobody sees. */
import { expect, test } from "vitest"
import { canonicalJson } from "../base/json.ts"
import { secretsOf, shaped, told, writing, type ContractSamples, type Running } from "./contract-subject.ts"
import type { DesiredObject, FieldChange } from "./objects.ts"
import { withFields } from "./samples.fixture.ts"

type Objects = Pick<ContractSamples, "audience" | "client" | "grant">

/** Everything that a person may leave empty is filled. */
function filledOf({ audience, client, grant, other }: ContractSamples): Objects {
  const { jwks } = other.client
  const keys = jwks === undefined ? {} : { auth_method: "private_key_jwt", jwks }
  const scopes = ["payments:read", "payments:write"].map((name) => ({ name, description: `May ${name}` }))
  return {
    audience: withFields(audience, { scopes }),
    client: withFields(client, { display_name: "Orders", owner: "team@example.com", ...keys }),
    grant: withFields(grant, { scopes: ["payments:read", "payments:write"] }),
  }
}

/** And empty, as far as the registry lets it be. */
const emptiedOf = ({ audience, client, grant }: ContractSamples): Objects => ({
  audience: withFields(audience, { scopes: [] }),
  client: withFields(client, { display_name: "", owner: "", auth_method: "client_secret_basic", jwks: null }),
  grant: withFields(grant, { scopes: ["payments:read"] }),
})

const onlyEmpty = (fields: DesiredObject["fields"]) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value === "" || value === null))

function differences(before: DesiredObject, after: DesiredObject): readonly FieldChange[] {
  return Object.entries(after.fields).flatMap(([field, to]) => {
    const from = before.fields[field] ?? null
    return canonicalJson(from) === canonicalJson(to) ? [] : [{ field, from, to }]
  })
}

export function emptiedContract(running: Running, samples: ContractSamples): void {
  const { connector, fresh } = running
  const settle = async () => await running.provider.settle?.()

  /** Grants first, as an apply does: no audience loses a scope that is still granted. */
  const placed = async (objects: ContractSamples) => {
    const port = writing(connector())
    const held: { before: DesiredObject; remoteId: string }[] = []
    for (const before of shaped(running, filledOf(objects))) {
      held.push({ before, remoteId: (await port.create(before, "m")).remoteId })
      await settle()
    }
    return { port, held: held.toReversed() }
  }

  test("what is emptied is empty at the provider too, and stays so", async () => {
    const objects = fresh()
    const { port, held } = await placed(objects)
    const emptied = shaped(running, emptiedOf(objects))
    for (const { before, remoteId } of held) {
      const { kind, key } = before
      const after = emptied.find((one) => one.kind === kind && one.key === key)
      if (!after) throw new Error(`${kind} is not held any more once it is emptied`)
      // What is never told again counts as empty where none was sent.
      const fields = { ...told(samples, after.fields), ...onlyEmpty(after.fields) }
      const changes = differences(before, after)
      const answer = await port.update(remoteId, after, changes)
      expect(answer.fields, kind).toEqual(fields)
      await settle()
      expect((await port.find(kind, key))?.fields, kind).toEqual(fields)
      if (kind === "grant") await port.remove(kind, remoteId, key)
      await settle()
    }
  })

  if (samples.ports.secrets === "none") return

  test("once its last grant is removed, a client gets no token for what was granted", async () => {
    const objects = fresh()
    const port = writing(connector())
    const ids = new Map<string, string>()
    const held = shaped(running, objects)
    for (const object of held) {
      ids.set(object.kind, (await port.create(object, "m")).remoteId)
      await settle()
    }
    const client = objects.client.key
    const value = samples.secretValue()
    const issued = await secretsOf(connector()).issue({
      client,
      value,
      fingerprint: "fp",
      marker: "m",
      expiresAt: null,
    })
    await settle()
    const clientId = connector().clientIdOf({ key: client, remoteId: ids.get("client") ?? "" })
    const scopes = (objects.grant.fields.scopes as readonly string[]).slice(0, 1)
    const request = await connector().tokenRequest(objects.audience.key, scopes)
    const error = () => running.provider.tokenError(clientId, issued.value ?? value, request)
    expect(await error()).toBeNull()
    const removed = port.remove("grant", ids.get("grant") ?? "", objects.grant.key)
    if (samples.fixedInUse !== undefined) {
      await expect(removed).rejects.toMatchObject({ code: "feature_missing" })
      expect(await port.find("grant", objects.grant.key)).not.toBeNull()
      return
    }
    await removed
    await settle()
    if (samples.scopelessDefault === undefined) expect(await error()).not.toBeNull()
    expect(await port.find("grant", objects.grant.key)).toBeNull()
  })
}
