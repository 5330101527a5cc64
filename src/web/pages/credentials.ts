/** What somebody typed in to show who they are. */
export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };
