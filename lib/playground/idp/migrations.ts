/** The local IdP's own schema, numbered. A step that has shipped is never edited; a new one is appended. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: "clients, audiences, grants, secrets, keys, outbox",
    sql: `
      create table client (
        id uuid primary key,
        client_id text not null unique,
        display_name text not null,
        owner text not null,
        auth_method text not null,
        jwks jsonb,
        enabled boolean not null,
        marker text,
        origin text not null,               -- admin | registration (RFC 7591)
        metadata jsonb not null,            -- what a registration sent beyond the columns; never grants, never secrets
        revision integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create table client_secret (
        id uuid primary key,
        client_id text not null references client (client_id) on delete cascade,
        sha256 bytea not null,              -- of a random value: the value itself is never kept
        fingerprint text not null,
        marker text,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        retired_at timestamptz,             -- a retired secret stays known, so that its later use can be named
        unique (client_id, marker),
        unique (client_id, sha256)
      );
      create table audience (
        id uuid primary key,
        identifier text not null unique,
        name text not null,
        token_ttl_seconds integer not null,
        token_format text not null,
        signing_alg text not null,
        introspectors text[] not null,
        marker text,
        revision integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create table scope (
        audience text not null references audience (identifier) on delete cascade,
        name text not null,
        description text not null,
        primary key (audience, name)
      );
      create table audience_grant (
        id uuid primary key,
        client_id text not null references client (client_id),
        audience text not null references audience (identifier),
        scopes text[] not null,
        marker text,
        revision integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (client_id, audience)
      );
      create index on audience_grant (audience);
      create table signing_key (
        kid text primary key,
        alg text not null,
        public_jwk jsonb not null,
        sealed jsonb,                       -- the private key, sealed; null once retired
        stage text not null,                -- published | signing | retired
        created_at timestamptz not null default now(),
        signing_since timestamptz,
        superseded_at timestamptz,
        retired_at timestamptz
      );
      create unique index on signing_key (alg) where stage = 'signing';
      create table artifact (
        model text not null,                -- model of the library: ClientCredentials, RegistrationAccessToken, ...
        digest bytea not null,              -- sha256 of the id: for an opaque token the id is the token
        payload jsonb not null,
        expires_at timestamptz,
        primary key (model, digest)
      );
      create index on artifact (expires_at);
      create table revoked_token (
        jti text primary key,
        expires_at timestamptz not null
      );
      create table outbox (
        seq bigint generated always as identity primary key,
        line jsonb not null,
        created_at timestamptz not null default now()
      );
      create table parked_event (
        seq bigint primary key,
        line jsonb not null,
        code text not null,
        message text not null,
        parked_at timestamptz not null default now()
      );
      create table change (
        seq bigint generated always as identity primary key,
        at timestamptz not null default now(),
        actor text not null,
        verb text not null,
        kind text not null,
        key text not null,
        fields jsonb not null
      );
    `,
  },
]
