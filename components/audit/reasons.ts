/** Why a call or a token request failed: what that word means, and where to look first. Words of `failure_reason`. */
export interface Cause {
  readonly means: string
  readonly look: string
}

const cause = (means: string, look: string): Cause => ({ means, look })

export const causes: ReadonlyMap<string, Cause> = new Map([
  [
    "expired",
    cause(
      "The token was past its exp when the API checked it.",
      "The caller keeps tokens too long, or one of the clocks is wrong. A client should fetch a new token some 60 s before exp.",
    ),
  ],
  [
    "not_yet_valid",
    cause("The API's clock is before the token's nbf or iat.", "Compare the clocks of the provider and of the API."),
  ],
  [
    "invalid_signature",
    cause(
      "No key of the issuer made this signature.",
      "The token was changed on the way, belongs to another issuer, or the API holds an old key set.",
    ),
  ],
  [
    "wrong_audience",
    cause(
      "The token was issued for another API.",
      "The client must ask for this API's audience, and needs a grant on it.",
    ),
  ],
  [
    "wrong_issuer",
    cause(
      "The token comes from an issuer that this API does not accept.",
      "Compare the provider that the client uses with the one that the API expects; they must match to the letter.",
    ),
  ],
  [
    "insufficient_scope",
    cause(
      "The token is genuine, but lacks a scope that this call needs (403).",
      "Compare the scopes below with what the resource asks. The client must request the scope, and its grant must hold it.",
    ),
  ],
  [
    "malformed",
    cause("What was sent is no token.", "Often an empty or cut Authorization header, or a token of another kind."),
  ],
  [
    "unknown_key",
    cause(
      "The token names a key (kid) that the API does not know.",
      "The API's key set is stale, or the token is of another issuer.",
    ),
  ],
  [
    "algorithm_not_allowed",
    cause(
      "The token is signed in a way that this API refuses.",
      "Compare the audience's signing algorithm with what the API allows. alg none is never allowed.",
    ),
  ],
  [
    "wrong_type",
    cause("A token, but not an access token.", "Services send access tokens, never ID or refresh tokens."),
  ],
  [
    "revoked",
    cause(
      "The token was revoked before its end.",
      "See who revoked it: a rotation, an emergency, or the client itself.",
    ),
  ],
  [
    "inactive",
    cause(
      "Introspection says inactive. That may also mean that the asking API is not in the token's audience.",
      "Check the audience first, then expiry and revocation.",
    ),
  ],
  [
    "missing_token",
    cause("The call carried no token.", "The caller does not send an Authorization header, or a proxy removes it."),
  ],
  [
    "invalid_client",
    cause(
      "The provider did not accept the client's credentials.",
      "Is the client enabled? Is the secret the live one? After a rotation: does every instance hold the new secret?",
    ),
  ],
  [
    "invalid_scope",
    cause(
      "The provider does not give this client a scope that it asked for.",
      "Compare the request with the client's grant on this audience, and whether the plan was applied.",
    ),
  ],
  [
    "invalid_target",
    cause(
      "The provider does not give this client a token for that audience.",
      "The client has no grant on this audience, or the plan was not applied.",
    ),
  ],
  [
    "unauthorized_client",
    cause(
      "This client may not use that grant type.",
      "The client must be set up for client credentials on the provider.",
    ),
  ],
  [
    "invalid_grant",
    cause(
      "The provider refused the assertion or code.",
      "An assertion that is expired, was used before, or names another audience than the issuer.",
    ),
  ],
  [
    "invalid_request",
    cause(
      "The provider could not read the request.",
      "A parameter is missing, doubled or wrong: without an audience a client with several grants is refused.",
    ),
  ],
  [
    "keys_unavailable",
    cause("The API could not load the issuer's keys.", "The way from the API to the provider, or the provider itself."),
  ],
  [
    "introspection_unavailable",
    cause(
      "The API could not ask the provider about the token.",
      "The way from the API to the provider, or the provider itself.",
    ),
  ],
  ["server_error", cause("The provider failed.", "The provider's own log at this time.")],
  [
    "temporarily_unavailable",
    cause(
      "The provider was overloaded or in maintenance.",
      "The provider's own log at this time. A client should try again with back-off.",
    ),
  ],
])
