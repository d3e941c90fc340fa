/** The place of a sealed value. It opens nowhere else. */
export interface Place {
  readonly table: string
  readonly row: string
  readonly column: string
}

/** Seals stored values, so that a copy of the database reveals nothing. */
export interface Seal {
  seal(place: Place, text: string): string
  /** @throws Error if it was sealed for another place or by an unknown key */
  open(place: Place, sealed: string): string
}
