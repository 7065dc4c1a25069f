// Written by scripts/manifest.ts (npm run manifest); a unit test holds it equal to the folder tree.
import * as apiTokens from "../api-tokens/route.ts"
import * as apiTokensId from "../api-tokens/[id]/route.ts"
import * as audiences from "../audiences/route.ts"
import * as audiencesId from "../audiences/[id]/route.ts"
import * as clients from "../clients/route.ts"
import * as clientsId from "../clients/[id]/route.ts"
import * as demo from "../demo/route.ts"
import * as grants from "../grants/route.ts"
import * as grantsId from "../grants/[id]/route.ts"
import * as me from "../me/route.ts"
import * as mePassword from "../me/password/route.ts"
import * as meSignOutEverywhere from "../me/sign-out-everywhere/route.ts"
import * as passwordReset from "../password-reset/route.ts"
import * as permissions from "../permissions/route.ts"
import * as setup from "../setup/route.ts"
import * as trail from "../trail/route.ts"
import * as trailVerify from "../trail/verify/route.ts"
import * as users from "../users/route.ts"
import * as usersId from "../users/[id]/route.ts"

/** Every API route: its path under /api/v1 and its module. */
export const manifest = [
  ["api-tokens", apiTokens],
  ["api-tokens/[id]", apiTokensId],
  ["audiences", audiences],
  ["audiences/[id]", audiencesId],
  ["clients", clients],
  ["clients/[id]", clientsId],
  ["demo", demo],
  ["grants", grants],
  ["grants/[id]", grantsId],
  ["me", me],
  ["me/password", mePassword],
  ["me/sign-out-everywhere", meSignOutEverywhere],
  ["password-reset", passwordReset],
  ["permissions", permissions],
  ["setup", setup],
  ["trail", trail],
  ["trail/verify", trailVerify],
  ["users", users],
  ["users/[id]", usersId],
] as const
