// The schema of home.db, one migration after the other. A migration that has been released is never changed.
// Times are RFC 3339 text in UTC, so that they sort and can be read in a shell.

export const homeMigrations: readonly string[] = [
  `
  create table meta (key text primary key, value text not null) strict;

  -- What crosses from this home into the store, the mail or the archive: written first, then carried out, then closed.
  create table intents (
    number integer primary key autoincrement,
    state text not null check (state in ('open', 'done', 'refused')),
    what text not null,
    package text, version text, distribution text, architecture text,
    claim integer,
    -- JSON: see intent.ts.
    effects text not null,
    mails text not null,
    refusal_mails text not null,
    -- The process that carries it out (process-identity.ts); an open intent of a dead one is taken over.
    owner text not null,
    created text not null,
    closed text,
    refusal text
  ) strict;
  create index open_intents on intents (number) where state = 'open';

  -- One row a build of this home; its number is in the token and in the .changes' log mail.
  create table builds (
    number integer primary key autoincrement,
    package text not null, version text not null, distribution text not null, architecture text not null,
    builder_user text not null,
    claim integer,
    binnmu_number integer not null default 0,
    binnmu_changelog text,
    -- running; reported (its intent is written); lost (its process is gone, the package went to REDO);
    -- asking: not begun, its number only serves the "Should I build" mail.
    state text not null check (state in ('running', 'reported', 'lost', 'asking')),
    owner text not null,
    started text not null,
    finished text,
    result text,
    fail_stage text,
    remark text,
    log_file text,
    changes_file text,
    disk_used integer,
    -- JSON of what the take said: mail_logs, suppress_successful_logs.
    take text not null default '{}'
  ) strict;
  create index builds_by_package on builds (package, distribution, architecture, number);
  create index running_builds on builds (number) where state = 'running';

  -- One row a mail that can be answered with a token.
  create table letters (
    message_id text primary key,
    kind text not null check (kind in ('log', 'should-build', 'digest')),
    build integer not null,
    -- Lower case; tokens are made for exactly one recipient.
    recipient text not null,
    -- 1: an admin's copy, whose token authorises.
    authorises integer not null,
    claim integer,
    package text not null, version text not null, distribution text not null, architecture text not null,
    created text not null,
    -- The answer that was accepted: its keyword, when, whose, by which intent. The token is dead from then on.
    answered text,
    answered_at text,
    answered_by text,
    answered_intent integer
  ) strict;
  create index letters_by_build on letters (build);
  create index letters_by_package on letters (package, distribution, recipient, created);

  create table outbox (
    number integer primary key autoincrement,
    message_id text not null unique,
    envelope_from text not null,
    envelope_to text not null,
    raw blob not null,
    created text not null,
    not_before text not null,
    attempts integer not null default 0,
    last_error text,
    sent text
  ) strict;
  create index unsent on outbox (not_before) where sent is null;

  -- Signatures that were acted on. Never pruned.
  create table replay (
    fingerprint text not null,
    signed_at text not null,
    sha256 text not null,
    intent integer not null,
    primary key (fingerprint, signed_at, sha256)
  ) strict;

  -- Mails that were processed to their end, by Message-ID and digest of the whole mail.
  create table mails_seen (
    message_id text not null,
    sha256 text not null,
    seen text not null,
    decision text not null,
    primary key (message_id, sha256)
  ) strict;

  -- How often the processor began with a queued mail: one that crashes it three times is put aside.
  create table mail_starts (name text primary key, starts integer not null) strict;

  -- Answers sent to one sender, for the limit an hour.
  create table answers_sent (recipient text not null, sent_at text not null) strict;
  create index answers_by_recipient on answers_sent (recipient, sent_at);

  -- Packages that are taken but wait for the admin's answer to "Should I build".
  create table waiting (
    package text not null, distribution text not null, architecture text not null,
    version text not null,
    claim integer,
    since text not null,
    primary key (package, distribution, architecture)
  ) strict;
  `,
];
