/** The attribute by which the row of an event is found again, to give the focus back. */
export const keyOf = "data-event"
