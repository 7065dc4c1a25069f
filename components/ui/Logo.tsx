/** The mark of Grantry, `size` pixels wide. */
export const Logo = ({ size }: { size: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
    <rect width="32" height="32" rx="7" fill="#1a6b7a" />
    <path
      d="M21.5 12.2A7 7 0 1 0 23 16h-6"
      fill="none"
      stroke="#fff"
      strokeWidth="2.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
    <circle cx="23.2" cy="9" r="2.2" fill="#fff" />
  </svg>
)
