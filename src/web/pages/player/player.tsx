import { render } from "preact";
import { nameOf } from "./model/address.ts";
import { Watch } from "./watch/watch.tsx";

const root = document.getElementById("app");
const name = nameOf(location.pathname);

/** The page of a stream; without one, the page that helps to publish the first. */
const page = async () => {
  if (name !== "") return <Watch name={name} />;
  const { FirstStepsPage } = await import("./first-steps/first-steps-page.tsx");
  return <FirstStepsPage />;
};

if (root) render(await page(), root);
