import { normalizeAuth0 } from "../normalize/auth0.ts"
import { normalizeCognito } from "../normalize/cognito.ts"
import type { Normalize } from "../normalize/context.ts"
import { normalizeEntra } from "../normalize/entra.ts"
import { normalizeKeycloak } from "../normalize/keycloak.ts"
import { normalizeOkta } from "../normalize/okta.ts"

/** Who reads the log of a kind of provider. A kind whose connector has an events port stands here. */
const normalizers: Readonly<Record<string, Normalize>> = {
  auth0: normalizeAuth0,
  cognito: normalizeCognito,
  entra: normalizeEntra,
  keycloak: normalizeKeycloak,
  okta: normalizeOkta,
}

export const normalizerOf = (kind: string): Normalize | null =>
  Object.hasOwn(normalizers, kind) ? (normalizers[kind] ?? null) : null
