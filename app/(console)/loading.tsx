import { Skeleton, Stack } from "@mantine/core"

export default function Loading() {
  return (
    <Stack gap="md" aria-busy="true" aria-label="Loading">
      <Skeleton height={28} width={220} />
      <Skeleton height={420} radius={8} />
    </Stack>
  )
}
