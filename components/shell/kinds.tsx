"use client"

import { createContext, useContext } from "react"

/** What each kind of provider is called, by its word in the API. */
export const KindsContext = createContext<Readonly<Record<string, string>>>({})
export const useKinds = (): Readonly<Record<string, string>> => useContext(KindsContext)
