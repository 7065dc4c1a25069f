import type { Privilege } from "../kind.ts"

/** Application permissions of Microsoft Graph, each with admin consent; three levels that can be given apart (providers.md 4.1). */
export const privileges: readonly Privilege[] = [
  {
    name: "Application.Read.All",
    gives: "sees every application, service principal and assignment of the tenant",
    needed: "always",
  },
  {
    name: "Application.ReadWrite.OwnedBy",
    gives:
      "level 1: makes, changes and deletes applications that Grantry made, and their secrets. Application.ReadWrite.All does the same for every application of the tenant",
    needed: "to write",
  },
  {
    name: "AppRoleAssignment.ReadWrite.All",
    gives: "level 2: audience grants. Mind that this permission can grant itself any other",
    needed: "to write",
  },
  {
    name: "Policy.ReadWrite.ApplicationConfiguration",
    gives: "level 3: the lifetime of tokens per audience. Without it Microsoft chooses 60 to 90 minutes",
    needed: "optional",
  },
  {
    name: "AuditLog.Read.All",
    gives: "sign-ins as token events, and who changed what. The tenant needs a P1 or P2 licence",
    needed: "for logs",
  },
]

/** A permission that does for another one. */
export const alsoEnough: Readonly<Record<string, readonly string[]>> = {
  "Application.Read.All": ["Application.ReadWrite.All", "Directory.Read.All"],
  "Application.ReadWrite.OwnedBy": ["Application.ReadWrite.All"],
}
