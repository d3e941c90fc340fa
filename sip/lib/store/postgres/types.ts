import pg from 'pg'

const BIGINT = 20

/** Reads `bigint` columns as numbers: they hold milliseconds and counts, which a number has room for. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}
