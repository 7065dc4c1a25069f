import { createTheme, type CSSVariablesResolver } from "@mantine/core"

/** One calm hue for what acts; result colours (pass, fail, warn) live in app/styles.css and mean the same everywhere. */
export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: 7,
  colors: {
    petrol: [
      "#e8f4f6",
      "#d3e6ea",
      "#a8ced6",
      "#86c5d1",
      "#5fa9b8",
      "#3c909f",
      "#247786",
      "#1a6b7a",
      "#0f5c69",
      "#084853",
    ],
    dark: [
      "#d3d8e0",
      "#b4bbc6",
      "#98a1ae",
      "#5d6470",
      "#3b4049",
      "#2a2e36",
      "#22262d",
      "#1b1e24",
      "#14161a",
      "#0c0d10",
    ],
  },
  fontFamily: 'var(--font-sans), system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.25rem", lineHeight: "1.4" },
      h2: { fontSize: "1rem", lineHeight: "1.4" },
      h3: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "sm",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    InputWrapper: { styles: { label: { marginBottom: 3 }, description: { marginBottom: 4 } } },
    // Locking the scroll injects a style element without our nonce; the overlay covers the page anyway.
    Modal: { defaultProps: { lockScroll: false, centered: true, closeButtonProps: { "aria-label": "Close" } } },
    Drawer: {
      defaultProps: { lockScroll: false, position: "right", size: "lg", closeButtonProps: { "aria-label": "Close" } },
    },
  },
})

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#59626d",
    "--mantine-color-placeholder": "#69727d",
    "--mantine-color-text": "#1a1f26",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#0f5c69",
    "--mantine-color-body": "#ffffff",
  },
  dark: {
    "--mantine-color-dimmed": "#a3abb7",
    "--mantine-color-placeholder": "#929ba8",
    "--mantine-color-text": "#dde1e7",
    "--mantine-color-error": "#ff9d94",
    "--mantine-color-anchor": "#86c5d1",
    "--mantine-color-body": "#1b1e24",
  },
})
