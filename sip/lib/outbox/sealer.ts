/** Where a sealed value stands: it opens nowhere else. */
export interface Place {
  readonly table: string
  readonly row: string
  readonly column: string
}

/** Seals what is kept, so that a copy of the database tells nobody anything. */
export interface Seal {
  seal(place: Place, text: string): string
  /** @throws Error if it was not sealed for this place, or by none of the keys */
  open(place: Place, sealed: string): string
}
