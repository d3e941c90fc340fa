import pg from 'pg'

/** Reads `bigint` columns as numbers: they contain milliseconds and counts, which fit into a number. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: typeof pg.types.builtins.INT8, format: 'text'): unknown =>
    oid === pg.types.builtins.INT8
      ? Number
      : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
}
