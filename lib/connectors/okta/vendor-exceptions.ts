/** Where Okta's contract and Okta itself part. The fake has a mode for each, which is tested without Prism (providers.md 11.12). */
export const vendorExceptions = [
  {
    mode: "apiAccessManagement",
    contract: "no 401 for the paths of authorization servers",
    real: "401 E0000015",
    why: "An org without API Access Management answers so. The connector says feature_missing, never bad credentials.",
  },
  {
    mode: "nulls",
    contract: "a text or an object",
    real: "null",
    why: "A third of real answers hold nulls where the contract has none. The connector reads null as absent.",
  },
] as const
