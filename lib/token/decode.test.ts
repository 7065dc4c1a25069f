import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeBase64url, encodeBase64url } from "./base64url.ts"
import { decode, tokenOctetsMax, unverifiedClaims } from "./decode.ts"
import { fromPaste } from "./paste.ts"
import { segmentOf } from "./token.fixture.ts"

const header = segmentOf({ alg: "RS256" })
const payload = segmentOf({ sub: "a" })

describe("base64url", () => {
  it("round-trips every octet string, and each has one spelling only", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString("base64url"))
        expect(decodeBase64url(text)).toEqual({ bytes })
      }),
    )
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_=+/ -]{0,12}$/), (text) => {
        const decoded = decodeBase64url(text)
        if ("bytes" in decoded) expect(encodeBase64url(decoded.bytes)).toBe(text)
      }),
    )
  })

  it.each([
    ["Zg==", 2],
    ["+_8A", 0],
    ["Zh", 1],
    ["A", 0],
    ["Zm9v\n", 4],
  ])("refuses %j at %d", (text, at) => {
    expect(decodeBase64url(text)).toMatchObject({ at })
  })
})

describe("decode", () => {
  it("reads a compact token", () => {
    expect(decode(`${header}.${payload}.AQID`)).toMatchObject({
      form: "jws",
      header: { alg: "RS256" },
      payload: { claims: { sub: "a" } },
      signingInput: `${header}.${payload}`,
      signature: Uint8Array.of(1, 2, 3),
    })
  })

  it("tells what a JWT claims, and nothing of what is none", () => {
    expect(unverifiedClaims(`${header}.${payload}.AQID`)).toEqual({ sub: "a" })
    const list = Buffer.from("[1]").toString("base64url")
    for (const other of ["", "opaque", `${header}.${list}.AQID`, `${header}.%.AQID`])
      expect(unverifiedClaims(other)).toBeNull()
  })

  const json = (value: unknown) => JSON.stringify(value)
  it.each([
    ["jws_json_general", json({ payload, signatures: [{ protected: header, signature: "AQID" }] })],
    ["jws_json_flattened", json({ payload, protected: header, signature: "AQID" })],
    ["jws_json_flattened", json({ protected: header, signature: "AQID" })],
    ["jws_detached", `${header}..AQID`],
    ["jws_unencoded", `${segmentOf({ alg: "RS256", b64: false, crit: ["b64"] })}.$raw!.AQID`],
    ["nested_jwt", `${segmentOf({ alg: "RS256", cty: "JWT" })}.${payload}.AQID`],
    ["nested_jwt", `${header}.${segmentOf(`${header}.${payload}.AQID`)}.AQID`],
    ["jwe_compact", `${segmentOf({ alg: "RSA-OAEP", enc: "A256GCM" })}.AQID.AQID.AQID.AQID`],
    ["jwe_compact", `${segmentOf({ alg: "dir", enc: "A256GCM" })}..AQID.AQID.AQID`],
    ["jwe_json", json({ protected: header, ciphertext: "AQID", iv: "AQID", tag: "AQID" })],
    ["opaque", "8f14e45fceea167a5a36dedd4bea2543"],
  ])("names %s", (form, token) => {
    expect(decode(token).form).toBe(form)
  })

  it.each([
    ["nothing", "", 0],
    ["a space in front", ` ${header}.${payload}.AQID`, 0],
    ["a line end behind", `${header}.${payload}.AQID\n`, header.length + payload.length + 6],
    ["padding in the payload", `${header}.${payload}=.AQID`, header.length + 1 + payload.length],
    ["two segments", `${header}.${payload}`, header.length],
    ["four segments", `${header}.${payload}.AQID.AQID`, header.length + payload.length + 6],
    ["six segments", "a.b.c.d.e.f", 5],
    ["a header that is no JSON", `${segmentOf("hello")}.${payload}.AQID`, 0],
    ["a header with a duplicate member", `${segmentOf('{"alg":"RS256","alg":"none"}')}.${payload}.AQID`, 20],
    ["a header with a byte order mark", `${segmentOf('\ufeff{"alg":"RS256"}')}.${payload}.AQID`, 0],
    ["a header that is a list", `${segmentOf([])}.${payload}.AQID`, 0],
    ["JSON that is no token", '{"a":1}', 0],
    ["JSON cut short", '{"payload":"', 11],
  ])("calls %s malformed and says at which octet", (_, token, at) => {
    expect(decode(token)).toMatchObject({ form: "malformed", at })
  })

  it("refuses a token above 64 KiB before it looks into it", () => {
    expect(decode(`${header}.${"A".repeat(tokenOctetsMax)}.AQID`)).toMatchObject({
      form: "malformed",
      at: tokenOctetsMax,
    })
  })

  it.each([
    ["duplicate members", '{"sub":"a","sub":"b"}'],
    ["33 levels", `{"a":${"[".repeat(33)}${"]".repeat(33)}}`],
    ["a text", '"just text"'],
    ["no JSON", "plain octets"],
  ])("keeps the JWS of a payload with %s, and has no claims", (_, text) => {
    expect(decode(`${header}.${segmentOf(text)}.AQID`)).toMatchObject({ form: "jws", payload: { claims: null } })
  })

  it("never throws, whatever the text", () => {
    const wild = fc.oneof(
      fc.uint8Array().map((octets) => String.fromCharCode(...octets)),
      fc
        .array(fc.constantFrom(header, payload, ".", "{", '"', "eyJ", "A", "=", "\0"), { maxLength: 9 })
        .map((all) => all.join("")),
    )
    fc.assert(
      fc.property(wild, (text) => typeof decode(text).form === "string"),
      { numRuns: 200 },
    )
  })
})

describe("paste", () => {
  it("drops outer whitespace and the Bearer word, and says so", () => {
    expect(fromPaste(`  Authorization: Bearer abc.def.ghi\n`)).toEqual({
      token: "abc.def.ghi",
      note: 'Dropped from what was pasted: whitespace around it and "Authorization: Bearer" before it.',
    })
    expect(fromPaste("abc.def.ghi")).toEqual({ token: "abc.def.ghi", note: null })
  })
})
