/** The secrets half of the contract. Which law holds (overlap or in place) is the port's own word. */
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import type { GuardedFetch } from "../base/http.ts"
import { losing } from "./contract-losing.ts"
import { looks, secretsOf, shaped, writing, type ContractSamples, type Running } from "./contract-subject.ts"
import { ConnectorError } from "./connector-error.ts"

export function secretContract(running: Running, samples: ContractSamples): void {
  const { connector, fresh } = running
  const refused = samples.refused ?? "invalid_client"
  const settle = async () => await running.provider.settle?.()

  describe("secrets", () => {
    if (samples.ports.secrets === "overlap")
      test("two live secrets both fetch tokens; the retired one is refused; the other goes on", async () => {
        const { client, error, issue, secrets } = await placed()
        const first = await issue("r:0")
        const second = await issue("r:1")
        for (const { value } of [first, second]) expect(await error(value)).toBeNull()
        expect((await secrets.listSecrets(client)).map((one) => one.remoteId).sort()).toEqual(
          [first.remoteId, second.remoteId].sort(),
        )
        await secrets.retire(client, first.remoteId)
        await secrets.retire(client, first.remoteId)
        await settle()
        expect(await error(first.value)).toBe(refused)
        expect(await error(second.value)).toBeNull()
        expect((await secrets.listSecrets(client)).map((one) => one.remoteId)).toEqual([second.remoteId])
      })
    else if (samples.keepsSecret !== undefined)
      test("a second secret is refused with the reason, and the first goes on", async () => {
        const { client, error, issue, secrets } = await placed()
        const first = await issue("r:0")
        expect(await error(first.value)).toBeNull()
        await expect(issue("r:1")).rejects.toMatchObject({ code: "feature_missing" })
        await expect(secrets.strategyOf?.(client)).rejects.toMatchObject({ code: "feature_missing" })
        expect(await error(first.value)).toBeNull()
      })
    else
      test("a new secret replaces the old one: the old is refused, the new fetches tokens", async () => {
        const { client, error, issue, secrets } = await placed()
        const first = await issue("r:0")
        expect(await error(first.value)).toBeNull()
        const second = await issue("r:1")
        expect(await error(first.value)).toBe(refused)
        expect(await error(second.value)).toBeNull()
        await secrets.retire(client, first.remoteId)
        await settle()
        expect(await error(second.value)).toBeNull()
      })

    if (samples.ports.secrets !== "overlap")
      test("a refused write says that nothing was done; what is refused after it was taken never says that", async () => {
        const { client, issue } = await placed()
        const { provider } = running
        await issue("r:first")
        const no = { status: 403, headers: new Headers({ "content-type": "application/json" }), text: "{}" }
        const refusing = async (when: (look: boolean) => boolean): Promise<unknown> =>
          secretsOf(
            provider.connector(async (url, init) =>
              when(looks(provider, url, init)) ? no : await provider.fetch(url, init),
            ),
          )
            .issue({ client, value: samples.secretValue(), fingerprint: "fp_no", marker: "r:no", expiresAt: null })
            .catch((error: unknown) => error)
        expect(await refusing((look) => !look)).toMatchObject({ name: "ConnectorError", nothingDone: true })
        let written = false
        const half = await refusing((look) => {
          written ||= !look
          return look && written
        })
        // A kind that looks no more after its write has simply issued the secret.
        const saysNothingDone = half instanceof ConnectorError && half.nothingDone
        expect(saysNothingDone).toBe(samples.keepsSecret !== undefined && !written)
      })

    test("a secret whose answer was lost is issued again under its marker: one secret, not two", async () => {
      const { client, error, secrets } = await placed()
      const { provider } = running
      const input = { client, value: samples.secretValue(), fingerprint: "fp_lost", marker: "r:lost", expiresAt: null }
      const way = losing(provider, "timeout")
      let asked = false
      const watched: GuardedFetch = (url, init) => {
        asked ||= !looks(provider, url, init)
        return way(url, init)
      }
      const lost = await secretsOf(provider.connector(watched))
        .issue(input)
        .catch((error: unknown) => error)
      // A secret that the provider made before is handed over without a call: no answer, nothing lost.
      if (asked) expect(lost).toMatchObject({ name: "ConnectorError", code: "lost_answer" })
      else expect(samples.secretAtHand, "nobody was asked").toBeDefined()
      await settle()
      const again = await secrets.issue(input)
      await settle()
      if (secrets.list !== "none")
        expect((await secrets.listSecrets(client)).map((one) => one.remoteId)).toEqual([again.remoteId])
      expect(await error(again.value ?? input.value)).toBeNull()
    })

    test("a secret past its end is refused, where secrets have an end of their own", async () => {
      const { client, error, secrets } = await placed()
      if (secrets.expiry !== "per_secret") return
      const value = samples.secretValue()
      const expiresAt = new Date(Date.now() - 1_000).toISOString()
      const issued = await secrets.issue({ client, value, fingerprint: "fp_past", marker: "r:past", expiresAt })
      await settle()
      expect(await error(issued.value ?? value)).toBe(refused)
    })

    test("a client that is not there is not_found, and retiring there is done", async () => {
      const secrets = secretsOf(connector())
      await expect(secrets.listSecrets("nobody-here")).rejects.toMatchObject({ code: "not_found" })
      await expect(secrets.retire("nobody-here", "x")).resolves.toBeUndefined()
    })

    test("no error repeats a secret, even when the provider echoes it", async () => {
      const { client } = await placed()
      const { provider } = running
      const value = samples.secretValue()
      let asked = false
      const echo: GuardedFetch = async (url, init) => {
        if (looks(provider, url, init)) return await provider.fetch(url, init)
        asked = true
        const told = `${JSON.stringify(init?.headers)} ${String(init?.body)}`
        return { status: 422, headers: new Headers(), text: JSON.stringify({ code: value, message: told }) }
      }
      const error = await secretsOf(provider.connector(echo))
        .issue({ client, value, fingerprint: "fp", marker: "m", expiresAt: null })
        .catch((caught: unknown) => caught)
      if (asked) expect(error).toBeInstanceOf(ConnectorError)
      else expect(samples.secretAtHand, "nobody was asked").toBeDefined()
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(value)
    })

    async function placed() {
      const objects = fresh()
      const port = writing(connector())
      let remoteId = ""
      for (const object of shaped(running, objects)) {
        const made = await port.create(object, "m")
        if (object.kind === "client") remoteId = made.remoteId
        await settle()
      }
      const { key: client } = objects.client
      const scopes = (objects.grant.fields.scopes as readonly string[]).slice(0, 1)
      const secrets = secretsOf(connector())
      const clientId = connector().clientIdOf({ key: client, remoteId })
      const request = await connector().tokenRequest(objects.audience.key, scopes)
      return {
        client,
        secrets,
        error: (value: string) => running.provider.tokenError(clientId, value, request),
        async issue(marker: string) {
          const value = samples.secretValue()
          const fingerprint = `fp_${marker}`
          const issued = await secrets.issue({ client, value, fingerprint, marker, expiresAt: null })
          await settle()
          return { remoteId: issued.remoteId, value: issued.value ?? value }
        },
      }
    }
  })
}
