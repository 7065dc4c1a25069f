/** What the demo registers, as data. Every name says *demo*, so that it never meets a name of the user's. */
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
} as const

export type DemoAudience = keyof typeof demoAudiences
export const audienceOf = (name: DemoAudience): string => demoAudiences[name].identifier

export const demoClients = {
  shop: { name: "demo-web-shop", display_name: "Demo web shop", owner },
  billing: { name: "demo-billing-job", display_name: "Demo billing job", owner },
  gateway: { name: "demo-gateway", display_name: "Demo gateway", owner },
  order: { name: "demo-order-service", display_name: "Demo order service", owner },
} as const

export type DemoClient = keyof typeof demoClients
export const demoClientKeys = Object.keys(demoClients) as readonly DemoClient[]

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
