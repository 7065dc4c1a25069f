/** Connector and fake against the vendor's API model (it comes with moto): every request and every answer of the contract suite. */
import { describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { apiModelOf, type ApiModel } from "./api-model.fixture.ts"
import { apiModel, motoMissing } from "./moto.fixture.ts"
import { contractPool, localFetch, operationOf, samples, targetOf, testPool } from "./pool.fixture.ts"

/** Common to all of AWS, so that no operation names them. */
const everywhere = ["UnrecognizedClientException", "InvalidSignatureException", "ThrottlingException"]

const texts = [apiModel("cognito-idp"), apiModel("cloudtrail")]
const models = texts.flatMap((text) => (text === null ? [] : [apiModelOf(text)]))
const [cognito, cloudtrail] = models
if (!cognito || !cloudtrail) test.skip(`skipped: ${motoMissing ?? "moto came without the API model"}`)
else {
  const of = (target: string): ApiModel => (target.includes("CloudTrail") ? cloudtrail : cognito)

  describe("the preflight", () => {
    test("every pattern of the model compiles, so that none lets everything pass", () => {
      expect(models.flatMap(({ uncompiled }) => uncompiled)).toEqual([])
      expect(cognito.operations.length).toBeGreaterThan(100)
    })

    const pool = { UserPoolId: "eu-central-1_A" }
    test.each<[string, object]>([
      ["CreateUserPoolClient", { ...pool }],
      ["CreateUserPoolClient", { ...pool, ClientName: "a:b" }],
      ["CreateUserPoolClient", { ...pool, ClientName: "a", AllowedOAuthFlows: ["password"] }],
      ["CreateUserPoolClient", { ...pool, ClientName: "a", Unheard: true }],
      ["CreateUserPoolClient", { ...pool, ClientName: "a", AllowedOAuthScopes: Array.from({ length: 51 }, () => "s") }],
      ["UpdateUserPoolClient", { ...pool, ClientId: "a", AccessTokenValidity: "900" }],
      ["AddUserPoolClientSecret", { ...pool, ClientId: "a", ClientSecret: "short" }],
      ["ListUserPoolClients", { ...pool, MaxResults: 61 }],
      ["ListResourceServers", { ...pool, MaxResults: 51 }],
      [
        "CreateResourceServer",
        { ...pool, Identifier: "a", Name: "a", Scopes: [{ ScopeName: "a/b", ScopeDescription: "d" }] },
      ],
      ["DeleteUserPoolClientSecret", { ...pool, ClientId: "a" }],
    ])("a bad %s is refused: %j", (operation, body) => expect(cognito.input(operation, body)).toHaveLength(1))
  })

  describe("through the model", () => {
    const wrong: string[] = []
    const seen = new Set<string>()
    const judged: GuardedFetch = async (url, init) => {
      const [target, operation] = [targetOf(init), operationOf(init)]
      const answer = await localFetch(url, init)
      if (target === null || operation === null) return answer
      const model = of(target)
      seen.add(operation)
      const faults = [
        ...model.input(operation, JSON.parse(String(init?.body))).map((why) => `${operation} asked: ${why}`),
        ...answered(model, operation, answer.status, JSON.parse(answer.text)).map((why) => `${operation} told: ${why}`),
      ]
      wrong.push(...faults)
      if (faults.length > 0) throw new Error(faults.join("; "))
      return answer
    }

    connectorContract(
      "cognito",
      async () => {
        const pool = await testPool()
        return { ...contractPool(pool), connector: (fetch) => pool.open(fetch), fetch: judged }
      },
      samples,
    )

    test("nothing of it broke the model, and every operation took part", () => {
      expect(wrong).toEqual([])
      expect(seen.size).toBe(15)
    })
  })

  function answered(model: ApiModel, operation: string, status: number, body: unknown): readonly string[] {
    if (status === 200) return model.output(operation, body)
    const type = typeof body === "object" && body !== null && "__type" in body ? String(body.__type) : ""
    return model.names(operation, type) || everywhere.includes(type)
      ? []
      : [`the exception ${type}, which is not named`]
  }
}
