/** Registry files, each holding more than the one before; their provider is the host of console.fixture.ts. */
export const empty = "version: 1\n"
export const payments = `version: 1
audiences:
  - identifier: https://payments.example
    name: Payments
    token_ttl_seconds: 300
    token_format: jwt
    signing_alg: RS256
    providers: [host]
    scopes:
      - name: payments:write
        description: Charge
`
export const whole = `${payments}clients:
  - name: orders
    owner: checkout
    providers: [host]
grants:
  - client: orders
    audience: https://payments.example
    scopes: [payments:write]
    reason: Orders are paid
`
/** The whole one with an owner of its own, so that something differs. */
export const owned = (owner: string) =>
  whole.replace("owner: checkout", `owner: ${owner}\n    display_name: Of ${owner}`)
