/**
 * The one entry of the package path `grantry/oauth`. It is the only file of its kind here: a package needs one door, and
 * what does not stand in it is not promised to anybody. Code of this repository imports the files themselves.
 */
export { OAuthError, TokenRejected } from "./errors.ts"
export type { OAuthErrorCode, RejectionReason, RejectionWord } from "./errors.ts"
export type { Fetch } from "./call.ts"
export type { Backoff } from "./backoff.ts"
export { discover } from "./discovery.ts"
export type { DiscoveryOptions, ServerMetadata } from "./discovery.ts"
export { providerConfig } from "./provider-config.ts"
export type { ProviderConfig, ProviderKind, ProviderSettings, TokenRequest } from "./provider-config.ts"
export type { ClientAuth } from "./client-auth.ts"
export { TokenManager } from "./token-manager.ts"
export type { TokenManagerOptions } from "./token-manager.ts"
export type { AccessToken } from "./token-request.ts"
export { createHttpClient } from "./http-client.ts"
export type { BearerFetch, HttpClientOptions, RepeatableInit } from "./http-client.ts"
export { createVerifier, demandScopes } from "./verifier.ts"
export type { TokenVerifier, Verified, Verifier, VerifierOptions } from "./verifier.ts"
export type { KeySetCounters } from "./key-set.ts"
export { createIntrospector } from "./introspection.ts"
export type { Introspection, Introspector, IntrospectorOptions } from "./introspection.ts"
export { requireScope } from "./require-scope.ts"
export type {
  Decision,
  GuardedRequest,
  NodeRequest,
  NodeResponse,
  Refusal,
  RequireScopeOptions,
  ScopeGuard,
} from "./require-scope.ts"
export { grpcGuard } from "./grpc.ts"
export type { GrpcCall, GrpcGuard, GrpcGuardOptions, GrpcModule, GrpcResponder } from "./grpc.ts"
export { createEventShipper } from "./shipper.ts"
export type { EventShipper, ShipperCounts, ShipperOptions, ShipperProblem } from "./shipper.ts"
export type { EventLine } from "./event-line.ts"
