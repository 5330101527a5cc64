import { useState } from "preact/hooks";
import type { Credentials } from "./credentials.ts";

/** Asks who wants to look. */
export const SignIn = (props: {
  /** What is asked for. */
  readonly title: string;
  /** Who may, for those who wonder. */
  readonly hint?: string;
  readonly isWrong: boolean;
  readonly onSignIn: (who: Credentials) => void;
}) => {
  const { title, hint, isWrong, onSignIn } = props;
  const [isToken, chooseToken] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string): string => String(data.get(name) ?? "");
    onSignIn(isToken ? { token: field("token") } : { user: field("user"), password: field("password") });
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>{title}</h1>
        {hint !== undefined && <p class="faint">{hint}</p>}
        {isToken ? (
          <Field key="token" name="token" label="Token" isSecret complete="off" />
        ) : (
          <>
            <Field key="user" name="user" label="User" complete="username" />
            <Field key="password" name="password" label="Password" isSecret complete="current-password" />
          </>
        )}
        {isWrong && (
          <p class="error" role="alert">
            That is not accepted.
          </p>
        )}
        <div class="buttons">
          <button type="button" class="link" onClick={() => chooseToken(!isToken)}>
            {isToken ? "Use a password" : "Use a token"}
          </button>
          <button type="submit" class="primary">
            Sign in
          </button>
        </div>
      </form>
    </main>
  );
};

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly isSecret?: boolean;
  readonly complete: "off" | "username" | "current-password";
}

const Field = ({ name, label, isSecret = false, complete }: FieldProps) => (
  <div class="field">
    <label for={name}>{label}</label>
    {isSecret ? (
      <input id={name} name={name} type="password" autocomplete={complete} required />
    ) : (
      <input id={name} name={name} type="text" autocomplete={complete} required spellcheck={false} />
    )}
  </div>
);
