import pg from 'pg'

/** Reads `bigint` columns as numbers: they hold milliseconds and counts, which a number has room for. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: typeof pg.types.builtins.INT8, format: 'text'): unknown =>
    oid === pg.types.builtins.INT8
      ? Number
      : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
}
