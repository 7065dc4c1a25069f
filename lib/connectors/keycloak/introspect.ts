import { unverifiedClaims } from "../../token/decode.ts"
import { introspectAt } from "../introspection.ts"
import { ConnectorError } from "../connector-error.ts"
import type { IntrospectionPort } from "../port.ts"
import type { Context } from "./context.ts"
import { requireUnmasked } from "./realm.ts"
import { realmUrl } from "./settings.ts"
import type { Client } from "./shapes.ts"

/** More would only be asked of somebody who made such a token. */
const audiencesMax = 10

/**
 * RFC 7662 with the credentials of the token's own audience: Keycloak answers `active: false` to every client that is not in
 * `aud` (since 26.7.2). The audience is read from the token unverified, only to choose whose credentials ask.
 */
export function introspectionPort({ fetch, realm, settings }: Context): IntrospectionPort {
  return {
    async introspect(token) {
      const asker = (await serverOf(audiencesIn(token))) ?? { id: settings.client_id, secret: settings.client_secret }
      return await introspectAt(fetch, `${realmUrl(settings)}/protocol/openid-connect/token/introspect`, token, {
        client: asker,
      })
    },
  }

  async function serverOf(audiences: readonly string[]): Promise<{ id: string; secret: string } | null> {
    for (const audience of audiences) {
      const client = await realm.clientNamed(audience)
      if (!client || !mayAsk(client)) continue
      requireUnmasked(client, "introspect")
      return { id: client.clientId, secret: client.secret ?? "" }
    }
    if (audiences.length === 0) return null
    throw new ConnectorError(
      "not_found",
      "introspect",
      `No client of the realm stands for ${audiences.join(", ")}, so nobody may introspect this token there.`,
    )
  }
}

const mayAsk = ({ enabled, publicClient, secret }: Client): boolean => enabled && !publicClient && !!secret

/** The audiences that a JWT claims, unverified; none for anything else. */
export function audiencesIn(token: string): readonly string[] {
  const aud: unknown = unverifiedClaims(token)?.aud
  return (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === "string").slice(0, audiencesMax)
}
