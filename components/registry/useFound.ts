"use client"

import { useDebouncedValue } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { api, queryString, type Page } from "../api.ts"

/** The first 30 of a list that fit a text, for a field that is searched by typing; `searching` until they answer the present text. */
export function useFound<T>(path: string) {
  const [text, setText] = useState("")
  const [q] = useDebouncedValue(text, 200)
  const found = useQuery({
    queryKey: [path, "pick", q],
    queryFn: ({ signal }) => api<Page<T>>(`${path}${queryString({ q, limit: 30 })}`, { signal }),
  })
  return {
    items: found.data?.items ?? [],
    text,
    setText,
    searching: q !== text || found.isPending,
    error: found.error,
  }
}
