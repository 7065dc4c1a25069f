import type { ApiAnswer, ApiCaller } from "./api.ts"
import { nothingKept, type Keeper, type Kept } from "./kept.ts"

/** As Grantry's own default for a small registry (lib/sync/policy.ts). */
const deletesMax = 5

type Row = { id: string; [field: string]: unknown }

/** As much of the public API as the demo uses, in memory: the registry, plans against one provider, secrets, sources. */
export function makeApi(issuer = "https://idp.example") {
  let ids = 0
  const newId = () => `id-${String(++ids).padStart(4, "0")}`
  const rows = {
    audiences: [] as Row[],
    clients: [] as Row[],
    grants: [] as Row[],
    sources: [] as Row[],
    tokens: [] as Row[],
  }
  const remote = new Map<string, { kind: string; key: string }>()
  const secrets: (Row & { client: string; state: string; revealed: boolean })[] = []
  const plans = new Map<
    string,
    { status: string; changes: { id: string; verb: string; kind: string; key: string }[] }
  >()
  const state = {
    enabled: false,
    phase: "off",
    message: null as unknown,
    deletedEvents: [] as string[],
    planStatus: "applied",
    dieAt: 0,
    calls: 0,
  }

  const addSecret = (client: string) => {
    const id = newId()
    secrets.push({
      id,
      client,
      provider_id: "p1",
      state: "live",
      revealed: false,
      created_at: id,
      fingerprint: `fp-${id}`,
    })
  }
  const wanted = () =>
    new Map(
      [
        ...rows.audiences
          .filter((row) => rows.grants.some((grant) => grant["audience"] === row["identifier"]))
          .map((row) => ({ kind: "audience", key: String(row["identifier"]) })),
        ...rows.clients.map((row) => ({ kind: "client", key: String(row["name"]) })),
        ...rows.grants.map((row) => ({ kind: "grant", key: `${String(row["client"])} ${String(row["audience"])}` })),
      ].map((one) => [`${one.kind} ${one.key}`, one]),
    )
  const difference = () => [
    ...[...wanted().values()]
      .filter((one) => !remote.has(`${one.kind} ${one.key}`))
      .map((one) => ({ id: newId(), verb: "create", ...one })),
    ...[...remote.values()]
      .filter((one) => !wanted().has(`${one.kind} ${one.key}`))
      .map((one) => ({ id: newId(), verb: "delete", ...one })),
  ]
  const apply = (id: string, confirm: readonly string[], beyondLimit: boolean): ApiAnswer => {
    const plan = plans.get(id)
    if (plan === undefined) return notFound
    if (plan.changes.some((change) => change.verb === "delete" && !confirm.includes(change.id)))
      return refuse(409, "confirmation_needed")
    if (plan.changes.filter(({ verb }) => verb === "delete").length > deletesMax && !beyondLimit)
      return refuse(409, "blast_radius")
    plan.status = state.planStatus
    if (plan.status !== "applied") return { status: 202, body: {} }
    for (const { verb, kind, key } of plan.changes) {
      if (verb === "delete") remote.delete(`${kind} ${key}`)
      else remote.set(`${kind} ${key}`, { kind, key })
      if (verb === "create" && kind === "client") addSecret(rows.clients.find((row) => row["name"] === key)?.id ?? "")
    }
    return { status: 202, body: {} }
  }
  const create = (list: Row[], unique: (row: Row) => unknown, body: object, extra: object = {}): ApiAnswer => {
    const row = { id: newId(), ...body, ...extra }
    if (list.some((one) => unique(one) === unique(row))) return refuse(409, "exists")
    list.push(row)
    return { status: 201, body: row }
  }
  const remove = (list: Row[], id: string): ApiAnswer => {
    const at = list.findIndex((row) => row.id === id)
    if (at < 0) return notFound
    list.splice(at, 1)
    return { status: 204, body: undefined }
  }

  const answer = (method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): ApiAnswer => {
    const [kind = "", id = "", sub = "", subId = "", verb = ""] = path.split("/").slice(3)
    switch (
      `${method} ${kind}${id ? "/:id" : ""}${sub ? `/${sub}` : ""}${subId ? "/:id" : ""}${verb ? `/${verb}` : ""}`
    ) {
      case "GET providers":
        return list([{ id: "p1", kind: "local", issuer, token_endpoint: `${issuer}/token` }])
      case "POST audiences":
        return create(rows.audiences, (row) => row["identifier"], body)
      case "GET audiences":
        return list(rows.audiences)
      case "DELETE audiences/:id":
        return rows.grants.some(
          (grant) => grant["audience"] === rows.audiences.find((row) => row.id === id)?.["identifier"],
        )
          ? refuse(409, "audience_has_grants")
          : remove(rows.audiences, id)
      case "POST clients":
        return create(rows.clients, (row) => row["name"], body)
      case "GET clients":
        return list(rows.clients.filter((row) => [row["tags"]].flat().includes(query.get("tag") ?? "")))
      case "DELETE clients/:id":
        return rows.grants.some((grant) => grant["client"] === rows.clients.find((row) => row.id === id)?.["name"])
          ? refuse(409, "client_has_grants")
          : remove(rows.clients, id)
      case "POST grants":
        return create(rows.grants, (row) => `${String(row["client"])} ${String(row["audience"])}`, body)
      case "GET grants": {
        const client = rows.clients.find((row) => row.id === query.get("client"))?.["name"]
        const audience = rows.audiences.find((row) => row.id === query.get("audience"))?.["identifier"]
        return list(rows.grants.filter((row) => row["client"] === client || row["audience"] === audience))
      }
      case "DELETE grants/:id":
        return remove(rows.grants, id)
      case "POST plans": {
        const plan = { id: newId(), status: "planned", changes: difference() }
        plans.set(plan.id, plan)
        return { status: 201, body: plan }
      }
      case "GET plans/:id":
        return { status: 200, body: { status: plans.get(id)?.status } }
      case "POST plans/:id/apply":
        return apply(id, (body["confirm"] as string[] | undefined) ?? [], body["beyond_limit"] === true)
      case "POST plans/:id/discard":
        return { status: 200, body: {} }
      case "GET clients/:id/secrets":
        return { status: 200, body: { items: secrets.filter((one) => one.client === id && one.state !== "retired") } }
      case "POST clients/:id/secrets/:id/reveal": {
        const secret = secrets.find((one) => one.id === subId)
        if (secret === undefined) return notFound
        if (secret.revealed) return refuse(410, "already_revealed")
        secret.revealed = true
        const name = rows.clients.find((row) => row.id === id)?.["name"]
        return {
          status: 200,
          body: {
            secret_id: secret.id,
            client_id: name,
            client_secret: `secret of ${secret.id}`,
            fingerprint: secret["fingerprint"],
          },
        }
      }
      case "POST clients/:id/rotations":
        addSecret(id)
        return { status: 201, body: { id: newId() } }
      case "GET rotations":
        return list([])
      case "POST sources":
        return create(rows.sources, (row) => row["name"], body)
      case "GET sources":
        return list(rows.sources)
      case "DELETE sources/:id":
        if (query.get("events") === "1") state.deletedEvents.push(id)
        return remove(rows.sources, id)
      case "POST api-tokens":
        return create(rows.tokens, (row) => row.id, body, { token: `gty_${ids}` })
      case "GET api-tokens/:id":
        return rows.tokens.some((row) => row.id === id) ? { status: 200, body: {} } : notFound
      case "DELETE api-tokens/:id":
        return remove(rows.tokens, id)
      case "GET demo":
        return { status: 200, body: { enabled: state.enabled, phase: state.phase, message: state.message } }
      case "PATCH demo":
        Object.assign(state, body)
        return { status: 200, body: {} }
      default:
        throw new Error(`the fixture knows no ${method} ${path}`)
    }
  }

  /** Dies once at call `dieAt`, by turns before the call has its effect and after it, when the answer is lost. */
  const call: ApiCaller = (method, path, body) => {
    const dies = ++state.calls === state.dieAt
    if (dies && state.dieAt % 2 === 0) return Promise.reject(new TypeError("connection lost before"))
    const url = new URL(path, "https://grantry.example")
    const said = answer(method, url.pathname, url.searchParams, (body ?? {}) as Record<string, unknown>)
    return dies ? Promise.reject(new TypeError("connection lost after")) : Promise.resolve(said)
  }
  return { call, state, rows, remote, secrets }
}

const notFound: ApiAnswer = { status: 404, body: { code: "not_found" } }
const refuse = (status: number, code: string): ApiAnswer => ({ status, body: { code } })
const list = (items: readonly unknown[]): ApiAnswer => ({ status: 200, body: { items, next: null } })

export function memoryKeeper(): Keeper {
  let kept: Kept = nothingKept
  return { read: () => kept, write: (next) => void (kept = next) }
}
