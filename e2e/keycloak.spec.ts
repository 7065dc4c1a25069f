import { z } from "zod"
import { startKeycloak, type Keycloak } from "../scripts/keycloak/server.ts"
import { findTools } from "../scripts/keycloak/tools.ts"
import { expect, go, pick, signIn, test } from "./console.ts"
import { look } from "./look.ts"
import { realmAt } from "./realm.ts"
import { putAway } from "./servers.ts"
import { liveSecrets, revealed } from "./world.ts"

const suffix = String(Date.now())
const named = `keycloak-${suffix}`
const client = `order-service-${suffix}`
const audience = `https://payment-service-${suffix}.internal`
const withId = z.object({ id: z.string() })

type Server = Pick<Keycloak, "url" | "admin" | "stop">
let server: Server | null = null
let missing = ""
let providerId = ""
test.beforeAll(async () => {
  test.setTimeout(480_000) // the first start on a machine builds the server
  const {
    KEYCLOAK_URL: url,
    KEYCLOAK_ADMIN_CLIENT_ID: client_id,
    KEYCLOAK_ADMIN_CLIENT_SECRET: client_secret,
  } = process.env
  if (url && client_id && client_secret) {
    server = { url: url.replace(/\/+$/, ""), admin: { client_id, client_secret }, stop: async () => undefined }
    return
  }
  const tools = await findTools()
  if ("missing" in tools) missing = tools.missing
  else server = await startKeycloak(tools)
})
test.afterEach(async ({ api }) => {
  if (server === null) return
  if (providerId === "") await server.stop()
  else await putAway(api, providerId, server)
})

test("a real Keycloak: set up, import, grant, apply, a change by hand seen with its author and reverted", async ({
  page,
  api,
}) => {
  test.skip(server === null, `No Keycloak can be started: ${missing}`)
  if (server === null) return
  test.setTimeout(420_000)
  const realm = realmAt(server, `shop-${suffix}`)
  const field = (label: string) => page.getByRole("textbox", { name: label, exact: true })

  await test.step("set up a realm and connect it; the administrator's credentials are not kept", async () => {
    if (server === null) return
    await signIn(page)
    await go(page, "Providers")
    await page.getByRole("link", { name: "Connect provider" }).click()
    await page.getByRole("link", { name: "Connect Keycloak", exact: true }).click()
    await page.getByRole("radiogroup", { name: "How to connect" }).getByText("Set up a realm").click()
    await field("Name").fill(named)
    await field("Base URL").fill(server.url)
    await field("Realm").fill(realm.name)
    await page.getByRole("checkbox", { name: "Make the realm if it is not there" }).check()
    await page.getByRole("radiogroup", { name: "Who the administrator is" }).getByText("A service account").click()
    await look(page, "Keycloak wizard")
    await field("Administrator's client ID").fill(server.admin.client_id)
    await field("Administrator's client secret").fill(server.admin.client_secret)
    await page.getByRole("button", { name: "Set up and connect" }).click()
    await expect(page.getByText(`${named} is connected`)).toBeVisible({ timeout: 60_000 })
    await expect(page.locator("body")).not.toContainText(server.admin.client_secret)
    await page.getByRole("link", { name: `Open ${named}` }).click()
    await expect(page.getByRole("heading", { level: 1, name: named })).toBeVisible()
  })
  providerId = /\/providers\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? ""
  const at = `/providers/${providerId}`

  await test.step("what stood there before is imported by choice, and the first plan after it is empty", async () => {
    const boot = await realm.bootToken()
    const old = `https://old-${suffix}.internal`
    await realm.call(boot, "POST", "/client-scopes", {
      name: `old:read-${suffix}`,
      protocol: "openid-connect",
      protocolMappers: [
        {
          name: "aud",
          protocol: "openid-connect",
          protocolMapper: "oidc-audience-mapper",
          config: { "included.custom.audience": old, "access.token.claim": "true" },
        },
      ],
    })
    await realm.call(boot, "POST", "/clients", {
      clientId: `old-worker-${suffix}`,
      name: "Old worker",
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      optionalClientScopes: [`old:read-${suffix}`],
    })
    await page.getByRole("tab", { name: "Import" }).click()
    await page.getByRole("button", { name: "Look what is there" }).click()
    const row = page
      .getByRole("table", { name: "Found on the provider" })
      .getByRole("row")
      .filter({ hasText: `old-worker-${suffix}` })
      .first()
    await expect(row).toContainText(old)
    await page.getByRole("checkbox", { name: `Choose client old-worker-${suffix}`, exact: true }).check()
    await look(page, "import")
    await page.getByRole("button", { name: "Adopt 1", exact: true }).click()
    await page.getByRole("button", { name: "Plan, to see it" }).click()
    await expect(page.getByRole("heading", { level: 1, name: `After the import from ${named}` })).toBeVisible()
    await expect(page.getByText("No changes", { exact: true })).toBeVisible()
  })

  const clientId = await test.step("a client, an API and a grant", async () => {
    await api.call("POST", "/audiences", withId, {
      identifier: audience,
      name: "Payments",
      scopes: [
        { name: "payments:read", description: "See charges" },
        { name: "payments:write", description: "Charge" },
      ],
    })
    const made = await api.call("POST", "/clients", withId, {
      name: client,
      display_name: "Orders",
      owner: "team-orders",
      provider_ids: [providerId],
    })
    await page.goto(`/clients/${made.id}?tab=grants`)
    await page.getByRole("button", { name: "New grant" }).click()
    const dialog = page.getByRole("dialog", { name: "New grant" })
    await pick(dialog, "Audience", audience)
    await pick(dialog, "Scopes", "payments:write")
    await page.keyboard.press("Tab")
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Orders are paid")
    await dialog.getByRole("button", { name: "Give grant" }).click()
    await expect(dialog).toBeHidden()
    return made.id
  })

  await test.step("planned and applied, and Keycloak gives a token with exactly that scope", async () => {
    await page.goto(at)
    await page.getByRole("button", { name: "Plan", exact: true }).click()
    await expect(page.getByRole("list", { name: new RegExp(`^Changes of ${client} on `) })).toContainText(
      "payments:write",
    )
    await look(page, "plan for Keycloak")
    await page.getByRole("button", { name: "Apply", exact: true }).click()
    await expect(page.getByText(/^Applied: (\d+) of \1 done$/)).toBeVisible({ timeout: 60_000 })
    const [secret] = await liveSecrets(api, clientId)
    const told = await api.call("POST", `/clients/${clientId}/secrets/${secret?.id ?? ""}/reveal`, revealed)
    const ask = (scope: string) => realm.clientToken(told.client_id, told.client_secret, scope)
    const granted = await ask("payments:write")
    expect(granted).toMatchObject({ status: 200, claims: { aud: audience, scope: "payments:write" } })
    expect((await ask("payments:read")).status).toBe(400)
  })

  await test.step("a change by hand in Keycloak is seen, with the person who made it", async () => {
    const mallory = await realm.person("mallory")
    const boot = await realm.bootToken()
    const [there] = z.array(withId).parse(await realm.call(boot, "GET", `/clients?clientId=${client}`))
    await realm.call(await mallory(), "PUT", `/clients/${there?.id ?? ""}`, { name: "Mine now", attributes: {} })
    await page.goto(`${at}?tab=drift`)
    await page.getByRole("button", { name: "Read now" }).click()
    const item = page.getByRole("list", { name: "Drift" }).getByRole("listitem").filter({ hasText: client })
    await expect(item).toContainText("Mine now", { timeout: 30_000 })
    await expect(item).toContainText(/Changed by: mallory with admin-cli/)
    await look(page, "drift")
  })

  await test.step("it is reverted by a plan, and gone", async () => {
    await page.getByRole("button", { name: `Revert client ${client}` }).click()
    await expect(page.getByText("1 item is marked to be reverted")).toBeVisible()
    await page.locator("main").getByRole("alert").getByRole("button", { name: "Plan", exact: true }).click()
    await expect(page.getByRole("heading", { level: 1, name: "Revert drift" })).toBeVisible()
    await page.getByRole("button", { name: "Apply", exact: true }).click()
    await expect(page.getByText(/^Applied: (\d+) of \1 done$/)).toBeVisible({ timeout: 60_000 })
    await page.goto(`${at}?tab=drift`)
    await expect(page.getByText("No drift", { exact: true })).toBeVisible({ timeout: 30_000 })
    const boot = await realm.bootToken()
    const found = await realm.call(boot, "GET", `/clients?clientId=${client}`)
    expect(found).toMatchObject([{ name: "Orders" }])
  })
})
