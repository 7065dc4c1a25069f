"use client"

import { useKinds } from "../shell/kinds.tsx"
import { kindName, placeOf } from "./providerWords.ts"

/** What a provider is, beside its name. */
export const Place = ({ of }: { of: Parameters<typeof placeOf>[0] }) => placeOf(of, useKinds())

/** What a kind of provider is called. */
export const KindName = ({ kind }: { kind: string }) => kindName(kind, useKinds())
