/** What Graph answers and the contract file does not hold: these go around Prism, and have tests of their own (providers.md 4.9). */
export const vendorExceptions = [
  {
    path: /^\/v1\.0\/(applications|servicePrincipals)\(/,
    why: "Alternate keys, and with them the upsert by uniqueName, are left out of the slice.",
  },
  {
    path: /\/\$ref$/,
    why: "The links between applications and policies are left out of the slice.",
  },
  {
    path: /^\/v1\.0\/directory\/deletedItems\//,
    why: "Deleted applications are left out of the slice.",
  },
  {
    path: /^\/v1\.0\/auditLogs\/directoryAudits/,
    why: "The directory's audit log is left out of the slice.",
  },
  {
    path: /^\/beta\//,
    why: "Beta has a contract of its own, which was not at hand.",
  },
] as const

/** Is this address, of Graph and without its origin, one that the contract knows? */
export const inContract = (path: string): boolean =>
  path.startsWith("/v1.0/") && !vendorExceptions.some((exception) => exception.path.test(path))
