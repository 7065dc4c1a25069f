/** Secrets that stand in tutorials and sample projects, compared without case. */
const famous = [
  "secret",
  "password",
  "changeme",
  "change-me",
  "your-256-bit",
  "your-384-bit",
  "your-512-bit",
  "your_secret",
  "at-least-256-bits",
  "jwt_secret",
  "supersecret",
  "example",
  "qwerty",
  "abcdefghijkl",
  "0123456789",
]

/**
 * Whether an HMAC key, long enough as it may be, can be guessed (V10, RFC 8725 section 3.5): few distinct octets, a
 * short pattern repeated, a plain sequence, a famous phrase, or a public key misused as a secret. Answers why, or null.
 * It finds the careless ones; it cannot prove that a key is random.
 */
export function guessable(key: Uint8Array): string | null {
  const text = new TextDecoder("latin1").decode(key)
  if (text.includes("-----BEGIN")) return "it is a PEM file: a public key is no secret"
  if (/^\s*\{[\s\S]*"kty"/.test(text)) return "it is a JWK: a public key is no secret"
  if (new Set(key).size < 8) return `it has only ${String(new Set(key).size)} different octets`
  const phrase = famous.find((word) => text.toLowerCase().includes(word))
  if (phrase !== undefined) return `it holds the well-known phrase "${phrase}"`
  for (let period = 1; period <= Math.min(16, key.length / 2); period += 1) {
    if (key.every((octet, index) => index < period || octet === key[index - period]))
      return "it is a short pattern, repeated"
  }
  const step = ((key[1] ?? 0) - (key[0] ?? 0)) & 0xff
  if (key.every((octet, index) => index === 0 || ((octet - (key[index - 1] ?? 0)) & 0xff) === step))
    return "it is a plain sequence"
  return null
}
