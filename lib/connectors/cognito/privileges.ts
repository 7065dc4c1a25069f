import type { Privilege } from "../kind.ts"

const of = (gives: string, needed: Privilege["needed"], names: readonly string[]): readonly Privilege[] =>
  names.map((name) => ({ name, gives, needed }))

const clients = "service clients and their grants: seeing, making, changing and deleting them"
const servers = "audiences and their scopes"

/** Actions of an IAM policy, limited to the ARN of the one pool; CloudTrail knows no such limit. */
export const privileges: readonly Privilege[] = [
  ...of("the pool itself, for the check", "always", ["cognito-idp:DescribeUserPool"]),
  ...of(clients, "always", ["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient"]),
  ...of(servers, "always", ["cognito-idp:ListResourceServers", "cognito-idp:DescribeResourceServer"]),
  ...of(clients, "to write", [
    "cognito-idp:CreateUserPoolClient",
    "cognito-idp:UpdateUserPoolClient",
    "cognito-idp:DeleteUserPoolClient",
  ]),
  ...of(servers, "to write", [
    "cognito-idp:CreateResourceServer",
    "cognito-idp:UpdateResourceServer",
    "cognito-idp:DeleteResourceServer",
  ]),
  ...of("two secrets per client, for rotation without downtime", "for secrets", [
    "cognito-idp:ListUserPoolClientSecrets",
    "cognito-idp:AddUserPoolClientSecret",
    "cognito-idp:DeleteUserPoolClientSecret",
  ]),
  ...of("token events, and who changed what", "for logs", ["cloudtrail:LookupEvents"]),
]
