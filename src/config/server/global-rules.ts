import type { DocumentPath } from "../document.ts";
import { isHashed } from "./credential.ts";
import type { GlobalConfig } from "./global-section.ts";

/** What is wrong at the top of the file; the path of the culprit, and the message. */
export interface GlobalFault {
  readonly path: DocumentPath;
  readonly message: string;
}

/** What is wrong with the top of the file as a whole. */
export const faultsOfGlobal = (config: GlobalConfig): readonly GlobalFault[] => [
  ...methodFaults(config),
  ...config.authInternalUsers.flatMap((user, index) => userFaults(user, ["authInternalUsers", index])),
];

const methodFaults = (config: GlobalConfig): GlobalFault[] => {
  const { authMethod, authInternalUsers, rtspAuthMethods } = config;
  const faults: GlobalFault[] = [];
  if (authMethod === "http" && config.authHTTPAddress === "")
    faults.push({ path: ["authMethod"], message: "http without authHTTPAddress, expected a URL there" });
  if (authMethod === "jwt" && config.authJWTJWKS === "")
    faults.push({ path: ["authMethod"], message: "jwt without authJWTJWKS, expected a URL there" });
  if (authMethod === "jwt" && config.authJWTClaimKey === "")
    faults.push({ path: ["authJWTClaimKey"], message: "empty, expected the name of a claim" });
  if (!rtspAuthMethods.includes("digest")) return faults;
  const path = ["rtspAuthMethods"];
  if (authMethod !== "internal")
    faults.push({ path, message: `digest does not go with authMethod: ${authMethod}, expected basic` });
  if (authInternalUsers.some(({ user, pass }) => isHashed(user) || isHashed(pass)))
    faults.push({ path, message: "digest does not go with hashed users and passwords, expected basic" });
  return faults;
};

const userFaults = (
  { user, pass, permissions }: GlobalConfig["authInternalUsers"][number],
  path: DocumentPath,
): GlobalFault[] => {
  const faults: GlobalFault[] = [];
  if (user === "") faults.push({ path: [...path, "user"], message: "empty, expected a name or any" });
  if (user === "any" && pass !== "")
    faults.push({
      path: [...path, "pass"],
      message: "user any with a password, expected a name or no password",
    });
  if (permissions.length === 0)
    faults.push({ path: [...path, "permissions"], message: "empty, expected at least one permission" });
  return faults;
};
