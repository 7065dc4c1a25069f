import type { GuardedFetch } from "../../base/http.ts"
import type { HeldToken } from "../held-token.ts"
import type { Admin } from "./admin.ts"
import type { Realm } from "./realm.ts"
import type { KeycloakSettings } from "./settings.ts"

/** What the ports of one opened connector share. */
export interface Context {
  readonly settings: KeycloakSettings
  readonly fetch: GuardedFetch
  readonly token: HeldToken<string>
  readonly admin: Admin
  readonly realm: Realm
  readonly fingerprint: (value: string) => string
}
