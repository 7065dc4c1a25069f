import pino from "pino"

/**
 * One-line JSON to standard output; control characters are escaped by JSON. Never hand it a token, a secret or a body:
 * the paths below are a net under that rule, not the rule.
 */
export const log = pino({
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  redact: {
    paths: [
      "authorization",
      "*.authorization",
      "password",
      "*.password",
      "secret",
      "*.secret",
      "client_secret",
      "*.client_secret",
      "token",
      "*.token",
      "cookie",
      "*.cookie",
    ],
    censor: "[redacted]",
  },
})
