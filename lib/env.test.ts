import { expect, test } from "vitest"
import { BadSetting, readEnv } from "./env.ts"

const none = { NODE_ENV: "test" } as const

test("without any setting it is one machine's console on port 3000", () => {
  expect(readEnv(none)).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    publicUrl: "http://127.0.0.1:3000",
    databaseUrl: null,
    localIdp: true,
    demo: false,
    allowHosts: [],
    key: null,
    production: false,
  })
})

test("an empty setting is as good as none, and what is given is taken", () => {
  expect(readEnv({ ...none, PORT: "", GRANTRY_DEMO: "", CLICKHOUSE_URL: "" })).toEqual(readEnv(none))
  expect(
    readEnv({ ...none, PORT: "8080", HOST: "::1", GRANTRY_ALLOW_HOSTS: "idp.test, 10.0.0.0/8", GRANTRY_DEMO: "On" }),
  ).toMatchObject({ publicUrl: "http://[::1]:8080", allowHosts: ["idp.test", "10.0.0.0/8"], demo: true })
  expect(readEnv({ ...none, GRANTRY_PUBLIC_URL: "https://console.test//" }).publicUrl).toBe("https://console.test")
})

test.each([
  ["PORT", "0"],
  ["PORT", "65536"],
  ["PORT", "3e3"],
  ["GRANTRY_LOCAL_IDP_PORT", "x"],
  ["GRANTRY_LOCAL_IDP", "maybe"],
  ["GRANTRY_DEMO", "2"],
  ["GRANTRY_PUBLIC_URL", "console.test"],
  ["DATABASE_URL", "mysql://db/x"],
  ["GRANTRY_BOOTSTRAP_TOKEN", "gty_short"],
  // Nobody's events go elsewhere than asked without a word.
  ["CLICKHOUSE_URL", "http://127.0.0.1:8123"],
])("%s=%s is refused in one line that names it", (name, value) => {
  const told = expect(() => readEnv({ ...none, [name]: value }))
  told.toThrow(BadSetting)
  told.toThrow(new RegExp(`^${name} [^\\n]+\\.$`))
})
