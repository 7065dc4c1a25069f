import { isDeepStrictEqual } from "node:util"
import { Refusal, type Api } from "./api.ts"
import { confirmed, type Agreed } from "./confirm.ts"
import { placed, type DocumentFile } from "./document.ts"
import { Ends } from "./ending.ts"
import { plain } from "./print.ts"
import { plan, plans, replaced, type Change, type Plan, type Preview } from "./shapes.ts"
import type { World } from "./world.ts"

export interface ApplyOptions extends Agreed {
  readonly timeoutMs: number
}

/** While an apply begins or runs, an unreachable Grantry is asked again for this long: it goes on without us. */
const patienceMs = 60_000
const unreachable = new Set(["unavailable", "lost_answer", "rate_limited"])

/**
 * Carries out what the preview shows and nothing else: the registry changes under its ETag, and a plan that holds other
 * changes than were shown is not applied. Answers the plan as it ended, null where providers had nothing to change.
 */
export async function carryOut(
  world: World,
  api: Api,
  file: DocumentFile,
  shown: Preview,
  options: ApplyOptions,
): Promise<Plan | null> {
  await confirmed(world, shown, options)
  if (shown.registry.length > 0) await writeRegistry(world, api, file, shown.etag)
  if (shown.changes.length === 0) return null
  const purpose = `grantry apply -f ${file.path}`.slice(0, 300)
  const made =
    (await waiting(world, api, shown, purpose)) ??
    (await api.send("/plans", plan, { json: { provider_ids: shown.providers.map(({ id }) => id), purpose } }))
  world.err(`Plan ${api.base}/plans/${made.id}\n`)
  try {
    if (!isAsShown(shown, made)) {
      const why = new Ends(
        "changes",
        "A provider was changed since it was looked at: the plan is not the one that was shown. It was not applied; plan again.",
        { code: "plan_differs" },
      )
      throw (await discarded(api, made, why)) ?? why
    }
    await begin(world, api, made, options)
    return judged(api, await ended(world, api, made.id, options.timeoutMs))
  } catch (error) {
    if (!(error instanceof Ends)) throw error
    throw new Ends(error.ending, error.message, { ...error.json, plan_id: made.id }, { cause: error })
  }
}

/** The plan of a run before this one that was left waiting for an approval, or got it: if it holds the very changes shown. */
async function waiting(world: World, api: Api, shown: Preview, purpose: string): Promise<Plan | null> {
  for (const status of ["approved", "planned"]) {
    const { items } = await api.get(`/plans?status=${status}&limit=50`, plans)
    for (const { id } of items.filter((one) => one.purpose === purpose && Date.parse(one.expires_at) > world.now())) {
      const found = await api.get(`/plans/${id}`, plan)
      if (isAsShown(shown, found)) return found
    }
  }
  return null
}

/** Starts the apply. A plan that may not run is set aside; one that waits for its approval is left, and told of. */
async function begin(world: World, api: Api, made: Plan, { beyondLimit }: ApplyOptions): Promise<void> {
  const confirm = made.changes.filter((change) => change.needs_confirmation).map(({ id }) => id)
  for (const began = world.now(); ; await world.sleep(1_000)) {
    try {
      await api.send(`/plans/${made.id}/apply`, plan, { json: { confirm, beyond_limit: beyondLimit } })
      return
    } catch (error) {
      if (!(error instanceof Ends)) throw error
      if (error.json["code"] === "approval_needed")
        throw new Ends(
          "changes",
          `The plan waits for an approval: ${api.base}/plans/${made.id}. Once it is approved, the same command carries it out.`,
          error.json,
        )
      if (error.ending === "unreachable") {
        // Nobody knows whether it began. A repeat is answered while it runs, and refused after its end.
        if (world.now() - began > patienceMs) throw error
        continue
      }
      const why = await discarded(api, made, error)
      if (why) throw why
      return
    }
  }
}

/** Sets the plan aside and answers why; where that fails, that it is open still. Null where it has begun. */
async function discarded(api: Api, { id }: Plan, why: Ends): Promise<Ends | null> {
  try {
    await api.send(`/plans/${id}/discard`, plan, {})
    return why
  } catch (error) {
    if (!(error instanceof Ends)) throw error
    if (error instanceof Refusal && error.problem.code.startsWith("plan_")) return null
    return new Ends(why.ending, `${why.message} The plan could not be discarded and stays open.`, why.json)
  }
}

async function writeRegistry(world: World, api: Api, file: DocumentFile, etag: string): Promise<void> {
  try {
    const { changes } = await api.send("/registry", replaced, {
      method: "PUT",
      document: file,
      headers: { "if-match": etag },
    })
    world.err(`The registry is as the file says: ${changes.length} changed.\n`)
  } catch (error) {
    if (error instanceof Refusal && error.status === 412)
      throw new Ends("changes", "The registry was changed since it was looked at. Nothing was written; plan again.", {
        code: "stale",
      })
    throw placed(error, file)
  }
}

/** Between the look and the plan a provider may have been changed by others. Nobody said yes to that. */
function isAsShown(shown: Preview, made: Plan): boolean {
  const bare = ({ verb, kind, key, provider_id, fields, projection, needs_confirmation }: Change) => [
    verb,
    kind,
    key,
    provider_id,
    fields,
    projection,
    needs_confirmation,
  ]
  return isDeepStrictEqual(made.changes.map(bare), shown.changes.map(bare))
}

async function ended(world: World, api: Api, id: string, timeoutMs: number): Promise<Plan> {
  const began = world.now()
  let heard = began
  for (let done = -1; ; await world.sleep(Math.min(2_000, 250 + (world.now() - began) / 10))) {
    try {
      const state = await api.get(`/plans/${id}`, plan)
      heard = world.now()
      const now = state.changes.filter(({ status }) => status === "done").length
      if (now !== done) world.err(`  ${(done = now)} of ${state.changes.length} done\n`)
      if (state.status !== "applying") return state
    } catch (error) {
      if (!(error instanceof Ends) || error.ending !== "unreachable" || world.now() - heard > patienceMs) throw error
    }
    if (world.now() - began > timeoutMs)
      throw new Ends("changes", `Not done after ${timeoutMs / 1000} s. It goes on: ${api.base}/plans/${id}`, {
        code: "still_applying",
      })
  }
}

function judged(api: Api, state: Plan): Plan {
  if (state.status === "applied") return state
  const failed = state.changes.filter(({ error }) => error !== null)
  const told = failed.map(
    ({ verb, kind, key, error }) => `  ${verb} ${kind} ${plain(key)}: ${plain(error?.message ?? "")}`,
  )
  throw new Ends(
    failed.some(({ error }) => unreachable.has(error?.code ?? "")) ? "unreachable" : "changes",
    [`The plan ended ${state.status}: ${api.base}/plans/${state.id}`, ...told].join("\n"),
    { code: state.status },
  )
}
