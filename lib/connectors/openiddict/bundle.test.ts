import { describe, expect, test } from "vitest"
import { writing } from "../contract-subject.ts"
import { twinBundleToken, twinIntrospector } from "../fakes/openiddict/server.ts"
import { testOpened } from "../memory.fixture.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import { isPort, type Connector } from "../port.ts"
import { audience, client, fetch, grant, hosted, placed } from "./host.fixture.ts"
import { openOpeniddict } from "./openiddict.ts"

const host = hosted()

describe("the bundle", () => {
  test("names in other languages, foreign permissions and settings survive every write of ours", async () => {
    const { open, twin } = await host("encrypted")
    await placed(open, "x")
    twin.administer((before) => ({
      ...before,
      applications: before.applications.map((entry) => ({
        ...entry,
        displayNames: { de: "Bestellungen" },
        permissions: [...entry.permissions, "gt:refresh_token"],
        settings: { ...entry.settings, "tkn_lft:idt": "00:05:00" },
        requirements: ["ft:pkce"],
      })),
      scopes: before.scopes.map((one) => ({ ...one, descriptions: { de: "Datensätze lesen" } })),
    }))
    const [, wanted] = open.shape([audience, client]).objects
    if (!wanted) throw new Error("the client is gone")
    const next = { ...wanted, fields: { ...wanted.fields, display_name: "Renamed", token_ttl_seconds: 900 } }
    await writing(open).update((await writing(open).find("client", "CC"))?.remoteId ?? "", next, [])
    const audienceNext = {
      ...audience,
      fields: { ...audience.fields, scopes: [{ name: "dataEventRecords", description: "Records" }] },
    }
    await writing(open).update((await writing(open).find("audience", audience.key))?.remoteId ?? "", audienceNext, [])
    const held = twin.state()
    expect(held.applications.find(({ clientId }) => clientId === "CC")).toMatchObject({
      displayName: "Renamed",
      displayNames: { de: "Bestellungen" },
      permissions: expect.arrayContaining(["gt:refresh_token", "scp:dataEventRecords"]),
      settings: { "tkn_lft:idt": "00:05:00", "tkn_lft:act": "00:15:00" },
      requirements: ["ft:pkce"],
    })
    expect(held.scopes[0]).toMatchObject({ description: "Records", descriptions: { de: "Datensätze lesen" } })
    expect(held.resources[0]).toMatchObject({ tokenFormat: "reference" })
  })

  test("a write from an old state is refused as a conflict: nothing of somebody else is overwritten", async () => {
    const { open, twin } = await host("encrypted")
    await placed(open, "x")
    const port = writing(
      openOpeniddict({
        providerId: "p1",
        settings: {
          issuer: twin.url,
          client_id: twinIntrospector.id,
          client_secret: twinIntrospector.secret,
          bundle_url: `${twin.url}/grantry`,
          bundle_token: twinBundleToken,
        },
        fetch: async (url, init) => {
          if (init?.method === "PUT") twin.administer((before) => before)
          return fetch(url, init)
        },
        ...testOpened(),
      }),
    )
    await expect(port.create({ ...client, key: "other" }, "m")).rejects.toMatchObject({ code: "conflict" })
  })

  test("a scope word that another audience has is stored under its own, and asked for by that name", async () => {
    const { open, twin } = await host("encrypted")
    await placed(open, "x")
    const second = { ...audience, key: "https://second.example" }
    await writing(open).create(second, "p:2")
    expect(twin.state().scopes.map(({ name }) => name)).toEqual([
      "dataEventRecords",
      "https://second.example/dataEventRecords",
    ])
    expect((await open.tokenRequest(second.key, ["dataEventRecords"])).parameters).toEqual({
      scope: "https://second.example/dataEventRecords",
    })
    expect((await writing(open).find("audience", second.key))?.fields).toEqual(second.fields)
  })

  test("an audience that goes leaves a scope to the other resources that share it", async () => {
    const { open, twin } = await host("encrypted")
    await placed(open, "x")
    twin.administer((before) => ({
      ...before,
      scopes: before.scopes.map((one) => ({ ...one, resources: [...one.resources, "https://shared.example"] })),
    }))
    const found = await writing(open).find("audience", audience.key)
    await writing(open).remove("audience", found?.remoteId ?? "", audience.key)
    expect(twin.state().scopes).toMatchObject([{ name: "dataEventRecords", resources: ["https://shared.example"] }])
    expect(twin.state().applications.find(({ clientId }) => clientId === "CC")?.permissions).toContain(
      "scp:dataEventRecords",
    )
  })

  /** Both audiences have the scope, and CC has it for both. */
  async function shared() {
    const { open, twin } = await host("encrypted")
    await placed(open, "x")
    const second = { ...audience, key: "https://second.example", fields: { ...audience.fields, scopes: [] } }
    await writing(open).create(second, "p:2")
    twin.administer((before) => ({
      ...before,
      scopes: before.scopes.map((one) => ({ ...one, resources: [...one.resources, second.key] })),
      applications: before.applications.map((entry) =>
        entry.clientId === "CC"
          ? {
              ...entry,
              resources: [...entry.resources, second.key],
              properties: {
                grantry: {
                  ...(entry.properties.grantry as object),
                  grants: { [audience.key]: "p:1", [second.key]: "p:2" },
                },
              },
            }
          : entry,
      ),
    }))
    const remove = async (key: string) => {
      const found = await writing(open).find("grant", key)
      await writing(open).remove("grant", found?.remoteId ?? "", key)
    }
    return { open, twin, remove, other: grantKey("CC", second.key) }
  }

  test("a grant that goes leaves a scope to the client's other audience that shares it, and says that it is still reached", async () => {
    const { open, remove, other } = await shared()
    await expect(remove(grant.key)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("dataEventRecords"),
    })
    for (const key of [grant.key, other])
      expect(await writing(open).find("grant", key)).toMatchObject({
        marked: true,
        fields: { scopes: ["dataEventRecords"] },
      })
  })

  test("once both grants that share a scope have gone, so has the scope", async () => {
    const { open, twin, remove, other } = await shared()
    await expect(remove(grant.key)).rejects.toMatchObject({ code: "unsupported" })
    await remove(other)
    expect(twin.state().applications.find(({ clientId }) => clientId === "CC")?.permissions).not.toContain(
      "scp:dataEventRecords",
    )
    await remove(grant.key)
    for (const key of [grant.key, other]) expect(await writing(open).find("grant", key)).toBeNull()
  })

  test("a grant is exact on one audience and widened from the second on", () => {
    const { open } = { open: openiddictOffline() }
    const other = { ...grant, key: grantKey("CC", "https://second.example") }
    expect(open.project(grant, [audience, client, grant])).toMatchObject({ is: "exact" })
    expect(open.project(grant, [audience, client, grant, other])).toMatchObject({ is: "widened" })
  })

  test("token life moves to the client, the smallest of its audiences, with a note", () => {
    const open = openiddictOffline()
    const at = (key: string, token_ttl_seconds: number): DesiredObject => ({
      kind: "audience",
      key,
      fields: { name: "", scopes: [], token_ttl_seconds, token_format: "jwt", signing_alg: "RS256" },
    })
    const grantOn = (key: string): DesiredObject => ({
      kind: "grant",
      key: grantKey("CC", key),
      fields: { scopes: [] },
    })
    const { objects, notes } = open.shape([
      at("https://a.example", 900),
      at("https://b.example", 300),
      client,
      grantOn("https://a.example"),
      grantOn("https://b.example"),
    ])
    expect(objects.find(({ kind }) => kind === "client")?.fields.token_ttl_seconds).toBe(300)
    expect(notes.find(({ kind }) => kind === "client")?.why).toContain("300 s")
  })

  test("without a bundle API the plan is made against the last exported bundle, which a file replaces", async () => {
    const { open } = await host("encrypted", false)
    await placed(open, "x")
    if (open.document === undefined || !isPort(open.document)) throw new Error("no document")
    const exported = await open.document.export()
    expect(JSON.stringify(exported)).not.toContain("clientSecret")
    expect(exported).toMatchObject({
      format: "grantry.openiddict/1",
      applications: [{ clientId: "CC", permissions: ["ept:token", "gt:client_credentials", "scp:dataEventRecords"] }],
      scopes: [{ name: "dataEventRecords", resources: [audience.key] }],
      resources: [{ identifier: audience.key, tokenFormat: "reference" }],
    })
    const emptied = { format: "grantry.openiddict/1", revision: "0", applications: [], scopes: [], resources: [] }
    await open.document.load(emptied).keep()
    expect(await writing(open).observe()).toEqual([])
    await open.document.load(exported).keep()
    expect((await writing(open).observe()).map(({ kind }) => kind)).toEqual(["audience", "client", "grant"])
    const { load } = open.document
    expect(() => load({ format: "else" })).toThrow(expect.objectContaining({ code: "invalid" }))
  })

  test("a web application is not shown as a service client, and its name cannot be taken", async () => {
    const { open, twin } = await host("encrypted")
    twin.administer((before) => ({
      ...before,
      applications: before.applications.map((entry) => ({
        ...entry,
        permissions: [...entry.permissions, "gt:password"],
      })),
    }))
    expect(await writing(open).observe()).toEqual([])
    await expect(writing(open).create({ ...client, key: twinIntrospector.id }, "m")).rejects.toMatchObject({
      code: "conflict",
    })
  })
})

function openiddictOffline(): Connector {
  const settings = { issuer: "https://host.example", client_id: "x", client_secret: "y" }
  return openOpeniddict({ providerId: "p1", settings, fetch, ...testOpened() })
}
