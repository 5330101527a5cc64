/** A secret and the one before it, while receivers change over. */
export interface RotatingSecret {
  readonly secret: string;
  readonly previousSecret: string | undefined;
  /** Unix time in milliseconds until which the previous one is used too. */
  readonly previousUntil: number | undefined;
}

/** How a request proves where it comes from. */
export type AuthSettings =
  | { readonly type: "api_key"; readonly key: string; readonly header: string }
  | ({
      readonly type: "hmac";
      readonly algorithm: "sha256" | "sha1";
      /** Carries `sha256=…` over the body. */
      readonly header: string;
      /** Which secret the one-value header is made with while there are two. */
      readonly legacySignWith: "previous" | "current";
    } & RotatingSecret)
  | {
      readonly type: "jwt";
      /** Key of HS256, or a private key in PEM for the others. */
      readonly secret: string;
      readonly algorithm: string;
      readonly issuer: string;
      readonly subject: string | undefined;
      readonly audience: string | undefined;
      readonly claims: Readonly<Record<string, string>>;
      readonly ttlMs: number;
    }
  | {
      readonly type: "oauth2";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly tokenUrl: string;
      readonly scopes: readonly string[];
      readonly audience: string | undefined;
    }
  | { readonly type: "basic"; readonly username: string; readonly password: string };

/** Which addresses may be connected to. */
export const egressPolicies = ["default", "public-only", "any"] as const;
/** One of them: `default` blocks link-local and metadata addresses, `public-only` private ones too. */
export type EgressPolicy = (typeof egressPolicies)[number];

/** Where TLS is asked for. */
export const tlsPolicies = ["public", "strict", "off"] as const;
/** One of them: `public` allows plain HTTP to loopback and private addresses only. */
export type TlsPolicy = (typeof tlsPolicies)[number];

/** How the body is written. */
export const bodyFormats = ["seed", "cloudevents", "discord", "slack"] as const;
/** One of them; `seed` is the event itself. */
export type BodyFormat = (typeof bodyFormats)[number];

/** A webhook as it was asked for. */
export interface WebhookSettings {
  /** http or https, without a fragment; user and password become Basic authorization. */
  readonly url: string;
  readonly method: "POST" | "PUT" | "PATCH";
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly auth: AuthSettings | undefined;
  readonly format: BodyFormat;
  /** Beside what the machine trusts: certificate authority (PEM), client certificate and key (PEM), SHA-256 of the server's certificate. */
  readonly tls: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly fingerprint: string | undefined;
  };
  readonly proxy: string | undefined;
  readonly egress: EgressPolicy;
  readonly tlsPolicy: TlsPolicy;
}
