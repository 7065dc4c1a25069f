/** Where Auth0's contract and Auth0 itself part, so that the fake follows the contract only while Prism looks (providers.md 11.12). */
export const vendorExceptions = [
  {
    operations: ["PATCH /resource-servers/{id}"],
    contract: "201",
    real: "200",
    why: "The contract documents 201; every real answer is 200. The connector takes any 2xx.",
  },
  {
    operations: ["GET /clients", "GET /client-grants"],
    contract: "a last page with an empty next",
    real: "a last page without next",
    why: "Without next the page fits two shapes of the contract's oneOf, and so none. The connector takes both for the end.",
  },
] as const
