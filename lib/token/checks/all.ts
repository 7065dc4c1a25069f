import type { TokenCheck } from "../check.ts"
import { algorithm } from "./algorithm.ts"
import { audience } from "./audience.ts"
import { claims } from "./claims.ts"
import { client } from "./client.ts"
import { expiry } from "./expiry.ts"
import { headerHints } from "./header-hints.ts"
import { issuedAt } from "./issued-at.ts"
import { issuer } from "./issuer.ts"
import { key } from "./key.ts"
import { notBefore } from "./not-before.ts"
import { required } from "./required.ts"
import { revocation } from "./revocation.ts"
import { scope } from "./scope.ts"
import { signature } from "./signature.ts"
import { structure } from "./structure.ts"
import { type } from "./type.ts"

/** In the order of the sentence: the first one that fails explains the token. */
export const allChecks: readonly TokenCheck[] = [
  structure,
  algorithm,
  key,
  signature,
  headerHints,
  claims,
  issuer,
  type,
  required,
  audience,
  expiry,
  notBefore,
  issuedAt,
  client,
  scope,
  revocation,
]
