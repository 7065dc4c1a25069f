import { describe, expect, it } from "vitest"
import { checkUrl, FetchRefused, guardedFetch, guardedResolve, isPublicAddress, resolveOf } from "./http.ts"

const refusal = (url: string, allowHosts: readonly string[] = []): string => {
  try {
    checkUrl(url, { allowHosts })
    return "fine"
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe("where a request may go", () => {
  it.each([
    ["https://idp.example/jwks", "fine"],
    ["http://idp.example/jwks", "bad_url"],
    ["https://idp.example:8443/jwks", "bad_url"],
    ["https://user:secret@idp.example/jwks", "bad_url"],
    ["ftp://idp.example", "bad_url"],
    ["idp.example", "bad_url"],
    ["https://127.0.0.1/jwks", "blocked_address"],
    ["https://[::1]/jwks", "blocked_address"],
    ["https://[::ffff:10.0.0.1]/", "blocked_address"],
    ["https://0x7f.1/", "blocked_address"],
    ["https://169.254.169.254/latest", "blocked_address"],
  ])("%s is %s where nothing is allowed by name", (url, expected) => expect(refusal(url)).toBe(expected))

  it("plain http, other ports and private addresses need the host on the list, by name, address or network", () => {
    const url = "http://127.0.0.1:3001/jwks"
    for (const list of [["127.0.0.1"], ["127.0.0.0/8"]]) expect(refusal(url, list)).toBe("fine")
    for (const list of [["localhost"], ["10.0.0.0/8"], ["127.0.0.11"]]) expect(refusal(url, list)).toBe("bad_url")
    expect(refusal("http://idp.internal:8080/", ["idp.internal"])).toBe("fine")
    expect(refusal("http://evil-idp.internal:8080/", ["idp.internal"])).toBe("bad_url")
  })

  it.each([
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "168.63.129.16",
    "fe80::1",
    "fd00::1",
    "::ffff:192.168.0.1",
    "not an address",
  ])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false))
  it.each(["8.8.8.8", "2606:4700::1"])("%s is public", (address) => expect(isPublicAddress(address)).toBe(true))
})

describe("where a connection that is no request may go", () => {
  const resolve = guardedResolve({ allowHosts: ["127.0.0.1", "10.0.0.0/8"] })

  it.each([
    ["127.0.0.1", 50_051, false, "127.0.0.1"],
    ["10.1.2.3", 50_051, true, "10.1.2.3"],
    ["8.8.8.8", 443, true, "8.8.8.8"],
  ] as const)("%s:%i is dialled at the address that was judged", async (host, port, secure, address) =>
    expect(await resolve(host, port, secure)).toBe(address),
  )

  it.each([
    ["a public address without TLS", "8.8.8.8", 443, false, "bad_url"],
    ["a public address on a port of its own", "8.8.8.8", 50_051, true, "bad_url"],
    ["a private address", "192.168.0.1", 443, true, "blocked_address"],
    ["a name of a private address", "localhost", 443, true, "blocked_address"],
    ["an address of six", "::1", 443, true, "blocked_address"],
  ] as const)("%s is refused", async (_name, host, port, secure, code) =>
    expect(guardedResolve({ allowHosts: [] })(host, port, secure)).rejects.toMatchObject({ code }),
  )

  it("each guarded fetch has its own rule, and a fetch that is not guarded lets nothing out", async () => {
    const fetch = guardedFetch({ allowHosts: ["127.0.0.1"] })
    expect(await resolveOf(fetch)("127.0.0.1", 9, false)).toBe("127.0.0.1")
    await expect(resolveOf(async (...call) => fetch(...call))("127.0.0.1", 9, false)).rejects.toMatchObject({
      code: "blocked_address",
    })
  })
})

it("a refusal is known as one in every copy of this file that a bundler makes; another error is none", async () => {
  const copy = "./http.ts?copy"
  const other = (await import(/* @vite-ignore */ copy)) as { FetchRefused: typeof FetchRefused }
  expect(other.FetchRefused).not.toBe(FetchRefused)
  expect(new other.FetchRefused("timeout", "No answer.")).toBeInstanceOf(FetchRefused)
  expect(new Error("No answer.")).not.toBeInstanceOf(FetchRefused)
})
