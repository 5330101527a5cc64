import { useState } from "preact/hooks";

/** For so long the button says that it has done it, in milliseconds. */
const doneMs = 1_500;

/** Browsers give pages the clipboard only where they came by HTTPS, or from this machine; the older way goes everywhere. */
const copyText = async (text: string): Promise<boolean> => {
  if (window.isSecureContext)
    return await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
};

/** A text to be pasted elsewhere, with a button that copies it. */
export const Copied = ({ label, text }: { readonly label: string; readonly text: string }) => {
  const [word, say] = useState("Copy");
  const copy = async (): Promise<void> => {
    say((await copyText(text)) ? "Copied" : "Not allowed");
    setTimeout(() => say("Copy"), doneMs);
  };
  return (
    <div class="copied">
      <span class="label">{label}</span>
      <code>{text}</code>
      <button type="button" class="small" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        <span aria-live="polite">{word}</span>
      </button>
    </div>
  );
};
