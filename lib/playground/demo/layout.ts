/**
 * What the demo registers, as data. Names say *demo*, so that they never meet a name of the user's; but the two clients of
 * document 1 are called as they are there.
 */
export const demoTag = "demo"
const owner = "demo"

export const demoAudiences = {
  gateway: {
    identifier: "https://gateway.demo.internal",
    name: "Demo gateway",
    token_ttl_seconds: 300,
    scopes: [
      { name: "shop:read", description: "Read through the gateway" },
      { name: "shop:write", description: "Write through the gateway" },
    ],
  },
  orders: {
    identifier: "https://orders.demo.internal",
    name: "Demo orders",
    token_ttl_seconds: 300,
    scopes: [{ name: "orders:read", description: "Read orders" }],
  },
  payments: {
    identifier: "https://payments.demo.internal",
    name: "Demo payments",
    token_ttl_seconds: 300,
    scopes: [
      { name: "payments:read", description: "Read the history of charges" },
      { name: "payments:write", description: "Make charges" },
    ],
  },
  /** Its tokens live a minute only, so that an expired one can be shown soon. */
  inventory: {
    identifier: "https://inventory.demo.internal",
    name: "Demo inventory",
    token_ttl_seconds: 60,
    scopes: [{ name: "inventory:read", description: "Ask what is in stock" }],
  },
  /** Behind the gRPC service of document 1. Its tokens are references: only who may introspect them learns what they say. */
  records: {
    identifier: "https://data-event-records.demo.internal",
    name: "Demo data event records",
    token_ttl_seconds: 300,
    token_format: "opaque",
    scopes: [
      { name: "dataEventRecords", description: "Call the gRPC service" },
      { name: "tokens:introspect", description: "Introspect the tokens of this API" },
    ],
  },
} as const

export type DemoAudience = keyof typeof demoAudiences
export const audienceOf = (name: DemoAudience): string => demoAudiences[name].identifier

export const demoClients = {
  shop: { name: "demo-web-shop", display_name: "Demo web shop", owner },
  billing: { name: "demo-billing-job", display_name: "Demo billing job", owner },
  gateway: { name: "demo-gateway", display_name: "Demo gateway", owner },
  order: { name: "demo-order-service", display_name: "Demo order service", owner },
  caller: { name: "CC", display_name: "Demo gRPC caller", owner },
  greeter: { name: "resource_dataEventRecords", display_name: "Demo gRPC service", owner },
} as const

export type DemoClient = keyof typeof demoClients

interface DemoGrant {
  readonly client: DemoClient
  readonly audience: DemoAudience
  readonly scopes: readonly string[]
  readonly reason: string
}

/** The billing job's `shop:write` is never used: what the pages say about unused grants has something to say. */
export const demoGrants: readonly DemoGrant[] = [
  {
    client: "shop",
    audience: "gateway",
    scopes: ["shop:read", "shop:write"],
    reason: "The shop shows orders and takes payments",
  },
  {
    client: "billing",
    audience: "gateway",
    scopes: ["shop:read", "shop:write"],
    reason: "The nightly job reads charges",
  },
  { client: "gateway", audience: "orders", scopes: ["orders:read"], reason: "The gateway forwards reads of orders" },
  {
    client: "gateway",
    audience: "payments",
    scopes: ["payments:read", "payments:write"],
    reason: "The gateway forwards payments",
  },
  { client: "gateway", audience: "inventory", scopes: ["inventory:read"], reason: "The gateway forwards stock checks" },
  {
    client: "order",
    audience: "inventory",
    scopes: ["inventory:read"],
    reason: "An order says whether its item is in stock",
  },
  { client: "order", audience: "payments", scopes: ["payments:write"], reason: "An order is charged when it ships" },
  { client: "caller", audience: "records", scopes: ["dataEventRecords"], reason: "The caller greets over gRPC" },
  {
    client: "greeter",
    audience: "records",
    scopes: ["tokens:introspect"],
    reason: "The gRPC service asks what its callers' tokens say",
  },
]

const clientNames = new Set<string>(Object.values(demoClients).map(({ name }) => name))
const identifiers = new Set<string>(Object.values(demoAudiences).map(({ identifier }) => identifier))

/** Does a plan's change belong to the demo? A grant's key begins with its client. */
export function isDemoChange(change: { readonly kind: string; readonly key: string }): boolean {
  if (change.kind === "audience") return identifiers.has(change.key)
  const [client = ""] = change.key.split(" ")
  return clientNames.has(client)
}

/** A grant of anybody on one of the demo's APIs: it cannot outlive the API. */
export const isGrantOnDemo = ({ kind, key }: { readonly kind: string; readonly key: string }): boolean =>
  kind === "grant" && identifiers.has(key.slice(key.indexOf(" ") + 1))
