import { withPolicy, withProfile } from "../../lib/connectors/keycloak/policy.ts"

/** The realm that the server starts with, and Grantry's own client in it (Keycloak, "Importing and exporting realms"). */
export const realmName = "m2m"
export const consoleClient = "grantry-console"

/** What the connector uses (its list of privileges), and no more. */
const consoleRoles = ["manage-clients", "view-events", "view-realm", "view-users"]

const logged = ["CLIENT_LOGIN", "INTROSPECT_TOKEN", "REFRESH_TOKEN", "TOKEN_EXCHANGE"]

/** `data/import/<realm>-realm.json`; the secret is taken from the server's environment variable CONSOLE_SECRET. */
export const realmImport = (): string =>
  JSON.stringify({
    realm: realmName,
    enabled: true,
    eventsEnabled: true,
    eventsExpiration: 604_800,
    adminEventsEnabled: true,
    adminEventsDetailsEnabled: true,
    enabledEventTypes: [...logged.flatMap((type) => [type, `${type}_ERROR`]), "REVOKE_GRANT"],
    clients: [
      {
        clientId: consoleClient,
        secret: "${CONSOLE_SECRET}",
        protocol: "openid-connect",
        publicClient: false,
        serviceAccountsEnabled: true,
        standardFlowEnabled: false,
        directAccessGrantsEnabled: false,
        fullScopeAllowed: true,
      },
    ],
    users: [
      {
        username: `service-account-${consoleClient}`,
        enabled: true,
        serviceAccountClientId: consoleClient,
        clientRoles: { "realm-management": consoleRoles },
      },
    ],
    clientProfiles: withProfile({}),
    clientPolicies: withPolicy({}),
  })
