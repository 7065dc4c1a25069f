/** The frames of dialogs and drawers, with their focus trap and transitions: a page is usable before they are here. */
export { Drawer, Modal } from "@mantine/core"
