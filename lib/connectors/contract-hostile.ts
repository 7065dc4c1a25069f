/** The hostile half of the contract: whatever a provider answers becomes a coded error, for every call (providers.md 11.12, 8c). */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { FetchRefused, guardedFetch, type GuardedAnswer, type GuardedFetch } from "../base/http.ts"
import { secretsOf, writing, type Subject } from "./contract-subject.ts"
import type { Connector, ConnectorErrorCode } from "./port.ts"

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

/** Answers that claim success. A delete or a retirement believes the status alone. */
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

interface Probe {
  readonly name: string
  readonly kind: CallKind
  readonly believesStatus?: true
  readonly run: (connector: Connector, subject: Subject) => Promise<unknown>
}

const probes: readonly Probe[] = [
  { name: "endpoints", kind: "read", run: (connector) => connector.endpoints() },
  { name: "observe", kind: "read", run: (connector) => writing(connector).observe() },
  {
    name: "find",
    kind: "read",
    run: (connector, { samples }) => writing(connector).find("client", samples.client.key),
  },
  { name: "create", kind: "create", run: (connector, { samples }) => writing(connector).create(samples.audience, "m") },
  {
    name: "update",
    kind: "write",
    run: (connector, { samples }) =>
      writing(connector).update("01980000-0000-7000-8000-000000000000", samples.audience, [
        { field: "name", from: "", to: "x" },
      ]),
  },
  {
    name: "remove",
    kind: "write",
    believesStatus: true,
    run: (connector, { samples }) =>
      writing(connector).remove("client", "01980000-0000-7000-8000-000000000000", samples.client.key),
  },
  {
    name: "list secrets",
    kind: "read",
    run: (connector, { samples }) => secretsOf(connector).listSecrets(samples.client.key),
  },
  {
    name: "issue a secret",
    kind: "create",
    run: (connector, { samples }) =>
      secretsOf(connector).issue({
        client: samples.client.key,
        value: samples.secretValue(),
        fingerprint: "fp",
        marker: "m",
        expiresAt: null,
      }),
  },
  {
    name: "retire a secret",
    kind: "write",
    believesStatus: true,
    run: (connector, { samples }) =>
      secretsOf(connector).retire(samples.client.key, "01980000-0000-7000-8000-000000000001"),
  },
]

export function hostileAnswers(subject: () => Subject): void {
  describe.each(probes)("$name", ({ kind, believesStatus, run }) => {
    test.each([...rows, ...(believesStatus ? [] : lies)])(
      "answers $name with a coded error",
      async ({ code, answer }) => {
        const given = subject()
        await writing(given.provider.connector(given.provider.fetch)).create(given.samples.client, "m")
        const tampered: GuardedFetch = async (url, init) => {
          // What only looks the object up on the way to a write is let through.
          if (kind !== "read" && (init?.method ?? "GET") === "GET") return await given.provider.fetch(url, init)
          if (answer instanceof FetchRefused) throw answer
          return answer()
        }
        const error = await run(given.provider.connector(tampered), given).then(
          () => null,
          (caught: unknown) => caught,
        )
        expect(error).toMatchObject({ name: "ConnectorError", code: code[kind] })
        if (code[kind] === "rate_limited") expect(error).toMatchObject({ httpStatus: 429, retryAt: expect.any(Date) })
      },
    )
  })

  describe("over a real socket", () => {
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
    ] as const)("%s to a create is %s, within the time allowed", async (_name, path, code) => {
      const { provider, samples } = subject()
      const real = guardedFetch({ allowHosts: ["127.0.0.1"], timeoutMs: 600, maxBytes: 2_000_000 })
      const connector = provider.connector((_url, init) =>
        real(`${base}${path}`, { ...init, timeoutMs: 600, maxBytes: 2_000_000 }),
      )
      await expect(writing(connector).create(samples.audience, "m")).rejects.toMatchObject({
        name: "ConnectorError",
        code,
      })
    })
  })
}
