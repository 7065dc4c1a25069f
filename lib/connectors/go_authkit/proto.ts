/** The messages of `IDPTokenService`, as far as introspection needs them: field numbers are the service's, the text is ours. */
import protobuf from "protobufjs"

const text = `
syntax = "proto3";
package idp_token;

message IntrospectTokenRequest {
  string token = 1;
  repeated ScopeFilter scope_filter = 2;
}
message ScopeFilter {
  string resource_namespace = 1;
}
message IntrospectTokenResponse {
  bool active = 1;
  string token_type = 2;
  int64 exp = 3;
  repeated string aud = 4;
  string jti = 5;
  string iss = 6;
  string sub = 7;
  repeated AccessPolicy scope = 11;
  int64 nbf = 12;
  int64 iat = 13;
  string custom_claims_json = 14;
}
message AccessPolicy {
  string tenant_uuid = 1;
  int64 tenant_int_id = 2;
  string resource_server = 3;
  string resource_namespace = 4;
  string resource_path = 5;
  string role_name = 6;
}
`

export const introspectPath = "/idp_token.IDPTokenService/IntrospectToken"

const { root } = protobuf.parse(text, { keepCase: true })

export interface Codec {
  encode(message: Readonly<Record<string, unknown>>): Buffer
  /** Plain members; numbers of 64 bits as numbers, absent ones left out. Throws on what is no such message. */
  decode(bytes: Uint8Array): Record<string, unknown>
}

function codec(name: string): Codec {
  const type = root.lookupType(`idp_token.${name}`)
  return {
    encode: (message) => Buffer.from(type.encode(type.fromObject(message)).finish()),
    decode: (bytes) => type.toObject(type.decode(bytes), { longs: Number }),
  }
}

export const request = codec("IntrospectTokenRequest")
export const response = codec("IntrospectTokenResponse")
