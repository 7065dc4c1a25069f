// Written by scripts/manifest.ts; a unit test holds it equal to the folder tree.
import * as access from "../access/route.ts"
import * as apiTokens from "../api-tokens/route.ts"
import * as apiTokensId from "../api-tokens/[id]/route.ts"
import * as audiences from "../audiences/route.ts"
import * as audiencesId from "../audiences/[id]/route.ts"
import * as clients from "../clients/route.ts"
import * as clientsId from "../clients/[id]/route.ts"
import * as clientsIdDisable from "../clients/[id]/disable/route.ts"
import * as clientsIdRotations from "../clients/[id]/rotations/route.ts"
import * as clientsIdSecrets from "../clients/[id]/secrets/route.ts"
import * as clientsIdSecretsSecretIdReveal from "../clients/[id]/secrets/[secret_id]/reveal/route.ts"
import * as clientsIdTokenRequest from "../clients/[id]/token-request/route.ts"
import * as demo from "../demo/route.ts"
import * as drift from "../drift/route.ts"
import * as driftId from "../drift/[id]/route.ts"
import * as driftIdAdopt from "../drift/[id]/adopt/route.ts"
import * as driftIdIgnore from "../drift/[id]/ignore/route.ts"
import * as driftIdRevert from "../drift/[id]/revert/route.ts"
import * as events from "../events/route.ts"
import * as eventsId from "../events/[id]/route.ts"
import * as eventsExport from "../events/export/route.ts"
import * as eventsFacets from "../events/facets/route.ts"
import * as eventsHistogram from "../events/histogram/route.ts"
import * as eventsInsights from "../events/insights/route.ts"
import * as eventsLastUse from "../events/last-use/route.ts"
import * as eventsStream from "../events/stream/route.ts"
import * as grants from "../grants/route.ts"
import * as grantsId from "../grants/[id]/route.ts"
import * as importsId from "../imports/[id]/route.ts"
import * as importsIdAdopt from "../imports/[id]/adopt/route.ts"
import * as me from "../me/route.ts"
import * as mePassword from "../me/password/route.ts"
import * as meSignOutEverywhere from "../me/sign-out-everywhere/route.ts"
import * as meStepUp from "../me/step-up/route.ts"
import * as overview from "../overview/route.ts"
import * as passwordReset from "../password-reset/route.ts"
import * as permissions from "../permissions/route.ts"
import * as placements from "../placements/route.ts"
import * as placementsId from "../placements/[id]/route.ts"
import * as placementsIdUnmanage from "../placements/[id]/unmanage/route.ts"
import * as plans from "../plans/route.ts"
import * as plansId from "../plans/[id]/route.ts"
import * as plansIdApply from "../plans/[id]/apply/route.ts"
import * as plansIdApprove from "../plans/[id]/approve/route.ts"
import * as plansIdDiscard from "../plans/[id]/discard/route.ts"
import * as plansIdResume from "../plans/[id]/resume/route.ts"
import * as providers from "../providers/route.ts"
import * as providersId from "../providers/[id]/route.ts"
import * as providersIdCapabilities from "../providers/[id]/capabilities/route.ts"
import * as providersIdDocument from "../providers/[id]/document/route.ts"
import * as providersIdDrift from "../providers/[id]/drift/route.ts"
import * as providersIdImport from "../providers/[id]/import/route.ts"
import * as providersIdRead from "../providers/[id]/read/route.ts"
import * as providersIdRemains from "../providers/[id]/remains/route.ts"
import * as providersIdTest from "../providers/[id]/test/route.ts"
import * as providersKeycloakSetup from "../providers/keycloak-setup/route.ts"
import * as providersTest from "../providers/test/route.ts"
import * as registry from "../registry/route.ts"
import * as registryPlan from "../registry/plan/route.ts"
import * as retention from "../retention/route.ts"
import * as rotations from "../rotations/route.ts"
import * as rotationsId from "../rotations/[id]/route.ts"
import * as rotationsIdAbort from "../rotations/[id]/abort/route.ts"
import * as rotationsIdConfirm from "../rotations/[id]/confirm/route.ts"
import * as rotationsIdEmergencyRevoke from "../rotations/[id]/emergency-revoke/route.ts"
import * as rotationsIdExtend from "../rotations/[id]/extend/route.ts"
import * as rotationsIdResume from "../rotations/[id]/resume/route.ts"
import * as rotationsIdRetire from "../rotations/[id]/retire/route.ts"
import * as savedSearches from "../saved-searches/route.ts"
import * as savedSearchesId from "../saved-searches/[id]/route.ts"
import * as setup from "../setup/route.ts"
import * as sources from "../sources/route.ts"
import * as sourcesId from "../sources/[id]/route.ts"
import * as sourcesIdHeartbeat from "../sources/[id]/heartbeat/route.ts"
import * as sourcesIdLog from "../sources/[id]/log/route.ts"
import * as sourcesIdTokens from "../sources/[id]/tokens/route.ts"
import * as tokensFetch from "../tokens/fetch/route.ts"
import * as tokensInspect from "../tokens/inspect/route.ts"
import * as tokensIntrospect from "../tokens/introspect/route.ts"
import * as trail from "../trail/route.ts"
import * as trailVerify from "../trail/verify/route.ts"
import * as users from "../users/route.ts"
import * as usersId from "../users/[id]/route.ts"

/** Every API route: its path under /api/v1 and its module. */
export const manifest = [
  ["access", access],
  ["api-tokens", apiTokens],
  ["api-tokens/[id]", apiTokensId],
  ["audiences", audiences],
  ["audiences/[id]", audiencesId],
  ["clients", clients],
  ["clients/[id]", clientsId],
  ["clients/[id]/disable", clientsIdDisable],
  ["clients/[id]/rotations", clientsIdRotations],
  ["clients/[id]/secrets", clientsIdSecrets],
  ["clients/[id]/secrets/[secret_id]/reveal", clientsIdSecretsSecretIdReveal],
  ["clients/[id]/token-request", clientsIdTokenRequest],
  ["demo", demo],
  ["drift", drift],
  ["drift/[id]", driftId],
  ["drift/[id]/adopt", driftIdAdopt],
  ["drift/[id]/ignore", driftIdIgnore],
  ["drift/[id]/revert", driftIdRevert],
  ["events", events],
  ["events/[id]", eventsId],
  ["events/export", eventsExport],
  ["events/facets", eventsFacets],
  ["events/histogram", eventsHistogram],
  ["events/insights", eventsInsights],
  ["events/last-use", eventsLastUse],
  ["events/stream", eventsStream],
  ["grants", grants],
  ["grants/[id]", grantsId],
  ["imports/[id]", importsId],
  ["imports/[id]/adopt", importsIdAdopt],
  ["me", me],
  ["me/password", mePassword],
  ["me/sign-out-everywhere", meSignOutEverywhere],
  ["me/step-up", meStepUp],
  ["overview", overview],
  ["password-reset", passwordReset],
  ["permissions", permissions],
  ["placements", placements],
  ["placements/[id]", placementsId],
  ["placements/[id]/unmanage", placementsIdUnmanage],
  ["plans", plans],
  ["plans/[id]", plansId],
  ["plans/[id]/apply", plansIdApply],
  ["plans/[id]/approve", plansIdApprove],
  ["plans/[id]/discard", plansIdDiscard],
  ["plans/[id]/resume", plansIdResume],
  ["providers", providers],
  ["providers/[id]", providersId],
  ["providers/[id]/capabilities", providersIdCapabilities],
  ["providers/[id]/document", providersIdDocument],
  ["providers/[id]/drift", providersIdDrift],
  ["providers/[id]/import", providersIdImport],
  ["providers/[id]/read", providersIdRead],
  ["providers/[id]/remains", providersIdRemains],
  ["providers/[id]/test", providersIdTest],
  ["providers/keycloak-setup", providersKeycloakSetup],
  ["providers/test", providersTest],
  ["registry", registry],
  ["registry/plan", registryPlan],
  ["retention", retention],
  ["rotations", rotations],
  ["rotations/[id]", rotationsId],
  ["rotations/[id]/abort", rotationsIdAbort],
  ["rotations/[id]/confirm", rotationsIdConfirm],
  ["rotations/[id]/emergency-revoke", rotationsIdEmergencyRevoke],
  ["rotations/[id]/extend", rotationsIdExtend],
  ["rotations/[id]/resume", rotationsIdResume],
  ["rotations/[id]/retire", rotationsIdRetire],
  ["saved-searches", savedSearches],
  ["saved-searches/[id]", savedSearchesId],
  ["setup", setup],
  ["sources", sources],
  ["sources/[id]", sourcesId],
  ["sources/[id]/heartbeat", sourcesIdHeartbeat],
  ["sources/[id]/log", sourcesIdLog],
  ["sources/[id]/tokens", sourcesIdTokens],
  ["tokens/fetch", tokensFetch],
  ["tokens/inspect", tokensInspect],
  ["tokens/introspect", tokensIntrospect],
  ["trail", trail],
  ["trail/verify", trailVerify],
  ["users", users],
  ["users/[id]", usersId],
] as const
