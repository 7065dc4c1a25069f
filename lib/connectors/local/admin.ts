import type { z } from "zod"
import { call, type Call } from "../call.ts"
import type { Opened } from "../port.ts"
import type { localSettings } from "./shapes.ts"

/** For whom Grantry acts, as the provider's trail names it. */
export const actorPrefix = "provider "

/** One call to the admin API, without its base and its token. */
export type AdminCall = Omit<Call, "url" | "headers"> & { readonly path: string }
export interface Admin {
  <T extends z.ZodType>(what: AdminCall, schema: T): Promise<z.output<T>>
  (what: AdminCall, schema: null): Promise<null>
}

/** Binds the admin API to one provider: address, token, and for whom we act. */
export function adminOf(opened: Opened, settings: z.output<typeof localSettings>): Admin {
  const whole = ({ path, ...what }: AdminCall): Call => ({
    ...what,
    url: `${settings.issuer}/admin${path}`,
    headers: { authorization: `Bearer ${settings.admin_token}`, "grantry-actor": `${actorPrefix}${opened.providerId}` },
    hide: [...(what.hide ?? []), settings.admin_token],
  })
  return <T extends z.ZodType>(what: AdminCall, schema: T | null) =>
    (schema === null
      ? call(opened.fetch, whole(what), null)
      : call(opened.fetch, whole(what), schema)) as Promise<never>
}
