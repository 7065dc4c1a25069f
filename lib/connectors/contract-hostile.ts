/** The hostile half of the contract: whatever a provider answers becomes a coded error, for every call (providers.md 11.12, 8c). */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { FetchRefused, guardedFetch, type GuardedAnswer, type GuardedFetch } from "../base/http.ts"
import { looks, secretsOf, shaped, writing, type ContractSamples, type Running } from "./contract-subject.ts"
import type { ConnectorErrorCode } from "./connector-error.ts"
import { objectKinds, type DesiredObject, type ObjectKind } from "./objects.ts"
import type { Connector } from "./port.ts"
import type { SecretsPort } from "./secrets-port.ts"
import type { WritePort } from "./write-port.ts"

type CallKind = "read" | "write" | "create"
interface Row {
  readonly name: string
  readonly code: Readonly<Record<CallKind, ConnectorErrorCode>>
  readonly answer: (() => GuardedAnswer) | FetchRefused
}

const all = (code: ConnectorErrorCode): Row["code"] => ({ read: code, write: code, create: code })
const perhaps = (code: ConnectorErrorCode): Row["code"] => ({ read: code, write: code, create: "lost_answer" })
const status =
  (number: number, text = "{}", headers: Record<string, string> = {}) =>
  (): GuardedAnswer => ({ status: number, headers: new Headers(headers), text })

const rows: readonly Row[] = [
  { name: "401", code: all("auth_failed"), answer: status(401) },
  { name: "403 without a body", code: all("forbidden"), answer: status(403, "") },
  { name: "409", code: all("conflict"), answer: status(409) },
  { name: "412", code: all("conflict"), answer: status(412) },
  { name: "400 in plain text", code: all("invalid"), answer: status(400, "nope") },
  { name: "422", code: all("invalid"), answer: status(422, '{"code":"invalid"}') },
  { name: "429", code: all("rate_limited"), answer: status(429, "{}", { "retry-after": "7" }) },
  { name: "500", code: perhaps("unavailable"), answer: status(500, "<h1>Internal error</h1>") },
  { name: "503", code: perhaps("unavailable"), answer: status(503, "", { "retry-after": "7" }) },
  { name: "a timeout", code: perhaps("unavailable"), answer: new FetchRefused("timeout", "No answer within 5 s.") },
  {
    name: "a refused connection",
    code: all("unavailable"),
    answer: new FetchRefused(
      "unreachable",
      "The server could not be reached.",
      Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
    ),
  },
  {
    name: "a redirect",
    code: all("unavailable"),
    answer: new FetchRefused("redirect", "The server answered with a redirect, which is not followed."),
  },
]

/** Answers that claim success. A delete or a retirement believes the status, with a body that is none or JSON. */
const lies: readonly Row[] = [
  { name: "200 with HTML", code: perhaps("unknown"), answer: status(200, "<!doctype html>") },
  { name: "200 with nothing", code: perhaps("unknown"), answer: status(200, "") },
  { name: "200 with half a JSON", code: perhaps("unknown"), answer: status(200, '{"id":"1","items":[{') },
  {
    name: "200 with nulls everywhere",
    code: perhaps("unknown"),
    answer: status(200, '{"id":null,"items":null,"client_id":null,"issuer":null}'),
  },
  {
    name: "an endless answer",
    code: perhaps("unknown"),
    answer: new FetchRefused("too_large", "The answer is longer than 1000000 bytes."),
  },
]

/** Who does not look again after a write may take these for a yes, and nothing that no API answers. */
const believable = ["200 with nothing", "200 with nulls everywhere"]

interface Probe {
  readonly name: string
  readonly kind: CallKind
  readonly believesStatus?: true
  readonly of: "write" | "secrets" | "endpoints"
  /** Makes what the call is about, undisturbed, and answers the call. */
  readonly prepare: (subject: Subject) => Promise<(connector: Connector) => Promise<unknown>>
}
interface Subject {
  readonly port: WritePort
  readonly secrets: () => SecretsPort
  readonly objects: readonly DesiredObject[]
  readonly samples: ContractSamples
}

const objectOf = (objects: readonly DesiredObject[], kind: ObjectKind): DesiredObject => {
  const object = objects.find((one) => one.kind === kind) ?? objects[0]
  if (!object) throw new Error("nothing is held here")
  return object
}

const issue = (secrets: SecretsPort, client: string, samples: ContractSamples, marker: string) =>
  secrets.issue({ client, value: samples.secretValue(), fingerprint: `fp_${marker}`, marker, expiresAt: null })

const probes: readonly Probe[] = [
  { name: "endpoints", kind: "read", of: "endpoints", prepare: async () => (connector) => connector.endpoints() },
  { name: "observe", kind: "read", of: "write", prepare: async () => (connector) => writing(connector).observe() },
  {
    name: "find",
    kind: "read",
    of: "write",
    async prepare({ port, objects }) {
      const client = objectOf(objects, "client")
      await port.create(client, "m")
      return (connector) => writing(connector).find("client", client.key)
    },
  },
  {
    name: "create",
    kind: "create",
    of: "write",
    prepare:
      async ({ objects, samples }) =>
      (connector) =>
        writing(connector).create(objectOf(objects, samples.written ?? "audience"), "m"),
  },
  {
    name: "update",
    kind: "write",
    of: "write",
    async prepare({ port, objects, samples }) {
      const object = objectOf(objects, samples.written ?? "audience")
      const { remoteId } = await port.create(object, "m")
      const [field = "", to = null] = Object.entries(samples.other[object.kind])[0] ?? []
      const next = { ...object, fields: { ...object.fields, [field]: to } }
      return (connector) =>
        writing(connector).update(remoteId, next, [{ field, from: object.fields[field] ?? null, to }])
    },
  },
  {
    name: "remove",
    kind: "write",
    of: "write",
    believesStatus: true,
    async prepare({ port, objects }) {
      const client = objectOf(objects, "client")
      const { remoteId } = await port.create(client, "m")
      return (connector) => writing(connector).remove("client", remoteId, client.key)
    },
  },
  {
    name: "list secrets",
    kind: "read",
    of: "secrets",
    async prepare({ port, objects }) {
      const client = objectOf(objects, "client")
      await port.create(client, "m")
      return (connector) => secretsOf(connector).listSecrets(client.key)
    },
  },
  {
    name: "issue a secret",
    kind: "create",
    of: "secrets",
    async prepare({ port, objects, samples }) {
      const client = objectOf(objects, "client")
      await port.create(client, "m")
      return (connector) => issue(secretsOf(connector), client.key, samples, "m")
    },
  },
  {
    name: "retire a secret",
    kind: "write",
    of: "secrets",
    believesStatus: true,
    async prepare({ port, secrets, objects, samples }) {
      const client = objectOf(objects, "client")
      await port.create(client, "m")
      const { remoteId } = await issue(secrets(), client.key, samples, "m1")
      await issue(secrets(), client.key, samples, "m2")
      return (connector) => secretsOf(connector).retire(client.key, remoteId)
    },
  },
]

const wanted = (probe: Probe, { ports }: ContractSamples): boolean =>
  probe.of !== "secrets" ||
  (ports.secrets !== "none" && (probe.name !== "retire a secret" || ports.secrets === "overlap"))

export function hostileAnswers(running: Running, samples: ContractSamples): void {
  const settle = async () => await running.provider.settle?.()

  describe.each(probes.filter((probe) => wanted(probe, samples)))("$name", ({ kind, of, believesStatus, prepare }) => {
    test.each([...rows, ...(believesStatus ? [] : lies)])(
      "answers $name with a coded error",
      async ({ name, code, answer }) => {
        const { provider } = running
        const given = running.fresh()
        const call = await prepare({
          port: writing(running.connector()),
          secrets: () => secretsOf(running.connector()),
          objects: shaped(running, given),
          samples: given,
        })
        await settle()
        let touched = false
        const tampered: GuardedFetch = async (url, init) => {
          // What only looks the object up on the way to a write is let through, and so is a token for ourselves.
          const passes = kind === "read" ? provider.ourToken?.(url) : looks(provider, url, init)
          if (passes) return await provider.fetch(url, init)
          touched = true
          if (answer instanceof FetchRefused) throw answer
          return answer()
        }
        const answered = await call(provider.connector(tampered)).catch((caught: unknown) => caught)
        // Nobody was asked, so there is nothing to be lied to about; only kinds that say so may do without.
        if (!touched && (kind === "read" || !(answered instanceof Error))) {
          if (of !== "endpoints")
            expect(samples.unasked ?? samples.secretAtHand ?? samples.written, "nobody was asked").toBeDefined()
          return
        }
        if (samples.ownCredentials === true && name === "401" && kind !== "create" && of !== "endpoints") {
          if (answered instanceof Error) expect(answered).toMatchObject({ name: "ConnectorError", code: "forbidden" })
          else expect(JSON.stringify(answered)).toContain('"unknown":[')
          return
        }
        const lie = lies.some((row) => row.name === name)
        // Who looks again after a write tells the truth, whatever the write's own answer was.
        if (lie && kind === "write" && !(answered instanceof Error)) {
          if (samples.believed !== undefined) {
            expect(believable).toContain(name)
            return
          }
          const told = z.looseObject({ kind: z.enum(objectKinds), key: z.string() }).parse(answered)
          expect(told).toEqual(await writing(running.connector()).find(told.kind, told.key))
          return
        }
        expect(answered).toMatchObject({ name: "ConnectorError", code: code[kind] })
        if (code[kind] === "rate_limited")
          expect(answered).toMatchObject({ httpStatus: 429, retryAt: expect.any(Date) })
      },
    )
  })

  describe.skipIf(samples.unasked !== undefined)("over a real socket", () => {
    let server: Server
    let base = ""
    beforeAll(async () => {
      server = createServer((req, res) => {
        if (req.url === "/cut") {
          res.writeHead(200, { "content-type": "application/json", "content-length": "5000" })
          res.write('{"items":[', () => res.destroy())
        } else if (req.url === "/endless") {
          res.writeHead(200, { "content-type": "application/json" })
          const pour = setInterval(() => res.write("x".repeat(500_000)), 5)
          res.on("close", () => clearInterval(pour))
        }
        // Anything else never answers.
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterAll(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })

    test.each([
      ["a cut answer", "/cut", "lost_answer"],
      ["an answer without an end", "/endless", "lost_answer"],
      ["silence", "/silent", "lost_answer"],
    ] as const)("%s to a create (%s) is %s, within the time allowed", async (_name, path, code) => {
      const { provider } = running
      const object = objectOf(shaped(running, running.fresh()), samples.written ?? "audience")
      const real = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 600, maxBytes: 2_000_000 })
      const connector = provider.connector((url, init) =>
        looks(provider, url, init)
          ? provider.fetch(url, init)
          : real(`${base}${path}`, { ...init, timeoutMs: 600, maxBytes: 2_000_000 }),
      )
      await expect(writing(connector).create(object, "m")).rejects.toMatchObject({
        name: "ConnectorError",
        code,
      })
    })
  })
}
