/** One contract for every kind of provider: `connectorContract` runs it against a started one. The ports select the tests. */
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { FetchRefused, type GuardedFetch } from "../base/http.ts"
import type { Json } from "../base/json.ts"
import { hostileAnswers } from "./contract-hostile.ts"
import { secretsOf, writing, type ContractProvider, type ContractSamples } from "./contract-subject.ts"
import { ConnectorError, grantKey, type DesiredObject } from "./port.ts"

/** Runs the contract. `start` is called once; each test makes objects of its own names. */
export function connectorContract(
  kind: string,
  start: () => Promise<ContractProvider>,
  samples: ContractSamples,
): void {
  describe(`${kind} keeps the connector contract`, () => {
    let provider: ContractProvider
    let made = 0
    beforeAll(async () => {
      provider = await start()
    })
    afterAll(async () => {
      await provider?.stop()
    })
    const connector = () => provider.connector(provider.fetch)
    /** The samples under fresh names, so that no test meets the objects of another. */
    const fresh = () => named(samples, ++made)

    test("every check passes against a healthy provider", async () => {
      const checks = await connector().check()
      expect(checks.filter((check) => check.is !== "pass")).toEqual([])
      expect(checks.length).toBeGreaterThan(2)
    })

    test("endpoints name the issuer, and token and key addresses under it", async () => {
      const told = await connector().endpoints()
      for (const address of [told.tokenEndpoint, told.jwksUri]) expect(address.startsWith(told.issuer)).toBe(true)
    })

    test("the samples are not refused, and their grant is projected with a sentence", () => {
      const { audience, client, grant } = fresh()
      expect(connector().reject([audience, client, grant])).toEqual([])
      expect(connector().project(grant, [audience, client, grant]).why).not.toBe("")
    })

    test("what is created is found and observed with our mark, field by field as it was sent", async () => {
      const port = writing(connector())
      const objects = inOrder(fresh())
      for (const object of objects) {
        const answer = await port.create(object, "plan-1:change-1")
        expect(answer).toMatchObject({ kind: object.kind, key: object.key, marked: true, fields: object.fields })
        expect(await port.find(object.kind, object.key)).toEqual(answer)
        expect((await port.observe()).find(same(object))).toEqual(answer)
      }
    })

    test("every owned field can be updated, alone, and the others stay", async () => {
      const port = writing(connector())
      for (const object of inOrder(fresh())) {
        const { remoteId } = await port.create(object, "m")
        let now: Record<string, Json> = { ...object.fields }
        for (const [field, to] of Object.entries(samples.other[object.kind])) {
          const answer = await port.update(remoteId, { ...object, fields: { ...now, [field]: to } }, [
            { field, from: now[field] ?? null, to },
          ])
          now = { ...now, [field]: to }
          expect(answer.fields, `${object.kind}.${field}`).toEqual(now)
        }
        expect((await port.find(object.kind, object.key))?.fields).toEqual(now)
      }
    })

    test("a change behind our back of every owned field shows in observe", async () => {
      const port = writing(connector())
      for (const object of inOrder(fresh())) {
        await port.create(object, "m")
        for (const [field, value] of Object.entries(samples.other[object.kind])) {
          await provider.behind.change(object.kind, object.key, field, value)
          const seen = (await port.observe()).find(same(object))
          expect(seen?.fields[field], `${object.kind}.${field}`).toEqual(value)
        }
      }
    })

    test("deletes in reverse order leave nothing, and a delete of what is gone is done", async () => {
      const port = writing(connector())
      const objects = inOrder(fresh())
      const remoteIds = new Map<DesiredObject, string>()
      for (const object of objects) remoteIds.set(object, (await port.create(object, "m")).remoteId)
      for (const object of objects.toReversed()) {
        await port.remove(object.kind, remoteIds.get(object) ?? "", object.key)
        await port.remove(object.kind, remoteIds.get(object) ?? "", object.key)
        expect(await port.find(object.kind, object.key)).toBeNull()
      }
    })

    test("foreign objects are seen without our mark, and a removal of ours does not touch them", async () => {
      const port = writing(connector())
      const [ours, foreign] = [fresh(), fresh()]
      for (const object of inOrder(foreign)) await provider.behind.create(object)
      for (const object of inOrder(ours).slice(0, 2)) {
        const { remoteId } = await port.create(object, "m")
        await port.remove(object.kind, remoteId, object.key)
      }
      const seen = await port.observe()
      for (const object of inOrder(foreign))
        expect(seen.find(same(object))).toMatchObject({ marked: false, fields: object.fields })
    })

    test("an object that somebody made again under our name is not the one we knew: its id differs, and removing the old id spares it", async () => {
      const port = writing(connector())
      const { client } = fresh()
      const { remoteId } = await port.create(client, "m")
      await port.remove("client", remoteId, client.key)
      await provider.behind.create(client)
      await port.remove("client", remoteId, client.key)
      expect(await port.find("client", client.key)).toMatchObject({ marked: false })
    })

    test("a taken name is a conflict, and changes nothing", async () => {
      const port = writing(connector())
      const { client } = fresh()
      const first = await port.create(client, "m")
      await expect(
        port.create({ ...client, fields: { ...client.fields, owner: "somebody else" } }, "m2"),
      ).rejects.toMatchObject({ code: "conflict" })
      expect(await port.find("client", client.key)).toEqual(first)
    })

    test.each(["timeout", "unreachable", "HTML", "truncated", "502"] as const)(
      "a create whose answer is lost (%s) says so, and the object is found again",
      async (how) => {
        const port = writing(provider.connector(losing(provider.fetch, how)))
        const { audience } = fresh()
        await expect(port.create(audience, "plan-9:change-9")).rejects.toMatchObject({
          name: "ConnectorError",
          code: "lost_answer",
        })
        expect(await writing(connector()).find("audience", audience.key)).toMatchObject({
          marked: true,
          fields: audience.fields,
        })
      },
    )

    describe("secrets", () => {
      test("two live secrets both fetch tokens; the retired one is refused; the other goes on", async () => {
        const { client, audience, scopes, secrets } = await placed()
        const values = [samples.secretValue(), samples.secretValue()] as const
        const issued = []
        for (const [i, value] of values.entries())
          issued.push(await secrets.issue({ client, value, fingerprint: `fp_${i}`, marker: `r:${i}`, expiresAt: null }))
        for (const value of values) expect(await provider.tokenError(client, value, audience, scopes)).toBeNull()
        expect((await secrets.listSecrets(client)).map((one) => one.fingerprint)).toEqual(["fp_0", "fp_1"])
        await secrets.retire(client, issued[0]?.remoteId ?? "")
        await secrets.retire(client, issued[0]?.remoteId ?? "")
        expect(await provider.tokenError(client, values[0], audience, scopes)).toBe("invalid_client")
        expect(await provider.tokenError(client, values[1], audience, scopes)).toBeNull()
        expect((await secrets.listSecrets(client)).map((one) => one.remoteId)).toEqual([issued[1]?.remoteId])
      })

      test("a secret whose answer was lost is issued again under its marker: one secret, not two", async () => {
        const { client, secrets } = await placed()
        const value = samples.secretValue()
        const input = { client, value, fingerprint: "fp_lost", marker: "r:lost", expiresAt: null }
        await expect(
          secretsOf(provider.connector(losing(provider.fetch, "timeout"))).issue(input),
        ).rejects.toMatchObject({ code: "lost_answer" })
        const again = await secrets.issue(input)
        expect((await secrets.listSecrets(client)).map((one) => one.remoteId)).toEqual([again.remoteId])
      })

      test("a secret past its end is refused", async () => {
        const { client, audience, scopes, secrets } = await placed()
        const value = samples.secretValue()
        await secrets.issue({
          client,
          value,
          fingerprint: "fp_past",
          marker: "r:past",
          expiresAt: new Date(Date.now() - 1_000).toISOString(),
        })
        expect(await provider.tokenError(client, value, audience, scopes)).toBe("invalid_client")
      })

      test("a client that is not there is not_found, and retiring there is done", async () => {
        const secrets = secretsOf(connector())
        await expect(secrets.listSecrets("nobody-here")).rejects.toMatchObject({ code: "not_found" })
        await expect(secrets.retire("nobody-here", "x")).resolves.toBeUndefined()
      })

      test("no error repeats a secret, even when the provider echoes it", async () => {
        const { client } = await placed()
        const value = samples.secretValue()
        const echo: GuardedFetch = async (url, init) => {
          if ((init?.method ?? "GET") === "GET") return await provider.fetch(url, init)
          const told = `${JSON.stringify(init?.headers)} ${String(init?.body)}`
          return { status: 422, headers: new Headers(), text: JSON.stringify({ code: value, message: told }) }
        }
        const error = await secretsOf(provider.connector(echo))
          .issue({ client, value, fingerprint: "fp", marker: "m", expiresAt: null })
          .catch((caught: unknown) => caught)
        expect(error).toBeInstanceOf(ConnectorError)
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(value)
        expect((error as ConnectorError).excerpt).toContain("[redacted]")
      })

      async function placed() {
        const objects = fresh()
        const port = writing(connector())
        for (const object of inOrder(objects)) await port.create(object, "m")
        const scopes = objects.grant.fields.scopes as readonly string[]
        return { client: objects.client.key, audience: objects.audience.key, scopes, secrets: secretsOf(connector()) }
      }
    })

    hostileAnswers(() => ({ provider, samples: fresh() }))
  })
}

const same = (wanted: DesiredObject) => (one: { kind: string; key: string }) =>
  one.kind === wanted.kind && one.key === wanted.key

export const inOrder = ({
  audience,
  client,
  grant,
}: Pick<ContractSamples, "audience" | "client" | "grant">): readonly DesiredObject[] => [audience, client, grant]

function named(samples: ContractSamples, n: number): ContractSamples {
  const client = { ...samples.client, key: `${samples.client.key}-${n}` }
  const audience = { ...samples.audience, key: `${samples.audience.key}/${n}` }
  return { ...samples, client, audience, grant: { ...samples.grant, key: grantKey(client.key, audience.key) } }
}

/** The request is carried out, and its answer does not come back as it should. Reads are left alone. */
function losing(fetch: GuardedFetch, how: "timeout" | "unreachable" | "HTML" | "truncated" | "502"): GuardedFetch {
  return async (url, init) => {
    const answer = await fetch(url, init)
    if ((init?.method ?? "GET") === "GET") return answer
    if (how === "timeout" || how === "unreachable")
      throw new FetchRefused(
        how,
        "The server could not be reached.",
        Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
      )
    if (how === "HTML") return { ...answer, text: "<!doctype html><title>Proxy</title>" }
    if (how === "truncated") return { ...answer, text: answer.text.slice(0, answer.text.length / 2) }
    return { status: 502, headers: new Headers({ "content-type": "text/html" }), text: "<h1>Bad gateway</h1>" }
  }
}
