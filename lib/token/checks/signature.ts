import { fail, pass, skip, type JwsCheck } from "../check.ts"
import { isSignature } from "../verify-signature.ts"
import { allowedAlgorithms } from "./algorithm.ts"

/** V11. An unsafe key is explained, not hidden: the mathematics are told apart from the trust. */
export const signature: JwsCheck = {
  name: "signature",
  title: "Signature",
  source: "RFC 7515 section 5.2; RFC 7518 section 3",
  layer: "jws",
  run: ({ token, header, selection }, context) => {
    const { alg } = header
    if (token.signature.length === 0) return fail("There is no signature: the third segment is empty.")
    if (selection.is === "absent") return skip("Not verified: there is no key to check against.")
    if (selection.is === "missing") return skip("Not verified: no key was selected.")
    if (typeof alg !== "string" || !allowedAlgorithms(context)?.includes(alg))
      return skip("Not verified: the algorithm is not allowed.")
    const holds = isSignature(alg, selection.key, token.signingInput, token.signature)
    if (!holds) return fail("The signature does not belong to this header and payload under this key.")
    return selection.unsafe === null
      ? pass(`The ${alg} signature fits header and payload.`)
      : fail(`Signature mathematically valid, key unsafe, rejected: ${selection.unsafe}.`)
  },
}
