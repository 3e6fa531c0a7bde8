/** Long enough that a kill at any moment under load falls between the two. */
export const laterMs = 30;
