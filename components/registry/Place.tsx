"use client"

import { useKinds } from "../shell/kinds.tsx"
import { kindBeside, placeOf } from "./providerWords.ts"

/** What a provider is, beside its name. */
export const Place = ({ of }: { of: Parameters<typeof placeOf>[0] }) => placeOf(of, useKinds())

/** What kind of provider it is, beside its name, where that does not say it. */
export const KindBeside = ({ of }: { of: Parameters<typeof kindBeside>[0] }) => kindBeside(of, useKinds())
