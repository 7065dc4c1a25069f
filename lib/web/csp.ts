/**
 * The policy of reliability.md 7.2. `style-src-attr 'unsafe-inline'` stays: the component library renders `style=""` on the
 * server (CSS variables of a component); style elements and scripts still need the nonce.
 */
export function contentSecurityPolicy(
  nonce: string,
  { secure, development }: { secure: boolean; development: boolean },
): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // The development overlay of Next writes style elements without a nonce.
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "manifest-src 'self'",
    "worker-src 'self'",
    ...(secure ? ["upgrade-insecure-requests"] : []),
    ...(development ? [] : ["report-uri /api/csp"]),
  ].join("; ")
}
