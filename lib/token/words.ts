/** One word of the vocabulary, explained. */
export interface Word {
  readonly title: string
  readonly meaning: string
  readonly source: string
}

const word = (title: string, meaning: string, source: string): Word => ({ title, meaning, source })

const jwt = "RFC 7519 section 4.1"
const at = "RFC 9068 section 2.2"
const core = "OpenID Connect Core 1.0 section"

/** Header parameters. */
export const headerWords: ReadonlyMap<string, Word> = new Map([
  [
    "alg",
    word(
      "Algorithm",
      "How the token is signed. It is compared with what the issuer is known to use and selects nothing.",
      "RFC 7515 section 4.1.1",
    ),
  ],
  [
    "typ",
    word(
      "Type",
      "What kind of object this is: at+jwt for an access token, JWT for anything.",
      "RFC 7515 section 4.1.9; RFC 9068 section 2.1",
    ),
  ],
  ["kid", word("Key id", "Which key of the issuer's published set signed it.", "RFC 7515 section 4.1.4")],
  ["cty", word("Content type", "What the payload is; JWT means a token within a token.", "RFC 7515 section 4.1.10")],
  [
    "crit",
    word(
      "Critical extensions",
      "Extensions that a reader must understand. None is implemented here, so such a token is refused.",
      "RFC 7515 section 4.1.11",
    ),
  ],
  ["b64", word("Encoded payload", "false means that the payload stands there unencoded.", "RFC 7797 section 3")],
  [
    "jku",
    word(
      "Key set address",
      "Where the token says its keys are. Ignored: a token cannot name its own judge.",
      "RFC 7515 section 4.1.2",
    ),
  ],
  [
    "jwk",
    word(
      "Key",
      "The key the token brings along. Ignored: a token cannot name its own judge.",
      "RFC 7515 section 4.1.3",
    ),
  ],
  ["x5u", word("Certificate address", "Where the token says its certificate is. Ignored.", "RFC 7515 section 4.1.5")],
  ["x5c", word("Certificate chain", "Certificates the token brings along. Ignored.", "RFC 7515 section 4.1.6")],
  ["x5t", word("Certificate thumbprint", "SHA-1 thumbprint of a certificate. Ignored.", "RFC 7515 section 4.1.7")],
  [
    "x5t#S256",
    word("Certificate thumbprint", "SHA-256 thumbprint of a certificate. Ignored.", "RFC 7515 section 4.1.8"),
  ],
  ["enc", word("Content encryption", "How the content of an encrypted token is encrypted.", "RFC 7516 section 4.1.2")],
  ["zip", word("Compression", "Compression of an encrypted token. Never unpacked here.", "RFC 7516 section 4.1.3")],
])

/** Claims of access tokens, ID tokens and logout tokens, standard ones first, then those of providers. */
export const claimWords: ReadonlyMap<string, Word> = new Map([
  [
    "iss",
    word("Issuer", "The authorization server that issued the token. Must be exactly the expected one.", `${jwt}.1`),
  ],
  [
    "sub",
    word(
      "Subject",
      "Whom the token is about. For a service client usually the client itself.",
      `${jwt}.2; RFC 9068 section 5`,
    ),
  ],
  [
    "aud",
    word(
      "Audience",
      "The API that the token is meant for. Every other API must refuse it.",
      `${jwt}.3; RFC 9068 section 4`,
    ),
  ],
  ["exp", word("Expires", "The moment from which the token must be refused.", `${jwt}.4`)],
  ["nbf", word("Not before", "The moment before which the token must be refused.", `${jwt}.5`)],
  ["iat", word("Issued at", "When the token was issued.", `${jwt}.6`)],
  ["jti", word("Token id", "The token's own name, for finding it in logs and for deny lists.", `${jwt}.7`)],
  ["client_id", word("Client", "The client that asked for the token.", `${at}; RFC 8693 section 4.3`)],
  [
    "scope",
    word("Scopes", "What the token allows, separated by spaces.", "RFC 8693 section 4.2; RFC 9068 section 2.2.3"),
  ],
  ["azp", word("Authorised party", "The client that the token was issued to.", `${core} 2`)],
  ["auth_time", word("Sign-in time", "When the user last signed in.", `${core} 2; RFC 9068 section 2.2.1`)],
  [
    "acr",
    word("Sign-in strength", "The class of authentication that was reached.", `${core} 2; RFC 9068 section 2.2.1`),
  ],
  ["amr", word("Sign-in methods", "How the user signed in: pwd, otp, mfa and so on.", `${core} 2; RFC 8176`)],
  ["nonce", word("Nonce", "Ties an ID token to one sign-in. Does not belong into an access token.", `${core} 2`)],
  ["at_hash", word("Access token hash", "Ties an ID token to its access token.", `${core} 3.1.3.6`)],
  ["c_hash", word("Code hash", "Ties an ID token to its authorization code.", `${core} 3.3.2.11`)],
  [
    "s_hash",
    word("State hash", "Ties an ID token to the state of the request.", "Financial-grade API 1.0, part 2, section 5.1"),
  ],
  [
    "sid",
    word("Session id", "The session at the authorization server.", "OpenID Connect Front-Channel Logout 1.0 section 3"),
  ],
  [
    "events",
    word(
      "Events",
      "What happened, in a security event token such as a logout token.",
      "RFC 8417 section 2.2; OpenID Connect Back-Channel Logout 1.0 section 2.4",
    ),
  ],
  [
    "cnf",
    word(
      "Bound key",
      "The key that the sender must prove to hold (mutual TLS or DPoP).",
      "RFC 7800 section 3.1; RFC 8705 section 3.1; RFC 9449 section 6",
    ),
  ],
  ["act", word("Actor", "Who acts on behalf of the subject.", "RFC 8693 section 4.1")],
  ["may_act", word("May act", "Who may act on behalf of the subject.", "RFC 8693 section 4.4")],
  ["groups", word("Groups", "Groups of the subject.", "RFC 9068 section 2.2.3.1; RFC 7643 section 4.1.2")],
  [
    "roles",
    word(
      "Roles",
      "Roles of the subject; in Entra ID the app roles, which stand for scopes.",
      "RFC 9068 section 2.2.3.1; Microsoft identity platform, access token claims",
    ),
  ],
  [
    "entitlements",
    word("Entitlements", "Entitlements of the subject.", "RFC 9068 section 2.2.3.1; RFC 7643 section 4.1.2"),
  ],
  [
    "authorization_details",
    word("Authorization details", "What the token allows, in full sentences for machines.", "RFC 9396 section 9.1"),
  ],
  ["name", word("Name", "Full name (scope profile).", `${core} 5.1`)],
  ["given_name", word("Given name", "Given name (scope profile).", `${core} 5.1`)],
  ["family_name", word("Family name", "Family name (scope profile).", `${core} 5.1`)],
  ["middle_name", word("Middle name", "Middle name (scope profile).", `${core} 5.1`)],
  ["nickname", word("Nickname", "Casual name (scope profile).", `${core} 5.1`)],
  [
    "preferred_username",
    word("User name", "The name the user goes by; not unique, never an identity (scope profile).", `${core} 5.1`),
  ],
  ["profile", word("Profile page", "Address of the user's profile page (scope profile).", `${core} 5.1`)],
  ["picture", word("Picture", "Address of the user's picture (scope profile).", `${core} 5.1`)],
  ["website", word("Website", "Address of the user's website (scope profile).", `${core} 5.1`)],
  ["gender", word("Gender", "Gender (scope profile).", `${core} 5.1`)],
  ["birthdate", word("Birth date", "Birth date, YYYY-MM-DD or YYYY (scope profile).", `${core} 5.1`)],
  ["zoneinfo", word("Time zone", "Time zone, for example Europe/Paris (scope profile).", `${core} 5.1`)],
  ["locale", word("Language", "Language and region (scope profile).", `${core} 5.1`)],
  ["updated_at", word("Profile changed", "When the profile last changed (scope profile).", `${core} 5.1`)],
  ["email", word("E-mail", "Address of the user; not unique, never an identity (scope email).", `${core} 5.1`)],
  [
    "email_verified",
    word("E-mail verified", "Whether the provider has checked that address (scope email).", `${core} 5.1`),
  ],
  ["address", word("Postal address", "Postal address, an object (scope address).", `${core} 5.1.1`)],
  ["phone_number", word("Phone number", "Phone number (scope phone).", `${core} 5.1`)],
  [
    "phone_number_verified",
    word("Phone verified", "Whether the provider has checked that number (scope phone).", `${core} 5.1`),
  ],
  [
    "typ",
    word(
      "Token kind",
      "Keycloak's own word for the kind of token: Bearer, ID, Refresh, Offline, Logout.",
      "Keycloak, server administration guide",
    ),
  ],
  [
    "realm_access",
    word("Realm roles", "Roles of the subject in the whole realm (Keycloak).", "Keycloak, server administration guide"),
  ],
  [
    "resource_access",
    word("Client roles", "Roles of the subject per client (Keycloak).", "Keycloak, server administration guide"),
  ],
  [
    "allowed-origins",
    word("Allowed origins", "Web origins of the client (Keycloak).", "Keycloak, server administration guide"),
  ],
  [
    "session_state",
    word(
      "Session",
      "The session at the authorization server (Keycloak).",
      "OpenID Connect Session Management 1.0 section 2",
    ),
  ],
  [
    "scp",
    word(
      "Scopes",
      "What the token allows: a list at Okta, a text at Entra ID.",
      "Okta and Microsoft identity platform, access token claims",
    ),
  ],
  ["cid", word("Client", "The client that asked for the token (Okta).", "Okta, access token claims")],
  ["uid", word("User", "The user, if there is one (Okta).", "Okta, access token claims")],
  ["gty", word("Grant type", "How the token was asked for (Auth0).", "Auth0, access token profiles")],
  [
    "permissions",
    word("Permissions", "What the user or client may do at this API (Auth0).", "Auth0, access token profiles"),
  ],
  ["token_use", word("Token kind", "access or id (Cognito).", "Amazon Cognito, understanding the access token")],
  [
    "appid",
    word(
      "Client",
      "The client that asked for the token (Entra ID, version 1).",
      "Microsoft identity platform, access token claims",
    ),
  ],
  [
    "appidacr",
    word(
      "Client authentication",
      "0 public client, 1 secret, 2 certificate (Entra ID).",
      "Microsoft identity platform, access token claims",
    ),
  ],
  [
    "azpacr",
    word(
      "Client authentication",
      "0 public client, 1 secret, 2 certificate (Entra ID).",
      "Microsoft identity platform, access token claims",
    ),
  ],
  [
    "idtyp",
    word(
      "Caller kind",
      "app for a token that no user stands behind (Entra ID).",
      "Microsoft identity platform, access token claims",
    ),
  ],
  [
    "oid",
    word(
      "Object",
      "The caller's object in the directory (Entra ID).",
      "Microsoft identity platform, access token claims",
    ),
  ],
  [
    "tid",
    word("Tenant", "The directory of the caller (Entra ID).", "Microsoft identity platform, access token claims"),
  ],
  [
    "ver",
    word("Version", "Version of the token's format.", "Microsoft identity platform and Okta, access token claims"),
  ],
  [
    "oi_prst",
    word("Presenters", "Clients that may present the token (OpenIddict).", "OpenIddict documentation, claims"),
  ],
  [
    "oi_tkn_id",
    word("Token entry", "The token's entry in the server's store (OpenIddict).", "OpenIddict documentation, claims"),
  ],
])
