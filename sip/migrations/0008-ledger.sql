-- The private ledger, for a server without a blockchain: its blocks, transactions and outputs.
create table ledger_blocks (
  height bigint primary key,
  hash text not null,
  -- Epoch seconds
  time bigint not null
);

create table ledger_txs (
  txid text primary key,
  seq bigint generated always as identity,
  raw text not null,
  -- Satoshi
  fee bigint not null,
  -- Null while it waits for a block
  height bigint references ledger_blocks
);
create index ledger_txs_waiting on ledger_txs (seq) where height is null;
create index ledger_txs_height on ledger_txs (height);

create table ledger_outputs (
  txid text not null references ledger_txs,
  vout bigint not null,
  -- Satoshi
  value bigint not null,
  script text not null,
  script_hash text not null,
  -- The transaction that spends it, and its input
  spent_by text references ledger_txs,
  spent_vin bigint,
  primary key (txid, vout)
);
create index ledger_outputs_unspent on ledger_outputs (script_hash) where spent_by is null;
create index ledger_outputs_spent_by on ledger_outputs (spent_by) where spent_by is not null;
