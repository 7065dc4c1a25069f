import { isNone, knownAlgorithms } from "./algorithms.ts"
import { skip, type Finding, type Subject, type TokenCheck, type TokenContext } from "./check.ts"
import { allChecks } from "./checks/all.ts"
import { decode, type CompactJws, type Decoded, type Members } from "./decode.ts"
import { tokenKind, type TokenKind } from "./kind.ts"
import { selectKey, type Selection } from "./select.ts"

export type Overall = "valid" | "rejected" | "not_verified" | "unsecured" | "unsupported" | "encrypted" | "malformed"
export type Verdict = "valid" | "invalid" | "unverified"

const verdicts: Readonly<Record<Overall, Verdict>> = {
  valid: "valid",
  rejected: "invalid",
  unsecured: "invalid",
  malformed: "invalid",
  not_verified: "unverified",
  unsupported: "unverified",
  encrypted: "unverified",
}

export interface CheckResult extends Finding {
  readonly name: string
  readonly title: string
  readonly source: string
}

export interface Inspection {
  readonly verdict: Verdict
  readonly overall: Overall
  /** One sentence for a person: the first failing check, or what the verdict rests on. */
  readonly why: string
  readonly form: Decoded["form"]
  readonly kind: TokenKind
  /** Every check, in order; those that could not be asked are `skip` with the reason. */
  readonly checks: readonly CheckResult[]
  readonly header: Members | null
  readonly claims: Members | null
}

/**
 * Judges one token against what the caller expects. All checks run; none throws, whatever the token is.
 * Pure: the clock and the keys are in the context, nothing is fetched, stored or logged.
 */
export function inspectToken(token: string, context: TokenContext): Inspection {
  const decoded = decode(token)
  return decoded.form === "jws" ? inspectJws(decoded, context) : named(decoded, context)
}

function inspectJws(token: CompactJws, context: TokenContext): Inspection {
  const { header } = token
  const { claims } = token.payload
  const kind = tokenKind(header, claims)
  const subject = { token, header, claims, kind, selection: selectKey(header, context.keys) }
  const checks = asked(context).map((check) => result(check, runCheck(check, subject, context)))
  const overall = overallOf(header, subject.selection, checks, context)
  return {
    verdict: verdicts[overall],
    overall,
    why: sentence(overall, checks, context),
    form: token.form,
    kind,
    checks,
    header,
    claims,
  }
}

/** A form that is named and not verified. One that also says `alg: none` is told as what it is: unsecured. */
function named(decoded: Exclude<Decoded, CompactJws>, context: TokenContext): Inspection {
  const { form, header, why } = decoded
  const overall = overallOfForm(decoded)
  const structure: Finding = { is: overall === "malformed" || overall === "unsecured" ? "fail" : "skip", why }
  const checks = asked(context).map((check) =>
    result(
      check,
      check.name === "structure" ? structure : skip("Not reached: there is nothing that could be verified here."),
    ),
  )
  return {
    verdict: verdicts[overall],
    overall,
    why,
    form,
    kind: tokenKind(header ?? {}, null),
    checks,
    header,
    claims: null,
  }
}

function overallOfForm({ form, header }: Exclude<Decoded, CompactJws>): Overall {
  if (form === "malformed" || form === "opaque") return "malformed"
  if (form === "jwe_compact" || form === "jwe_json") return "encrypted"
  return isNone(header?.["alg"]) ? "unsecured" : "unsupported"
}

const asked = ({ layer }: TokenContext): readonly TokenCheck[] =>
  layer === "jws" ? allChecks.filter((check) => check.layer === "jws") : allChecks

const result = ({ name, title, source }: TokenCheck, { is, why }: Finding): CheckResult => ({
  name,
  title,
  is,
  why,
  source,
})

function runCheck(check: TokenCheck, subject: Subject, context: TokenContext): Finding {
  try {
    if (check.layer !== "claims") return check.run(subject, context)
    const { claims } = subject
    return claims === null
      ? skip("Not asked: the payload holds no claims.")
      : check.run({ ...subject, claims }, context)
  } catch {
    // A defect of ours must never read as a pass.
    return { is: "fail", why: "This check broke on this token; please report it." }
  }
}

/** What must have passed, beside nothing having failed, before the word `valid` is said. */
const pillars = { jws: ["structure", "algorithm", "key", "signature"], claims: ["claims", "expiry"] }

function overallOf(
  header: Members,
  selection: Selection,
  checks: readonly CheckResult[],
  context: TokenContext,
): Overall {
  const { alg } = header
  if (isNone(alg)) return "unsecured"
  if (typeof alg === "string" && !knownAlgorithms.has(alg)) return "unsupported"
  const failed = checks.filter((check) => check.is === "fail").map((check) => check.name)
  const ofOctets = failed.filter((name) => name === "claims" || pillars.jws.includes(name))
  if (ofOctets.length > 0) return "rejected"
  if (selection.is === "absent") {
    // Without a key and without an expected issuer the claims are hearsay: what they fail is shown, and proves nothing.
    return failed.length > 0 && context.issuer !== undefined ? "rejected" : "not_verified"
  }
  const needed = context.layer === "jws" ? pillars.jws : [...pillars.jws, ...pillars.claims]
  const stands = (name: string) =>
    checks.some((check) => check.name === name && (check.is === "pass" || check.is === "warn"))
  const exempt = (name: string) => name === "expiry" && context.use === "logout"
  return failed.length === 0 && needed.every((name) => stands(name) || exempt(name)) ? "valid" : "rejected"
}

function sentence(overall: Overall, checks: readonly CheckResult[], context: TokenContext): string {
  const failed = checks.find((check) => check.is === "fail")
  const algorithm = checks.find((check) => check.name === "algorithm")
  switch (overall) {
    case "valid":
      return context.layer === "jws"
        ? "The signature is right. Nothing is said about the claims."
        : "Every required check passed."
    case "not_verified":
      return `Decoded, not verified: ${context.keysProblem ?? "there is no key or issuer to check against."}${failed ? ` Besides: ${failed.why}` : ""}`
    case "unsecured":
    case "unsupported":
      return algorithm?.why ?? "The algorithm is not one that is verified."
    default:
      return failed?.why ?? "A required check could not be made."
  }
}
