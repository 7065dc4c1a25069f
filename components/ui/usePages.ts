"use client"

import { useInfiniteQuery } from "@tanstack/react-query"
import { api, queryString, type Page } from "../api.ts"

type Filter = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>

/** A keyset list of the API, page after page. `rows` is undefined until the first page is there. */
export function usePages<T>(
  path: string,
  filter: Filter,
  options: { limit?: number; refetchInterval?: number; enabled?: boolean } = {},
) {
  const limit = options.limit ?? 50
  const query = useInfiniteQuery({
    queryKey: [path, filter, limit],
    queryFn: ({ pageParam, signal }) =>
      api<Page<T>>(`${path}${queryString({ ...filter, limit, cursor: pageParam })}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<T>) => last.next,
    placeholderData: (previous) => previous,
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchInterval ?? false,
  })
  return {
    rows: query.data?.pages.flatMap((p) => p.items),
    total: query.data?.pages[0]?.total ?? null,
    error: query.error,
    retry: () => void query.refetch(),
    more: { has: query.hasNextPage, load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage },
  }
}
